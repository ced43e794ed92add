//! Two schemas along one another, judged by which way their values go.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::comparison::{Change, Comparison};
use super::finding::{Direction, Rust, Wire};
use super::place::Place;
use super::rule::Rule;
use super::side::Side;
use super::{bounds, extensions, names, rules, rust_types, unions};
use crate::document::{Object, referred};
use crate::schemas::{requires, type_of};

/// What says nothing.
static NONE: LazyLock<Object> = LazyLock::new(Map::new);

/// Where two schemas are compared, and what surrounds them.
#[derive(Clone, Debug)]
pub struct At {
    /// The place.
    pub place: Place,
    /// Which way the values go.
    pub direction: Direction,
    /// What the change of the Rust type does to code.
    pub rust: Rust,
    /// Whether our client puts a null or a missing value right: in a field, but not an `id`, in a list or alone.
    pub repaired: bool,
    /// Whether values are written as text without a type, as in an address.
    pub as_text: bool,
    /// In which of the two a null is there only so that an empty list can be sent.
    pub added_null: (bool, bool),
}

impl At {
    /// A value that stands alone, in a list or in a map.
    pub fn value(place: Place, direction: Direction, rust: Rust) -> Self {
        Self { place, direction, rust, repaired: false, as_text: false, added_null: (false, false) }
    }

    /// What an answer does that has null, or lacks a value, where it could not.
    pub fn absence(&self) -> Wire {
        if self.repaired { Wire::Strict } else { Wire::Breaking }
    }

    fn change(&self, rule: &'static Rule) -> Change<'_> {
        Change::new(rule, self.direction, &self.place).rust(self.rust)
    }
}

/// Compares two schemas where they are used.
pub fn compare(found: &mut Comparison<'_>, old: &Value, new: &Value, at: &At) {
    let (old_map, new_map) = (old.as_object().unwrap_or(&NONE), new.as_object().unwrap_or(&NONE));
    surroundings(found, old_map, new_map, at);
    match (referred(old), referred(new)) {
        (None, None) => structure(found, old_map, new_map, at),
        (old_name, new_name) => names::compare(found, (old, old_name), (new, new_name), at),
    }
}

/// Compares two named schemas, once for each way.
pub fn named<'a>(found: &mut Comparison<'a>, old_name: &str, new_name: &str, direction: Direction) {
    if !found.compared.insert((old_name.to_owned(), new_name.to_owned(), direction)) {
        return;
    }
    let schema = |side: &'a Side, name: &str| side.document.components().get(name);
    let (Some(old), Some(new)) = (schema(found.old, old_name), schema(found.new, new_name)) else { return };
    let base = |schema: &Value| schema.as_object().map(rust_types::unnamed).unwrap_or_default();
    let rust = rust_types::change(&base(old), &base(new), direction);
    let at = At::value(Place::schema(Some(old_name), Some(new_name)), direction, rust);
    compare(found, old, new, &at);
}

/// What stands beside a type or a reference.
fn surroundings(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let is = |schema: &Object, key: &str| schema.get(key) == Some(&Value::Bool(true));
    found.toggled(
        (is(old, "nullable") && !at.added_null.0, is(new, "nullable") && !at.added_null.1),
        at.change(&rules::BECAME_NULLABLE).wire(at.absence()),
        at.change(&rules::BECAME_NOT_NULLABLE),
    );
    found.toggled(
        (is(old, "deprecated"), is(new, "deprecated")),
        at.change(&rules::SCHEMA_DEPRECATED),
        at.change(&rules::SCHEMA_UNDEPRECATED),
    );
    // What is only assumed by the server changes no type.
    let rust = if old.contains_key("default") || new.contains_key("default") { at.rust } else { Rust::Safe };
    let rules = (&rules::DEFAULT_ADDED, &rules::DEFAULT_REMOVED, &rules::DEFAULT_CHANGED);
    found.differs(rules, (default(old), default(new)), |rule| at.change(rule).rust(rust));
    bounds::compare(found, old, new, at);
    extensions::compare(found, old, new, at);
}

/// What the server assumes, which was moved out of the generator's sight in what is sent.
fn default(schema: &Object) -> Option<&Value> {
    schema.get("x-default").or(schema.get("default"))
}

/// What a schema is: its type, or whether it is a union, or anything at all.
pub fn kind(schema: &Object) -> &str {
    match type_of(schema) {
        _ if schema.contains_key("anyOf") || schema.contains_key("oneOf") => "union",
        Some(stated) => stated,
        None if schema.contains_key("properties") => "object",
        None => "anything",
    }
}

/// Compares what is inside two schemas without following their own names.
pub fn structure(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let (old_kind, new_kind) = (kind(old), kind(new));
    if old_kind != new_kind {
        let fits = match at.direction {
            Direction::Response => fits(found.new, new, old, at),
            _ => fits(found.old, old, new, at),
        };
        let wire = if fits { Wire::Safe } else { Wire::Breaking };
        found.note(at.change(&rules::TYPE_CHANGED).before(old_kind).after(new_kind).wire(wire));
        return;
    }
    match old_kind {
        "array" => inside(found, old, new, "items", "[]", at),
        "object" => object(found, old, new, at),
        "union" => unions::compare(found, old, new, at),
        _ => format(found, old, new, at),
    }
    enums(found, old, new, at);
}

/// Whether what is given, of one kind, is taken where another kind is described.
fn fits(side: &Side, given: &Object, taken: &Object, at: &At) -> bool {
    match (kind(given), kind(taken)) {
        (_, "anything") | ("integer", "number") => true,
        ("integer" | "number" | "boolean", "string") => at.as_text,
        // An object of which nothing is described is any object.
        ("union", "object") => {
            let is_object = |member: &Value| {
                let named = referred(member).and_then(|name| side.schema(name)).or(member.as_object());
                named.is_some_and(|member| kind(member) == "object")
            };
            let members = ["anyOf", "oneOf"].into_iter().filter_map(|key| given.get(key)?.as_array()).flatten();
            let values = taken.get("additionalProperties");
            let is_free = values.is_none_or(|values| *values == Value::Bool(true) || *values == json!({}));
            is_free && properties(taken).is_empty() && members.into_iter().all(is_object)
        }
        _ => false,
    }
}

fn format(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let rules = (&rules::FORMAT_ADDED, &rules::FORMAT_REMOVED, &rules::FORMAT_CHANGED);
    found.differs(rules, (old.get("format"), new.get("format")), |rule| at.change(rule));
}

/// What a value does that an old reader of this enum does not know.
fn unknown_value(schema: &Object) -> Wire {
    if type_of(schema) == Some("string") { Wire::Strict } else { Wire::Breaking }
}

/// Compares the values of two enums, or of an enum and what is none.
pub fn enums(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let values = |schema: &Object| schema.get("enum").and_then(Value::as_array).cloned();
    match (values(old), values(new)) {
        (None, None) => {}
        (None, Some(values)) => found.note(at.change(&rules::ENUM_INTRODUCED).after(values)),
        (Some(values), None) => {
            found.note(at.change(&rules::ENUM_LIFTED).before(values).wire(unknown_value(old)));
        }
        (Some(old_values), Some(new_values)) => {
            for value in new_values.iter().filter(|value| !old_values.contains(value)) {
                let change = at.change(&rules::ENUM_VALUE_ADDED).after(value.clone());
                found.note(change.wire(unknown_value(new)));
            }
            for value in old_values.iter().filter(|value| !new_values.contains(value)) {
                found.note(at.change(&rules::ENUM_VALUE_REMOVED).before(value.clone()));
            }
        }
    }
}

/// Compares the items of two lists or the values of two maps; what is not described is anything.
fn inside(found: &mut Comparison<'_>, old: &Object, new: &Object, key: &str, step: &str, at: &At) {
    let part = |schema: &Object| schema.get(key).filter(|part| part.is_object()).cloned().unwrap_or_default();
    let (old, new) = (part(old), part(new));
    let place = at.place.step(&format!("/{key}"), step);
    let rust = found.types_change(&rust_types::value_type(&old), &rust_types::value_type(&new), at.direction);
    compare(found, &old, &new, &At { as_text: at.as_text, ..At::value(place, at.direction, rust) });
}

fn object(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let forbids = |schema: &Object| schema.get("additionalProperties") == Some(&Value::Bool(false));
    match (forbids(old), forbids(new)) {
        (false, true) => found.note(at.change(&rules::OTHER_PROPERTIES_FORBIDDEN).now(false)),
        (true, false) => found.note(at.change(&rules::OTHER_PROPERTIES_ALLOWED).now(true)),
        _ => inside(found, old, new, "additionalProperties", "{}", at),
    }
    let (old_properties, new_properties) = (properties(old), properties(new));
    let names: BTreeSet<&String> = old_properties.keys().chain(new_properties.keys()).collect();
    for name in names {
        let mut inner = At { repaired: name != "id", ..At::value(at.place.property(name), at.direction, at.rust) };
        match (old_properties.get(name), new_properties.get(name)) {
            (None, None) => {}
            (None, Some(property)) => {
                let rule =
                    if requires(new, name) { &rules::REQUIRED_PROPERTY_ADDED } else { &rules::OPTIONAL_PROPERTY_ADDED };
                found.note(inner.change(rule).after(describe(property)));
            }
            (Some(property), None) => {
                let rule = if requires(old, name) {
                    &rules::REQUIRED_PROPERTY_REMOVED
                } else {
                    &rules::OPTIONAL_PROPERTY_REMOVED
                };
                found.note(inner.change(rule).before(describe(property)).wire(inner.absence()));
            }
            (Some(old_property), Some(new_property)) => {
                let required = (requires(old, name), requires(new, name));
                let owners = at.place.owners();
                inner.added_null = (
                    has_added_null(found.old, owners.0, old_property, required.0),
                    has_added_null(found.new, owners.1, new_property, required.1),
                );
                property(found, (old_property, required.0), (new_property, required.1), inner);
            }
        }
    }
}

fn properties(schema: &Object) -> &Object {
    schema.get("properties").and_then(Value::as_object).unwrap_or(&NONE)
}

fn property(found: &mut Comparison<'_>, old: (&Value, bool), new: (&Value, bool), mut at: At) {
    let before = found.count();
    let types = (rust_types::field_type(old.0, old.1), rust_types::field_type(new.0, new.1));
    // A renamed schema is found where its name is; here it is the same type.
    found.learn_names(old.0, new.0);
    at.rust = found.types_change(&types.0, &types.1, at.direction);
    found.toggled(
        (old.1, new.1),
        at.change(&rules::PROPERTY_BECAME_REQUIRED),
        at.change(&rules::PROPERTY_BECAME_OPTIONAL).wire(at.absence()),
    );
    compare(found, old.0, new.0, &at);
    // A type is what it is whichever way it goes; who reads it says so.
    if at.rust == Rust::Breaking && at.direction == Direction::Response && found.count() == before {
        found.note(at.change(&rules::RUST_TYPE_CHANGED).before(types.0).after(types.1));
    }
}

/// Whether the patch for absence in requests has let a list be null, which the vendor had not.
fn has_added_null(side: &Side, owner: Option<&str>, property: &Value, required: bool) -> bool {
    owner.is_some_and(|owner| side.sends(owner)) && !required && property.get("x-explicit-null").is_none()
}

/// A schema in a few words.
pub fn describe(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return name.to_owned();
    }
    let Some(map) = schema.as_object() else { return "anything".to_owned() };
    match (kind(map), map.get("format").and_then(Value::as_str)) {
        ("array", _) => format!("array of {}", map.get("items").map_or_else(|| "anything".to_owned(), describe)),
        // Every integer has the same format.
        (kind, Some(format)) if kind != "integer" => format!("{kind} ({format})"),
        (kind, _) => kind.to_owned(),
    }
}
