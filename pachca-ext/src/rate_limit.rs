//! Keeping to the server's limits before it has to say no.

mod bucket;
mod chats;
mod limits;
pub(crate) mod queued;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pachca_api::reqwest::header::{HeaderValue, RETRY_AFTER};
use pachca_api::reqwest::{self, StatusCode, Url};
use pachca_api::{Call, Operation};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt as _};

pub use limits::{Limit, RateLimits};

use crate::retry_after::retry_after;
use crate::whole::{whole, with_url};
use bucket::Bucket;
use chats::{Address, Chats};

/// What the answer says when a call was not sent.
const HELD_BACK: &str = "not sent: the server has asked for a pause";

/// Which limit an operation counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Per chat, which the body names.
    SendingToChat,
    /// Per chat, which the message in the path is in.
    ChangingMessage,
    ReadingMessages,
    WebhookEvents,
    Other,
}

/// The operations that have a limit of their own. The description does not mark them, so their names stand here.
const CLASSES: [(&str, Class); 6] = [
    ("create_message", Class::SendingToChat),
    ("update_message", Class::ChangingMessage),
    ("delete_message", Class::ChangingMessage),
    ("list_chat_messages", Class::ReadingMessages),
    ("get_message", Class::ReadingMessages),
    ("get_webhook_events", Class::WebhookEvents),
];

/// Lets calls through as [`RateLimits`] say, first come, first served. All clones share the limits, which are those of
/// one token. Calls that do not carry the token are let through.
///
/// A 429 pauses what its limit covers for everyone until `Retry-After` has passed. A wish longer than
/// [`RateLimits::max_pause`] is about one operation (a daily cap, an export that was asked for too soon): calls of that
/// operation to the same chat, or with the same token, are then answered 429 by the layer itself, with what is left of
/// the wait in `Retry-After`, since each attempt during the daily cap doubles it; other calls go on.
#[derive(Clone)]
pub struct RateLimitLayer(Arc<Shared>);

struct Shared {
    limits: RateLimits,
    reading: Option<Arc<Bucket>>,
    webhook_events: Option<Arc<Bucket>>,
    other: Option<Arc<Bucket>>,
    chats: Option<Mutex<Chats>>,
}

/// Where a call waits for its turn.
struct Place {
    bucket: Arc<Bucket>,
    /// The chat that the answer is about, for messages that are sent.
    sent_to: Option<Address>,
}

impl RateLimitLayer {
    /// A layer that has seen no calls yet.
    pub fn new(limits: RateLimits) -> Self {
        let bucket = |limit: Option<Limit>| limit.map(|limit| Arc::new(Bucket::new(&limit)));
        Self(Arc::new(Shared {
            reading: bucket(limits.reading),
            webhook_events: bucket(limits.webhook_events),
            other: bucket(limits.other),
            chats: limits.sending.map(|limit| Mutex::new(Chats::new(limit))),
            limits,
        }))
    }
}

impl fmt::Debug for RateLimitLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RateLimitLayer").field(&self.0.limits).finish()
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimitService<S>;

    fn layer(&self, inner: S) -> RateLimitService<S> {
        RateLimitService { inner, shared: self.0.clone() }
    }
}

/// A service whose calls wait for their turn.
#[derive(Clone)]
pub struct RateLimitService<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> fmt::Debug for RateLimitService<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RateLimitService").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}

impl<S> Service<Call> for RateLimitService<S>
where
    S: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = reqwest::Response;
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>>;

    // The inner service is asked when it is the call's turn; a place held while waiting would be taken from others.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let (inner, shared) = (self.inner.clone(), self.shared.clone());
        Box::pin(async move {
            let operation = call.operation;
            let Some(Place { bucket, sent_to }) = shared.place(&call) else {
                return inner.oneshot(call).await;
            };
            let arrived = Instant::now();
            let admitted = bucket.admit(operation).await;
            queued::add(arrived.elapsed());
            if let Err(left) = admitted {
                return Ok(held_back(call.request.url(), left));
            }
            let response = inner.oneshot(call).await?;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                if let Some(wish) = retry_after(response.headers(), SystemTime::now()) {
                    bucket.pause(operation, wish, shared.limits.max_pause);
                }
                return Ok(response);
            }
            match (sent_to, &shared.chats) {
                (Some(address), Some(chats)) if response.status().is_success() => learn(response, address, chats).await,
                _ => Ok(response),
            }
        })
    }
}

impl Shared {
    /// The bucket that a call counts against, if any.
    fn place(&self, call: &Call) -> Option<Place> {
        if !call.operation.authenticated {
            return None;
        }
        let token_wide = |bucket: &Option<Arc<Bucket>>| bucket.clone().map(|bucket| Place { bucket, sent_to: None });
        let chats = || self.chats.as_ref().map(|chats| chats.lock().unwrap_or_else(PoisonError::into_inner));
        match class(call.operation) {
            Class::SendingToChat => {
                let (address, bucket) = chats()?.of_sending(&call.request);
                Some(Place { bucket, sent_to: Some(address) })
            }
            Class::ChangingMessage => Some(Place { bucket: chats()?.of_message(&call.request), sent_to: None }),
            Class::ReadingMessages => token_wide(&self.reading),
            Class::WebhookEvents => token_wide(&self.webhook_events),
            Class::Other => token_wide(&self.other),
        }
    }
}

fn class(operation: &Operation) -> Class {
    CLASSES.iter().find(|(name, _)| *name == operation.name).map_or(Class::Other, |(_, class)| *class)
}

/// Reads the answer of a sending, remembers which chat the new message is in, and gives the same answer back.
async fn learn(
    response: reqwest::Response,
    address: Address,
    chats: &Mutex<Chats>,
) -> reqwest::Result<reqwest::Response> {
    let (body, response) = whole(response).await?;
    chats.lock().unwrap_or_else(PoisonError::into_inner).learn(&body, address);
    Ok(response)
}

/// The answer to a call that was not sent.
fn held_back(url: &Url, left: Duration) -> reqwest::Response {
    let mut response = http::Response::new(Bytes::from_static(HELD_BACK.as_bytes()));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    // Whole seconds, and never less than what is left.
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    with_url(response, url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_with_a_limit_of_its_own_exists() {
        for (name, _) in CLASSES {
            assert!(Operation::all().iter().any(|operation| operation.name == name), "{name}");
        }
    }
}
