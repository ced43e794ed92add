//! What an operation answered.

use std::fmt;
use std::ops::{Deref, DerefMut};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};
use serde::de::DeserializeOwned;

use crate::{ByteStream, Correction, Error, Location, Repair, decode};

/// A decoded answer with its status and headers; it derefs to the value.
pub struct ResponseValue<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    corrections: Vec<Correction>,
}

impl<T> ResponseValue<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The response headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The server's name for this request, to be given to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// The places of the answer that were missing or null against the description and were put right.
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Self { value, status, headers, corrections: Vec::new() }
    }
}

impl<T: DeserializeOwned + Repair> ResponseValue<T> {
    /// Reads a JSON body.
    pub(crate) async fn decode(response: reqwest::Response, operation: &'static str) -> Result<Self, Error> {
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.bytes().await.map_err(|error| Error::transport(error, operation))?;
        match decode(&body) {
            Ok((value, corrections)) => Ok(Self { value, status, headers, corrections }),
            Err(source) => Err(Error::undecodable(operation, status, headers, &body, source)),
        }
    }
}

impl ResponseValue<()> {
    pub(crate) fn empty(response: reqwest::Response) -> Self {
        Self::new((), response.status(), response.headers().clone())
    }
}

impl ResponseValue<ByteStream> {
    #[allow(dead_code, reason = "used by generated code where the description needs it")]
    pub(crate) fn stream(response: reqwest::Response) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        Self::new(ByteStream::new(Box::pin(response.bytes_stream())), status, headers)
    }
}

impl ResponseValue<Location> {
    /// Reads the address that the answer leads to, without going there.
    #[allow(dead_code, reason = "used by generated code where the description needs it")]
    pub(crate) async fn location(response: reqwest::Response, operation: &'static str) -> Result<Self, Error> {
        let address = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        match address.and_then(|address| response.url().join(address).ok()) {
            Some(url) => Ok(Self::new(Location(url), response.status(), response.headers().clone())),
            None => Err(Error::refused(response, operation).await),
        }
    }
}

/// The value of `X-Request-Id`.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-request-id").and_then(|value| value.to_str().ok())
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for ResponseValue<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold cookies and signed addresses.
        formatter
            .debug_struct("ResponseValue")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
