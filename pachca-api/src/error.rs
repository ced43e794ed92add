//! Why a call failed.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::redact::redact;
use crate::repair::{DecodeError, decode};
use crate::response::request_id;
use crate::types::ErrorBody;

/// How many bytes of an answer's body an error keeps.
pub const MAX_ERROR_BODY_BYTES: usize = 16 * 1024;

/// Why a call failed.
///
/// Neither `Display` nor `Debug` shows headers or bodies, which may hold tokens; the fields give them to those who
/// ask.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request could not be built from what was set, and was not sent.
    #[error("invalid request: {0}")]
    InvalidRequest(String),

    /// No answer came, or it broke off.
    #[error("`{operation}` got no complete answer: {}", innermost(.source))]
    #[non_exhaustive]
    Transport {
        /// The operation's method name.
        operation: &'static str,
        /// What went wrong, without the address.
        source: reqwest::Error,
    },

    /// The server refused the request or failed.
    #[error("`{operation}` was answered {status}{}", summary(.error))]
    #[non_exhaustive]
    Refused {
        /// The operation's method name.
        operation: &'static str,
        /// The HTTP status.
        status: StatusCode,
        /// The response headers, `Retry-After` among them.
        headers: Box<HeaderMap>,
        /// What the body says, when it is in one of the vendor's shapes; otherwise empty.
        error: Box<ErrorBody>,
        /// The body as text, at most [`MAX_ERROR_BODY_BYTES`], without the values of secret fields.
        body: String,
    },

    /// The request succeeded, but the answer is not what the description says.
    #[error("`{operation}` was answered {status} with a body that cannot be read: {source}")]
    #[non_exhaustive]
    Undecodable {
        /// The operation's method name.
        operation: &'static str,
        /// The HTTP status.
        status: StatusCode,
        /// The response headers.
        headers: Box<HeaderMap>,
        /// The body as text, at most [`MAX_ERROR_BODY_BYTES`], without the values of secret fields.
        body: String,
        /// Where reading stopped.
        source: DecodeError,
    },
}

impl Error {
    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { status, .. } | Self::Undecodable { status, .. } => Some(*status),
            Self::Transport { .. } | Self::InvalidRequest(_) => None,
        }
    }

    /// The server's name for the request, to be given to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { headers, .. } | Self::Undecodable { headers, .. } => request_id(headers),
            Self::Transport { .. } | Self::InvalidRequest(_) => None,
        }
    }

    /// The connection was not made, or broke off.
    pub(crate) fn transport(source: reqwest::Error, operation: &'static str) -> Self {
        // The address may hold a signature or an id that is nobody's business.
        Self::Transport { operation, source: source.without_url() }
    }

    /// The operation's method name, unless the request was not even built.
    pub fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Refused { operation, .. }
            | Self::Undecodable { operation, .. }
            | Self::Transport { operation, .. } => Some(operation),
            Self::InvalidRequest(_) => None,
        }
    }

    /// Reads an answer that is not a success.
    pub(crate) async fn refused(response: reqwest::Response, operation: &'static str) -> Self {
        let status = response.status();
        let headers = Box::new(response.headers().clone());
        let mut response = response;
        let mut body = Vec::new();
        // A body that breaks off still tells something.
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= MAX_ERROR_BODY_BYTES {
                break;
            }
        }
        let error = Box::new(decode(&body).map(|(error, _)| error).unwrap_or_default());
        Self::Refused { operation, status, headers, error, body: bounded(&body) }
    }

    /// An answer whose body is not what was described.
    pub(crate) fn undecodable(
        operation: &'static str,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        source: DecodeError,
    ) -> Self {
        Self::Undecodable { operation, status, headers: Box::new(headers), body: bounded(body), source }
    }
}

// The generated code converts by `?` only while it builds a request.
impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::InvalidRequest(innermost(&error))
    }
}

impl From<reqwest::header::InvalidHeaderValue> for Error {
    fn from(error: reqwest::header::InvalidHeaderValue) -> Self {
        Self::InvalidRequest(error.to_string())
    }
}

impl From<progenitor_client::Error<()>> for Error {
    fn from(error: progenitor_client::Error<()>) -> Self {
        // The generated code has no hook that fails, so this comes from building a request.
        Self::InvalidRequest(error.to_string())
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Error")
            .field("message", &self.to_string())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

/// The beginning of a body, without its secrets.
fn bounded(body: &[u8]) -> String {
    redact(&String::from_utf8_lossy(body.get(..MAX_ERROR_BODY_BYTES).unwrap_or(body)))
}

/// What the vendor says, on one line.
fn summary(error: &ErrorBody) -> String {
    let mut parts: Vec<String> = error.error.iter().chain(&error.error_description).cloned().collect();
    for item in &error.errors {
        let words: Vec<&str> = [item.key.as_deref(), item.message.as_deref()].into_iter().flatten().collect();
        parts.push(words.join(" "));
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
}

/// The innermost cause, because the outer layers only repeat what was tried.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
