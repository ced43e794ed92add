//! Where in the history of events a program is.

use chrono::{DateTime, Utc};
use pachca_api::types::WebhookEvent;
use serde::{Deserialize, Serialize};

/// The last event that was handled, to be stored and given to [`Events::after`](super::Events::after).
///
/// Marks have the order of the events: by time, and by id where the times are the same.
///
/// ```
/// use pachca_ext::events::Mark;
///
/// let mark: Mark = serde_json::from_str(r#"{"created_at": "2026-05-04T08:15:00.250Z", "id": "01KVX9D2"}"#)?;
/// assert_eq!(serde_json::to_string(&mark)?, r#"{"created_at":"2026-05-04T08:15:00.250Z","id":"01KVX9D2"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// When the event was made.
    pub created_at: DateTime<Utc>,
    /// Its id in the history.
    pub id: String,
}

impl From<&WebhookEvent> for Mark {
    fn from(event: &WebhookEvent) -> Self {
        Self { created_at: event.created_at, id: event.id.clone() }
    }
}

/// What is not to be given out any more.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    /// Nothing.
    Nothing,
    /// What is older than this.
    Before(DateTime<Utc>),
    /// This event and what came before it.
    UpTo(Mark),
}

impl Seen {
    pub(super) fn has(&self, event: &WebhookEvent) -> bool {
        match self {
            Self::Nothing => false,
            Self::Before(moment) => event.created_at < *moment,
            Self::UpTo(mark) => (event.created_at, &event.id) <= (mark.created_at, &mark.id),
        }
    }
}
