//! What was asked, for tests to look at.

use std::collections::VecDeque;

use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// How many requests are remembered.
pub const REMEMBERED: usize = 2000;

/// How much of a body is remembered.
pub const BODY: usize = 1 << 20;

/// One request and how it was answered.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path as it was sent, with the base path.
    pub path: String,
    /// The query as it was sent, without its question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, cut off after a mebibyte.
    pub body: Bytes,
    /// The operationId, if the request was for one.
    pub operation: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The `X-Request-Id` of the answer.
    pub request_id: String,
}

/// The latest requests.
#[derive(Debug, Default)]
pub struct Records(VecDeque<Recorded>);

impl Records {
    /// Remembers a request, and forgets the oldest when there are too many.
    pub fn push(&mut self, mut recorded: Recorded) {
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        recorded.body.truncate(BODY);
        // So that a printed record does not show the token.
        if let Some(token) = recorded.headers.get_mut(AUTHORIZATION) {
            token.set_sensitive(true);
        }
        self.0.push_back(recorded);
    }

    /// The remembered requests, oldest first.
    pub fn all(&self) -> Vec<Recorded> {
        self.0.iter().cloned().collect()
    }
}
