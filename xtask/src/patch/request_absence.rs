//! In a request, "not set", "empty" and "null" are different things.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};
use crate::schemas::{requested, requires, type_of, visit};

pub const PATCH: Patch = Patch {
    name: "request-absence",
    why: "An optional list would be left out when it is empty, and `files: []`, which removes all files, could not be sent.",
    apply,
};

/// An optional list or map becomes nullable, which makes it an `Option`; an optional field that the vendor lets
/// be null is marked, because there null is a value to send.
fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let requested = requested(document);
    let components = document.components().clone();
    let mut hits = 0;
    visit(document, |place, schema| {
        let name = place.strip_prefix("#/components/schemas/").and_then(|inside| inside.split('/').next());
        if !name.is_some_and(|name| requested.contains(name)) {
            return Ok(());
        }
        let optional: Vec<String> = schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Object::keys)
            .filter(|property| !requires(schema, property))
            .cloned()
            .collect();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return Ok(()) };
        for property in optional {
            let Some(field) = properties.get_mut(&property).and_then(Value::as_object_mut) else { continue };
            if field.get("nullable") == Some(&Value::Bool(true)) {
                field.insert("x-explicit-null".to_owned(), Value::Bool(true));
                hits += 1;
            } else if may_be_empty(field, &components) {
                if let Some(reference) = field.shift_remove("$ref") {
                    field.insert("allOf".to_owned(), serde_json::json!([{ "$ref": reference }]));
                }
                field.insert("nullable".to_owned(), Value::Bool(true));
                hits += 1;
            }
        }
        Ok(())
    })?;
    Ok(hits)
}

/// Whether a schema is a list or a map, which the generator would leave out when it is empty.
fn may_be_empty(schema: &Object, components: &Object) -> bool {
    if type_of(schema) == Some("array") {
        return true;
    }
    if type_of(schema) == Some("object") {
        return !schema.contains_key("properties");
    }
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member.get("$ref"),
        _ => schema.get("$ref"),
    };
    member
        .and_then(Value::as_str)
        .and_then(schema_name)
        .and_then(|name| components.get(name))
        .and_then(Value::as_object)
        .is_some_and(|target| may_be_empty(target, components))
}
