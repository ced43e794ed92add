//! Reading answers that are not quite what the description says.
//!
//! An answer is first read as described. Only when that fails is it put right, the way the AWS clients do it: what is
//! missing, or null where nothing may be null, becomes its type's empty value, in every place where that is possible.
//! An `id` is never made up.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A place in an answer that was put right, as a path such as `data[3].owner_id`.
pub type Correction = String;

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{source}{}", place(.path))]
pub struct DecodeError {
    /// Where reading stopped, such as `data[3].id`; empty when the text is not JSON.
    pub path: String,
    /// What was wrong there.
    pub source: serde_json::Error,
}

/// Reads a document of the API, for example a webhook's body, as leniently as the client reads answers.
///
/// Returns the value and the places that were put right.
///
/// # Errors
/// Tells where reading stopped.
///
/// # Example
/// ```
/// let (button, corrections) = pachca_api::decode::<pachca_api::types::Button>(br#"{"url": null}"#)?;
/// assert_eq!(button.text, "");
/// assert_eq!(corrections, ["text"]);
/// # Ok::<(), pachca_api::DecodeError>(())
/// ```
pub fn decode<T: DeserializeOwned + Repair>(json: &[u8]) -> Result<(T, Vec<Correction>), DecodeError> {
    if let Ok(value) = serde_json::from_slice(json) {
        return Ok((value, Vec::new()));
    }
    let mut document: Value =
        serde_json::from_slice(json).map_err(|source| DecodeError { path: String::new(), source })?;
    let mut place = Place::default();
    T::repair(&mut document, &mut place);
    match serde_path_to_error::deserialize(&document) {
        Ok(value) => Ok((value, place.corrections)),
        Err(error) => Err(DecodeError { path: error.path().to_string(), source: error.into_inner() }),
    }
}

fn place(path: &str) -> String {
    if matches!(path, "" | ".") { String::new() } else { format!(" at `{path}`") }
}

/// A type whose JSON can be put right. It is implemented for everything that is generated.
pub trait Repair {
    /// What stands for a value that is missing; nothing where none can be made up.
    fn empty() -> Option<Value> {
        None
    }

    /// Puts right what is inside a value.
    fn repair(_value: &mut Value, _place: &mut Place) {}
}

/// Where in a document the repair is, and what it has done.
#[derive(Debug, Default)]
pub struct Place {
    path: String,
    corrections: Vec<Correction>,
}

impl Place {
    /// Puts right one field that must be there.
    pub fn required<T: Repair>(&mut self, object: &mut Map<String, Value>, name: &str) {
        self.field::<T>(object, name, object.get(name).is_none_or(Value::is_null));
    }

    /// Puts right one field that may be missing.
    pub fn optional<T: Repair>(&mut self, object: &mut Map<String, Value>, name: &str) {
        self.field::<T>(object, name, object.get(name).is_some_and(Value::is_null));
    }

    fn field<T: Repair>(&mut self, object: &mut Map<String, Value>, name: &str, wrong: bool) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        if wrong
            && name != "id"
            && let Some(empty) = T::empty()
            && object.get(name) != Some(&empty)
        {
            object.insert(name.to_owned(), empty);
            self.corrections.push(self.path.clone());
        }
        if let Some(value) = object.get_mut(name) {
            T::repair(value, self);
        }
        self.path.truncate(length);
    }

    fn entry<T: Repair>(&mut self, value: &mut Value, index: impl std::fmt::Display) {
        let length = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        T::repair(value, self);
        self.path.truncate(length);
    }
}

impl<T: Repair> Repair for Option<T> {
    fn empty() -> Option<Value> {
        Some(Value::Null)
    }

    fn repair(value: &mut Value, place: &mut Place) {
        if !value.is_null() {
            T::repair(value, place);
        }
    }
}

impl<T: Repair> Repair for Vec<T> {
    fn empty() -> Option<Value> {
        Some(json!([]))
    }

    fn repair(value: &mut Value, place: &mut Place) {
        for (index, item) in value.as_array_mut().into_iter().flatten().enumerate() {
            place.entry::<T>(item, index);
        }
    }
}

impl<T: Repair> Repair for BTreeMap<String, T> {
    fn empty() -> Option<Value> {
        Some(json!({}))
    }

    fn repair(value: &mut Value, place: &mut Place) {
        for (key, entry) in value.as_object_mut().into_iter().flatten() {
            place.entry::<T>(entry, key);
        }
    }
}

macro_rules! scalar {
    ($($scalar:ty => $empty:expr,)*) => {
        $(impl Repair for $scalar {
            fn empty() -> Option<Value> {
                Some($empty)
            }
        })*
    };
}

scalar! {
    String => json!(""),
    bool => json!(false),
    i64 => json!(0),
    f64 => json!(0.0),
    Value => Value::Null,
    Map<String, Value> => json!({}),
    DateTime<Utc> => json!(DateTime::<Utc>::UNIX_EPOCH),
    NaiveDate => json!(NaiveDate::default()),
}

/// Puts a struct right field by field; its empty value is an object whose fields are then put right in turn.
macro_rules! repair_struct {
    ($name:ty { $($presence:ident $field:literal: $type:ty,)* }) => {
        impl crate::repair::Repair for $name {
            fn empty() -> ::std::option::Option<::serde_json::Value> {
                Some(::serde_json::Value::Object(::serde_json::Map::new()))
            }

            #[allow(unused_variables)]
            fn repair(value: &mut ::serde_json::Value, place: &mut crate::repair::Place) {
                if let Some(object) = value.as_object_mut() {
                    $(place.$presence::<$type>(object, $field);)*
                }
            }
        }
    };
}

pub(crate) use repair_struct;
