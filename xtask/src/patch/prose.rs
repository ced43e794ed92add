//! Facts carry over, sentences do not.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::visit;

/// The keywords under which the vendor writes words for people.
const WORDS: [&str; 7] =
    ["description", "example", "examples", "externalDocs", "summary", "title", "x-enum-descriptions"];

pub const PATCH: Patch = Patch {
    name: "prose",
    why: "The words of the description are the vendor's; this repository carries facts and says them in its own words.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        hits += strip(schema);
        Ok(())
    })?;
    document.visit_operations(|_, operation| {
        hits += strip(operation);
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            hits += strip_value(parameter);
        }
        if let Some(body) = operation.get_mut("requestBody") {
            hits += strip_content(body);
        }
        for response in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut)
        {
            hits += strip_content(response);
        }
        Ok(())
    })?;
    let Some(root) = document.root.as_object_mut() else { return Ok(hits) };
    hits += strip(root);
    for server in root.get_mut("servers").and_then(Value::as_array_mut).into_iter().flatten() {
        hits += strip_value(server);
        if let Some(server) = server.as_object_mut() {
            server.retain(|key, value| key != "variables" || value.as_object().is_some_and(|map| !map.is_empty()));
        }
    }
    for tag in root.get_mut("tags").and_then(Value::as_array_mut).into_iter().flatten() {
        hits += strip_value(tag);
    }
    let schemes = root.get_mut("components").and_then(|components| components.get_mut("securitySchemes"));
    for scheme in schemes.and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
        hits += strip_value(scheme);
    }
    Ok(hits)
}

/// Strips a body or response with its media types and headers.
fn strip_content(holder: &mut Value) -> usize {
    let mut hits = strip_value(holder);
    for key in ["content", "headers"] {
        for entry in holder.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
            hits += strip_value(entry);
        }
    }
    hits
}

fn strip_value(value: &mut Value) -> usize {
    value.as_object_mut().map_or(0, strip)
}

fn strip(map: &mut Object) -> usize {
    WORDS.iter().filter(|word| map.shift_remove(**word).is_some()).count()
}
