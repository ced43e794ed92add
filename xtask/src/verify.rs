//! What the patches left must be something that the generators know; nothing is dropped in silence.

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use crate::codegen;
use crate::document::{Document, METHODS, Object};
use crate::schemas::visit;

const ROOT: [&str; 7] = ["openapi", "info", "servers", "security", "tags", "paths", "components"];
const COMPONENTS: [&str; 3] = ["schemas", "responses", "securitySchemes"];
const SECURITY_SCHEME: [&str; 5] = ["type", "scheme", "bearerFormat", "in", "name"];
const OPERATION: [&str; 8] =
    ["operationId", "description", "deprecated", "parameters", "requestBody", "responses", "security", "tags"];
const PARAMETER: [&str; 8] = ["name", "in", "description", "required", "deprecated", "style", "explode", "schema"];
const BODY: [&str; 3] = ["description", "required", "content"];
const RESPONSE: [&str; 4] = ["$ref", "description", "content", "headers"];
const MEDIA: [&str; 1] = ["schema"];
const SCHEMA: [&str; 16] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "format",
    "items",
    "nullable",
    "oneOf",
    "properties",
    "required",
    "type",
];
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Checks that every keyword of the patched document is one that the generators read, then generates the client
/// from it.
///
/// # Errors
/// The first thing that cannot be carried, with the operation or the place and the reason.
pub fn verify(document: &mut Document) -> Result<()> {
    keywords(document)?;
    codegen::generate(&document.root).map(drop).map_err(|error| anyhow!("the client cannot be generated: {error:#}"))
}

/// Checks that every keyword of the patched document is one that the generators read.
///
/// # Errors
/// The first keyword that is not, with the operation or the place.
pub fn keywords(document: &mut Document) -> Result<()> {
    if let Some(root) = document.root.as_object() {
        known(root, &ROOT, "the document")?;
        if let Some(components) = root.get("components").and_then(Value::as_object) {
            known(components, &COMPONENTS, "components")?;
            let schemes = components.get("securitySchemes").and_then(Value::as_object);
            for (name, scheme) in schemes.into_iter().flatten() {
                if let Some(scheme) = scheme.as_object() {
                    known(scheme, &SECURITY_SCHEME, &format!("components.securitySchemes.{name}"))?;
                }
            }
        }
        for (path, item) in root.get("paths").and_then(Value::as_object).into_iter().flatten() {
            if let Some(item) = item.as_object() {
                known(item, &METHODS, &format!("paths.{path}"))?;
            }
        }
    }
    document.visit_operations(|_, operation| check_operation(operation))?;
    visit(document, |_, schema| check_schema(schema))
}

fn known(map: &Object, keywords: &[&str], place: &str) -> Result<()> {
    match map.keys().find(|key| !keywords.contains(&key.as_str()) && !key.starts_with("x-")) {
        Some(key) => bail!("{place}: no rule knows what to do with `{key}`"),
        None => Ok(()),
    }
}

fn check_operation(operation: &Object) -> Result<()> {
    known(operation, &OPERATION, "the operation")?;
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or("?");
        let parameter = parameter.as_object().ok_or_else(|| anyhow!("a parameter is not a mapping"))?;
        known(parameter, &PARAMETER, &format!("parameter `{name}`"))?;
    }
    if let Some(body) = operation.get("requestBody").and_then(Value::as_object) {
        known(body, &BODY, "the request body")?;
        check_content(body, "the request body")?;
    }
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let response = response.as_object().ok_or_else(|| anyhow!("response {status} is not a mapping"))?;
        known(response, &RESPONSE, &format!("response {status}"))?;
        check_content(response, &format!("response {status}"))?;
    }
    Ok(())
}

fn check_content(holder: &Object, place: &str) -> Result<()> {
    for (media_type, media) in holder.get("content").and_then(Value::as_object).into_iter().flatten() {
        let media = media.as_object().ok_or_else(|| anyhow!("{place}: `{media_type}` is not a mapping"))?;
        known(media, &MEDIA, &format!("{place}, `{media_type}`"))?;
        if !media.contains_key("schema") {
            bail!("{place}: `{media_type}` has no schema");
        }
    }
    Ok(())
}

fn check_schema(schema: &Object) -> Result<()> {
    known(schema, &SCHEMA, "the schema")?;
    match schema.get("type") {
        None => {}
        Some(Value::String(stated)) if TYPES.contains(&stated.as_str()) => {}
        Some(Value::String(stated)) => bail!("no rule knows the type `{stated}`"),
        Some(other) => bail!("no rule knows the type `{other}`"),
    }
    // Marks such as `x-secret` are looked for among the properties of a schema itself.
    match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        None => Ok(()),
        Some([member]) if member.get("$ref").is_some() && !schema.contains_key("properties") => Ok(()),
        Some(_) => bail!("no rule puts schemas together by `allOf`"),
    }
}

#[cfg(test)]
mod tests;
