//! One file on its way here, from where it broke off if need be.

use std::fmt;
use std::future::Future;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pachca_api::reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderValue, IF_RANGE, LOCATION, RANGE};
use pachca_api::reqwest::{self, Response, StatusCode, Url};
use pachca_api::{MAX_ERROR_BODY_BYTES, Operation};
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{Export, OPERATION};
use crate::error::{Error, ErrorKind, one_line};
use crate::retry::RetryReason;
use crate::retry_after::retry_after;
use crate::store_error::StoreError;

/// How many redirects are followed; browsers stop at twenty, and a storage has no use for more than two.
const MAX_REDIRECTS: usize = 5;

/// A file that has no name yet, beside the place where it is to be.
pub(super) struct Partial {
    file: File,
    /// Removed when it is dropped.
    path: TempPath,
    target: PathBuf,
    written: u64,
    /// How far any attempt has come.
    furthest: u64,
    total: Option<u64>,
    /// What the storage calls this very content.
    etag: Option<HeaderValue>,
}

/// Why an attempt failed.
struct Failure {
    error: Error,
    remedy: Remedy,
}

enum Remedy {
    /// Another attempt after a wait, which the storage may have wished for.
    Wait(RetryReason, Option<Duration>),
    /// Another address.
    Address,
    None,
}

impl Partial {
    /// Makes sure that the name is free, and creates a file without one in the same folder.
    pub(super) async fn create(target: &Path) -> Result<Self, Error> {
        let failed = |error| Error::io(format!("cannot create {}", target.display()), error);
        if tokio::fs::symlink_metadata(target).await.is_ok() {
            return Err(failed(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "it is there already; remove it or choose another name",
            )));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.to_owned();
        let create = move || tempfile::Builder::new().prefix(".export-").suffix(".part").tempfile_in(folder);
        let (file, path) = blocking(create).await.map_err(failed)?.into_parts();
        let (file, target) = (File::from_std(file), target.to_owned());
        Ok(Self { file, path, target, written: 0, furthest: 0, total: None, etag: None })
    }

    /// Fetches what the address leads to.
    pub(super) async fn fetch(&mut self, export: &Export<'_>, mut address: Url) -> Result<(), Error> {
        let policy = &export.pachca.policy;
        let (mut number, mut renewed) = (1, false);
        loop {
            let Failure { error, remedy } = match self.attempt(export, &address).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if self.written > self.furthest {
                self.furthest = self.written;
                (number, renewed) = (1, false);
            }
            match remedy {
                Remedy::Address if !renewed => renewed = true,
                Remedy::Wait(reason, wish) => match Operation::by_name(OPERATION) {
                    Some(operation) if policy.waits(operation, number, reason, wish).await => number += 1,
                    _ => return Err(error),
                },
                _ => return Err(error),
            }
            address = export.address().await?;
        }
    }

    /// Gives the file its name.
    pub(super) async fn finish(self) -> Result<u64, Error> {
        let Self { mut file, path, target, written, .. } = self;
        let name = target.display().to_string();
        let failed = |error| Error::io(format!("cannot write {name}"), error);
        file.flush().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        blocking(move || path.persist_noclobber(target).map_err(io::Error::from)).await.map_err(failed)?;
        Ok(written)
    }

    async fn attempt(&mut self, export: &Export<'_>, address: &Url) -> Result<(), Failure> {
        let http = export.pachca.http();
        let patience = export.pachca.policy.attempt_timeout.unwrap_or(Duration::MAX);
        let mut response = self.ask(http, address, patience).await?;
        self.place(&response).await?;
        let tell = |written| {
            if let Some(progress) = &export.progress {
                progress(written, self.total.unwrap_or_default());
            }
        };
        tell(self.written);
        while let Some(chunk) = in_time(patience, response.chunk()).await? {
            self.file.write_all(&chunk).await.map_err(|error| self.unwritten(error))?;
            self.written += chunk.len() as u64;
            tell(self.written);
        }
        match self.total {
            Some(total) if self.written != total => Err(broken(format_args!("{} of {total} bytes came", self.written))),
            _ => Ok(()),
        }
    }

    /// Asks for what is missing, and follows redirects by hand: no client of the user's need be trusted with them.
    async fn ask(&self, http: &reqwest::Client, address: &Url, patience: Duration) -> Result<Response, Failure> {
        let mut address = address.clone();
        for _ in 0..=MAX_REDIRECTS {
            if !matches!(address.scheme(), "http" | "https") {
                return Err(last(format_args!("the file is said to be at a `{}` address", address.scheme())));
            }
            // The timeout of a whole answer would be one for the size of the file.
            let mut request = http.get(address).timeout(Duration::MAX).header(ACCEPT_ENCODING, "identity");
            if let Some(etag) = self.etag.as_ref().filter(|_| self.written > 0) {
                request = request.header(RANGE, format!("bytes={}-", self.written)).header(IF_RANGE, etag);
            }
            let response = in_time(patience, request.send()).await?;
            if !response.status().is_redirection() {
                return accepted(response, patience).await;
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            match location.and_then(|location| response.url().join(location).ok()) {
                Some(next) => address = next,
                None => return Err(last(format_args!("the storage answered {} and led nowhere", response.status()))),
            }
        }
        Err(last(format_args!("the storage redirected more than {MAX_REDIRECTS} times")))
    }

    /// Goes to the place in the file where the answer begins: where the last one broke off, or at the start.
    async fn place(&mut self, response: &Response) -> Result<(), Failure> {
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
            if range.and_then(start_and_total) == Some((self.written, self.total)) {
                return Ok(());
            }
            // Without a tag nothing is asked for in part.
            self.etag = None;
            return Err(broken("the storage sent another part than the one that was asked for"));
        }
        let etag = response.headers().get(ETAG);
        // A weak tag does not promise the same bytes.
        self.etag = etag.filter(|etag| etag.as_bytes().starts_with(b"\"")).cloned();
        (self.written, self.total) = (0, response.content_length());
        let emptied = async {
            self.file.set_len(0).await?;
            self.file.seek(SeekFrom::Start(0)).await
        };
        emptied.await.map(drop).map_err(|error| self.unwritten(error))
    }

    fn unwritten(&self, error: io::Error) -> Failure {
        let error = Error::io(format!("cannot write {}", self.target.display()), error);
        Failure { error, remedy: Remedy::None }
    }
}

/// The first byte and the size of the whole that a `Content-Range` speaks of (RFC 9110, section 14.4).
fn start_and_total(range: &str) -> Option<(u64, Option<u64>)> {
    let (bytes, total) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = bytes.split_once('-')?;
    Some((start.parse().ok()?, total.parse().ok()))
}

/// An answer that has the file, or at least a part of it.
async fn accepted(mut response: Response, patience: Duration) -> Result<Response, Failure> {
    let status = response.status();
    if matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return Ok(response);
    }
    let mut body = Vec::new();
    // A body that breaks off still tells something.
    while let Ok(Some(chunk)) = in_time(patience, response.chunk()).await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ERROR_BODY_BYTES {
            break;
        }
    }
    let words = StoreError::read(&String::from_utf8_lossy(&body)).map(|words| format!(": {words}"));
    let wish = retry_after(response.headers(), SystemTime::now());
    let (kind, remedy) = match status {
        StatusCode::TOO_MANY_REQUESTS => (ErrorKind::RateLimited, Remedy::Wait(RetryReason::RateLimited, wish)),
        _ if status.is_server_error() => (ErrorKind::Server, Remedy::Wait(RetryReason::Server(status), wish)),
        // The address has expired, or what it leads to has changed.
        StatusCode::NOT_FOUND | StatusCode::GONE => (ErrorKind::NotFound, Remedy::Address),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (ErrorKind::Permission, Remedy::Address),
        _ => (ErrorKind::Server, Remedy::Address),
    };
    let words = one_line(&words.unwrap_or_default());
    let query = response.url().query().unwrap_or_default();
    let error = Error::of(OPERATION, kind, format_args!("the storage answered {status}{words}")).without(&[query]);
    Err(Failure { error, remedy })
}

/// Waits for the next thing from the storage, but not longer than it may stand still.
async fn in_time<T>(patience: Duration, next: impl Future<Output = reqwest::Result<T>>) -> Result<T, Failure> {
    match timeout(patience, next).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(broken(innermost(&error.without_url()))),
        Err(_) => {
            let message = format!("nothing has moved for {} s", patience.as_secs_f64());
            let error = Error::of(OPERATION, ErrorKind::Timeout, message);
            Err(Failure { error, remedy: Remedy::Wait(RetryReason::Timeout, None) })
        }
    }
}

/// A connection that may do better the next time.
fn broken(why: impl fmt::Display) -> Failure {
    let error = Error::of(OPERATION, ErrorKind::Transport, format_args!("the download broke off: {why}"));
    Failure { error, remedy: Remedy::Wait(RetryReason::Transport, None) }
}

/// A storage that will not do better.
fn last(why: impl fmt::Display) -> Failure {
    Failure { error: Error::of(OPERATION, ErrorKind::Server, why), remedy: Remedy::None }
}

/// The innermost cause, because the outer ones only repeat what was tried.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Runs what waits for the disk where waiting does no harm.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
