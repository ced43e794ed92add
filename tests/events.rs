//! Events by polling.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use futures_util::TryStreamExt as _;
use pachca_ext::events::{Events, Mark};
use pachca_ext::{Pachca, RateLimits, RetryPolicy, types};
use pachca_tests::Server;
use serde_json::{Value, json};
use tokio::time::timeout;

#[path = "events/failures.rs"]
mod failures;
#[path = "events/order.rs"]
mod order;
#[path = "events/requests.rs"]
mod requests;
#[path = "events/thousands.rs"]
mod thousands;

const HISTORY: &str = "/webhooks/events";

/// The operationId of the list, and its name.
const LIST: &str = "getWebhookEvents";
const LIST_NAME: &str = "get_webhook_events";

/// So many times as long as any of these tests takes.
const LONG: Duration = Duration::from_secs(60);

/// Long enough for everything that is under way to have arrived, and for many polls.
const QUIET: Duration = Duration::from_millis(150);

/// A client in a hurry: no waits for its turn, and no second attempts that would hide the first.
fn client(server: &Server) -> Pachca {
    let builder = Pachca::builder(server.token()).base_url(server.base_url()).retry(RetryPolicy::never());
    builder.rate_limits(RateLimits::off()).build().unwrap()
}

/// A stream in a hurry.
fn events(server: &Server) -> Events {
    client(server)
        .events()
        .poll_every(Duration::from_millis(5))
        .backoff(Duration::from_millis(5), Duration::from_millis(20))
}

/// Adds something that happened, and gives its id in the history.
fn happen(server: &Server) -> String {
    happen_at(server, Value::Null)
}

/// Adds something that happened at a moment, or now.
fn happen_at(server: &Server, moment: Value) -> String {
    let payload = json!({
        "type": "reaction", "event": "new", "message_id": 9, "chat_id": 8, "user_id": 7, "code": "⛵", "name": "boat",
        "created_at": "2026-05-04T08:15:00.000Z", "webhook_timestamp": 1_777_882_500,
    });
    let mut event = json!({ "event_type": "reaction_new", "payload": payload });
    if !moment.is_null() {
        event["created_at"] = moment;
    }
    text(&server.add(HISTORY, event).unwrap())
}

/// The ids of everything that happened, oldest first.
fn history(server: &Server) -> Vec<String> {
    server.ids(HISTORY).iter().map(text).collect()
}

fn text(id: &Value) -> String {
    id.as_str().unwrap().to_owned()
}

/// The next event, which must come.
async fn next(events: &mut Events) -> types::WebhookEvent {
    timeout(LONG, events.try_next()).await.unwrap().unwrap().unwrap()
}

/// The ids of the next events, which must come.
async fn take(events: &mut Events, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        ids.push(next(events).await.id);
    }
    ids
}

/// Nothing comes, although it is asked for.
async fn nothing(events: &mut Events) {
    let came = timeout(QUIET, events.try_next()).await;
    assert!(came.is_err(), "{came:?}");
}

/// How often the history was asked for.
fn asked(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.operation.as_deref() == Some(LIST)).count()
}
