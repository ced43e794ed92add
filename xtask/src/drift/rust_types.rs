//! The Rust type that the generated crate gives to a schema where it is used, near enough to tell two apart.
//!
//! This says again what typify does, and `pachca-api/codegen/rewrite.rs` after it: an optional field is an `Option`
//! unless it has a default or is a list or map, a null that means something is a `Nullable`.

use serde_json::Value;

use super::finding::{Direction, Rust};
use crate::document::{Object, referred};
use crate::schemas::type_of;

/// The type of a value that is always there.
pub fn value_type(schema: &Value) -> String {
    let base = base(schema);
    if is_true(schema, "nullable") { option(base) } else { base }
}

/// The type of a field of a struct.
pub fn field_type(schema: &Value, required: bool) -> String {
    if required {
        return value_type(schema);
    }
    let base = base(schema);
    if is_true(schema, "x-explicit-null") {
        return option(format!("Nullable<{base}>"));
    }
    let has_empty = base.starts_with("Vec<") || base.starts_with("BTreeMap<") || schema.get("default").is_some();
    if has_empty && !is_true(schema, "nullable") { base } else { option(base) }
}

/// The type that the setter of a parameter takes.
pub fn parameter_type(schema: &Value, required: bool) -> String {
    let base = base(schema);
    if required { base } else { option(base) }
}

/// Whether code that uses one type still compiles with another.
pub fn change(old: &str, new: &str, direction: Direction) -> Rust {
    // A setter that took a value takes it for an `Option` of it as well; a field that is read has no such help.
    let same = old == new || (direction == Direction::Request && new == option(old.to_owned()));
    if same { Rust::Safe } else { Rust::Breaking }
}

fn option(inner: String) -> String {
    // Any value can be null already.
    if inner == "Value" || inner.starts_with("Option<") { inner } else { format!("Option<{inner}>") }
}

fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}

fn base(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return name.to_owned();
    }
    schema.as_object().map_or_else(|| "Value".to_owned(), unnamed)
}

/// The type of a schema without a name.
pub fn unnamed(schema: &Object) -> String {
    let format = schema.get("format").and_then(Value::as_str);
    if schema.contains_key("anyOf") || schema.contains_key("oneOf") {
        return "enum".to_owned();
    }
    match (type_of(schema), format) {
        (Some("string"), _) if schema.contains_key("enum") => "enum".to_owned(),
        (Some("string"), Some("date")) => "NaiveDate".to_owned(),
        (Some("string"), Some("date-time")) => "DateTime<Utc>".to_owned(),
        (Some("string"), Some("binary")) => "Bytes".to_owned(),
        (Some("string"), _) => "String".to_owned(),
        (Some("integer"), _) => "i64".to_owned(),
        (Some("number"), Some("float")) => "f32".to_owned(),
        (Some("number"), _) => "f64".to_owned(),
        (Some("boolean"), _) => "bool".to_owned(),
        (Some("array"), _) => format!("Vec<{}>", schema.get("items").map_or_else(|| "Value".to_owned(), value_type)),
        (Some("object"), _) if schema.contains_key("properties") => "struct".to_owned(),
        (Some("object"), _) => {
            let values = schema.get("additionalProperties").filter(|values| values.is_object());
            format!("BTreeMap<String, {}>", values.map_or_else(|| "Value".to_owned(), value_type))
        }
        _ => "Value".to_owned(),
    }
}
