//! Where a schema has a name: the same one, another one, or none any more.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use super::comparison::{Change, Comparison};
use super::finding::{Direction, Rust, Wire};
use super::place::Place;
use super::schema::{self, At, describe, kind};
use super::side::Side;
use super::{rules, rust_types};
use crate::document::{Object, referred};

impl Comparison<'_> {
    /// Remembers that a schema has another name, where two uses of it stand in the same place.
    pub fn learn_names(&mut self, old: &Value, new: &Value) {
        if let (Some(old), Some(new)) = (referred(old), referred(new))
            && old != new
            && self.is_renamed(old, new)
        {
            self.renamed_schemas.insert(new.to_owned(), old.to_owned());
        }
    }

    /// What a change of types does to code, names that are only renamed put aside.
    pub fn types_change(&self, old: &str, new: &str, direction: Direction) -> Rust {
        let mut as_before = String::with_capacity(new.len());
        for part in new.split_inclusive(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            let word = part.trim_end_matches(|letter: char| !letter.is_alphanumeric() && letter != '_');
            as_before.push_str(self.renamed_schemas.get(word).map_or(word, String::as_str));
            as_before.push_str(&part[word.len()..]);
        }
        rust_types::change(old, &as_before, direction)
    }

    /// Whether one is gone and the other is new, and at least half of the smaller one is in both.
    pub fn is_renamed(&self, old_name: &str, new_name: &str) -> bool {
        let gone = self.old.schema(new_name).is_none() && self.new.schema(old_name).is_none();
        match (self.old.schema(old_name), self.new.schema(new_name)) {
            (Some(old), Some(new)) if gone && kind(old) == kind(new) => {
                let (old, new) = (parts(old), parts(new));
                let shared = old.intersection(&new).count();
                2 * shared >= old.len().min(new.len())
            }
            _ => false,
        }
    }

    /// Whether both names were made from those of an operation that was renamed, which says it already.
    fn follows_operation(&self, old: &str, new: &str) -> bool {
        self.renamed_operations.iter().any(|(old_stem, new_stem)| {
            old.strip_prefix(old_stem.as_str()).is_some_and(|rest| new.strip_prefix(new_stem.as_str()) == Some(rest))
        })
    }
}

/// Compares two schemas of which at least one has a name.
pub fn compare(
    found: &mut Comparison<'_>,
    (old, old_name): (&Value, Option<&str>),
    (new, new_name): (&Value, Option<&str>),
    at: &At,
) {
    if let (Some(old_name), Some(new_name)) = (old_name, new_name) {
        if old_name == new_name {
            // Its changes are found in their own right.
            if !found.trial {
                schema::named(found, old_name, new_name, at.direction);
            }
            return;
        }
        if found.is_renamed(old_name, new_name) {
            found.learn_names(old, new);
            rename(found, old_name, new_name, at.direction);
            return;
        }
    }
    let target = |name: Option<&str>, side: &Side, value: &Value| -> Object {
        let named = name.and_then(|name| side.schema(name)).cloned();
        named.or_else(|| value.as_object().cloned()).unwrap_or_default()
    };
    let (old_target, new_target) = (target(old_name, found.old, old), target(new_name, found.new, new));
    let one_is_enum = old_target.contains_key("enum") != new_target.contains_key("enum");
    if one_is_enum && kind(&old_target) == kind(&new_target) {
        schema::enums(found, &old_target, &new_target, at);
        return;
    }
    let pair = (describe(old), describe(new), at.direction);
    // A schema that contains itself is judged by the rest of it.
    let wire = if found.compared.contains(&pair) {
        Wire::Safe
    } else {
        found.tried(|found| {
            found.compared.insert(pair);
            schema::structure(found, &old_target, &new_target, at);
        })
    };
    let change = Change::new(&rules::SCHEMA_REPLACED, at.direction, &at.place);
    found.note(change.before(describe(old)).after(describe(new)).wire(wire));
}

/// Compares a schema with what it is called now.
pub fn rename(found: &mut Comparison<'_>, old_name: &str, new_name: &str, direction: Direction) {
    if !found.follows_operation(old_name, new_name) {
        let place = Place::schema(Some(old_name), Some(new_name));
        found.note(Change::new(&rules::SCHEMA_RENAMED, direction, &place).before(old_name).after(new_name));
    }
    schema::named(found, old_name, new_name, direction);
}

/// The name of the type that an operation's builder has.
pub fn stem(operation_id: &str) -> String {
    operation_id.to_upper_camel_case()
}

/// What a schema is made of.
fn parts(schema: &Object) -> BTreeSet<String> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let lists = ["enum", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    properties.map(|(name, _)| name.clone()).chain(lists.map(Value::to_string)).collect()
}
