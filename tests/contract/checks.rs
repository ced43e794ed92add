//! What an answer must be, and what is said when it is not.

use std::fmt::Debug;
use std::fmt::Display;

use pachca_api::reqwest::StatusCode;
use pachca_api::{Error, ResponseValue};

use super::World;

/// The status of a row that went well, or why it did not.
pub type Outcome = Result<StatusCode, Failure>;

/// Why a row failed.
pub struct Failure {
    pub status: Option<StatusCode>,
    pub reason: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { status: error.status(), reason: error.to_string() }
    }
}

/// Finishes the builder of a type, for values that stand in a list.
///
/// # Errors
/// When a required field was not set.
pub fn built<B, T>(builder: B) -> Result<T, Failure>
where
    B: TryInto<T>,
    B::Error: Display,
{
    builder.try_into().map_err(|error| Failure { status: None, reason: error.to_string() })
}

/// The assertions on one answer.
///
/// Only our own server remembers what it was sent, so only there are values compared; from another one it is enough
/// that the answer is a success and decodes.
#[must_use = "`end` tells whether the assertions hold"]
pub struct Checks {
    ours: bool,
    status: StatusCode,
    broken: Vec<String>,
}

impl Checks {
    pub fn of<T>(world: &World, answer: &ResponseValue<T>) -> Self {
        Self { ours: world.is_ours(), status: answer.status(), broken: Vec::new() }
    }

    /// What came back is what was sent.
    pub fn same<A: PartialEq<B> + Debug, B: Debug>(&mut self, what: &str, found: A, sent: B) {
        if self.ours && found != sent {
            self.broken.push(format!("{what} is {found:?} instead of {sent:?}"));
        }
    }

    /// Something is true of the answer.
    pub fn holds(&mut self, what: &str, so: bool) {
        if self.ours && !so {
            self.broken.push(format!("not so: {what}"));
        }
    }

    /// What was deleted cannot be had any more.
    pub fn gone<T>(&mut self, what: &str, answer: Result<ResponseValue<T>, Error>) {
        let status = match &answer {
            Ok(answer) => Some(answer.status()),
            Err(error) => error.status(),
        };
        self.same(what, status, Some(StatusCode::NOT_FOUND));
    }

    pub fn end(self) -> Outcome {
        if self.broken.is_empty() {
            Ok(self.status)
        } else {
            Err(Failure { status: Some(self.status), reason: self.broken.join("; ") })
        }
    }
}
