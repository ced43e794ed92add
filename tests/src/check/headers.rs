//! Which headers a request may carry.

use http::HeaderMap;
use serde_json::json;

use crate::operation::{Operation, Place};
use crate::refusal::{BrokenRule, Refusal};

/// Headers that any HTTP client or proxy may add, and that say nothing about the API.
const ORDINARY: [&str; 45] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "baggage",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "dnt",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "max-forwards",
    "origin",
    "pragma",
    "priority",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];

/// Refuses what is neither declared nor ordinary, and what is declared but wrong or missing.
pub fn check(operation: &Operation, headers: &HeaderMap) -> Result<(), Refusal> {
    for name in headers.keys() {
        let name = name.as_str();
        let declared = operation
            .parameters
            .iter()
            .any(|parameter| parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case(name));
        if !declared && !ORDINARY.contains(&name) {
            let sent = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let message = format!("The header `{name}` is not declared for {}", operation.id);
            return Err(Refusal::fault(400, BrokenRule::new("wrong_params", name, json!(sent), message)));
        }
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Header) {
        let name = &parameter.name;
        match headers.get(name.as_str()).map(|value| value.to_str().unwrap_or_default()) {
            Some(text) => {
                super::scalar(parameter, text).map_err(|message| {
                    Refusal::fault(
                        operation.status(&[400, 422]),
                        BrokenRule::new("invalid", name, json!(text), message),
                    )
                })?;
            }
            None if parameter.required => {
                let message = format!("The header `{name}` is required");
                let fault = BrokenRule::new("required", name, json!(null), message);
                return Err(Refusal::fault(operation.status(&[400, 422]), fault));
            }
            None => {}
        }
    }
    Ok(())
}
