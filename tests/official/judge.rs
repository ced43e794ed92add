//! One request against the official description, as it stands.

use std::collections::BTreeMap;

use pachca_tests::Recorded;
use serde_json::Value;

use super::differences::{Difference, Finding};
use super::form::{self, Ordered};
use super::schema;
use super::table::document::{operations, resolve};

/// Headers that HTTP itself or its clients send; the description declares none.
const USUAL_HEADERS: [&str; 6] =
    ["accept", "content-length", "content-type", "host", "transfer-encoding", "user-agent"];

/// The official description, once as values and once in the order of its file.
pub struct Official {
    pub description: Value,
    pub order: Ordered,
    /// The path of the API on the recording server.
    pub base_path: String,
}

/// An operation with the values of its path parameters.
struct Met<'d> {
    method: String,
    path: &'d str,
    definition: &'d Value,
    values: Vec<(&'d str, String)>,
}

impl Official {
    /// Everything about a request that the description does not allow, with the operation that it was for.
    pub async fn judge(&self, request: &Recorded) -> (String, Vec<Finding>) {
        let Some(met) = self.operation(request) else {
            let what = format!("{} {}", request.method, request.path);
            return (what, vec![Finding::mistake("there is no such operation")]);
        };
        let mut findings = Vec::new();
        if request.path != format!("{}{}", self.base_path, met.path) && is_elsewhere(met.definition) {
            findings.push(Finding::known(Difference::UploadAddress, format!("it is sent to {}", request.path)));
        }
        self.path(&met, &mut findings);
        self.query(met.definition, &request.query, &mut findings);
        self.headers(met.definition, request, &mut findings);
        self.body(met.definition, request, &mut findings).await;
        (format!("{} {}", met.method, met.path), findings)
    }

    /// The operation that a request is for: by method and path, or by being sent elsewhere.
    fn operation(&self, request: &Recorded) -> Option<Met<'_>> {
        let path = request.path.strip_prefix(&self.base_path);
        let found = operations(&self.description).into_iter().filter(|(method, ..)| *method == request.method);
        let mut found: Vec<Met<'_>> = found
            .filter_map(|(method, template, definition)| {
                let values = match path {
                    Some(path) => values(template, path)?,
                    None => is_elsewhere(definition).then(Vec::new)?,
                };
                Some(Met { method, path: template, definition, values })
            })
            .collect();
        // A literal segment wins over a parameter.
        found.sort_by_key(|met| met.values.len());
        found.into_iter().next()
    }

    fn path(&self, met: &Met<'_>, findings: &mut Vec<Finding>) {
        for (name, text) in &met.values {
            match parameters(met.definition, "path").get(name) {
                Some(parameter) => findings.extend(self.value(parameter, text, &format!("path parameter {name}"))),
                None => findings.push(Finding::mistake(format!("the path parameter {name} is not declared"))),
            }
        }
    }

    fn query(&self, definition: &Value, query: &str, findings: &mut Vec<Finding>) {
        let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            sent.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        let declared = parameters(definition, "query");
        for (name, texts) in &sent {
            let place = format!("query parameter {name}");
            let bare = name.strip_suffix("[]").unwrap_or(name);
            let Some(parameter) = declared.get(bare) else {
                findings.push(Finding::mistake(format!("the {place} is not declared")));
                continue;
            };
            let schema = resolve(&self.description, parameter.get("schema").unwrap_or(&Value::Null));
            if schema.get("type") == Some(&Value::from("array")) {
                findings.push(match bare == name {
                    // The description would have it so, but then the server reads one value or none.
                    true => Finding::mistake(format!("the {place} is a list without brackets")),
                    false => Finding::known(Difference::BracketedLists, format!("the {place} has brackets")),
                });
                let items = resolve(&self.description, schema.get("items").unwrap_or(&Value::Null));
                let list = texts.iter().map(|text| typed(items, text)).collect();
                findings.extend(schema::judge(&self.description, schema, &Value::Array(list), &place));
            } else if let ([text], true) = (texts.as_slice(), bare == name) {
                findings.extend(self.value(parameter, text, &place));
            } else {
                findings.push(Finding::mistake(format!("the {place} takes one value")));
            }
        }
        for (name, parameter) in declared {
            let sent = sent.contains_key(name) || sent.contains_key(&format!("{name}[]"));
            if !sent && parameter.get("required") == Some(&Value::Bool(true)) {
                findings.push(Finding::mistake(format!("the query parameter {name} is required")));
            }
        }
    }

    /// Compares the text of a parameter with its schema.
    fn value(&self, parameter: &Value, text: &str, place: &str) -> Vec<Finding> {
        let schema = resolve(&self.description, parameter.get("schema").unwrap_or(&Value::Null));
        schema::judge(&self.description, schema, &typed(schema, text), place)
    }

    fn headers(&self, definition: &Value, request: &Recorded, findings: &mut Vec<Finding>) {
        for name in request.headers.keys().map(|name| name.as_str()) {
            if name != "authorization" && !USUAL_HEADERS.contains(&name) {
                findings.push(Finding::mistake(format!("the header {name} is not declared")));
            }
        }
        let open = definition.pointer("/x-requirements/auth") == Some(&Value::Bool(false));
        let token = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        match token {
            Some(_) if open => findings.push(Finding::mistake("the token must not be sent here")),
            None if !open => findings.push(Finding::mistake("the token is missing")),
            Some(token) if !token.starts_with("Bearer ") => findings.push(Finding::mistake("the token is no bearer")),
            _ => {}
        }
    }

    async fn body(&self, definition: &Value, request: &Recorded, findings: &mut Vec<Finding>) {
        let Some(content) = definition.pointer("/requestBody/content").and_then(Value::as_object) else {
            if !request.body.is_empty() {
                findings.push(Finding::mistake("it takes no body"));
            }
            return;
        };
        let kind = request.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        let Some(schema) = content.get(kind).and_then(|media| media.get("schema")) else {
            findings.push(Finding::mistake(format!("it takes no body of the type `{kind}`")));
            return;
        };
        if kind == "multipart/form-data" {
            findings.extend(form::judge(&self.description, &self.order, schema, request).await);
            return;
        }
        match serde_json::from_slice(&request.body) {
            Ok(body) => findings.extend(schema::judge(&self.description, schema, &body, "body")),
            Err(error) => findings.push(Finding::mistake(format!("the body is not JSON: {error}"))),
        }
    }
}

/// Whether an operation stands for an address outside of the API.
fn is_elsewhere(definition: &Value) -> bool {
    definition.get("x-external-url").is_some()
}

/// The declared parameters of one place, by name.
fn parameters<'d>(definition: &'d Value, place: &str) -> BTreeMap<&'d str, &'d Value> {
    let parameters = definition.get("parameters").and_then(Value::as_array).into_iter().flatten();
    parameters
        .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some(place))
        .filter_map(|parameter| Some((parameter.get("name")?.as_str()?, parameter)))
        .collect()
}

/// The values of a template's parameters, if a path is of that template.
fn values<'d>(template: &'d str, path: &str) -> Option<Vec<(&'d str, String)>> {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    if template.len() != path.len() {
        return None;
    }
    let mut values = Vec::new();
    for (expected, found) in template.into_iter().zip(path) {
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => values.push((name, found.to_owned())),
            None if expected == found => {}
            None => return None,
        }
    }
    Some(values)
}

/// The value that a text stands for; one of the wrong type stays a text, and is then refused.
fn typed(schema: &Value, text: &str) -> Value {
    let as_text = || Value::from(text);
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Some("number") => text.parse::<f64>().map_or_else(|_| as_text(), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| as_text(), Value::from),
        _ => as_text(),
    }
}
