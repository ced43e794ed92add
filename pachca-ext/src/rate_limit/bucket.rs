//! One limit at work.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use pachca_api::Operation;
use tokio::time::{Instant, sleep_until};

use super::limits::{FOREVER, Limit};

/// How late a timer may wake a call that still counts as having been in time. If it counted as late, each wait would
/// push all later ones, and 50 a second would be 46.
const LATENESS: Duration = Duration::from_millis(5);

/// The time at which a call counts, told by the one whose turn it is, in nanoseconds since the bucket was made.
#[derive(Clone, Debug, Default)]
struct Told(Arc<AtomicU64>);

impl Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.load(Ordering::Relaxed))
    }
}

type Rate = RateLimiter<NotKeyed, InMemoryState, Told, NoOpMiddleware<Nanos>>;

/// What the calls of one limit share.
pub(super) struct Bucket {
    made: Instant,
    clock: Told,
    rates: Vec<Rate>,
    /// How long a quiet bucket takes to be as good as new.
    refill: Duration,
    /// Held by the call whose turn it is; tokio's mutex serves first come, first.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    last_used: Instant,
    paused_until: Option<Instant>,
    /// The operations that the server does not want to see for long.
    refused_until: HashMap<&'static str, Instant>,
}

impl Bucket {
    pub(super) fn new(limit: &Limit) -> Self {
        let (made, clock, quotas) = (Instant::now(), Told::default(), limit.quotas());
        Self {
            made,
            refill: quotas.iter().map(Quota::burst_size_replenished_in).max().unwrap_or_default(),
            rates: quotas.into_iter().map(|quota| RateLimiter::direct_with_clock(quota, clock.clone())).collect(),
            clock,
            turn: tokio::sync::Mutex::new(()),
            state: Mutex::new(State { last_used: made, paused_until: None, refused_until: HashMap::new() }),
        }
    }

    /// Waits until it is a call's turn and the rates let it through.
    ///
    /// # Errors
    /// How long the server does not want to see the operation, if that is too long to be waited for.
    pub(super) async fn admit(&self, operation: &Operation) -> Result<(), Duration> {
        self.wanted(operation)?;
        let _turn = self.turn.lock().await;
        for rate in &self.rates {
            let mut at = Instant::now();
            // A pause may begin during any wait, so that each one starts over.
            loop {
                self.wanted(operation)?;
                if let Some(end) = self.pause_ends() {
                    sleep_until(end).await;
                    at = Instant::now();
                    continue;
                }
                let Err(next) = self.take(rate, at) else { break };
                sleep_until(next).await;
                let now = Instant::now();
                at = if now.saturating_duration_since(next) <= LATENESS { next } else { now };
            }
        }
        self.state().last_used = Instant::now();
        Ok(())
    }

    /// Keeps calls away after a 429.
    pub(super) fn pause(&self, operation: &'static Operation, wish: Duration, longest: Duration) {
        let end = Instant::now() + wish.min(FOREVER);
        let mut state = self.state();
        if wish <= longest {
            state.paused_until = state.paused_until.max(Some(end));
        } else {
            let until = state.refused_until.entry(operation.name).or_insert(end);
            *until = end.max(*until);
        }
    }

    /// Whether the bucket is no different from a new one.
    pub(super) fn is_like_new(&self) -> bool {
        let (now, state) = (Instant::now(), self.state());
        now.saturating_duration_since(state.last_used) >= self.refill
            && state.paused_until.into_iter().chain(state.refused_until.values().copied()).all(|until| until <= now)
    }

    /// Takes a permit that counts at a time, or says when there will be one.
    fn take(&self, rate: &Rate, at: Instant) -> Result<(), Instant> {
        let nanos = at.saturating_duration_since(self.made).as_nanos();
        self.clock.0.store(u64::try_from(nanos).unwrap_or(u64::MAX), Ordering::Relaxed);
        rate.check().map_err(|not| self.made + Duration::from_nanos(not.earliest_possible().as_u64()).min(FOREVER))
    }

    /// Whether the server wants to see an operation, or how long it does not.
    fn wanted(&self, operation: &Operation) -> Result<(), Duration> {
        let mut state = self.state();
        let Some(until) = state.refused_until.get(operation.name) else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            state.refused_until.remove(operation.name);
            return Ok(());
        }
        Err(left)
    }

    fn pause_ends(&self) -> Option<Instant> {
        self.state().paused_until.filter(|end| *end > Instant::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
