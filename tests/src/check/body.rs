//! The body: there when it must be, of a declared kind, and valid.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{form, query, violation};
use crate::operation::{Body, Content, Operation};
use crate::refusal::{BrokenRule, Refusal};
use crate::schema::Object;

/// A body that passed the checks.
#[derive(Debug, Default)]
pub struct Sent {
    /// The fields that are not files.
    pub json: Value,
    /// The files, under the names of their fields.
    pub files: BTreeMap<String, File>,
}

/// A file in a form.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub content: Bytes,
}

/// Reads the body.
pub async fn check(operation: &Operation, headers: &HeaderMap, bytes: &Bytes) -> Result<Option<Sent>, Refusal> {
    let status = operation.status(&[400, 422]);
    let refuse =
        |status, code, message: String| Refusal::fault(status, BrokenRule::new(code, "base", Value::Null, message));
    let Some(body) = &operation.body else {
        return match bytes.is_empty() {
            true => Ok(None),
            false => Err(refuse(status, "wrong_params", format!("{} takes no body", operation.id))),
        };
    };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if bytes.is_empty() && essence != "application/x-www-form-urlencoded" {
        return match body.required {
            true => Err(refuse(status, "required", format!("{} needs a body", operation.id))),
            false => Ok(None),
        };
    }
    let Some(content) = body.content.get(&essence) else {
        return Err(refuse(415, "wrong_params", wrong_kind(&essence, body)));
    };
    let sent = match essence.as_str() {
        "multipart/form-data" => multipart(content, headers, bytes).await,
        "application/x-www-form-urlencoded" => urlencoded(content, bytes),
        _ => serde_json::from_slice(bytes)
            .map(|json| Sent { json, files: BTreeMap::new() })
            .map_err(|error| format!("The body is not valid JSON: {error}")),
    };
    let sent = sent.map_err(|message| refuse(status, "wrong_params", message))?;
    judge(operation, content, &sent)?;
    Ok(Some(sent))
}

fn wrong_kind(essence: &str, body: &Body) -> String {
    let declared: Vec<&str> = body.content.keys().map(String::as_str).collect();
    let declared = declared.join("` or `");
    match essence {
        "" => format!("The Content-Type is missing; `{declared}` is declared"),
        _ => format!("The Content-Type `{essence}` is not declared; `{declared}` is"),
    }
}

/// Judges the body by its schema, in which a file counts as a text.
fn judge(operation: &Operation, content: &Content, sent: &Sent) -> Result<(), Refusal> {
    let mut whole = sent.json.clone();
    if let Some(whole) = whole.as_object_mut() {
        whole.extend(sent.files.iter().map(|(name, file)| (name.clone(), json!(file.name))));
    }
    let errors: Vec<_> = content.validator.iter_errors(&whole).collect();
    let faults: Vec<BrokenRule> = errors.iter().map(violation::fault).collect();
    if !faults.is_empty() {
        let bounds_only = errors.iter().all(violation::is_bound);
        let status = operation.status(if bounds_only { &[422, 400] } else { &[400, 422] });
        return Err(Refusal::faults(status, &faults));
    }
    match extension_mismatch(&whole, "") {
        Some(fault) => Err(Refusal::fault(operation.status(&[422, 400]), fault)),
        None => Ok(()),
    }
}

async fn multipart(content: &Content, headers: &HeaderMap, bytes: &Bytes) -> Result<Sent, String> {
    let mut sent = Sent { json: json!({}), files: BTreeMap::new() };
    for part in form::parts(headers, bytes.clone()).await? {
        let binary = content.property(&part.name).is_some_and(|schema| is_binary(&schema));
        let name = part.name;
        let known = sent.files.contains_key(&name) || sent.json.get(&name).is_some();
        if known {
            return Err(format!("The field `{name}` is there twice"));
        }
        match part.file_name {
            Some(file) if binary && !file.is_empty() => {
                sent.files.insert(name, File { name: file, content: part.content });
            }
            None if binary => return Err(format!("The field `{name}` must be a file with a file name")),
            Some(_) if binary => return Err(format!("The file of the field `{name}` has an empty file name")),
            Some(_) if content.property(&name).is_some() => {
                return Err(format!("The field `{name}` must not be a file"));
            }
            _ => {
                let text =
                    String::from_utf8(part.content.to_vec()).map_err(|_| format!("The field `{name}` is not UTF-8"))?;
                insert(content, &mut sent.json, &name, &text)?;
            }
        }
    }
    Ok(sent)
}

fn urlencoded(content: &Content, bytes: &Bytes) -> Result<Sent, String> {
    let mut json = json!({});
    for (name, text) in form_urlencoded::parse(bytes) {
        let list = name.strip_suffix("[]");
        if list.is_none() && json.get(name.as_ref()).is_some() {
            return Err(format!("The field `{name}` is there twice"));
        }
        match list {
            Some(list) => {
                let items = content.property(list).and_then(|schema| schema.get("items")?.as_object().cloned());
                let value = query::parse(&items.unwrap_or_default(), &text)?;
                match json.get_mut(list).and_then(Value::as_array_mut) {
                    Some(known) => known.push(value),
                    None => json[list] = json!([value]),
                }
            }
            None => insert(content, &mut json, &name, &text)?,
        }
    }
    Ok(Sent { json, files: BTreeMap::new() })
}

fn insert(content: &Content, into: &mut Value, name: &str, text: &str) -> Result<(), String> {
    let schema = content.property(name).unwrap_or_default();
    into[name] = query::parse(&schema, text).map_err(|message| format!("`{name}`: {message}"))?;
    Ok(())
}

fn is_binary(schema: &Object) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
}

/// An attachment's name must end as the key of its upload does; the service refuses others.
fn extension_mismatch(value: &Value, place: &str) -> Option<BrokenRule> {
    match value {
        Value::Object(fields) => {
            if let (Some(Value::String(key)), Some(Value::String(name))) = (fields.get("key"), fields.get("name")) {
                let extension = |text: &str| Some(text.rsplit('/').next()?.rsplit_once('.')?.1.to_owned());
                if extension(key) != extension(name) {
                    let message = format!("The extensions of `key` ({key}) and `name` ({name}) differ");
                    return Some(BrokenRule::new("invalid", format!("{place}name"), json!(name), message));
                }
            }
            fields.iter().find_map(|(name, value)| extension_mismatch(value, &format!("{place}{name}.")))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| extension_mismatch(item, &format!("{place}{index}.")))
        }
        _ => None,
    }
}
