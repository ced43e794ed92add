//! Which operations a named schema reaches, and which way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::document::{Document, OperationKey};
use crate::schemas::collect_references;

/// The operations that use a schema, by their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Those that send it.
    pub request: BTreeSet<String>,
    /// Those that answer with it.
    pub response: BTreeSet<String>,
}

/// An operation as reports name it.
pub fn label(key: &OperationKey) -> String {
    format!("{} {}", key.method.to_uppercase(), key.path).replace(char::is_control, " ")
}

/// What each named schema reaches; nothing for one that no operation uses.
pub fn reach(document: &Document) -> BTreeMap<String, Reach> {
    let uses: BTreeMap<&String, Vec<String>> = document
        .components()
        .iter()
        .map(|(name, schema)| {
            let mut names = Vec::new();
            collect_references(schema, &mut names);
            (name, names)
        })
        .collect();
    let mut reached: BTreeMap<String, Reach> = BTreeMap::new();
    for (key, operation) in document.operations() {
        let label = label(&key);
        for (part, value) in operation {
            let ways: fn(&mut Reach) -> &mut BTreeSet<String> = match part.as_str() {
                "parameters" | "requestBody" => |reach| &mut reach.request,
                "responses" => |reach| &mut reach.response,
                _ => continue,
            };
            for name in closure(value, &uses) {
                ways(reached.entry(name).or_default()).insert(label.clone());
            }
        }
    }
    reached
}

fn closure(value: &Value, uses: &BTreeMap<&String, Vec<String>>) -> BTreeSet<String> {
    let mut open = Vec::new();
    collect_references(value, &mut open);
    let mut names = BTreeSet::new();
    while let Some(name) = open.pop() {
        if names.insert(name.clone()) {
            open.extend(uses.get(&name).into_iter().flatten().cloned());
        }
    }
    names
}
