//! Of the vendor's extensions, the ones that are facts stay.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::visit;

/// The extensions that say something about the API, the vendor's and ours.
const KEPT: [&str; 11] = [
    "x-bounds",
    "x-default",
    "x-error",
    "x-explicit-null",
    "x-external-url",
    "x-paginated",
    "x-requirements",
    "x-scope-roles",
    "x-secret",
    "x-selector",
    "x-union-deserializer",
];

pub const PATCH: Patch = Patch {
    name: "extensions",
    why: "Extensions that nobody here reads may hold the vendor's words or examples; each one that goes is named.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let mut dropped: Vec<String> = Vec::new();
    visit(document, |place, schema| {
        strip(schema, place, &mut dropped);
        Ok(())
    })?;
    document.visit_operations(|key, operation| {
        strip(operation, &key.to_string(), &mut dropped);
        for part in ["requestBody", "responses"] {
            for holder in operation.get_mut(part).and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
                strip_value(holder, &key.to_string(), &mut dropped);
            }
        }
        for holder in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            strip_value(holder, &key.to_string(), &mut dropped);
        }
        Ok(())
    })?;
    if let Some(root) = document.root.as_object_mut() {
        strip(root, "#", &mut dropped);
        for item in root.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
            strip_value(item, "#/paths", &mut dropped);
        }
    }
    let hits = dropped.len();
    context.notes.extend(dropped);
    Ok(hits)
}

fn strip_value(value: &mut Value, place: &str, dropped: &mut Vec<String>) {
    if let Some(map) = value.as_object_mut() {
        strip(map, place, dropped);
    }
}

fn strip(map: &mut Object, place: &str, dropped: &mut Vec<String>) {
    map.retain(|key, _| {
        let keep = !key.starts_with("x-") || KEPT.contains(&key.as_str());
        if !keep {
            dropped.push(format!("{place}: the extension `{key}` was left out"));
        }
        keep
    });
}
