//! What an answer that is not a success says, whatever shape it has.

use pachca_api::reqwest::StatusCode;
use pachca_api::reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use pachca_api::types::ErrorBody;

use super::ErrorKind;
use crate::store_error::StoreError;

/// How many characters of the server's words stand in one line.
const MAX_LINE: usize = 300;

/// The kind that a status stands for.
pub(super) fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        401 => ErrorKind::Authentication,
        402 => ErrorKind::Payment,
        403 => ErrorKind::Permission,
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        400..=499 => ErrorKind::Validation,
        _ => ErrorKind::Server,
    }
}

/// The scope that an answer of `insufficient_scope` asks for: from its words, from its header, or from what the
/// description says about the operation.
pub(super) fn missing_scope(operation: &str, headers: &HeaderMap, error: &ErrorBody) -> Option<String> {
    if error.error.as_deref() != Some("insufficient_scope") {
        return None;
    }
    let named = |text: &str, marker: &str| {
        let rest = text.split_once(marker)?.1.trim_start_matches([' ', '"', '`', '\'']);
        let scope: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':')).collect();
        Some(scope.trim_end_matches(':').to_owned()).filter(|scope| !scope.is_empty())
    };
    let described = error.error_description.as_deref().and_then(|text| named(text, "Required:"));
    let header = headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    described
        .or_else(|| named(header?, "scope="))
        .or_else(|| pachca_api::Operation::by_name(operation).and_then(|operation| operation.scope).map(str::to_owned))
}

/// What the server says, whatever shape its body has.
pub(super) fn words(error: &ErrorBody, body: &str) -> String {
    let mut parts: Vec<&str> = error.error_description.as_deref().or(error.error.as_deref()).into_iter().collect();
    let items: Vec<String> = error
        .errors
        .iter()
        .map(|item| {
            let code = item.code.as_ref().map(|code| code.as_str());
            let words = [item.key.as_deref(), item.message.as_deref().or(code)];
            words.into_iter().flatten().collect::<Vec<_>>().join(" ")
        })
        .filter(|words| !words.is_empty())
        .collect();
    parts.extend(items.iter().map(String::as_str));
    if !parts.is_empty() {
        return parts.join("; ");
    }
    // An object store answers in XML, whose message is what counts; a proxy's page says nothing beyond its status.
    match StoreError::read(body) {
        Some(error) => error.to_string(),
        None if body.trim_start().starts_with(['<', '{', '[']) => String::new(),
        None => body.to_owned(),
    }
}

/// Text without line breaks and control characters, and not too long.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= MAX_LINE {
        return line;
    }
    format!("{}…", line.chars().take(MAX_LINE).collect::<String>())
}
