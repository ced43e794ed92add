//! Which things a list shows and in which order, by the names of its parameters and of the things' fields.

use chrono::DateTime;
use serde_json::Value;

use super::list::value;
use crate::check::Asked;
use crate::operation::{Operation, Parameter, Place};
use crate::resources::singular;
use crate::schema::{Object, type_of};
use crate::store::Store;

/// Parameters that say how to list and not what.
const PAGING: [&str; 4] = ["cursor", "limit", "order", "sort"];

/// What a query asks for.
#[derive(Debug)]
pub struct Filter<'a> {
    properties: Object,
    wanted: Vec<(&'a Parameter, &'a Value)>,
}

impl<'a> Filter<'a> {
    /// What a request asks for of things with this schema.
    pub fn new(store: &Store, operation: &'a Operation, asked: &'a Asked, schema: &Value) -> Self {
        let parameters = operation.parameters.iter();
        let wanted = parameters
            .filter(|parameter| parameter.place == Place::Query && !PAGING.contains(&parameter.name.as_str()))
            .filter_map(|parameter| Some((parameter, value(operation, asked, &parameter.name)?)));
        Self { properties: store.document.schemas.properties(schema), wanted: wanted.collect() }
    }

    /// Whether a thing is what is asked for.
    pub fn passes(&self, store: &Store, item: &Value) -> bool {
        self.wanted
            .iter()
            .all(|(parameter, wanted)| fits(store, parameter, wanted, &self.properties, item).unwrap_or(true))
    }
}

/// Whether a thing is what one parameter asks for; nothing when the two have nothing in common.
fn fits(store: &Store, parameter: &Parameter, wanted: &Value, properties: &Object, item: &Value) -> Option<bool> {
    let name = parameter.name.as_str();
    if name == "query" {
        return Some(mentions(item, wanted.as_str()?));
    }
    if let Some(list) = name.strip_suffix("[]") {
        let schemas = &store.document.schemas;
        let kind = parameter.flat.get("items").and_then(|items| schemas.name(items));
        let word = singular(list);
        let field = properties.iter().find(|(field, property)| {
            // `company_roles[]` asks for the `role`, since both are of one kind.
            **field == word || word.ends_with(&format!("_{field}")) && kind.is_some() && kind == schemas.name(property)
        });
        let known = item.get(field?.0)?;
        return Some(wanted.as_array()?.contains(known));
    }
    if let Some(property) = properties.get(name) {
        let schemas = &store.document.schemas;
        let kinds = [schemas.name(&parameter.schema), schemas.name(property)];
        return (kinds[0] == kinds[1]).then(|| item.get(name) == Some(wanted));
    }
    let (field, later) = [("_after", true), ("_from", true), ("_before", false), ("_to", false)]
        .iter()
        .find_map(|(suffix, later)| Some((name.strip_suffix(suffix)?, *later)))
        .or(match name {
            "start_time" => Some(("created_at", true)),
            "end_time" => Some(("created_at", false)),
            _ => None,
        })?;
    let known = item.get(field).or_else(|| item.get(format!("{field}_at")))?;
    let known = DateTime::parse_from_rfc3339(known.as_str()?).ok()?;
    let bound = DateTime::parse_from_rfc3339(wanted.as_str()?).ok()?;
    Some(if later { known >= bound } else { known <= bound })
}

/// Whether any text of a thing contains the words.
fn mentions(item: &Value, words: &str) -> bool {
    let mut texts = String::new();
    collect(item, "", 2, &mut texts);
    texts.to_lowercase().contains(&words.trim().to_lowercase())
}

fn collect(value: &Value, name: &str, depth: usize, into: &mut String) {
    match value {
        Value::String(text) if !name.ends_with("url") && !name.ends_with("_at") => {
            into.push_str(text);
            into.push(' ');
        }
        Value::Object(fields) if depth > 0 => {
            fields.iter().for_each(|(name, value)| collect(value, name, depth - 1, into));
        }
        _ => {}
    }
}

/// The field that a list is sorted by, unless it is by age.
pub fn sort_field(store: &Store, operation: &Operation, asked: &Asked, schema: &Value) -> Option<String> {
    let wanted = value(operation, asked, "sort")?.as_str()?;
    let properties = store.document.schemas.properties(schema);
    if properties.contains_key(wanted) {
        return Some(wanted.to_owned());
    }
    let is_text = |name: &&str| {
        properties.get(*name).is_some_and(|property| type_of(&store.document.schemas.flat(property)) == Some("string"))
    };
    let names = if wanted == "alphabetical" { ["name", "first_name", "title"].as_slice() } else { &[] };
    names.iter().copied().find(is_text).map(str::to_owned)
}
