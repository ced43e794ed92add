//! How unions are read.

use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

/// The values of the tags, where they are strings.
pub(crate) fn tags<'a, const N: usize>(value: &'a Value, names: &[&str; N]) -> [Option<&'a str>; N] {
    names.map(|name| value.get(name).and_then(Value::as_str))
}

/// Reads a member of a known kind.
///
/// # Errors
/// Names the kind by its tags, and the field.
pub(crate) fn member<T: DeserializeOwned, E: serde::de::Error, const N: usize>(
    value: Value,
    names: &[&str; N],
) -> Result<T, E> {
    let kind = |value: &Value| {
        let tags = names.iter().zip(tags(value, names));
        tags.map(|(name, tag)| format!("{name}={}", tag.unwrap_or_default())).collect::<Vec<_>>().join(", ")
    };
    serde_path_to_error::deserialize(&value)
        .map_err(|error| E::custom(format!("{} at `{}` of the kind {}", error.inner(), error.path(), kind(&value))))
}

/// Reads a member that a value beside the union stands for, if it fits.
#[allow(dead_code, reason = "used by generated code where the description needs it")]
pub(crate) fn fitting<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).map_err(|error: serde_json::Error| serde_json::Error::custom(error)).ok()
}
