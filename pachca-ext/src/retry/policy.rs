//! How often and how long calls are tried again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pachca_api::Operation;
use tokio::time::sleep;
use tower::retry::budget::TpsBudget;

use super::{Retry, RetryReason, millis};

/// Three failures in a row are an outage, which more attempts do not mend.
const MAX_ATTEMPTS: u32 = 4;

/// Most short failures of a server behind a proxy are over within half a second.
const BASE_BACKOFF: Duration = Duration::from_millis(500);

const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// The limits by rate, as the vendor's documentation gives them, pass in seconds; what asks for more than a minute is
/// a cap of another kind, and each attempt during it may make it longer.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Room for one attempt that hangs and one that follows.
const TOTAL_TIME: Duration = Duration::from_secs(120);

/// The generated client's own timeout.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long calls and retries count for the budget.
const BUDGET_WINDOW: Duration = Duration::from_secs(10);

/// One retry for five calls, as in Finagle, from which tower's budget comes.
const BUDGET_PERCENT: u32 = 20;

/// Retries a second that need no calls to earn them, so that a quiet program retries as well.
const BUDGET_RESERVE: u32 = 10;

/// tower's budget takes no more than a thousand times the calls and no more than this reserve.
const MAX_BUDGET_PERCENT: u32 = 100_000;
const MAX_BUDGET_RESERVE: u32 = 1_000_000;

/// The least upward jitter on a wait that the server asks for.
const MIN_JITTER: Duration = Duration::from_millis(250);

type Observer = Arc<dyn Fn(&Retry) + Send + Sync>;

/// How calls are tried again, and how long they may take in all.
///
/// 429 is tried again for every method, because the server refuses before it does anything. 502, 503, 504, timeouts
/// and broken connections are tried again only for GET, HEAD, PUT and DELETE and for `create_thread`: any other POST
/// could be carried out twice. A connection that was never made is tried again for every method. A streamed body
/// cannot be sent again and gets one attempt, unless [`Pachca`](crate::Pachca) itself sends the file: then it is read
/// again from its start, and neither the total time nor the budget counts.
///
/// A wait that `Retry-After` asks for is kept in full and made longer by up to a tenth, or up to 250 ms if that is
/// more. Without it (or with one of no time at all) the wait is random between nothing and the backoff, which starts at
/// [`base_backoff`](Self::base_backoff) and doubles with each attempt up to [`max_backoff`](Self::max_backoff).
///
/// ```
/// use std::time::Duration;
/// use pachca_ext::RetryPolicy;
///
/// let policy = RetryPolicy::default()
///     .max_attempts(3)
///     .total_time(Duration::from_secs(30))
///     .on_retry(|retry| eprintln!("{} again in {:?}: {}", retry.operation.name, retry.wait, retry.reason));
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    pub(super) max_attempts: u32,
    pub(crate) attempt_timeout: Option<Duration>,
    observer: Option<Observer>,
    base_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
    total_time: Option<Duration>,
    budget: Option<(u32, u32)>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: MAX_ATTEMPTS,
            attempt_timeout: Some(ATTEMPT_TIMEOUT),
            observer: None,
            base_backoff: BASE_BACKOFF,
            max_backoff: MAX_BACKOFF,
            max_retry_after: MAX_RETRY_AFTER,
            total_time: Some(TOTAL_TIME),
            budget: Some((BUDGET_PERCENT, BUDGET_RESERVE)),
        }
    }
}

impl RetryPolicy {
    /// One attempt for each call. The timeouts hold as in the default.
    #[must_use]
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// How many attempts a call gets in all, the first one among them; 4 unless set. 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest wait after the first attempt, which doubles with each further one; 500 ms unless set.
    #[must_use]
    pub fn base_backoff(mut self, wait: Duration) -> Self {
        self.base_backoff = wait;
        self
    }

    /// What the doubling stops at; 10 s unless set.
    #[must_use]
    pub fn max_backoff(mut self, wait: Duration) -> Self {
        self.max_backoff = wait;
        self
    }

    /// The longest `Retry-After` that is waited for; 60 s unless set. An answer that asks for more is given back at
    /// once, because each attempt during the server's daily cap doubles it.
    #[must_use]
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// How long all attempts and the waits between them may take; 2 minutes unless set, and `None` is without end. An
    /// answer whose wait does not fit any more is given back at once. Time that a call spends in the queue of
    /// [`RateLimits`](crate::RateLimits) does not count.
    #[must_use]
    pub fn total_time(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.total_time = time.into();
        self
    }

    /// How long one attempt may take from sending to the last byte of the answer; 60 s unless set. It takes the place of
    /// the HTTP client's own timeout; with `None`, and no total time either, that one holds.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.attempt_timeout = timeout.into();
        self
    }

    /// How many retries after failures of the server or the connection all calls may have together, so that an outage
    /// is not multiplied: `percent` retries for 100 calls, and `reserve` a second beside them, both over the last 10
    /// seconds; 20 and 10 unless set. Retries after 429 do not count.
    #[must_use]
    pub fn budget(mut self, percent: u32, reserve: u32) -> Self {
        self.budget = Some((percent.min(MAX_BUDGET_PERCENT), reserve.min(MAX_BUDGET_RESERVE)));
        self
    }

    /// Lets every call have all its attempts, whatever happens to the others.
    #[must_use]
    pub fn without_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Calls a function before the wait of each retry, for example to count them. It should not block.
    #[must_use]
    pub fn on_retry(mut self, observer: impl Fn(&Retry) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// A budget to be shared by the calls of one layer.
    pub(super) fn new_budget(&self) -> Option<TpsBudget> {
        let (percent, reserve) = self.budget?;
        // f32 is exact for whole numbers of this size.
        #[allow(clippy::cast_precision_loss)]
        Some(TpsBudget::new(BUDGET_WINDOW, reserve, percent as f32 / 100.0))
    }

    /// What is left of the total time.
    pub(super) fn remaining(&self, spent: Duration) -> Option<Duration> {
        self.total_time.map(|total| total.saturating_sub(spent))
    }

    /// How long to wait after an attempt; nothing when the server wishes for more than is waited.
    pub(crate) fn wait(&self, attempt: u32, wish: Option<Duration>) -> Option<Duration> {
        match wish {
            Some(wish) if wish > self.max_retry_after => None,
            Some(wish) if !wish.is_zero() => Some(wish.saturating_add(random_up_to(MIN_JITTER.max(wish / 10)))),
            _ => Some(random_up_to(self.backoff(attempt))),
        }
    }

    /// Waits for another attempt at a transfer, and says so; whether there is to be one.
    pub(crate) async fn waits(
        &self,
        operation: &'static Operation,
        attempt: u32,
        reason: RetryReason,
        wish: Option<Duration>,
    ) -> bool {
        let wait = self.wait(attempt, wish).filter(|_| attempt < self.max_attempts);
        let Some(wait) = wait else { return false };
        self.tell(&Retry { operation, attempt, reason, wait });
        sleep(wait).await;
        true
    }

    /// Says that a call is about to be tried again.
    pub(super) fn tell(&self, retry: &Retry) {
        tracing::debug!(
            operation = retry.operation.name,
            attempt = retry.attempt,
            reason = %retry.reason,
            wait_ms = millis(retry.wait),
            "trying again"
        );
        if let Some(observer) = &self.observer {
            observer(retry);
        }
    }

    /// The longest wait after an attempt.
    fn backoff(&self, attempt: u32) -> Duration {
        let doubled = self.base_backoff.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.max_backoff)
    }
}

/// Any duration up to a longest one, with equal chances.
fn random_up_to(longest: Duration) -> Duration {
    Duration::from_nanos(fastrand::u64(0..=u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX)))
}

// The observer is a function, which has nothing to show.
impl fmt::Debug for RetryPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RetryPolicy")
            .field("max_attempts", &self.max_attempts)
            .field("base_backoff", &self.base_backoff)
            .field("max_backoff", &self.max_backoff)
            .field("max_retry_after", &self.max_retry_after)
            .field("total_time", &self.total_time)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_up_to_its_longest() {
        let policy = RetryPolicy::default();
        let longest: Vec<u128> = (1..=7).map(|attempt| policy.backoff(attempt).as_millis()).collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        assert_eq!(policy.backoff(u32::MAX), MAX_BACKOFF);
    }

    #[test]
    fn the_backoff_has_full_jitter() {
        let policy = RetryPolicy::default();
        let waits: Vec<Duration> = (0..2_000).filter_map(|_| policy.wait(3, None)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(2)));
        // Each tenth of the range is met, so that the waits spread over all of it.
        for tenth in 0..10 {
            let range = Duration::from_millis(tenth * 200)..Duration::from_millis((tenth + 1) * 200);
            assert!(waits.iter().any(|wait| range.contains(wait)), "{range:?}");
        }
    }

    #[test]
    fn a_wish_is_kept_and_jitter_is_upward() {
        let policy = RetryPolicy::default();
        for (wish, most) in [(1_000, 1_250), (3_000, 3_300), (60_000, 66_000)] {
            let (wish, most) = (Duration::from_millis(wish), Duration::from_millis(most));
            let waits: Vec<Duration> = (0..500).filter_map(|_| policy.wait(1, Some(wish))).collect();
            assert_eq!(waits.len(), 500);
            assert!(waits.iter().all(|wait| (wish..=most).contains(wait)), "{wish:?}");
            assert!(waits.iter().any(|wait| *wait > wish + (most - wish) / 2), "{wish:?}");
        }
        assert_eq!(policy.wait(1, Some(Duration::from_millis(60_001))), None);
    }

    #[test]
    fn a_wish_of_no_time_is_the_backoff() {
        let policy = RetryPolicy::default();
        assert!(
            (0..500).filter_map(|_| policy.wait(3, Some(Duration::ZERO))).any(|wait| wait > Duration::from_secs(1))
        );
    }

    #[test]
    fn extreme_values_are_no_panic() {
        let policy = RetryPolicy::default()
            .max_retry_after(Duration::MAX)
            .base_backoff(Duration::MAX)
            .max_backoff(Duration::MAX);
        assert!(policy.wait(u32::MAX, Some(Duration::MAX)).is_some());
        assert!(policy.wait(u32::MAX, None).is_some());
        for percent in [0, 1, 100, 101, u32::MAX] {
            assert!(policy.clone().budget(percent, u32::MAX).new_budget().is_some());
        }
    }
}
