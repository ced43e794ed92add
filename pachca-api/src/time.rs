//! Times as the wire has them: UTC with milliseconds, `2026-03-01T09:30:00.000Z`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// A time, or the lack of one, that is written with milliseconds.
pub(crate) trait Time {
    fn text(&self) -> Option<String>;
}

impl Time for DateTime<Utc> {
    fn text(&self) -> Option<String> {
        Some(self.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl<T: Time> Time for Option<T> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(Time::text)
    }
}

impl<T: Time> Time for crate::Nullable<T> {
    fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Value(value) => value.text(),
        }
    }
}

/// Writes a field of a body.
pub(crate) fn serialize<T: Time, S: Serializer>(time: &T, serializer: S) -> Result<S::Ok, S::Error> {
    time.text().serialize(serializer)
}

/// A parameter of a query, ready to be written.
#[allow(dead_code, reason = "used by generated code where the description needs it")]
pub(crate) fn query<T: Time>(time: &T) -> Option<String> {
    time.text()
}
