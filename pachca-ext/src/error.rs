//! Why a call failed, in the words of the person who has to do something about it.

mod refusal;

use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use pachca_api::reqwest::StatusCode;
use pachca_api::types::{ApiErrorItem, ErrorBody};

use crate::retry_after::retry_after;
pub(crate) use refusal::one_line;
use refusal::{kind_of, missing_scope, words};

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server refused what was sent: 400, 422, or another 4xx that has no kind of its own.
    Validation,
    /// The token is missing, wrong or revoked: 401.
    Authentication,
    /// The token lacks a scope, or its owner may not do this: 403.
    Permission,
    /// The workspace is blocked until it is paid for: 402.
    Payment,
    /// It does not exist, is not ready, or is over: 404 and 410.
    NotFound,
    /// It clashes with what is there: 409.
    Conflict,
    /// Several things are what was looked for.
    Ambiguous,
    /// Too many requests: 429. [`Error::retry_after`] says how long to wait.
    RateLimited,
    /// The server or something before it failed: 5xx, or an answer that leads elsewhere.
    Server,
    /// No connection was made, or it broke off.
    Transport,
    /// No answer came in time.
    Timeout,
    /// The answer is not what was described.
    Decoding,
    /// The request could not be built, and was not sent.
    InvalidRequest,
    /// A file of this machine could not be read or written; the source is the [`std::io::Error`].
    Io,
}

/// Why a call failed.
///
/// `Display` is one line to act on. Neither it nor `Debug` shows a token, a header or a body; [`Error::body`] gives the
/// body to those who ask.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    error: ErrorBody,
    missing_scope: Option<String>,
    body: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure that did not come from a call.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            status: None,
            request_id: None,
            retry_after: None,
            error: ErrorBody::default(),
            missing_scope: None,
            body: String::new(),
            source: None,
        }))
    }

    /// A failure of one operation that did not come from the server.
    pub(crate) fn of(operation: &'static str, kind: ErrorKind, message: impl fmt::Display) -> Self {
        let mut error = Self::new(kind, format!("`{operation}`: {message}"));
        error.0.operation = Some(operation);
        error
    }

    /// A file of this machine that could not be read or written.
    pub(crate) fn io(what: impl fmt::Display, source: io::Error) -> Self {
        let mut error = Self::new(ErrorKind::Io, format!("{what}: {}", one_line(&source.to_string())));
        error.0.source = Some(Box::new(source));
        error
    }

    /// The same failure with the name of the file that it is about.
    pub(crate) fn about(mut self, file: &str) -> Self {
        self.0.message = format!("`{}`: {}", file.escape_debug(), self.0.message);
        self
    }

    /// The same failure without these secrets, which an answer may have repeated.
    pub(crate) fn without(mut self, secrets: &[&str]) -> Self {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            for text in [&mut self.0.message, &mut self.0.body] {
                *text = text.replace(secret, "[redacted]");
            }
        }
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation's method name.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The server's name for the request, to be given to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What was wrong, field by field.
    pub fn items(&self) -> &[ApiErrorItem] {
        &self.0.error.errors
    }

    /// The authorization problem's code, such as `insufficient_scope`.
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.error.error.as_deref()
    }

    /// The authorization problem in the server's words.
    pub fn oauth_description(&self) -> Option<&str> {
        self.0.error.error_description.as_deref()
    }

    /// The scope that the token lacks.
    pub fn missing_scope(&self) -> Option<&str> {
        self.0.missing_scope.as_deref()
    }

    /// Whether the call can be made again without doing its work twice, because the server refused it (4xx but for 408)
    /// or it never got there. After anything else the work may be done, with the answer lost.
    pub fn is_safe_to_repeat(&self) -> bool {
        let source = self.0.source.as_deref().and_then(|source| source.downcast_ref());
        match (self.0.status, source) {
            (Some(status), _) => status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT,
            (None, Some(pachca_api::Error::Transport { source, .. })) => source.is_connect(),
            (None, _) => matches!(self.0.kind, ErrorKind::InvalidRequest | ErrorKind::Io),
        }
    }

    /// The body of the answer as text, at most [`pachca_api::MAX_ERROR_BODY_BYTES`] and without secrets.
    pub fn body(&self) -> &str {
        &self.0.body
    }
}

impl From<pachca_api::Error> for Error {
    fn from(error: pachca_api::Error) -> Self {
        let mut own = Self::new(ErrorKind::InvalidRequest, one_line(&error.to_string()));
        let inner = &mut *own.0;
        inner.operation = error.operation();
        inner.status = error.status();
        inner.request_id = error.request_id().map(str::to_owned);
        match &error {
            pachca_api::Error::Refused { operation, status, headers, error, body, .. } => {
                inner.kind = kind_of(*status);
                inner.retry_after = retry_after(headers, SystemTime::now());
                inner.missing_scope = missing_scope(operation, headers, error);
                inner.error = (**error).clone();
                inner.body.clone_from(body);
                inner.message = inner.refusal(operation, *status);
            }
            pachca_api::Error::Undecodable { body, .. } => {
                inner.kind = ErrorKind::Decoding;
                inner.body.clone_from(body);
            }
            pachca_api::Error::Transport { source, .. } => {
                inner.kind = if source.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
            }
            _ => {}
        }
        inner.source = Some(Box::new(error));
        own
    }
}

impl From<pachca_api::BuildError> for Error {
    fn from(error: pachca_api::BuildError) -> Self {
        Self::new(ErrorKind::InvalidRequest, error.to_string())
    }
}

impl Inner {
    /// A refusal in one line.
    fn refusal(&self, operation: &str, status: StatusCode) -> String {
        let words = one_line(&words(&self.error, &self.body));
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        match (self.kind, &self.missing_scope, self.retry_after) {
            (ErrorKind::Permission, Some(scope), _) => format!("`{operation}` needs scope `{scope}`"),
            (ErrorKind::Authentication, ..) => {
                format!("`{operation}` was answered 401: the token is missing, wrong or revoked{words}")
            }
            (ErrorKind::Payment, ..) => {
                format!("`{operation}` was answered 402: the workspace is blocked until it is paid for{words}")
            }
            (ErrorKind::RateLimited, _, Some(wait)) => {
                format!("`{operation}` came too often; try again in {} s{words}", wait.as_secs_f64().ceil())
            }
            _ => format!("`{operation}` was answered {status}{words}"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)?;
        match &self.0.request_id {
            Some(id) => write!(formatter, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("request_id", &self.0.request_id)
            .field("retry_after", &self.0.retry_after)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
