//! A refusal in the vendor's error shape.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value, json};

/// Why a request is not answered as it hoped.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    body: Value,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenRule {
    /// The field, parameter or header that broke it.
    pub key: String,
    /// What was sent.
    pub value: Value,
    /// The rule.
    pub message: String,
    /// One of the description's error codes.
    pub code: String,
}

impl BrokenRule {
    /// A broken rule.
    pub fn new(code: &str, key: impl Into<String>, value: Value, message: impl Into<String>) -> Self {
        Self { key: key.into(), value, message: message.into(), code: code.to_owned() }
    }
}

impl Refusal {
    /// A refusal that names broken rules.
    pub fn faults(status: u16, faults: &[BrokenRule]) -> Self {
        let errors: Vec<Value> = faults
            .iter()
            .map(|fault| {
                // The vendor's error items carry what was sent as text.
                let value = match &fault.value {
                    Value::Null => Value::Null,
                    Value::String(text) => json!(text),
                    other => json!(other.to_string()),
                };
                json!({
                    "key": fault.key,
                    "value": value,
                    "message": fault.message,
                    "code": fault.code,
                    "payload": null,
                })
            })
            .collect();
        Self { status, body: json!({ "errors": errors }), headers: Vec::new() }
    }

    /// A refusal that names one broken rule.
    pub fn fault(status: u16, fault: BrokenRule) -> Self {
        Self::faults(status, &[fault])
    }

    /// Something that does not exist.
    pub fn not_found(key: &str, value: Value, message: impl Into<String>) -> Self {
        Self::fault(404, BrokenRule::new("not_found", key, value, message))
    }

    /// A token that is missing or not accepted.
    pub fn token(error: &str, description: &str) -> Self {
        let body = json!({ "error": error, "error_description": description });
        let challenge = HeaderValue::from_static("Bearer realm=\"mock-pachca\"");
        Self { status: 401, body, headers: vec![(http::header::WWW_AUTHENTICATE, challenge)] }
    }

    /// A mistake of this server, which a test must show.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::fault(500, BrokenRule::new("unhandled", "base", Value::Null, message))
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer that is sent.
    pub fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
