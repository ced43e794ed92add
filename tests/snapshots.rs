//! The API in four lists, so that a change of it is a diff to review: `cargo insta review`, or
//! `INSTA_UPDATE=always cargo test -p pachca-tests --test snapshots` and git.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pachca_api::Operation;
use pachca_api::catalog::Type;
use schemars::SchemaGenerator;
use serde_json::{Map, Value};

/// Compares a list with the one under its name in `tests/snapshots/`.
fn review(name: &str, about: &str, lines: &[String]) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, description => about }, {
        insta::assert_snapshot!(name, lines.join("\n"));
    });
}

#[test]
fn operations() {
    let document: Value = pachca_tests::read_yaml(pachca_tests::DESCRIPTION).unwrap();
    let mut operations: Vec<&Operation> = Operation::all().iter().collect();
    operations.sort_by_key(|operation| (operation.path, operation.method));
    let lines: Vec<String> = operations
        .into_iter()
        .map(|operation| {
            let described = &document["paths"][operation.path][operation.method.to_lowercase()];
            let mut line = format!("{} {}  {}", operation.method, operation.path, operation.name);
            write!(line, "({}) {}", parameters(described), exchange(described)).unwrap();
            let scope = operation.scope.map(|scope| format!("scope {scope}"));
            let plan = operation.plan.map(|plan| format!("plan {plan}"));
            let token = (!operation.authenticated).then(|| "no token".to_owned());
            let paginated = operation.paginated.then(|| "paginated".to_owned());
            for part in [scope, plan, token, paginated].into_iter().flatten() {
                write!(line, "  {part}").unwrap();
            }
            line
        })
        .collect();
    review("operations", "METHOD path  method(parameters) body -> status answer  scope  plan  paginated", &lines);
}

/// The parameters in their order; `?` says that one may be left out.
fn parameters(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let optional = if parameter["required"] == true { "" } else { "?" };
        format!("{}{optional}: {}", parameter["name"].as_str().unwrap(), shape(&parameter["schema"]))
    });
    parameters.collect::<Vec<_>>().join(", ")
}

/// The body and the answers of a call that succeeds.
fn exchange(operation: &Value) -> String {
    let content = |holder: &Value| {
        let content = holder["content"].as_object().into_iter().flatten();
        let shapes = content.map(|(kind, media)| match kind.as_str() {
            "application/json" => shape(&media["schema"]),
            other => format!("{other} {}", shape(&media["schema"])),
        });
        shapes.collect::<Vec<_>>().join(" or ")
    };
    let body = &operation["requestBody"];
    let optional = if body.is_object() && body["required"] != true { "?" } else { "" };
    let answers = operation["responses"].as_object().unwrap().iter();
    let answers = answers.filter(|(status, _)| status.starts_with(['2', '3'])).map(|(status, answer)| {
        let headers = answer["headers"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
        let parts = [status.clone(), content(answer)].into_iter().chain(headers);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    });
    format!("{}{optional} -> {}", content(body), answers.collect::<Vec<_>>().join(" or ")).trim_start().to_owned()
}

/// What kind of type a schema is of.
#[derive(PartialEq, Eq)]
enum Kind {
    Enum,
    Union,
    Other,
}

/// The schemas of the Rust types of a kind, by name.
fn types(kind: &Kind) -> Vec<(String, Value)> {
    let mut generator = SchemaGenerator::default();
    let all = Type::all().iter().map(|entry| (entry.name().to_owned(), entry.schema(&mut generator).to_value()));
    let kind_of = |schema: &Value| match alternatives(schema) {
        [values, _] if values.get("enum").is_some() => Kind::Enum,
        [.., Value::Bool(true)] => Kind::Union,
        _ => Kind::Other,
    };
    all.filter(|(_, schema)| kind_of(schema) == *kind).collect()
}

fn alternatives(schema: &Value) -> &[Value] {
    schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn schemas() {
    let mut lines = Vec::new();
    for (name, schema) in types(&Kind::Other) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            lines.push(format!("{name}: {}", shape(&schema)));
            continue;
        };
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        // serde_json sorts them or keeps their order, as the other crates of the build want it.
        for (property, schema) in properties.iter().collect::<BTreeMap<_, _>>() {
            let optional = if required.iter().any(|name| name == property) { "" } else { "?" };
            lines.push(format!("{name}.{property}{optional}: {}", shape(schema)));
        }
        if properties.is_empty() {
            lines.push(format!("{name}: {{}}"));
        }
    }
    review("schemas", "Type.property: type of the Rust types; `?` after a name: may be missing", &lines);
}

#[test]
fn enums() {
    let lines = types(&Kind::Enum).into_iter().flat_map(|(name, schema)| {
        let values = alternatives(&schema)[0]["enum"].as_array().unwrap().clone();
        values.into_iter().map(move |value| format!("{name}: {}", value.as_str().unwrap())).collect::<Vec<_>>()
    });
    review("enums", "Enum: known value; every enum keeps other values as well", &lines.collect::<Vec<_>>());
}

#[test]
fn unions() {
    let lines = types(&Kind::Union).into_iter().flat_map(|(name, schema)| {
        let members = alternatives(&schema).split_last().unwrap().1.to_vec();
        members.into_iter().map(move |member| format!("{name}: {}", shape(&member))).collect::<Vec<_>>()
    });
    review("unions", "Union: known member; every union keeps other members as raw JSON", &lines.collect::<Vec<_>>());
}

/// A schema in one line.
fn shape(schema: &Value) -> String {
    let Some(fields) = schema.as_object() else { return "anything".to_owned() };
    if let Some(path) = fields.get("$ref").and_then(Value::as_str) {
        return path.rsplit('/').next().unwrap().to_owned();
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(members) = fields.get(key).and_then(Value::as_array) {
            return members.iter().map(shape).collect::<Vec<_>>().join(" | ");
        }
    }
    match fields.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().map(|kind| plain(kind, fields)).collect::<Vec<_>>().join(" | "),
        Some(kind) => plain(kind, fields),
        None => "anything".to_owned(),
    }
}

/// One type with what is inside it.
fn plain(kind: &Value, fields: &Map<String, Value>) -> String {
    let kind = kind.as_str().unwrap();
    match (kind, fields.get("format").and_then(Value::as_str)) {
        ("array", _) => format!("[{}]", shape(&fields["items"])),
        ("object", _) => match fields.get("additionalProperties") {
            Some(values) => format!("{{string: {}}}", shape(values)),
            None => "object".to_owned(),
        },
        ("null", _) | (_, None) => kind.to_owned(),
        (_, Some(format)) => format.to_owned(),
    }
}
