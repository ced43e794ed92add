//! When the history is asked, and what happens when it does not answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use pachca_api::types::WebhookEvent;
use tokio::time::sleep;

use super::history::History;
use super::mark::{Mark, Seen};
use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::retry::RetryPolicy;

/// A fifth of the method's limit.
const PAUSE: Duration = Duration::from_secs(2);

/// The client has tried several times already when it gives up, so there is no hurry.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// A bot that is a minute late after an outage is still in time.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Why there is no event.
pub(super) enum Failure {
    /// It may be over by itself.
    Passing(Error),
    /// Somebody has to do something about it.
    Final(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Authentication
            | ErrorKind::Payment
            | ErrorKind::Permission
            | ErrorKind::InvalidRequest
            | ErrorKind::Validation
            | ErrorKind::NotFound
            | ErrorKind::Ambiguous
            | ErrorKind::Io => Self::Final(error),
            ErrorKind::Conflict
            | ErrorKind::RateLimited
            | ErrorKind::Server
            | ErrorKind::Transport
            | ErrorKind::Timeout
            | ErrorKind::Decoding => Self::Passing(error),
        }
    }
}

type Observer = Arc<dyn Fn(&Error, Duration) + Send + Sync>;

/// Hands out events one by one.
pub(super) struct Poller {
    pub(super) seen: Seen,
    pub(super) pause: Duration,
    pub(super) backoff: RetryPolicy,
    pub(super) delete_handled: bool,
    pub(super) observer: Option<Observer>,
    pachca: Pachca,
    history: History,
    ready: VecDeque<WebhookEvent>,
    /// The id of the event that was handed out last, if it is to be deleted.
    handled: Option<String>,
    up_to_date: bool,
    failures: u32,
}

/// A backoff for as long as it takes.
pub(super) fn backoff(first: Duration, longest: Duration) -> RetryPolicy {
    RetryPolicy::default().base_backoff(first).max_backoff(longest).max_retry_after(Duration::MAX)
}

impl Poller {
    pub(super) fn new(pachca: Pachca) -> Self {
        Self {
            seen: Seen::Nothing,
            pause: PAUSE,
            backoff: backoff(FIRST_BACKOFF, LONGEST_BACKOFF),
            delete_handled: false,
            observer: None,
            history: History::new(pachca.clone()),
            pachca,
            ready: VecDeque::new(),
            handled: None,
            up_to_date: false,
            failures: 0,
        }
    }

    /// The next event, whenever it comes.
    ///
    /// # Errors
    /// What waiting does not help against.
    pub(super) async fn next(&mut self) -> Result<WebhookEvent, Error> {
        loop {
            match self.try_next().await {
                Ok(next) => {
                    self.failures = 0;
                    if let Some(event) = next {
                        return Ok(event);
                    }
                }
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) => self.wait_out(&error).await,
            }
        }
    }

    /// The next event, if it is there already; otherwise one step is made towards it.
    async fn try_next(&mut self) -> Result<Option<WebhookEvent>, Failure> {
        if let Some(id) = &self.handled {
            self.delete(id).await?;
            self.handled = None;
        }
        if let Some(event) = self.ready.pop_front() {
            self.seen = Seen::UpTo(Mark::from(&event));
            self.handled = self.delete_handled.then(|| event.id.clone());
            return Ok(Some(event));
        }
        if self.up_to_date {
            sleep(self.pause).await;
            self.up_to_date = false;
        }
        let found = self.history.read(&self.seen).await?;
        self.ready.extend(found.events);
        self.up_to_date = found.all;
        Ok(None)
    }

    async fn delete(&self, id: &str) -> Result<(), Failure> {
        match self.pachca.delete_webhook_event().id(id).send().await.map_err(Error::from) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn wait_out(&mut self, error: &Error) {
        self.failures = self.failures.saturating_add(1);
        let wait = self.backoff.wait(self.failures, error.retry_after()).unwrap_or_default();
        tracing::warn!(attempt = self.failures, wait_ms = wait.as_millis(), %error, "the events are late");
        if let Some(observer) = &self.observer {
            observer(error, wait);
        }
        sleep(wait).await;
    }
}
