//! A form against its schema: the names, their order, and the file.

use std::collections::BTreeSet;
use std::convert::Infallible;

use futures_util::stream;
use indexmap::IndexMap;
use pachca_tests::Recorded;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::differences::Finding;
use super::table::document::resolve;

/// A description with its maps in the order of the file, which a form must keep.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Ordered {
    Map(IndexMap<String, Ordered>),
    Other(IgnoredAny),
}

impl Ordered {
    fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            Self::Other(_) => None,
        }
    }

    /// The names of a schema's properties, in order.
    fn properties(&self, schema: &Value) -> Vec<String> {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
        let named = name.and_then(|name| self.get("components")?.get("schemas")?.get(name)?.get("properties"));
        match named {
            Some(Self::Map(properties)) => properties.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// One field of a form as it was sent.
struct Part {
    name: String,
    file_name: Option<String>,
}

/// Compares a form with its schema.
pub async fn judge(description: &Value, order: &Ordered, schema: &Value, request: &Recorded) -> Vec<Finding> {
    let parts = match parts(request).await {
        Ok(parts) => parts,
        Err(error) => return vec![Finding::mistake(format!("the form cannot be read: {error}"))],
    };
    let mut findings = Vec::new();
    let resolved = resolve(description, schema);
    let properties = resolved.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let sent: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    if sent.iter().collect::<BTreeSet<_>>().len() != sent.len() {
        findings.push(Finding::mistake(format!("a field of the form is sent twice: {sent:?}")));
    }
    for name in resolved.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !sent.contains(&name) {
            findings.push(Finding::mistake(format!("the form lacks `{name}`")));
        }
    }
    for part in &parts {
        let name = &part.name;
        match properties.get(name).map(|property| property.get("format") == Some(&Value::from("binary"))) {
            None => findings.push(Finding::mistake(format!("the form has no field `{name}`"))),
            Some(is_file) if is_file != part.file_name.is_some() => {
                findings
                    .push(Finding::mistake(format!("`{name}` must have a file name if it is a file, and only then")));
            }
            Some(_) => {}
        }
    }
    let mut declared = order.properties(schema);
    declared.retain(|name| sent.contains(&name.as_str()));
    if properties.len() > 1 && declared != sent {
        findings.push(Finding::mistake(format!("the form is sent in the order {sent:?} instead of {declared:?}")));
    }
    findings
}

async fn parts(request: &Recorded) -> Result<Vec<Part>, multer::Error> {
    let kind = request.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind)?;
    let body = request.body.clone();
    let mut form = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        parts.push(Part { name, file_name: field.file_name().map(str::to_owned) });
    }
    Ok(parts)
}
