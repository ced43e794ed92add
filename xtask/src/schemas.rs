//! Walking over the schemas of a document, each with the place it stands in.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use serde_json::Value;

use crate::document::{Document, Object, escape, schema_name};

/// Calls `visit` on every schema of the document, outer ones before those inside them, with the JSON pointer
/// of its place. `visit` may change the schema; what it leaves is descended into.
///
/// # Errors
/// The first error of `visit`, with the place before it.
pub fn visit(document: &mut Document, mut visit: impl FnMut(&str, &mut Object) -> Result<()>) -> Result<()> {
    for (place, schema) in roots_mut(document) {
        descend(&place, schema, &mut visit)?;
    }
    Ok(())
}

/// The names of the schemas that are reached from parameters and request bodies.
pub fn requested(document: &Document) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for (_, operation) in document.operations() {
        let parts = ["parameters", "requestBody"].iter().filter_map(|key| operation.get(*key));
        parts.for_each(|part| collect_references(part, &mut open));
    }
    while let Some(name) = open.pop() {
        if let Some(schema) = document.components().get(&name)
            && names.insert(name)
        {
            collect_references(schema, &mut open);
        }
    }
    names
}

/// The names that a value refers to, itself included.
pub fn collect_references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(schema_name) {
                names.push(name.to_owned());
            }
            map.values().for_each(|value| collect_references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, names)),
        _ => {}
    }
}

/// The type that a schema states.
pub fn type_of(schema: &Object) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

/// Whether an object schema requires a property.
pub fn requires(schema: &Object, property: &str) -> bool {
    schema
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|required| required.iter().any(|name| name.as_str() == Some(property)))
}

/// Every outermost schema with the JSON pointer of its place: of components, parameters, bodies and headers.
fn roots_mut(document: &mut Document) -> Vec<(String, &mut Value)> {
    let mut roots = Vec::new();
    let Some(root) = document.root.as_object_mut() else { return roots };
    for (section, value) in root.iter_mut() {
        match section.as_str() {
            "components" => {
                for (name, schema) in value.get_mut("schemas").and_then(Value::as_object_mut).into_iter().flatten() {
                    roots.push((format!("#/components/schemas/{}", escape(name)), schema));
                }
            }
            "paths" => {
                for (path, item) in value.as_object_mut().into_iter().flatten() {
                    for (method, operation) in item.as_object_mut().into_iter().flatten() {
                        let place = format!("#/paths/{}/{method}", escape(path));
                        operation_roots(&place, operation, &mut roots);
                    }
                }
            }
            _ => {}
        }
    }
    roots
}

fn operation_roots<'a>(place: &str, operation: &'a mut Value, roots: &mut Vec<(String, &'a mut Value)>) {
    for (key, part) in operation.as_object_mut().into_iter().flatten() {
        match key.as_str() {
            "parameters" => {
                for (index, parameter) in part.as_array_mut().into_iter().flatten().enumerate() {
                    if let Some(schema) = parameter.get_mut("schema") {
                        roots.push((format!("{place}/parameters/{index}/schema"), schema));
                    }
                }
            }
            "requestBody" => content_roots(&format!("{place}/requestBody"), part, roots),
            "responses" => {
                for (status, response) in part.as_object_mut().into_iter().flatten() {
                    let place = format!("{place}/responses/{status}");
                    content_roots(&place, response, roots);
                }
            }
            _ => {}
        }
    }
}

fn content_roots<'a>(place: &str, holder: &'a mut Value, roots: &mut Vec<(String, &'a mut Value)>) {
    for (key, part) in holder.as_object_mut().into_iter().flatten() {
        if key != "content" && key != "headers" {
            continue;
        }
        for (name, entry) in part.as_object_mut().into_iter().flatten() {
            if let Some(schema) = entry.get_mut("schema") {
                roots.push((format!("{place}/{key}/{}/schema", escape(name)), schema));
            }
        }
    }
}

fn descend(place: &str, value: &mut Value, visit: &mut impl FnMut(&str, &mut Object) -> Result<()>) -> Result<()> {
    // `additionalProperties` may be a plain true or false.
    if value.is_boolean() {
        return Ok(());
    }
    let schema = value.as_object_mut().ok_or_else(|| anyhow!("{place}: a schema must be a mapping"))?;
    visit(place, schema).map_err(|error| anyhow!("{place}: {error}"))?;
    for (key, part) in schema.iter_mut() {
        match key.as_str() {
            "properties" => {
                for (name, property) in part.as_object_mut().into_iter().flatten() {
                    descend(&format!("{place}/properties/{}", escape(name)), property, visit)?;
                }
            }
            "items" | "additionalProperties" | "not" => descend(&format!("{place}/{key}"), part, visit)?,
            "allOf" | "anyOf" | "oneOf" => {
                for (index, member) in part.as_array_mut().into_iter().flatten().enumerate() {
                    descend(&format!("{place}/{key}/{index}"), member, visit)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
