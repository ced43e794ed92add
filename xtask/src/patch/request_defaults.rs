//! What the server assumes is not what the client sends.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};
use crate::schemas::{requested, visit};

pub const PATCH: Patch = Patch {
    name: "request-defaults",
    why: "A field with a `default` is always written, so changing a user's name would also send `suspended: false`.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let requested = requested(document);
    let components = document.components().clone();
    let mut hits = 0;
    visit(document, |place, schema| {
        let of_request = match place.strip_prefix("#/components/schemas/") {
            Some(inside) => requested.contains(inside.split('/').next().unwrap_or_default()),
            None => place.contains("/parameters/") || place.contains("/requestBody/"),
        };
        if of_request && let Some(default) = schema.shift_remove("default") {
            // A default that is a text for people differs between the languages of the description.
            if !default.is_string() || is_enum(schema, &components) {
                schema.insert("x-default".to_owned(), default);
            }
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}

fn is_enum(schema: &Object, components: &Object) -> bool {
    if schema.contains_key("enum") {
        return true;
    }
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member.get("$ref"),
        _ => None,
    };
    member
        .and_then(Value::as_str)
        .and_then(schema_name)
        .and_then(|name| components.get(name))
        .is_some_and(|target| target.get("enum").is_some())
}
