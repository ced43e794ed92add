//! What the extensions say that no other rule is for.

use serde_json::Value;

use super::comparison::{Change, Comparison, keys};
use super::finding::{Direction, Rust};
use super::place::Place;
use super::rules;
use super::schema::At;
use crate::document::{Object, escape};

/// The extensions that are compared elsewhere, or that follow from a name, a type or the way a schema goes.
const ELSEWHERE: [&str; 7] =
    ["x-bounds", "x-default", "x-explicit-null", "x-paginated", "x-requirements", "x-secret", "x-source"];

/// Compares the extensions of two schemas.
pub fn compare(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    between(found, old, new, &at.place);
}

/// Compares the extensions of two objects of the description.
pub fn between(found: &mut Comparison<'_>, old: &Object, new: &Object, place: &Place) {
    for key in keys(old, new).filter(|key| key.starts_with("x-") && !ELSEWHERE.contains(&key.as_str())) {
        let rust = if key == "x-external-url" { Rust::Breaking } else { Rust::Safe };
        value(found, old.get(key), new.get(key), &entry(place, key), rust);
    }
}

/// Compares two values, down to the entries of mappings, so that one more entry is one finding.
fn value(found: &mut Comparison<'_>, old: Option<&Value>, new: Option<&Value>, place: &Place, rust: Rust) {
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (old, new) {
        for key in keys(old, new) {
            value(found, old.get(key), new.get(key), &entry(place, key), rust);
        }
        return;
    }
    let rules = (&rules::EXTENSION_ADDED, &rules::EXTENSION_REMOVED, &rules::EXTENSION_CHANGED);
    found.differs(rules, (old, new), |rule| Change::new(rule, Direction::Both, place).rust(rust));
}

fn entry(place: &Place, key: &str) -> Place {
    place.step(&format!("/{}", escape(key)), &format!(".{key}"))
}
