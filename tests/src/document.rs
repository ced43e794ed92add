//! The description that the server speaks, read once per process.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use openapiv3::{OpenAPI, PathItem, ReferenceOr};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::operation::{Operation, Shared};
use crate::schema::{Direction, Schemas};

/// The text of the description.
pub const TEXT: &str = include_str!("../../openapi.yaml");

/// The description with everything that is derived from it.
#[derive(Debug)]
pub struct Document {
    /// The named schemas.
    pub schemas: Schemas,
    /// Every operation, those with an address of their own included.
    pub operations: Vec<Operation>,
    /// The path before every route, such as `/api/shared/v1`.
    pub base_path: String,
    /// The properties of the named schemas in the order in which they are declared, which a JSON value forgets.
    orders: BTreeMap<String, Vec<String>>,
}

/// The few parts of the description whose order counts.
#[derive(Deserialize)]
struct Ordered {
    components: OrderedComponents,
}

#[derive(Deserialize)]
struct OrderedComponents {
    schemas: BTreeMap<String, OrderedSchema>,
}

#[derive(Deserialize)]
struct OrderedSchema {
    #[serde(default)]
    properties: IndexMap<String, IgnoredAny>,
}

/// Reads YAML as the vendor's descriptions are written.
///
/// # Errors
/// Says what is wrong with it.
pub fn read_yaml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    // YAML 1.1 reads `no` and `on` as booleans, and enum values may be spelled so.
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

impl Document {
    /// The embedded description.
    ///
    /// # Errors
    /// Says what is wrong with it, when it is no OpenAPI 3.0 description.
    pub fn embedded() -> Result<&'static Self, String> {
        static EMBEDDED: LazyLock<Result<Document, String>> = LazyLock::new(|| Document::parse(TEXT));
        EMBEDDED.as_ref().map_err(Clone::clone)
    }

    /// Reads a description.
    ///
    /// # Errors
    /// Says which part the server does not understand.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (root, ordered): (Value, Ordered) = (read_yaml(text)?, read_yaml(text)?);
        let named = root.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default();
        let schemas = Schemas::new(named);
        let api: OpenAPI = serde_json::from_value(root).map_err(|error| error.to_string())?;
        let shared = Shared { components: api.components.clone().unwrap_or_default(), schemas: &schemas };
        let mut operations = Vec::new();
        for (path, item) in &api.paths.paths {
            let ReferenceOr::Item(item) = item else { return Err(format!("{path}: a path item by reference")) };
            for (method, operation) in methods(item) {
                let read = Operation::read(path, method, operation, &item.parameters, &shared);
                operations.push(read.map_err(|error| format!("{method} {path}: {error}"))?);
            }
        }
        let base_path = api.servers.first().map(|server| path_of(&server.url).to_owned()).unwrap_or_default();
        let orders = ordered.components.schemas.into_iter();
        let orders = orders.map(|(name, schema)| (name, schema.properties.into_keys().collect())).collect();
        Ok(Self { schemas, operations, base_path, orders })
    }

    /// The properties of a named schema in the order in which they are declared.
    pub fn order(&self, name: &str) -> &[String] {
        self.orders.get(name).map_or(&[], Vec::as_slice)
    }

    /// Judges the payload of a webhook.
    ///
    /// # Errors
    /// Says why the description has no webhook of this form.
    pub fn judge_webhook(&self, payload: &Value) -> Result<(), String> {
        let union = self
            .schemas
            .all()
            .values()
            .find(|schema| schema.get("x-union-deserializer").and_then(Value::as_str) == Some("webhook-payload"));
        let union = union.ok_or("the description has no webhooks")?;
        let translated = self.schemas.translate(union, Direction::Response);
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let validator = options.build(&translated).map_err(|error| error.to_string())?;
        validator.validate(payload).map_err(|error| error.to_string())
    }

    /// The operations that are routes of the API, and not addresses that another operation hands out.
    pub fn routes(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| operation.external.is_none())
    }
}

fn methods(item: &PathItem) -> impl Iterator<Item = (&'static str, &openapiv3::Operation)> {
    [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("PATCH", &item.patch),
        ("HEAD", &item.head),
        ("OPTIONS", &item.options),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// The path of an absolute address, without a slash at its end.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |start| rest[start..].trim_end_matches('/'))
}
