//! Our own words, from `xtask/docs.yaml`, on everything that becomes rustdoc.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::{Document, Object, OperationKey};
use crate::schemas::visit;

pub const PATCH: Patch = Patch {
    name: "documentation",
    why: "People read the rustdoc, and what the client does not check, such as lengths, they have to be told.",
    apply,
};

/// How many texts without a place are named.
const NAMED: usize = 8;

/// Our words, as they stand in `docs.yaml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Docs {
    /// By operationId.
    #[serde(default)]
    pub operations: BTreeMap<String, String>,
    /// By the name of the parameter, or by operationId and name with a dot between.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// By schema name.
    #[serde(default)]
    pub schemas: BTreeMap<String, SchemaDocs>,
}

/// Our words for one schema.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaDocs {
    /// What the schema is.
    pub about: String,
    /// By property, where the name does not explain itself.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

impl Docs {
    /// Reads our words.
    ///
    /// # Errors
    /// Says what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_saphyr::from_str(&text)
            .map_err(|error| anyhow!("{}: {}", path.display(), error.to_string().lines().next().unwrap_or_default()))
    }

    /// Every text with the place it is for, so that one without a place can be named.
    fn places(&self) -> BTreeSet<String> {
        let schemas = self.schemas.iter().flat_map(|(name, schema)| {
            let properties =
                schema.properties.keys().map(move |property| format!("schemas.{name}.properties.{property}"));
            std::iter::once(format!("schemas.{name}")).chain(properties)
        });
        let operations = self.operations.keys().map(|id| format!("operations.{id}"));
        let parameters = self.parameters.keys().map(|name| format!("parameters.{name}"));
        schemas.chain(operations).chain(parameters).collect()
    }
}

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let docs = context.docs;
    let mut unused = docs.places();
    let mut hits = 0;
    document.visit_operations(|key, operation| {
        hits += 1;
        unused.remove(&format!("operations.{}", key.id));
        let text = docs.operations.get(&key.id).cloned().unwrap_or_else(|| {
            context.notes.insert(format!("{key}: undocumented, add `operations.{}` to xtask/docs.yaml", key.id));
            format!("`{} {}`", key.method.to_uppercase(), key.path)
        });
        operation.insert("description".to_owned(), Value::from(text));
        describe_parameters(docs, key, operation, &mut unused);
        describe_responses(operation);
        Ok(())
    })?;
    let ids: BTreeSet<String> = document.operations().into_iter().map(|(key, _)| key.id).collect();
    let notes = &mut context.notes;
    visit(document, |place, schema| {
        let Some(inside) = place.strip_prefix("#/components/schemas/") else { return Ok(()) };
        let name = inside.split('/').next().unwrap_or_default();
        let own = docs.schemas.get(name);
        if inside == name {
            unused.remove(&format!("schemas.{name}"));
            let about = own.map(|own| own.about.clone()).or_else(|| wrapper_of(name, &ids)).unwrap_or_else(|| {
                notes.insert(format!("schema {name}: undocumented, add `schemas.{name}` to xtask/docs.yaml"));
                String::new()
            });
            hits += describe(schema, &about);
        }
        let top = inside == name;
        for (property, field) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let text = own.filter(|_| top).and_then(|own| own.properties.get(property));
            unused.remove(&format!("schemas.{name}.properties.{property}"));
            if let Some(field) = field.as_object_mut() {
                hits += describe(field, text.map_or("", String::as_str));
            }
        }
        Ok(())
    })?;
    if let Some(error) = document.root.pointer_mut("/components/responses/Error").and_then(Value::as_object_mut) {
        error.insert("description".to_owned(), Value::from("The request was refused or failed."));
    }
    if !unused.is_empty() {
        let some: Vec<&str> = unused.iter().take(NAMED).map(String::as_str).collect();
        let more = if unused.len() > NAMED { " and others" } else { "" };
        let count = unused.len();
        context.notes.insert(format!("xtask/docs.yaml: {count} texts have no place here: {}{more}", some.join(", ")));
    }
    Ok(hits)
}

/// The wrappers that the naming rule made around bodies and answers explain themselves.
fn wrapper_of(name: &str, ids: &BTreeSet<String>) -> Option<String> {
    let (stem, what) = match name.strip_suffix("Response") {
        Some(stem) => (stem, "The answer of"),
        None => (name.strip_suffix("Request")?, "What is sent by"),
    };
    let id = ids.iter().find(|id| id.to_upper_camel_case() == stem)?;
    Some(format!("{what} `{}`.", id.to_snake_case()))
}

fn describe_parameters(docs: &Docs, key: &OperationKey, operation: &mut Object, unused: &mut BTreeSet<String>) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(parameter) = parameter.as_object_mut() else { continue };
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().trim_end_matches("[]").to_owned();
        let specific = format!("{}.{name}", key.id);
        unused.remove(&format!("parameters.{specific}"));
        unused.remove(&format!("parameters.{name}"));
        let text = docs.parameters.get(&specific).or_else(|| docs.parameters.get(&name)).cloned().unwrap_or_default();
        let limits = parameter.get("schema").and_then(Value::as_object).map(limits).unwrap_or_default();
        let text = sentences(&text, &limits);
        if !text.is_empty() {
            parameter.insert("description".to_owned(), Value::from(text));
        }
    }
}

/// OpenAPI asks for a description of every response; the standard's own phrase is enough.
fn describe_responses(operation: &mut Object) {
    for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        let phrase = status
            .parse()
            .ok()
            .and_then(|code| http::StatusCode::from_u16(code).ok())
            .and_then(|code| code.canonical_reason());
        if let Some(response) = response.as_object_mut().filter(|response| !response.contains_key("$ref")) {
            response.insert("description".to_owned(), Value::from(phrase.unwrap_or("Success")));
        }
    }
}

fn describe(schema: &mut Object, text: &str) -> usize {
    let text = sentences(text, &limits(schema));
    if text.is_empty() {
        return 0;
    }
    // Beside a `$ref` a description would be ignored.
    if let Some(reference) = schema.shift_remove("$ref") {
        schema.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
    schema.insert("description".to_owned(), Value::from(text));
    1
}

fn sentences(text: &str, limits: &str) -> String {
    [text, limits].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The bounds and the server's default of a value, as a person says them.
fn limits(schema: &Object) -> String {
    let mut parts = Vec::new();
    let bounds = schema.get("x-bounds").and_then(Value::as_object);
    let bound = |keyword: &str| bounds.and_then(|bounds| bounds.get(keyword));
    for (low, high, unit) in [
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
        ("minProperties", "maxProperties", " entries"),
        ("minimum", "maximum", ""),
    ] {
        match (bound(low), bound(high)) {
            (Some(low), Some(high)) => parts.push(format!("From {low} to {high}{unit}.")),
            (Some(low), None) => parts.push(format!("At least {low}{unit}.")),
            (None, Some(high)) => parts.push(format!("At most {high}{unit}.")),
            (None, None) => {}
        }
    }
    if let Some(step) = bound("multipleOf") {
        parts.push(format!("A multiple of {step}."));
    }
    if let Some(pattern) = bound("pattern").and_then(Value::as_str) {
        parts.push(format!("Matches `{pattern}`."));
    }
    if bound("uniqueItems") == Some(&Value::Bool(true)) {
        parts.push("Without repetitions.".to_owned());
    }
    match schema.get("x-default") {
        Some(Value::String(text)) => parts.push(format!("The server assumes `{text}`.")),
        Some(value) => parts.push(format!("The server assumes `{value}`.")),
        None => {}
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests;
