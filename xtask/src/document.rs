//! An OpenAPI document as a tree, checked for everything the patches rely on.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use serde_json::{Map, Value};

use crate::codegen;
use crate::source::Source;

/// The methods under which a path item holds operations.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A JSON object.
pub type Object = Map<String, Value>;

/// One operation's place in the document, as it is named in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationKey {
    /// The path template, such as `/chats/{id}`.
    pub path: String,
    /// The method in lower case, as it stands in the document.
    pub method: String,
    /// The operationId.
    pub id: String,
}

impl std::fmt::Display for OperationKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} ({})", self.method.to_uppercase(), self.path, self.id)
    }
}

/// A parsed OpenAPI 3.0 document whose references all resolve and whose operations all have distinct ids.
///
/// Parameters, bodies, responses and headers stand where they are used: shared ones were written out, and
/// those of a path item were given to its operations, so that a rule needs to know one form only.
#[derive(Clone, Debug)]
pub struct Document {
    /// The whole document.
    pub root: Value,
}

impl Document {
    /// Parses and checks a description.
    ///
    /// # Errors
    /// Says what is wrong with the text and where, in one line.
    pub fn parse(source: &Source) -> Result<Self> {
        let origin = &source.origin;
        let root = codegen::parse(&source.text).map_err(|error| {
            let message = error.to_string();
            let line = message.lines().next().unwrap_or_default();
            anyhow!("{origin}: not valid YAML: {}", line.trim_start_matches("error: "))
        })?;
        Self::from_root(root).map_err(|error| anyhow!("{origin}: {error}"))
    }

    /// Checks a tree that was read already.
    ///
    /// # Errors
    /// Says what is wrong with the tree and where, in one line.
    pub fn from_root(root: Value) -> Result<Self> {
        let mut document = Self { root };
        document.check_shape()?;
        document.flatten()?;
        document.check_references()?;
        document.check_operations()?;
        Ok(document)
    }

    fn check_shape(&self) -> Result<()> {
        if !self.root.is_object() {
            bail!("not an OpenAPI description: the text is not a mapping");
        }
        match self.root.get("openapi").and_then(Value::as_str) {
            Some(version) if version.starts_with("3.0.") => {}
            Some(version) => bail!("OpenAPI {version} is not supported, only 3.0.x is (`openapi`)"),
            None => bail!("not an OpenAPI description: `openapi` is missing"),
        }
        for key in ["info", "paths", "components"] {
            if !self.root.get(key).is_some_and(Value::is_object) {
                bail!("`{key}` is missing or not a mapping; the text was probably cut off");
            }
        }
        let server = self.root.pointer("/servers/0/url").and_then(Value::as_str);
        if !server.is_some_and(|url| url.starts_with("http://") || url.starts_with("https://")) {
            bail!("`servers` names no http(s) address; the text was probably cut off");
        }
        if !self.root.pointer("/components/schemas").is_some_and(Value::is_object) {
            bail!("`components.schemas` is missing or not a mapping; the text was probably cut off");
        }
        Ok(())
    }

    /// Writes shared parameters, bodies, responses and headers out where they are used.
    fn flatten(&mut self) -> Result<()> {
        let mut shared = BTreeMap::new();
        if let Some(components) = self.root.get_mut("components").and_then(Value::as_object_mut) {
            for kind in ["parameters", "requestBodies", "responses", "headers"] {
                if let Some(Value::Object(entries)) = components.shift_remove(kind) {
                    for (name, value) in entries {
                        shared.insert(format!("#/components/{kind}/{name}"), value);
                    }
                }
            }
        }
        let Some(paths) = self.root.get_mut("paths").and_then(Value::as_object_mut) else { return Ok(()) };
        for (path, item) in paths {
            let item = item.as_object_mut().ok_or_else(|| anyhow!("paths.{path} is not a mapping"))?;
            if item.contains_key("$ref") {
                bail!("paths.{path}: a path item that is only a `$ref` is not supported");
            }
            let common = match item.shift_remove("parameters") {
                Some(Value::Array(parameters)) => parameters,
                _ => Vec::new(),
            };
            for (method, operation) in item.iter_mut() {
                if !METHODS.contains(&method.as_str()) {
                    continue;
                }
                let place = format!("{} {path}", method.to_uppercase());
                let operation = operation.as_object_mut().ok_or_else(|| anyhow!("{place} is not a mapping"))?;
                if !common.is_empty() {
                    inherit_parameters(operation, &common);
                }
                resolve(operation, &shared, &place)?;
            }
        }
        Ok(())
    }

    fn check_references(&self) -> Result<()> {
        fn walk(value: &Value, place: &str, root: &Value) -> Result<()> {
            match value {
                Value::Object(map) => {
                    if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                        let found = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                        if found.is_none() || schema_name(target).is_none() {
                            bail!("{place}: `$ref` to `{target}`, which is not a schema of this document");
                        }
                    }
                    map.iter().try_for_each(|(key, value)| walk(value, &format!("{place}/{}", escape(key)), root))
                }
                Value::Array(items) => items
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, value)| walk(value, &format!("{place}/{index}"), root)),
                _ => Ok(()),
            }
        }
        walk(&self.root, "#", &self.root)?;
        for name in self.components().keys() {
            // A chain of plain references that is longer than there are schemas is a circle.
            let mut next = Some(name.as_str());
            for _ in 0..=self.components().len() {
                next = next.and_then(|name| self.components().get(name)).and_then(referred);
            }
            if next.is_some() {
                bail!("#/components/schemas/{name}: its `$ref` leads to itself");
            }
        }
        Ok(())
    }

    fn check_operations(&self) -> Result<()> {
        let operations = self.operations();
        if operations.is_empty() {
            bail!("`paths` holds no operation");
        }
        let mut seen: BTreeMap<&str, &OperationKey> = BTreeMap::new();
        for (key, _) in &operations {
            if key.id.is_empty() {
                bail!("{} {} has no operationId", key.method.to_uppercase(), key.path);
            }
            if let Some(other) = seen.insert(&key.id, key) {
                bail!("{key} has the same operationId as {} {}", other.method.to_uppercase(), other.path);
            }
        }
        Ok(())
    }

    /// Every operation with its key, in document order.
    pub fn operations(&self) -> Vec<(OperationKey, &Object)> {
        let paths = self.root.get("paths").and_then(Value::as_object);
        paths
            .into_iter()
            .flatten()
            .flat_map(|(path, item)| {
                item.as_object().into_iter().flatten().map(move |(method, value)| (path, method, value))
            })
            .filter(|(_, method, _)| METHODS.contains(&method.as_str()))
            .filter_map(|(path, method, value)| {
                let operation = value.as_object()?;
                Some((operation_key(path, method, operation), operation))
            })
            .collect()
    }

    /// Calls `visit` on every operation, in document order.
    ///
    /// # Errors
    /// The first error of `visit`, with the operation's name before it.
    pub fn visit_operations(&mut self, mut visit: impl FnMut(&OperationKey, &mut Object) -> Result<()>) -> Result<()> {
        let Some(paths) = self.root.get_mut("paths").and_then(Value::as_object_mut) else { return Ok(()) };
        for (path, item) in paths {
            for (method, value) in item.as_object_mut().into_iter().flatten() {
                if !METHODS.contains(&method.as_str()) {
                    continue;
                }
                if let Some(operation) = value.as_object_mut() {
                    let key = operation_key(path, method, operation);
                    visit(&key, operation).map_err(|error| anyhow!("{key}: {error:#}"))?;
                }
            }
        }
        Ok(())
    }

    /// The named schemas.
    pub fn components(&self) -> &Object {
        static EMPTY: std::sync::LazyLock<Object> = std::sync::LazyLock::new(Object::new);
        self.root.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&EMPTY)
    }

    /// The named schemas, for changing.
    ///
    /// # Errors
    /// When the document has none, which [`Document::parse`] does not let pass.
    pub fn components_mut(&mut self) -> Result<&mut Object> {
        self.root
            .pointer_mut("/components/schemas")
            .and_then(Value::as_object_mut)
            .ok_or_else(|| anyhow!("`components.schemas` is missing"))
    }
}

/// The schema that a `$ref` names, if it names one.
pub fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/").filter(|name| !name.contains('/'))
}

/// The schema that a schema is only another name of, directly or by the one member of an `allOf`.
pub fn referred(schema: &Value) -> Option<&str> {
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member,
        _ => schema,
    };
    schema_name(member.get("$ref")?.as_str()?)
}

/// A reference to a named schema.
pub fn reference(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A key as it stands in a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn operation_key(path: &str, method: &str, operation: &Object) -> OperationKey {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    OperationKey { path: path.to_owned(), method: method.to_owned(), id: id.to_owned() }
}

/// Gives an operation the parameters of its path item, except those that it states itself.
fn inherit_parameters(operation: &mut Object, common: &[Value]) {
    let own = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
    if let Some(own) = own.as_array_mut() {
        let identity = |parameter: &Value| (parameter.get("in").cloned(), parameter.get("name").cloned());
        let inherited: Vec<Value> = common
            .iter()
            .filter(|parameter| own.iter().all(|stated| identity(stated) != identity(parameter)))
            .cloned()
            .collect();
        own.splice(0..0, inherited);
    }
}

/// Replaces references to shared parameters, bodies, responses and headers by what they refer to.
fn resolve(operation: &mut Object, shared: &BTreeMap<String, Value>, place: &str) -> Result<()> {
    let expand = |value: &mut Value| -> Result<()> {
        // A shared response may itself be only a reference; eight steps are more than anyone nests.
        for _ in 0..8 {
            let Some(target) = value.get("$ref").and_then(Value::as_str) else { return Ok(()) };
            let found = shared.get(target);
            *value = found.cloned().ok_or_else(|| anyhow!("{place}: `$ref` to `{target}`, which does not exist"))?;
        }
        bail!("{place}: a `$ref` leads to itself")
    };
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        parameters.iter_mut().try_for_each(expand)?;
    }
    // An empty list of parameters says the same as none.
    operation.retain(|key, value| key != "parameters" || value.as_array().is_some_and(|list| !list.is_empty()));
    if let Some(body) = operation.get_mut("requestBody") {
        expand(body)?;
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for response in responses.values_mut() {
            expand(response)?;
            if let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) {
                headers.values_mut().try_for_each(expand)?;
            }
        }
    }
    Ok(())
}
