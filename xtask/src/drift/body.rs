//! What is sent, and the contents that bodies and answers have in common.

use serde_json::Value;

use super::comparison::{Change, Comparison, keys};
use super::finding::Direction::{self, Request, Response};
use super::finding::{Rust, Wire};
use super::place::Place;
use super::schema::{self, At};
use super::{extensions, rules, rust_types};
use crate::document::{Object, escape};

/// Compares the bodies of two operations.
pub fn compare(found: &mut Comparison<'_>, old: &Object, new: &Object, place: &Place) {
    let body = |operation: &Object| operation.get("requestBody").and_then(Value::as_object).cloned();
    let is_required = |body: &Object| body.get("required") == Some(&Value::Bool(true));
    let place = place.part("/requestBody", "the body");
    match (body(old), body(new)) {
        (None, None) => {}
        (None, Some(body)) => {
            let rule = if is_required(&body) { &rules::REQUIRED_BODY_ADDED } else { &rules::OPTIONAL_BODY_ADDED };
            found.note(Change::new(rule, Request, &place).after(media_types(&body)));
        }
        (Some(body), None) => {
            let rule = if is_required(&body) { &rules::REQUIRED_BODY_REMOVED } else { &rules::OPTIONAL_BODY_REMOVED };
            found.note(Change::new(rule, Request, &place).before(media_types(&body)));
        }
        (Some(old), Some(new)) => {
            found.toggled(
                (is_required(&old), is_required(&new)),
                Change::new(&rules::BODY_BECAME_REQUIRED, Request, &place),
                Change::new(&rules::BODY_BECAME_OPTIONAL, Request, &place),
            );
            content(found, &old, &new, &place, (Request, Wire::Breaking));
            extensions::between(found, &old, &new, &place);
        }
    }
}

/// What a body may be, in words.
fn media_types(body: &Object) -> String {
    let types = body.get("content").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
    types.collect::<Vec<_>>().join(", ")
}

/// Compares the media types of two bodies or answers, and the schemas of those that both have.
///
/// What it does on the wire that a media type is gone is given beside the direction.
pub fn content(
    found: &mut Comparison<'_>,
    old: &Object,
    new: &Object,
    place: &Place,
    (direction, removed): (Direction, Wire),
) {
    let entries = |holder: &Object| holder.get("content").and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (entries(old), entries(new));
    for name in keys(&old, &new) {
        let mut at = place.clone();
        at.pointer = format!("{}/content/{}", place.pointer, escape(name));
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => {
                at.pointer.push_str("/schema");
                at.key = format!("{} {name}", at.key);
                let schema = |media: &Value| media.get("schema").cloned().unwrap_or_default();
                let (old, new) = (schema(old), schema(new));
                found.learn_names(&old, &new);
                let types = (rust_types::value_type(&old), rust_types::value_type(&new));
                let rust = found.types_change(&types.0, &types.1, direction);
                schema::compare(found, &old, &new, &At::value(at, direction, rust));
            }
            (None, _) => {
                // A client that expects nothing does not read what comes.
                let (wire, rust) = match (old.is_empty(), direction) {
                    (true, Response) => (Wire::Safe, Rust::Breaking),
                    _ => (Wire::Strict, Rust::Safe),
                };
                let change = Change::new(&rules::MEDIA_TYPE_ADDED, direction, &at).after(name.as_str());
                found.note(change.wire(wire).rust(rust));
            }
            (_, None) => {
                let change = Change::new(&rules::MEDIA_TYPE_REMOVED, direction, &at).before(name.as_str());
                found.note(change.wire(removed));
            }
        }
    }
}
