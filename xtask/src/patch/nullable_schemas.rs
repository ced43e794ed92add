//! A named schema that may be null hands its null to the places that use it.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};

pub const PATCH: Patch = Patch {
    name: "nullable-schemas",
    why: "A nullable named schema becomes a newtype around an `Option`; the null belongs to the body or field that may be null.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut nullable = BTreeSet::new();
    for (name, schema) in document.components_mut()?.iter_mut() {
        if let Some(schema) = schema.as_object_mut()
            && schema.get("nullable") == Some(&Value::Bool(true))
        {
            schema.shift_remove("nullable");
            nullable.insert(name.clone());
        }
    }
    if !nullable.is_empty() {
        mark_uses(&mut document.root, &nullable);
    }
    Ok(nullable.len())
}

fn mark_uses(value: &mut Value, nullable: &BTreeSet<String>) {
    match value {
        Value::Object(map) if refers_to(map.get("$ref"), nullable) => {
            *value = json!({ "allOf": [{ "$ref": map.get("$ref") }], "nullable": true });
        }
        Value::Object(map) => {
            if is_sole_member(map, nullable) {
                map.insert("nullable".to_owned(), Value::Bool(true));
                return;
            }
            map.values_mut().for_each(|value| mark_uses(value, nullable));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| mark_uses(value, nullable)),
        _ => {}
    }
}

fn is_sole_member(map: &Object, nullable: &BTreeSet<String>) -> bool {
    match map.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => refers_to(member.get("$ref"), nullable),
        _ => false,
    }
}

fn refers_to(reference: Option<&Value>, names: &BTreeSet<String>) -> bool {
    reference.and_then(Value::as_str).and_then(schema_name).is_some_and(|name| names.contains(name))
}
