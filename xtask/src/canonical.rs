//! One way to write a document, so that a second run changes nothing and a diff of the file is a diff of the API.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::codegen;
use crate::document::Object;

/// The order of the keys that OpenAPI defines; others follow in alphabetical order.
const KEY_ORDER: [&str; 45] = [
    "openapi",
    "info",
    "servers",
    "security",
    "tags",
    "paths",
    "components",
    "title",
    "name",
    "in",
    "operationId",
    "summary",
    "description",
    "version",
    "url",
    "required",
    "style",
    "explode",
    "parameters",
    "requestBody",
    "responses",
    "headers",
    "content",
    "schema",
    "schemas",
    "securitySchemes",
    "$ref",
    "type",
    "format",
    "nullable",
    "deprecated",
    "readOnly",
    "writeOnly",
    "enum",
    "default",
    "allOf",
    "anyOf",
    "oneOf",
    "discriminator",
    "properties",
    "items",
    "additionalProperties",
    "scheme",
    "bearerFormat",
    "x-bounds",
];

/// The head of the written file.
const HEADER: &str = "# Written by `cargo xtask regen`; changes by hand are lost and fail its `--check`.\n";

/// The canonical text of a document.
///
/// # Errors
/// When the text would not read back as the same document.
pub fn write(root: &Value) -> Result<String> {
    let mut root = root.clone();
    arrange(&mut root, Kind::Keywords);
    let text = serde_saphyr::to_string(&root).context("the document cannot be written as YAML")?;
    let back = codegen::parse(&text).context("what was written is not YAML")?;
    if back != root {
        bail!("what was written does not read back as the same document");
    }
    Ok(format!("{HEADER}{text}"))
}

/// What the keys of a mapping are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Words of the OpenAPI standard.
    Keywords,
    /// Names without an order of their own: paths, schemas, statuses.
    Names,
    /// Names whose order is a fact: the fields of a form are sent in it.
    Fields,
}

fn arrange(value: &mut Value, kind: Kind) {
    match value {
        Value::Object(map) => {
            if kind != Kind::Fields {
                sort(map, kind);
            }
            for (key, value) in map.iter_mut() {
                let inner = match (kind, key.as_str()) {
                    (Kind::Names | Kind::Fields, _) => Kind::Keywords,
                    (_, "properties") => Kind::Fields,
                    (_, "paths" | "schemas" | "responses" | "content" | "headers" | "securitySchemes") => Kind::Names,
                    _ => Kind::Keywords,
                };
                // A set is written in one order; the values of an enum keep theirs.
                if kind == Kind::Keywords
                    && key == "required"
                    && let Some(names) = value.as_array_mut()
                {
                    names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                }
                arrange(value, inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| arrange(item, Kind::Keywords)),
        _ => {}
    }
}

fn sort(map: &mut Object, kind: Kind) {
    let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
    let rank = |key: &str| match kind {
        Kind::Keywords => KEY_ORDER.iter().position(|known| *known == key).unwrap_or(KEY_ORDER.len()),
        Kind::Names | Kind::Fields => 0,
    };
    entries.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    map.extend(entries);
}
