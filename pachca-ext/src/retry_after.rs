//! What `Retry-After` asks for.

use std::time::{Duration, SystemTime};

use pachca_api::reqwest::header::{HeaderMap, RETRY_AFTER};

/// How long to wait from `now` on: the header holds seconds or an HTTP date. A date that has passed asks for nothing.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
