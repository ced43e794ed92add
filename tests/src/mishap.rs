//! Answers as faults make them.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

use crate::fault::PageFault;
use crate::pages;
use crate::refusal::{BrokenRule, Refusal};

/// The wait of the first refusal during the daily cap, in seconds.
const CAP_FIRST: u64 = 3600;

/// The longest wait during the daily cap.
const CAP_LAST: u64 = 86_400;

/// The answer that a fault chose.
pub fn chosen(status: u16, headers: &[(String, String)], body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The refusal of the daily cap, whose wait doubles with every attempt.
pub fn daily_cap(attempts: u32) -> Response {
    let wait = CAP_FIRST.saturating_mul(2_u64.saturating_pow(attempts.saturating_sub(1))).min(CAP_LAST);
    let rule = BrokenRule::new("rate_limit", "base", Value::Null, "Too many messages in one day");
    Refusal::fault(429, rule).header(RETRY_AFTER, HeaderValue::from(wait)).into_response()
}

/// The refusal of a rate limit.
pub fn too_fast(wait: u64) -> Response {
    let mut response = Response::new(Body::from("Too many requests\n"));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
    response
}

/// An answer with half of its body, as if that were all.
pub async fn cut(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

/// The bytes of an answer up to the middle of its body, or of its head when it has no body.
pub async fn half(response: Response) -> Bytes {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut bytes = BytesMut::from(format!("HTTP/1.1 {}\r\n", parts.status).as_bytes());
    for (name, value) in &parts.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    if body.is_empty() {
        bytes.truncate(bytes.len() / 2);
    } else {
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body[..body.len() / 2]);
    }
    bytes.freeze()
}

/// Spoils one page of a list; `list` is the name its cursors carry, and `sent` the cursor that was asked for.
pub fn spoil(body: &mut Value, fault: PageFault, list: &str, sent: Option<&str>) {
    let Some(Value::Object(paginate)) = body.pointer_mut("/meta/paginate") else { return };
    // Who goes back is misled about the way back.
    let (next_page, has_next) = match pages::leads_back(list, sent) {
        true => ("prev_page", "has_prev"),
        false => ("next_page", "has_next"),
    };
    let next = match fault {
        // The page was asked for with a lower limit, and is as it should be otherwise.
        PageFault::Short => return,
        PageFault::OnlyNextPage => {
            paginate.retain(|name, _| name == "next_page");
            return;
        }
        PageFault::RepeatedCursor => sent.map(str::to_owned),
        PageFault::MissingCursor => None,
        PageFault::EmptyCursor => Some(String::new()),
        PageFault::Empty => Some(pages::another(list, sent)),
    };
    match next {
        Some(next) => paginate.insert(next_page.to_owned(), json!(next)),
        None => paginate.remove(next_page),
    };
    // A search has no such field, and does not get one.
    if let Some(more) = paginate.get_mut(has_next) {
        *more = json!(true);
    }
    if fault == PageFault::Empty {
        body["data"] = json!([]);
    }
}
