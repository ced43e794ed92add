//! Webhooks as the service sends them.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "Pachca-Signature";

/// A webhook's body with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedWebhook {
    /// The body, byte for byte as it was signed.
    pub body: Bytes,
    /// The signature, in lower-case hexadecimal digits.
    pub signature: String,
}

impl SignedWebhook {
    /// Signs a body with a bot's secret.
    pub fn new(payload: &Value, secret: &str) -> Self {
        let body = Bytes::from(payload.to_string());
        let signature = sign(secret, &body);
        Self { body, signature }
    }
}

/// HMAC-SHA256 in lower-case hexadecimal digits.
pub fn sign(secret: &str, body: &[u8]) -> String {
    // A key of any length is accepted, so there is no failure to report.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// What a new-message webhook says of a message, at a time in UNIX seconds.
pub fn new_message(message: &Value, thread: Option<&Value>, timestamp: i64) -> Value {
    let mut payload = json!({
        "type": "message",
        "event": "new",
        "webhook_timestamp": timestamp,
        "thread": thread.map(|thread| json!({
            "message_id": thread["message_id"],
            "message_chat_id": thread["message_chat_id"],
        })),
    });
    let told = ["id", "entity_type", "entity_id", "content", "user_id", "created_at", "changed_at", "url", "chat_id"];
    for name in told.into_iter().chain(["parent_message_id"]) {
        if let Some(value) = message.get(name) {
            payload[name] = value.clone();
        }
    }
    payload
}

/// What a webhook says of a click on the button of a message that has this data.
///
/// # Errors
/// When the message has no such button.
pub fn click(message: &Value, data: &str, trigger: &str, user: &Value, timestamp: i64) -> Result<Value, String> {
    let mut buttons = message["buttons"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
    if !buttons.any(|button| button["data"] == data) {
        return Err(format!("message {} has no button with the data `{data}`", message["id"]));
    }
    Ok(json!({
        "type": "button",
        "event": "click",
        "message_id": message["id"],
        "trigger_id": trigger,
        "data": data,
        "user_id": user,
        "chat_id": message["chat_id"],
        "webhook_timestamp": timestamp,
    }))
}

/// What an export that is ready tells: it is the one webhook without a time of sending.
pub fn export_ready(kind: &str, id: &Value, created_at: &str) -> Value {
    let mut payload = json!({ "type": kind, "event": "ready", "created_at": created_at });
    payload[format!("{kind}_id")] = id.clone();
    payload
}

/// Sends a webhook to an address of this machine and gives the answer.
///
/// # Errors
/// When the address is not of this machine, or does not answer within five seconds as the service asks.
pub async fn deliver(url: &str, webhook: &SignedWebhook) -> io::Result<http::Response<Bytes>> {
    let url: reqwest::Url = url.parse().map_err(io::Error::other)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if host != "localhost" && !host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{url} is not a loopback address")));
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build()
        .map_err(io::Error::other)?;
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, &webhook.signature)
        .body(webhook.body.clone());
    let response = request.send().await.map_err(io::Error::other)?;
    let mut answer = http::Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.clone_from(response.headers());
    }
    answer.body(response.bytes().await.map_err(io::Error::other)?).map_err(io::Error::other)
}
