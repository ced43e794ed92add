//! Events without a webhook address: a bot's history is asked for what is new.
//!
//! ```no_run
//! use futures_util::TryStreamExt as _;
//! use pachca_ext::events::Mark;
//! use pachca_ext::webhook::Event;
//!
//! # fn load() -> Option<Mark> { None }
//! # fn store(mark: &Mark) {}
//! # async fn example(pachca: pachca_ext::Pachca) -> Result<(), pachca_ext::Error> {
//! let mut events = pachca.events();
//! if let Some(mark) = load() {
//!     events = events.after(mark);
//! }
//! while let Some(event) = events.try_next().await? {
//!     if let Event::Message(message) = &event.payload {
//!         println!("{}: {}", message.user_id, message.content);
//!     }
//!     store(&Mark::from(&event));
//! }
//! # Ok(())
//! # }
//! ```

mod history;
mod mark;
mod poller;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, StreamExt as _};
use futures_util::{Stream, stream};
use pachca_api::types::WebhookEvent;

use crate::client::Pachca;
use crate::error::Error;
pub use mark::Mark;
use mark::Seen;
use poller::Poller;

impl Pachca {
    /// What happens, from the history of events, which needs the bot's own token and `events_history_enabled`.
    pub fn events(&self) -> Events {
        Events { poller: Some(Poller::new(self.clone())), stream: None }
    }
}

/// A stream of a bot's events, each once, the oldest first. Its settings count until it is polled first.
///
/// It begins with the oldest event of the history unless told otherwise, and has no end: with nothing new it waits and
/// asks again. It keeps one or two pages in memory, however long the history is, and makes its requests only while it is
/// polled, within the limit of [`RateLimits::webhook_events`](crate::RateLimits::webhook_events). Dropping it stops it.
///
/// What is new is decided by the time and the id of the last event, which grow, as the vendor documents of the ids.
///
/// What may pass, such as a lost connection, a busy server or a refused cursor, is waited out with a backoff and told to
/// [`on_error`](Self::on_error) and in a log event of the level WARN. What needs somebody to act ends the stream with
/// the error: a token that is not accepted (401), a workspace that is not paid for (402), a missing scope or the wrong
/// kind of bot (403), a request that is refused although it has no cursor.
#[must_use = "nothing is fetched until the stream is polled"]
pub struct Events {
    poller: Option<Poller>,
    stream: Option<BoxStream<'static, Result<WebhookEvent, Error>>>,
}

impl Events {
    /// Begins with the events of a moment, and not with the oldest of all. The last of this and [`after`](Self::after)
    /// counts.
    pub fn since(self, moment: DateTime<Utc>) -> Self {
        self.set(|poller| poller.seen = Seen::Before(moment))
    }

    /// Begins after an event that was handled, even if it is not in the history any more.
    pub fn after(self, handled: impl Into<Mark>) -> Self {
        self.set(|poller| poller.seen = Seen::UpTo(handled.into()))
    }

    /// How long to wait with nothing new before asking again; 2 s unless set, which leaves four fifths of the method's
    /// limit, 5 requests in 2 s, to other programs with the same token.
    pub fn poll_every(self, pause: Duration) -> Self {
        self.set(|poller| poller.pause = pause)
    }

    /// The longest wait after a failure, and what it grows to with further ones; 1 s and 60 s unless set. Each wait is
    /// random between nothing and the longest, but never shorter than the server asks for.
    pub fn backoff(self, first: Duration, longest: Duration) -> Self {
        self.set(|poller| poller.backoff = poller::backoff(first, longest))
    }

    /// Deletes each event from the history as soon as the next one is asked for, which is taken to mean that it was
    /// handled; it needs the scope `webhooks:events:delete`. The event that was handed out last stays when the stream is
    /// dropped. An event that somebody else has deleted is no failure.
    pub fn delete_handled(self) -> Self {
        self.set(|poller| poller.delete_handled = true)
    }

    /// Calls a function with each failure that is waited out, and with the wait. It should not block.
    pub fn on_error(self, observer: impl Fn(&Error, Duration) + Send + Sync + 'static) -> Self {
        self.set(|poller| poller.observer = Some(Arc::new(observer)))
    }

    fn set(mut self, change: impl FnOnce(&mut Poller)) -> Self {
        if let Some(poller) = &mut self.poller {
            change(poller);
        }
        self
    }
}

impl Stream for Events {
    type Item = Result<WebhookEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(poller) = self.poller.take() {
            // An error is the end.
            let events = stream::try_unfold(poller, |mut poller| async move {
                let event = poller.next().await?;
                Ok(Some((event, poller)))
            });
            self.stream = Some(events.boxed());
        }
        match &mut self.stream {
            Some(stream) => stream.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}
