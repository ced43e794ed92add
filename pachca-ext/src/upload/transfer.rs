//! One file on its way, as often as it takes.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use pachca_api::Operation;
use pachca_api::reqwest::Body;
use pachca_api::reqwest::multipart::Part;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::Notify;

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::retry::RetryReason;
use crate::source::{CHUNK, Ready, Source};
use crate::stall;
use crate::store_error::StoreError;

/// What is told of a transfer: bytes so far, and bytes in all.
pub(crate) type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// A file and how it is to be sent.
pub(crate) struct Outgoing {
    source: Source,
    content_type: Option<String>,
    progress: Option<Progress>,
}

impl Outgoing {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, content_type: None, progress: None }
    }

    pub(crate) fn name(self, name: String) -> Self {
        Self { source: self.source.name(name), ..self }
    }

    pub(crate) fn content_type(self, content_type: String) -> Self {
        Self { content_type: Some(content_type), ..self }
    }

    pub(crate) fn on_progress(self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Arc::new(progress)), ..self }
    }

    /// Makes the file ready to be sent by an operation.
    pub(crate) async fn transfer<'a>(self, pachca: &'a Pachca, operation: &'static str) -> Result<Transfer<'a>, Error> {
        let Some(operation) = Operation::by_name(operation) else {
            return Err(Error::of(operation, ErrorKind::InvalidRequest, "there is no such operation"));
        };
        let ready = self.source.ready().await?;
        let guessed = || mime_guess::from_path(&ready.name).first_or_octet_stream().to_string();
        let content_type = self.content_type.unwrap_or_else(guessed);
        Ok(Transfer { pachca, operation, ready, content_type, progress: self.progress })
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Outgoing");
        shown.field("source", &self.source).field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// A file that is ready to be sent by an operation, again and again.
pub(crate) struct Transfer<'a> {
    pub(crate) pachca: &'a Pachca,
    operation: &'static Operation,
    ready: Ready,
    content_type: String,
    progress: Option<Progress>,
}

/// What the body of an attempt tells whoever waits for its end.
#[derive(Default)]
struct Attempt {
    moved: Notify,
    /// Why the file could not be read, which the connection tells as its own failure.
    unread: Mutex<Option<io::Error>>,
}

impl Transfer<'_> {
    /// The name under which the file is sent.
    pub(crate) fn name(&self) -> &str {
        &self.ready.name
    }

    /// The media type, such as `image/png`.
    pub(crate) fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Makes attempts until one counts. What was signed for too short a time is asked for once more.
    pub(crate) async fn attempts<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let policy = &self.pachca.policy;
        let (mut number, mut renewed) = (1, false);
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            // Whatever else was called has been tried again already.
            let sent = error.operation() == Some(self.operation.name);
            if sent && !renewed && StoreError::read(error.body()).is_some_and(|refusal| refusal.expired()) {
                renewed = true;
                continue;
            }
            match reason(&error).filter(|_| sent) {
                Some(reason) if policy.waits(self.operation, number, reason, error.retry_after()).await => number += 1,
                _ => return Err(error.about(self.name())),
            }
        }
    }

    /// Sends the file from its start, and gives its size in bytes with the answer.
    pub(crate) async fn send<T, F>(&self, send: impl FnOnce(Part) -> F) -> Result<(u64, T), Error>
    where
        F: Future<Output = Result<T, pachca_api::Error>>,
    {
        let (reader, size) = self.ready.open().await?;
        let attempt = Arc::new(Attempt::default());
        let body = Body::wrap_stream(body(reader, size, self.progress.clone(), attempt.clone()));
        let part = Part::stream_with_length(body, size).file_name(self.name().to_owned());
        let part = part.mime_str(&self.content_type).map_err(|_| {
            Error::new(ErrorKind::InvalidRequest, format!("{:?} is not a content type", self.content_type))
        })?;
        let patience = self.pachca.policy.attempt_timeout;
        match stall::watch(send(part), &attempt.moved, patience).await {
            Some(Ok(answer)) => Ok((size, answer)),
            Some(Err(error)) => match attempt.unread.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(unread) => Err(Error::io("cannot read what is to be sent", unread)),
                None => Err(refused(error)),
            },
            None => Err(Error::of(
                self.operation.name,
                ErrorKind::Timeout,
                format_args!("nothing has moved for {} s", patience.unwrap_or_default().as_secs_f64()),
            )),
        }
    }
}

/// A redirect is said to be one: a file and its signed form go where they were meant to go.
fn refused(error: pachca_api::Error) -> Error {
    let pachca_api::Error::Refused { operation, status, headers, .. } = &error else { return error.into() };
    if !status.is_redirection() {
        return error.into();
    }
    let address = headers.get("location").and_then(|value| value.to_str().ok());
    let url = address.and_then(|address| address.parse::<pachca_api::reqwest::Url>().ok());
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or("another address");
    let message = format_args!("was answered {status}, which leads to {host}; a file is not sent elsewhere");
    Error::of(operation, ErrorKind::Server, message)
}

/// Why an attempt failed in a way that another may mend: to send a file twice does no harm.
fn reason(error: &Error) -> Option<RetryReason> {
    let vain = || StoreError::read(error.body()).is_some_and(|refusal| refusal.waited_in_vain());
    match (error.kind(), error.status()) {
        (ErrorKind::RateLimited, _) => Some(RetryReason::RateLimited),
        (ErrorKind::Server, Some(status)) if status.is_server_error() => Some(RetryReason::Server(status)),
        (ErrorKind::Timeout, _) => Some(RetryReason::Timeout),
        (ErrorKind::Transport, _) => Some(RetryReason::Transport),
        (ErrorKind::Validation, _) if vain() => Some(RetryReason::Timeout),
        _ => None,
    }
}

/// The bytes of a file, as they are handed to the connection.
fn body(
    reader: impl AsyncRead + Send + Unpin + 'static,
    size: u64,
    progress: Option<Progress>,
    attempt: Arc<Attempt>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let tell = move |sent: u64| {
        if let Some(progress) = &progress {
            progress(sent, size);
        }
    };
    // A file that grows is sent as it was when it was opened.
    stream::try_unfold((reader.take(size), 0, tell, attempt), move |(mut reader, sent, tell, attempt)| async move {
        attempt.moved.notify_one();
        if sent == 0 {
            tell(0);
        }
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let read = match reader.read_buf(&mut chunk).await {
            Ok(0) if sent < size => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("it had {size} bytes and became shorter while it was sent"),
            )),
            other => other,
        };
        let read = match read {
            Ok(0) => return Ok(None),
            Ok(read) => read as u64,
            Err(error) => {
                let told = io::Error::from(error.kind());
                *attempt.unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                return Err(told);
            }
        };
        tell(sent + read);
        Ok(Some((chunk.freeze(), (reader, sent + read, tell, attempt))))
    })
}
