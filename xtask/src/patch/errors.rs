//! One error schema for every refusal.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::prose::WORDS;
use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};
use crate::schemas::collect_references;

/// The schema that holds every shape of error body.
pub const ERROR_SCHEMA: &str = "ErrorBody";

/// The shared response that every refusal refers to.
const ERROR_RESPONSE: &str = "Error";

pub const PATCH: Patch = Patch {
    name: "errors",
    why: "One operation answers with several error shapes, and with 429 and 5xx, which are not described; the generator takes one type.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut shapes = Shapes::default();
    for (name, schema) in document.components() {
        if schema.get("x-error") == Some(&Value::Bool(true)) {
            shapes.names.insert(name.clone());
        }
    }
    let mut hits = 0;
    document.visit_operations(|_, operation| {
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
            bail!("it has no responses");
        };
        for (status, response) in responses.iter_mut().filter(|(status, _)| is_refusal(status)) {
            for media in response.get("content").and_then(Value::as_object).into_iter().flat_map(Object::values) {
                shapes.add(media.get("schema"), status)?;
            }
            hits += 1;
        }
        let refusals: Vec<String> = responses.keys().filter(|status| is_refusal(status)).cloned().collect();
        for status in refusals.iter().map(String::as_str).chain(["429", "5XX", "default"]) {
            responses.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{ERROR_RESPONSE}") }));
        }
        Ok(())
    })?;
    let merged = shapes.merge(document)?;
    loosen_parts(document, &merged);
    let components = document.components_mut()?;
    if components.insert(ERROR_SCHEMA.to_owned(), merged).is_some() {
        bail!("the document has a schema named `{ERROR_SCHEMA}` already");
    }
    check_unused(document, &shapes.names)?;
    if let Some(components) = document.root.get_mut("components").and_then(Value::as_object_mut) {
        let schema = crate::document::reference(ERROR_SCHEMA);
        components.insert(
            "responses".to_owned(),
            json!({ ERROR_RESPONSE: { "content": { "application/json": { "schema": schema } } } }),
        );
    }
    Ok(hits)
}

fn is_refusal(status: &str) -> bool {
    status.starts_with(['4', '5']) || status == "default"
}

/// The error shapes that the operations answer with.
#[derive(Default)]
struct Shapes {
    names: BTreeSet<String>,
    inline: Vec<Value>,
}

impl Shapes {
    fn add(&mut self, schema: Option<&Value>, status: &str) -> Result<()> {
        let Some(schema) = schema.and_then(Value::as_object) else { return Ok(()) };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(schema_name) {
            self.names.insert(name.to_owned());
            return Ok(());
        }
        let members = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(*key).and_then(Value::as_array));
        if let Some(members) = members {
            return members.iter().try_for_each(|member| self.add(Some(member), status));
        }
        if schema.contains_key("properties") {
            self.inline.push(Value::Object(schema.clone()));
            return Ok(());
        }
        // A refusal in plain text has no shape to merge.
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => Ok(()),
            other => bail!("its {status} answers with a body of type `{}`", other.unwrap_or("unknown")),
        }
    }

    /// Takes the shapes out of the document and puts all their properties into one object.
    fn merge(&self, document: &mut Document) -> Result<Value> {
        let components = document.components_mut()?;
        let mut schemas = self.inline.clone();
        for name in &self.names {
            let Some(schema) = components.shift_remove(name) else { continue };
            if let Some(key) = ["allOf", "anyOf", "oneOf"].iter().find(|key| schema.get(**key).is_some()) {
                bail!("the error shape `{name}` is put together by `{key}`, of which one object cannot be made");
            }
            schemas.push(schema);
        }
        let mut properties = Object::new();
        for schema in schemas {
            for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let known = properties.insert(name.clone(), property.clone());
                if known.is_some_and(|known| facts(&known) != facts(property)) {
                    bail!("two error shapes disagree about the type of `{name}`");
                }
            }
        }
        Ok(json!({ "type": "object", "x-error": true, "properties": properties }))
    }
}

/// A property without its words.
fn facts(property: &Value) -> Value {
    let mut property = property.clone();
    if let Some(map) = property.as_object_mut() {
        map.retain(|key, _| !WORDS.contains(&key.as_str()));
    }
    property
}

/// What is inside an error may be missing as well: items come without `key`, `value`, `code` or `payload`.
fn loosen_parts(document: &mut Document, merged: &Value) {
    let mut open = Vec::new();
    collect_references(merged, &mut open);
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let schema = document.root.pointer_mut(&format!("/components/schemas/{name}")).and_then(Value::as_object_mut);
        if let Some(schema) = schema {
            schema.shift_remove("required");
            collect_references(&Value::Object(schema.clone()), &mut open);
        }
    }
}

fn check_unused(document: &Document, names: &BTreeSet<String>) -> Result<()> {
    let mut used = Vec::new();
    collect_references(&document.root, &mut used);
    match used.iter().find(|name| names.contains(*name)) {
        Some(name) => bail!("`{name}` is an error shape and is also used elsewhere"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
