//! The committed description, as the tests read it.

use std::path::{Path, PathBuf};

use pachca_api::reqwest::StatusCode;
use serde_json::Value;

/// The folder that holds the workspace.
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a description.
///
/// # Errors
/// When the file cannot be read or is not YAML.
pub fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_saphyr::from_str(&text).map_err(|error| format!("cannot parse {}: {error}", path.display()))
}

/// Every operation of a description, as method in upper case, path and definition.
pub fn operations(description: &Value) -> Vec<(String, &str, &Value)> {
    let paths = description.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(method, it)| (path, method, it)))
        .filter(|(_, method, _)| {
            ["get", "put", "post", "delete", "patch", "head", "options"].contains(&method.as_str())
        })
        .map(|(path, method, definition)| (method.to_uppercase(), path.as_str(), definition))
        .collect()
}

/// One operation.
pub fn operation<'d>(description: &'d Value, method: &str, path: &str) -> Option<&'d Value> {
    description.get("paths")?.get(path)?.get(method.to_lowercase())
}

/// Whether the description has this status for an operation.
pub fn is_documented(description: &Value, method: &str, path: &str, status: StatusCode) -> bool {
    let definition = operation(description, method, path);
    definition.and_then(|it| it.get("responses")?.get(status.as_str())).is_some()
}

/// Follows a `$ref`, and an `allOf` of one member, to the schema that is meant.
pub fn resolve<'d>(description: &'d Value, schema: &'d Value) -> &'d Value {
    let mut schema = schema;
    // A chain is short; the bound keeps a circle from hanging the test.
    for _ in 0..8 {
        let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([member]) => member,
            _ => schema,
        };
        let target = member.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        match target.and_then(|target| description.pointer(target)) {
            Some(target) => schema = target,
            None => return member,
        }
    }
    schema
}
