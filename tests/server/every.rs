//! Every operation of the description, called once with a body made from its schema.

use std::error::Error;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};

use super::{Conversation, Outcome, description};

/// A value with every declared field, for a schema of a request.
fn full(root: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return full(root, root.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null));
    }
    for group in ["allOf", "anyOf"] {
        if let Some(member) = schema[group].get(0) {
            return full(root, member);
        }
    }
    if let Some(value) = schema["enum"].get(0) {
        return value.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            let fields = properties.iter().map(|(name, property)| (name.clone(), full(root, property)));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
        (Some("array"), _) => json!([full(root, &schema["items"])]),
        (Some("integer"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        (_, Some("date-time")) => json!("2026-04-01T10:00:00.000Z"),
        (_, Some("date")) => json!("2026-04-01"),
        _ => json!("text.txt"),
    }
}

/// The path with ids of things that are there.
fn fill(talk: &Conversation, template: &str) -> String {
    let mut path = String::new();
    let mut item = Value::Null;
    for segment in template.split('/').skip(1) {
        let id = match segment.starts_with('{') {
            false => json!(segment),
            true if item.is_null() => {
                // The last, so that the caller, who is first, is not deleted.
                item = talk.server.items(&path).last().cloned().unwrap_or_default();
                item["id"].clone()
            }
            true => {
                let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches('s');
                item[format!("{name}_ids")][0].clone()
            }
        };
        path = format!("{path}/{}", id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    }
    path
}

#[tokio::test]
async fn every_writing_operation_answers_as_described() -> Outcome {
    let talk = Conversation::start().await?;
    let root = description()?;
    let mut tried = 0;
    // What is deleted can't be tried any more, so that comes last, and parts before what they are part of.
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let mut paths: Vec<_> = root["paths"].as_object().ok_or("no paths")?.iter().collect();
        if method == Method::DELETE {
            paths.reverse();
        }
        for (template, item) in paths {
            let operation = &item[method.as_str().to_ascii_lowercase()];
            if operation.is_null() || operation.get("x-external-url").is_some() {
                continue;
            }
            call(&talk, &root, &method, template, operation).await?;
            tried += 1;
        }
    }
    assert!(tried > 30, "only {tried} operations were tried");
    Ok(())
}

async fn call(
    talk: &Conversation,
    root: &Value,
    method: &Method,
    template: &str,
    operation: &Value,
) -> Result<(), Box<dyn Error>> {
    let path = fill(talk, template);
    let mut request = talk.request(method.clone(), &path);
    let content = &operation["requestBody"]["content"];
    if let Some(schema) = content["application/json"].get("schema") {
        request = request.json(&full(root, schema));
    } else if content["multipart/form-data"].is_object() {
        request = request.multipart(Form::new().part("image", Part::bytes(b"png".as_slice()).file_name("a.png")));
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] == "query" {
            let (name, value) = (parameter["name"].as_str().unwrap_or_default(), full(root, &parameter["schema"]));
            request = request.query(&[(name, value.as_str())]);
        }
    }
    let response = request.send().await?;
    let (status, text) = (response.status().as_u16(), response.text().await?);
    let documented = operation["responses"].get(status.to_string()).is_some();
    assert!(documented && status < 400, "{method} {path}: {status} {text}");
    Ok(())
}
