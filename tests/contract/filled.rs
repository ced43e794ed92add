//! Whether everything that the description knows of was really sent.
//!
//! The rows say that they fill everything; this reads the description and what the server recorded, and knows no row.

use pachca_tests::Recorded;
use serde_json::Value;

use super::document::{operations, resolve};

/// Every parameter and property that no request of its operation carried along with all the others.
pub fn missing(description: &Value, requests: &[Recorded]) -> Vec<String> {
    let mut missing = Vec::new();
    for (method, path, definition) in operations(description) {
        // The fullest request counts: a row may have asked for a cursor first, or looked again after a deletion.
        let lacks = requests
            .iter()
            .filter(|request| is_for(definition, request))
            .map(|request| lacks(description, definition, request))
            .min_by_key(Vec::len);
        let lacks = lacks.unwrap_or_else(|| vec!["any request".to_owned()]);
        missing.extend(lacks.into_iter().map(|what| format!("{method} {path}: {what}")));
    }
    missing
}

/// Whether a request was one of an operation.
fn is_for(definition: &Value, request: &Recorded) -> bool {
    match &request.operation {
        Some(id) => definition.get("operationId").and_then(Value::as_str) == Some(id),
        // What goes to another address is known by its form.
        None => definition.get("x-external-url").is_some() && content_type(request).starts_with("multipart/form-data"),
    }
}

fn content_type(request: &Recorded) -> &str {
    request.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What one request did not carry.
fn lacks(description: &Value, definition: &Value, request: &Recorded) -> Vec<String> {
    let query: Vec<String> = query_names(&request.query);
    let parameters = definition.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let declared = parameters
        .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("query"))
        .filter_map(|parameter| parameter.get("name")?.as_str());
    let mut lacks: Vec<String> =
        declared.filter(|name| !query.iter().any(|sent| sent == name)).map(|name| format!("query {name}")).collect();
    let content = definition.pointer("/requestBody/content").and_then(Value::as_object);
    for (kind, media) in content.into_iter().flatten() {
        let schema = media.get("schema").unwrap_or(&Value::Null);
        if kind == "multipart/form-data" {
            lacks.extend(parts(description, schema, request));
        } else {
            let body = serde_json::from_slice(&request.body).unwrap_or_default();
            unfilled(description, schema, &[&body], "body", &mut lacks);
        }
    }
    lacks
}

fn query_names(query: &str) -> Vec<String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).collect()
}

/// The fields of a form that were not sent.
fn parts(description: &Value, schema: &Value, request: &Recorded) -> Vec<String> {
    let body = String::from_utf8_lossy(&request.body);
    let properties = resolve(description, schema).get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter(|(name, _)| !body.contains(&format!("form-data; name=\"{name}\"")))
        .map(|(name, _)| format!("form field {name}"))
        .collect()
}

/// Walks a schema along the values that were sent for it. All the items of a list count as one: a button has either
/// an address or data, and a form has blocks of every kind.
fn unfilled(description: &Value, schema: &Value, values: &[&Value], place: &str, lacks: &mut Vec<String>) {
    let schema = resolve(description, schema);
    for members in ["oneOf", "anyOf"].iter().filter_map(|key| schema.get(key)?.as_array()) {
        for member in members {
            let member = resolve(description, member);
            let own: Vec<&Value> =
                values.iter().copied().filter(|value| has_tags(description, member, value)).collect();
            let tag = member.pointer("/properties/type").map(|tag| resolve(description, tag));
            let tag = tag.and_then(|tag| tag.pointer("/enum/0")).and_then(Value::as_str).unwrap_or("?");
            let place = format!("{place}<{tag}>");
            if own.is_empty() {
                lacks.push(place);
            } else {
                unfilled(description, member, &own, &place, lacks);
            }
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let place = format!("{place}.{name}");
        let inner: Vec<&Value> = values.iter().filter_map(|value| value.get(name)).filter(|it| !it.is_null()).collect();
        if inner.is_empty() {
            lacks.push(place);
        } else {
            unfilled(description, property, &inner, &place, lacks);
        }
    }
    if let Some(items) = schema.get("items") {
        let inner: Vec<&Value> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
        within(description, items, &inner, &format!("{place}[]"), lacks);
    }
    if let Some(inner) = schema.get("additionalProperties").filter(|inner| inner.is_object()) {
        let values: Vec<&Value> =
            values.iter().filter_map(|value| value.as_object()).flat_map(|it| it.values()).collect();
        within(description, inner, &values, &format!("{place}{{}}"), lacks);
    }
}

/// The items of a list or the values of a map, of which there must be one.
fn within(description: &Value, schema: &Value, values: &[&Value], place: &str, lacks: &mut Vec<String>) {
    if values.is_empty() {
        lacks.push(place.to_owned());
    } else {
        unfilled(description, schema, values, place, lacks);
    }
}

/// Whether a value is of a union's member: every property with a fixed set of values has one of them.
fn has_tags(description: &Value, member: &Value, value: &Value) -> bool {
    let properties = member.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter_map(|(name, property)| Some((name, resolve(description, property).get("enum")?.as_array()?)))
        .all(|(name, allowed)| value.get(name).is_some_and(|value| allowed.contains(value)))
}
