//! What is received: statuses, headers and contents.

use serde_json::Value;

use super::body::content;
use super::comparison::{Change, Comparison, keys};
use super::finding::Direction::Response;
use super::finding::{Rust, Wire};
use super::place::Place;
use super::schema::{self, At};
use super::{extensions, rules};
use crate::document::{Object, escape};

/// Compares the answers of two operations.
pub fn compare(found: &mut Comparison<'_>, old: &Object, new: &Object, place: &Place) {
    let (old, new) = (answers(old), answers(new));
    let place_of = |status: &str| place.part(&format!("/responses/{status}"), &format!("the answer {status}"));
    for (status, answer) in &new {
        if let Some((_, other)) = old.iter().find(|(other, _)| other == status) {
            pair(found, other, answer, &place_of(status));
        }
    }
    let removed: Vec<_> = old.iter().filter(|(status, _)| new.iter().all(|(other, _)| other != status)).collect();
    let added: Vec<_> = new.iter().filter(|(status, _)| old.iter().all(|(other, _)| other != status)).collect();
    let successes = |answers: &[&(&str, &Object)]| -> Vec<usize> {
        answers.iter().enumerate().filter(|(_, (status, _))| is_success(status)).map(|(index, _)| index).collect()
    };
    let (only_old, only_new) = (successes(&removed), successes(&added));
    // One success in the place of another is the same answer.
    let swapped = match (only_old.as_slice(), only_new.as_slice()) {
        ([old], [new]) => removed.get(*old).zip(added.get(*new)),
        _ => None,
    };
    if let Some(((old_status, old_answer), (new_status, new_answer))) = swapped {
        let kind = |status: &str| status.chars().next();
        let (wire, rust) = match kind(old_status) == kind(new_status) {
            true => (Wire::Strict, Rust::Safe),
            false => (Wire::Breaking, Rust::Breaking),
        };
        let mut at = place_of(new_status);
        // The key is the same in both directions of time.
        at.key = format!("{} the answer of success", place.key);
        let change = Change::new(&rules::SUCCESS_STATUS_CHANGED, Response, &at).before(*old_status).after(*new_status);
        found.note(change.wire(wire).rust(rust));
        pair(found, old_answer, new_answer, &at);
    }
    for (status, _) in removed.iter().filter(|(status, _)| swapped.is_none() || !is_success(status)) {
        let rule = if is_success(status) { &rules::SUCCESS_STATUS_REMOVED } else { &rules::ERROR_STATUS_REMOVED };
        found.note(Change::new(rule, Response, &place_of(status)).before(*status));
    }
    for (status, _) in added.iter().filter(|(status, _)| swapped.is_none() || !is_success(status)) {
        let rule = if is_success(status) { &rules::SUCCESS_STATUS_ADDED } else { &rules::ERROR_STATUS_ADDED };
        found.note(Change::new(rule, Response, &place_of(status)).after(*status));
    }
}

fn answers(operation: &Object) -> Vec<(&str, &Object)> {
    let answers = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    answers.filter_map(|(status, answer)| Some((status.as_str(), answer.as_object()?))).collect()
}

fn is_success(status: &str) -> bool {
    status.starts_with(['1', '2', '3'])
}

fn pair(found: &mut Comparison<'_>, old: &Object, new: &Object, place: &Place) {
    // What is described for a 204 was never sent: HTTP lets it have no content.
    let removed = if place.pointer.ends_with("/204") { Wire::Safe } else { Wire::Breaking };
    content(found, old, new, place, (Response, removed));
    headers(found, old, new, place);
    extensions::between(found, old, new, place);
}

fn headers(found: &mut Comparison<'_>, old: &Object, new: &Object, place: &Place) {
    let entries = |answer: &Object| answer.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (entries(old), entries(new));
    let is_required = |header: &Value| header.get("required") == Some(&Value::Bool(true));
    for name in keys(&old, &new) {
        let mut at = place.part(&format!("/headers/{}", escape(name)), &format!("the header `{name}`"));
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => {
                found.toggled(
                    (is_required(old), is_required(new)),
                    Change::new(&rules::HEADER_BECAME_REQUIRED, Response, &at),
                    Change::new(&rules::HEADER_BECAME_OPTIONAL, Response, &at),
                );
                at.pointer.push_str("/schema");
                let schema = |header: &Value| header.get("schema").cloned().unwrap_or_default();
                schema::compare(found, &schema(old), &schema(new), &At::value(at, Response, Rust::Safe));
            }
            (None, _) => found.note(Change::new(&rules::HEADER_ADDED, Response, &at).after(name.as_str())),
            (_, None) => found.note(Change::new(&rules::HEADER_REMOVED, Response, &at).before(name.as_str())),
        }
    }
}
