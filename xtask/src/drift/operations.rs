//! The operations of two descriptions, matched, and what is said about each.

use std::collections::BTreeMap;

use heck::ToSnakeCase as _;
use serde_json::Value;

use super::comparison::{Change, Comparison, keys};
use super::finding::Direction::{Both, Request, Response};
use super::finding::Wire;
use super::place::{Owner, Place};
use super::reach::label;
use super::{answers, body, extensions, names, parameters, rules};
use crate::document::{Object, OperationKey, escape};

/// An operation with its name.
type Named<'a> = (OperationKey, &'a Object);

/// Compares all operations.
pub fn compare(found: &mut Comparison<'_>) {
    let (pairs, removed, added) = matched(found.old.document.operations(), found.new.document.operations());
    // Everybody's name has to be known before anything is compared.
    for ((old, _), (new, _)) in &pairs {
        found.labels.insert(label(old), label(new));
        if old.id != new.id {
            found.renamed_operations.push((names::stem(&old.id), names::stem(&new.id)));
        }
    }
    security_of_all(found, &pairs);
    for (old, new) in &pairs {
        pair(found, old, new);
    }
    for (key, _) in removed {
        found.note(Change::new(&rules::OPERATION_REMOVED, Both, &place(&key)).before(key.id.as_str()));
    }
    for (key, _) in added {
        found.note(Change::new(&rules::OPERATION_ADDED, Both, &place(&key)).after(key.id.as_str()));
    }
}

/// A path without the names of its parameters, which upstream changes at will.
fn shape(key: &OperationKey) -> String {
    let segments = key.path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    format!("{} {}", key.method.to_uppercase(), segments.collect::<Vec<_>>().join("/"))
}

fn place(key: &OperationKey) -> Place {
    let pointer = format!("#/paths/{}/{}", escape(&key.path), key.method);
    Place::operation(&label(key), &shape(key), &pointer)
}

type Matched<'a> = (Vec<(Named<'a>, Named<'a>)>, Vec<Named<'a>>, Vec<Named<'a>>);

/// Matches by method and path, and what is left by operationId.
fn matched<'a>(old: Vec<Named<'a>>, new: Vec<Named<'a>>) -> Matched<'a> {
    let mut pairs = Vec::new();
    let (mut old, mut new) = (old, new);
    for identity in [shape, |key: &OperationKey| key.id.to_snake_case()] {
        let mut by_identity: BTreeMap<String, Named<'a>> =
            new.into_iter().map(|operation| (identity(&operation.0), operation)).collect();
        old.retain(|operation| match by_identity.remove(&identity(&operation.0)) {
            Some(other) => {
                pairs.push((operation.clone(), other));
                false
            }
            None => true,
        });
        new = by_identity.into_values().collect();
    }
    (pairs, old, new)
}

fn pair(found: &mut Comparison<'_>, (old_key, old): &Named<'_>, (new_key, new): &Named<'_>) {
    let place = place(new_key);
    if shape(old_key) != shape(new_key) {
        found.note(Change::new(&rules::OPERATION_MOVED, Both, &place).before(label(old_key)).after(label(new_key)));
    }
    if old_key.id.to_snake_case() != new_key.id.to_snake_case() {
        let change = Change::new(&rules::OPERATION_RENAMED, Both, &place);
        found.note(change.before(old_key.id.as_str()).after(new_key.id.as_str()));
    }
    let is = |operation: &Object, key: &str| operation.get(key) == Some(&Value::Bool(true));
    let change = |rule, direction| Change::new(rule, direction, &place);
    found.toggled(
        (is(old, "deprecated"), is(new, "deprecated")),
        change(&rules::OPERATION_DEPRECATED, Both),
        change(&rules::OPERATION_UNDEPRECATED, Both),
    );
    found.toggled(
        (is(old, "x-paginated"), is(new, "x-paginated")),
        change(&rules::PAGINATION_ADDED, Response),
        change(&rules::PAGINATION_REMOVED, Response),
    );
    requirements(found, old, new, &place);
    if old.contains_key("security") || new.contains_key("security") {
        let effective = |own: &Object, root: &Value| own.get("security").or(root.get("security")).cloned();
        let (old, new) = (effective(old, &found.old.document.root), effective(new, &found.new.document.root));
        security(found, old.as_ref(), new.as_ref(), &place.part("/security", "the authentication"));
    }
    extensions::between(found, old, new, &place);
    parameters::compare(found, (old_key, old), (new_key, new), &place);
    body::compare(found, old, new, &place);
    answers::compare(found, old, new, &place);
}

/// Compares the scope, the plan and the token that an operation needs.
fn requirements(found: &mut Comparison<'_>, old: &Object, new: &Object, place: &Place) {
    let entries = |operation: &Object| operation.get("x-requirements").and_then(Value::as_object).cloned();
    let (old, new) = (entries(old).unwrap_or_default(), entries(new).unwrap_or_default());
    for name in keys(&old, &new) {
        let at = place.step(&format!("/x-requirements/{}", escape(name)), "");
        let at = if matches!(name.as_str(), "scope" | "plan" | "auth") {
            at
        } else {
            place.part(&format!("/x-requirements/{}", escape(name)), &format!("the requirement `{name}`"))
        };
        if name == "auth" {
            // A token is needed unless it is said otherwise.
            let needed = |requirements: &Object| requirements.get("auth") != Some(&Value::Bool(false));
            let change = |rule| Change::new(rule, Request, &at);
            let needed = (needed(&old), needed(&new));
            found.toggled(needed, change(&rules::AUTH_ADDED), change(&rules::AUTH_REMOVED));
            continue;
        }
        let rules = match name.as_str() {
            "scope" => (&rules::SCOPE_ADDED, &rules::SCOPE_REMOVED, &rules::SCOPE_CHANGED),
            "plan" => (&rules::PLAN_ADDED, &rules::PLAN_REMOVED, &rules::PLAN_CHANGED),
            _ => (&rules::REQUIREMENT_ADDED, &rules::REQUIREMENT_REMOVED, &rules::REQUIREMENT_CHANGED),
        };
        found.differs(rules, (old.get(name), new.get(name)), |rule| Change::new(rule, Request, &at));
    }
}

/// Compares what is asked for once for all operations that do not say it themselves.
fn security_of_all(found: &mut Comparison<'_>, pairs: &[(Named<'_>, Named<'_>)]) {
    let inheriting =
        pairs.iter().filter(|((_, old), (_, new))| !old.contains_key("security") && !new.contains_key("security"));
    let mut place = Place::document("/security", "the authentication");
    place.owner = Owner::Operations(inheriting.map(|(_, (key, _))| label(key)).collect());
    let (old, new) = (found.old.document.root.get("security"), found.new.document.root.get("security"));
    security(found, old, new, &place);
}

/// Compares the ways in which one may identify oneself.
fn security(found: &mut Comparison<'_>, old: Option<&Value>, new: Option<&Value>, place: &Place) {
    let ways = |security: Option<&Value>| security.and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (ways(old), ways(new));
    for way in new.iter().filter(|way| !old.contains(way)) {
        let wire = if old.is_empty() { Wire::Breaking } else { Wire::Safe };
        found.note(Change::new(&rules::SECURITY_ADDED, Request, place).after(way.clone()).wire(wire));
    }
    for way in old.iter().filter(|way| !new.contains(way)) {
        let wire = if new.is_empty() { Wire::Safe } else { Wire::Breaking };
        found.note(Change::new(&rules::SECURITY_REMOVED, Request, place).before(way.clone()).wire(wire));
    }
}
