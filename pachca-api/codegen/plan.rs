//! Which generator makes an operation callable, and whether one can.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Result, anyhow, bail};
use heck::ToSnakeCase;
use serde_json::Value;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What makes an operation callable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// progenitor.
    Progenitor,
    /// Our generator, because the body is a form with files.
    Multipart,
    /// Our generator, because the request goes to an address that another answer gave.
    ExternalUrl,
    /// Our generator, because the answer is an address to go to.
    Redirect,
    /// Our generator, because the body may be left out.
    OptionalBody,
}

impl fmt::Display for By {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Progenitor => "progenitor",
            Self::Multipart => "multipart",
            Self::ExternalUrl => "external-url",
            Self::Redirect => "redirect",
            Self::OptionalBody => "optional-body",
        })
    }
}

/// What an operation answers when it succeeds.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing.
    Empty,
    /// JSON of this schema.
    Json(Value),
    /// Bytes of another media type.
    Bytes,
    /// An address in the `Location` header.
    Redirect,
}

/// One operation of the document and how it is generated.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The path template.
    pub path: String,
    /// The method in lower case.
    pub method: String,
    /// The operationId.
    pub id: String,
    /// The operation as it stands in the document.
    pub operation: Value,
    /// What it answers.
    pub answer: Answer,
    /// Which generator takes it.
    pub by: By,
}

impl Planned {
    /// The name of the generated method.
    pub fn method_name(&self) -> String {
        self.id.to_snake_case()
    }

    /// The media type and schema of the body, if there is one.
    pub fn body(&self) -> Option<(&str, &Value)> {
        let (media_type, media) = self.operation.pointer("/requestBody/content")?.as_object()?.iter().next()?;
        Some((media_type, media.get("schema")?))
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ({})", self.method.to_uppercase(), self.path, self.id)
    }
}

/// Plans every operation of the document.
///
/// # Errors
/// Names the first operation that neither generator can make, and why.
pub fn plan(document: &Value) -> Result<Vec<Planned>> {
    let mut planned = Vec::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
                let place = format!("{} {path} ({id})", method.to_uppercase());
                let plan = || -> Result<(Answer, By)> {
                    if id.is_empty() {
                        bail!("it has no operationId");
                    }
                    let answer = answer(operation)?;
                    let by = generator(operation, &answer)?;
                    check_path(path, operation)?;
                    check_names(operation)?;
                    Ok((answer, by))
                };
                let (answer, by) = plan().map_err(|reason| anyhow!("{place}: {reason}"))?;
                planned.push(Planned {
                    path: path.clone(),
                    method: method.clone(),
                    id: id.to_owned(),
                    operation: operation.clone(),
                    answer,
                    by,
                });
            }
        }
    }
    Ok(planned)
}

fn generator(operation: &Value, answer: &Answer) -> Result<By> {
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or("?");
        match (parameter.get("in").and_then(Value::as_str), parameter.get("style").and_then(Value::as_str)) {
            (Some("path"), None | Some("simple")) | (Some("query"), None | Some("form")) => {}
            (Some("header"), None | Some("simple")) => {}
            (Some(place), Some(style)) => bail!("its {place} parameter `{name}` has the style `{style}`"),
            (place, None) => bail!("its parameter `{name}` stands in `{}`", place.unwrap_or("nothing")),
            (None, Some(_)) => bail!("its parameter `{name}` does not say where it stands"),
        }
    }
    let external = operation.get("x-external-url").is_some();
    let body = operation.get("requestBody");
    let content = body.and_then(|body| body.get("content")).and_then(Value::as_object);
    let media_types: Vec<&str> = content.into_iter().flatten().map(|(media_type, _)| media_type.as_str()).collect();
    let required = body.and_then(|body| body.get("required")) == Some(&Value::Bool(true));
    let by = match (media_types.as_slice(), required) {
        ([], _) => None,
        (["multipart/form-data"], _) => Some(By::Multipart),
        (["application/json"], true) => None,
        (["application/json"], false) => Some(By::OptionalBody),
        (["application/x-www-form-urlencoded" | "application/octet-stream" | "text/plain"], true) => None,
        ([other], false) => bail!("its body of `{other}` is optional, which is known for JSON only"),
        ([other], true) => bail!("its body is `{other}`, which neither generator can send"),
        (several, _) => bail!("its body comes in several media types: {}", several.join(", ")),
    };
    let by = match (by, external, answer) {
        (Some(by), _, _) => by,
        (None, true, _) => By::ExternalUrl,
        (None, false, Answer::Redirect) => By::Redirect,
        (None, false, _) => return Ok(By::Progenitor),
    };
    match media_types.first() {
        None | Some(&"multipart/form-data" | &"application/json") => Ok(by),
        Some(other) => bail!("its body is `{other}`, which our own generator cannot send"),
    }
}

/// Each place in the path is a whole segment, and a parameter of that name fills it.
fn check_path(path: &str, operation: &Value) -> Result<()> {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let mut filled: Vec<&str> = parameters
        .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("path"))
        .filter_map(|parameter| parameter.get("name").and_then(Value::as_str))
        .collect();
    for segment in path.split('/').filter(|segment| segment.contains(['{', '}'])) {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            bail!("the segment `{segment}` of its path is only in part a parameter");
        };
        let Some(place) = filled.iter().position(|known| *known == name) else {
            bail!("no parameter fills `{{{name}}}` in its path");
        };
        filled.swap_remove(place);
    }
    match filled.first() {
        Some(name) => bail!("its path has no place for the parameter `{name}`"),
        None => Ok(()),
    }
}

/// No two parameters, and none beside the body and the client, get the same setter.
fn check_names(operation: &Value) -> Result<()> {
    // A form is set field by field, which our generator looks at itself.
    let form = operation.pointer("/requestBody/content/multipart~1form-data").is_some();
    let body = operation.get("requestBody").filter(|_| !form).map(|_| "body".to_owned());
    let mut taken: BTreeSet<String> = body.into_iter().chain(["client".to_owned()]).collect();
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_snake_case();
        if let Some(twin) = taken.replace(name) {
            bail!("two things to set would be called `{twin}`");
        }
    }
    Ok(())
}

/// What the success statuses have in common.
fn answer(operation: &Value) -> Result<Answer> {
    let mut found: Option<(&str, Answer)> = None;
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let answer = match status.as_bytes().first() {
            Some(b'2') => content_of(response).map_err(|reason| anyhow!("its {status} {reason}"))?,
            Some(b'3') => Answer::Redirect,
            Some(b'1') => bail!("it answers {status}, which no generator knows"),
            _ => continue,
        };
        match &found {
            Some((other, known)) if *known != answer => {
                bail!("it succeeds in two ways: what {other} answers is not what {status} answers")
            }
            _ => found = Some((status, answer)),
        }
    }
    found.map(|(_, answer)| answer).ok_or_else(|| anyhow!("it has no answer of success"))
}

fn content_of(response: &Value) -> Result<Answer> {
    let content = response.get("content").and_then(Value::as_object);
    let entries: Vec<(&String, &Value)> = content.into_iter().flatten().collect();
    match entries.as_slice() {
        [] => Ok(Answer::Empty),
        [(media_type, media)] if media_type.starts_with("application/json") => {
            Ok(Answer::Json(media.get("schema").cloned().unwrap_or_default()))
        }
        entries if entries.iter().any(|(media_type, _)| media_type.starts_with("application/json")) => {
            bail!("answers in several media types, JSON among them")
        }
        _ => Ok(Answer::Bytes),
    }
}
