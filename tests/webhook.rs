//! Webhooks, from what Pachca sends to what a bot answers.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pachca_ext::webhook::{Event, Verifier, VerifyError, sign};
use serde_json::{Value, json};

#[allow(dead_code, reason = "its `main` is run as an example")]
#[path = "../pachca-ext/examples/bot.rs"]
mod example;

#[path = "webhook/bot.rs"]
mod bot;
#[path = "webhook/kinds.rs"]
mod kinds;
#[path = "webhook/random.rs"]
mod random;
#[path = "webhook/requests.rs"]
mod requests;
#[path = "webhook/verifier.rs"]
mod verifier;

const SECRET: &str = "7c1e-signing-secret-of-a-test";

/// When the webhooks of these tests were sent, in UNIX seconds.
const SENT: u64 = 1_790_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A verifier for whom it is always the moment at which the webhooks were sent.
fn verifier() -> Verifier {
    Verifier::builder().secret(SECRET).clock(|| at(SENT)).build().unwrap()
}

/// A click on a button.
fn click() -> Value {
    json!({
        "type": "button",
        "event": "click",
        "message_id": 4_811_223_907_i64,
        "trigger_id": "trg-58b0",
        "data": "vote=yes",
        "user_id": 611,
        "chat_id": 90_210,
        "webhook_timestamp": SENT,
    })
}

/// The same without one of its fields.
fn without(mut payload: Value, field: &str) -> Value {
    payload.as_object_mut().unwrap().remove(field);
    payload
}

/// The same with one field that is different.
fn with(mut payload: Value, field: &str, value: Value) -> Value {
    payload[field] = value;
    payload
}

/// Signs a payload as Pachca does and has it verified.
fn verify(payload: &Value) -> Result<Event, VerifyError> {
    let body = payload.to_string();
    verifier().verify(sign(SECRET, body.as_bytes()), body.as_bytes())
}
