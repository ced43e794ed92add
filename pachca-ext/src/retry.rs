//! Trying again, where that cannot do harm.

mod policy;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures_util::stream;
use pachca_api::reqwest::{self, Method, StatusCode};
use pachca_api::{Call, Operation};
use tokio::time::{Instant, sleep};
use tower::retry::budget::{Budget as _, TpsBudget};
use tower::{Layer, Service, ServiceExt as _};

pub use policy::RetryPolicy;

use crate::rate_limit::queued;
use crate::retry_after::retry_after;
use crate::stall;
use crate::whole::{is_json, whole};

/// The POST operations that say of themselves that a second call gives what the first one made. The description does
/// not mark them, so their names stand here.
const IDEMPOTENT: [&str; 1] = ["create_thread"];

/// A try that failed and is about to be followed by another, as an observer sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Retry {
    /// The operation that is tried again.
    pub operation: &'static Operation,
    /// Which attempt failed; the first is 1.
    pub attempt: u32,
    /// Why it failed.
    pub reason: RetryReason,
    /// How long the next attempt waits.
    pub wait: Duration,
}

/// Why an attempt failed in a way that another may mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryReason {
    /// 429: the server refused it before it did anything.
    RateLimited,
    /// 502, 503 or 504.
    Server(StatusCode),
    /// The connection was never made, so that nothing was sent.
    Connect,
    /// No answer came in time.
    Timeout,
    /// The connection broke off.
    Transport,
}

impl fmt::Display for RetryReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited => formatter.write_str("rate limited"),
            Self::Server(status) => write!(formatter, "answered {status}"),
            Self::Connect => formatter.write_str("no connection"),
            Self::Timeout => formatter.write_str("no answer in time"),
            Self::Transport => formatter.write_str("connection broken"),
        }
    }
}

/// Tries calls again as a [`RetryPolicy`] says. All clones share one retry budget.
///
/// It belongs outside of [`RateLimitLayer`](crate::RateLimitLayer), so that each attempt waits for its turn.
#[derive(Clone)]
pub struct RetryLayer(Arc<Shared>);

struct Shared {
    policy: RetryPolicy,
    budget: Option<TpsBudget>,
}

impl RetryLayer {
    /// A layer with a retry budget of its own.
    pub fn new(policy: RetryPolicy) -> Self {
        let budget = policy.new_budget();
        Self(Arc::new(Shared { policy, budget }))
    }
}

impl fmt::Debug for RetryLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RetryLayer").field(&self.0.policy).finish()
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = RetryService<S>;

    fn layer(&self, inner: S) -> RetryService<S> {
        RetryService { inner, shared: self.0.clone() }
    }
}

/// A service whose calls are tried again.
#[derive(Clone)]
pub struct RetryService<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> fmt::Debug for RetryService<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RetryService").field("policy", &self.shared.policy).finish_non_exhaustive()
    }
}

impl<S> Service<Call> for RetryService<S>
where
    S: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = reqwest::Response;
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>>;

    // Each attempt waits until the inner service is ready; a place held between attempts would be taken from others.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let (inner, shared) = (self.inner.clone(), self.shared.clone());
        Box::pin(queued::counted(async move { shared.run(inner, call).await }))
    }
}

impl Shared {
    /// Makes attempts until one counts.
    async fn run<S>(&self, inner: S, call: Call) -> reqwest::Result<reqwest::Response>
    where
        S: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone,
    {
        let Call { mut request, operation } = call;
        let replayable = replayable(request.method(), operation);
        let own_timeout = request.timeout().copied();
        let started = Instant::now();
        // Waiting for one's turn is pacing, not failing: a long queue must not use up the time for attempts.
        let remaining = || self.policy.remaining(started.elapsed().saturating_sub(queued::total()));
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        if let Some(budget) = &self.budget {
            budget.deposit();
        }
        let outcome = loop {
            let left = remaining();
            if left.is_some_and(|left| left.is_zero()) {
                attempt -= 1;
                break out_of_time().await;
            }
            *request.timeout_mut() = match stall::watched() {
                // Whoever watches it knows better than a clock whether a big file is stuck.
                true => Some(own_timeout.unwrap_or(Duration::MAX)),
                false => [own_timeout, self.policy.attempt_timeout, left].into_iter().flatten().min(),
            };
            let next = if attempt < self.policy.max_attempts { request.try_clone() } else { None };
            let outcome = inner.clone().oneshot(Call { request, operation }).await;
            let outcome = match outcome {
                // A body that breaks off is a connection that broke, and what may be sent again is.
                Ok(response) if replayable && next.is_some() && is_json(&response) => {
                    whole(response).await.map(|(_, response)| response)
                }
                outcome => outcome,
            };
            let (Some(next), Some((reason, wish))) = (next, failure(&outcome, replayable, SystemTime::now())) else {
                break outcome;
            };
            let Some(wait) = self.policy.wait(attempt, wish) else { break outcome };
            if remaining().is_some_and(|remaining| wait >= remaining) || !self.affords(reason) {
                break outcome;
            }
            // The answer is given up before the wait, because it holds a connection.
            drop(outcome);
            self.policy.tell(&Retry { operation, attempt, reason, wait });
            sleep(wait).await;
            waited += wait;
            attempt += 1;
            request = next;
        };
        let span = tracing::Span::current();
        span.record("attempts", attempt);
        span.record("waited_ms", millis(waited + queued::total()));
        outcome
    }

    /// Whether the budget has a retry left. A server that refuses by rate is not down, and says itself when to come
    /// back, so that 429 needs none.
    fn affords(&self, reason: RetryReason) -> bool {
        reason == RetryReason::RateLimited || self.budget.as_ref().is_none_or(|budget| budget.withdraw())
    }
}

/// reqwest's timeout without sending anything.
///
/// A request whose timeout is zero would not do: reqwest's timer takes up to a millisecond to notice, and the request
/// is sent in it. So it is a body that fails with a timeout, because reqwest has no constructor of its errors.
async fn out_of_time() -> reqwest::Result<reqwest::Response> {
    let over = io::Error::new(io::ErrorKind::TimedOut, "the time for all attempts was over before this one was sent");
    let body = reqwest::Body::wrap_stream(stream::iter([Err::<Vec<u8>, _>(over)]));
    let mut response = http::Response::new(body);
    // Reading fails, so that nobody sees the response; if it did not, this is the status that says the same.
    *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    let mut response = reqwest::Response::from(response);
    response.chunk().await.map(|_never| response)
}

/// Whether an operation may be sent again although the server may have carried it out.
fn replayable(method: &Method, operation: &Operation) -> bool {
    // Without the token it goes to an address that is not Pachca's, whose methods promise nothing.
    operation.authenticated
        && (matches!(*method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE)
            || IDEMPOTENT.contains(&operation.name))
}

/// Why an outcome deserves another attempt, and how long the server wishes to be left alone.
fn failure(
    outcome: &reqwest::Result<reqwest::Response>,
    replayable: bool,
    now: SystemTime,
) -> Option<(RetryReason, Option<Duration>)> {
    match outcome {
        Ok(response) => {
            let reason = match response.status() {
                StatusCode::TOO_MANY_REQUESTS => RetryReason::RateLimited,
                status @ (StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
                    if replayable =>
                {
                    RetryReason::Server(status)
                }
                _ => return None,
            };
            Some((reason, retry_after(response.headers(), now)))
        }
        // A connection that was not made in time is both, and nothing was sent through it.
        Err(error) if error.is_connect() => Some((RetryReason::Connect, None)),
        Err(error) if replayable && error.is_timeout() => Some((RetryReason::Timeout, None)),
        Err(error) if replayable && (error.is_request() || error.is_body() || error.is_decode()) => {
            Some((RetryReason::Transport, None))
        }
        Err(_) => None,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn every_idempotent_operation_exists_and_is_a_post() {
        for name in IDEMPOTENT {
            let operation = Operation::all().iter().find(|operation| operation.name == name);
            assert_eq!(operation.map(|operation| operation.method), Some("POST"), "{name}");
        }
    }

    #[test]
    fn a_date_is_read_against_the_clock_that_is_given() {
        let response = http::Response::builder().status(503).header("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT");
        let outcome = Ok(reqwest::Response::from(response.body("").unwrap_or_default()));
        let at =
            |seconds| failure(&outcome, true, UNIX_EPOCH + Duration::from_secs(seconds)).and_then(|(_, wish)| wish);
        assert_eq!(at(18), Some(Duration::from_secs(42)));
        assert_eq!(at(90), Some(Duration::ZERO));
    }

    #[test]
    fn reasons_are_words_a_log_can_show() {
        assert_eq!(RetryReason::Server(StatusCode::BAD_GATEWAY).to_string(), "answered 502 Bad Gateway");
        assert_eq!(RetryReason::Connect.to_string(), "no connection");
    }
}
