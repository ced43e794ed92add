//! What was asked, for tests to look at.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// How many requests are remembered unless a test wants more.
pub const REMEMBERED: usize = 2000;

/// How much of a body is remembered.
pub const BODY: usize = 1 << 20;

/// One request and how it was answered.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path as it was sent, with the base path.
    pub path: String,
    /// The query as it was sent, without its question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, cut off after a mebibyte; empty when it was not read.
    pub body: Bytes,
    /// The operationId, if the request was for one.
    pub operation: Option<String>,
    /// The status of the answer, or 0 when none was sent.
    pub status: u16,
    /// The `X-Request-Id` of the answer.
    pub request_id: String,
    /// Whether what was asked was done: it passed all checks and was carried out, whatever became of the answer.
    pub processed: bool,
    /// The scripted fault that hit the request, in words, such as `reset after processing`.
    pub fault: Option<String>,
    /// When the request arrived, counted from the start of the server, on the clock of its runtime.
    pub arrived: Duration,
}

/// The latest requests.
#[derive(Debug)]
pub struct Records {
    kept: VecDeque<Recorded>,
    most: usize,
    forgotten: u64,
}

impl Records {
    /// Room for so many requests.
    pub fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), most, forgotten: 0 }
    }

    /// Remembers a request, forgets the oldest when there are too many, and gives the number of the new one.
    pub fn push(&mut self, mut recorded: Recorded) -> u64 {
        while self.kept.len() >= self.most.max(1) {
            self.kept.pop_front();
            self.forgotten += 1;
        }
        // So that a printed record does not show the token.
        if let Some(token) = recorded.headers.get_mut(AUTHORIZATION) {
            token.set_sensitive(true);
        }
        self.kept.push_back(recorded);
        self.forgotten + self.kept.len() as u64 - 1
    }

    /// The request of this number, unless it is forgotten.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut Recorded> {
        let index = usize::try_from(number.checked_sub(self.forgotten)?).ok()?;
        self.kept.get_mut(index)
    }

    /// The remembered requests, oldest first.
    pub fn all(&self) -> Vec<Recorded> {
        self.kept.iter().cloned().collect()
    }
}
