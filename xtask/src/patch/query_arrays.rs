//! `names` in a query becomes `names[]`, one pair for each value.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};
use crate::schemas::type_of;

pub const PATCH: Patch = Patch {
    name: "query-arrays",
    why: "The server reads `names[]=a&names[]=b`; of plain repeated or comma-joined values it would keep one.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let components = document.components().clone();
    let mut hits = 0;
    document.visit_operations(|_, operation| {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(parameter) = parameter.as_object_mut() else { continue };
            if parameter.get("in").and_then(Value::as_str) != Some("query") {
                continue;
            }
            let Some(array) = array_of(parameter.get("schema"), &components) else { continue };
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            if !name.ends_with("[]") {
                parameter.insert("name".to_owned(), Value::from(format!("{name}[]")));
            }
            parameter.insert("schema".to_owned(), array);
            parameter.insert("style".to_owned(), Value::from("form"));
            parameter.insert("explode".to_owned(), Value::Bool(true));
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}

/// The array that a schema is or refers to, written out: a named array would become a type of its own.
fn array_of(schema: Option<&Value>, components: &Object) -> Option<Value> {
    let schema = schema?.as_object()?;
    if type_of(schema) == Some("array") {
        return Some(Value::Object(schema.clone()));
    }
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member.get("$ref"),
        _ => schema.get("$ref"),
    };
    let target = components.get(schema_name(member?.as_str()?)?)?;
    array_of(Some(target), components)
}
