//! The members of two unions, matched by name and else by their tags.

use std::collections::BTreeMap;

use serde_json::Value;

use super::comparison::{Change, Comparison};
use super::place::Place;
use super::rules;
use super::schema::{self, At, describe};
use super::side::Side;
use crate::codegen;
use crate::document::{Object, referred};

/// Compares two unions. The order of their members says nothing.
pub fn compare(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let (old_kind, mut old_members) = members(old);
    let (new_kind, mut new_members) = members(new);
    let change = |rule| Change::new(rule, at.direction, &at.place);
    if old_kind != new_kind {
        found.note(change(&rules::UNION_KIND_CHANGED).before(old_kind).after(new_kind));
    }
    if old.get("discriminator") != new.get("discriminator") {
        let said = |schema: &Object| schema.get("discriminator").cloned().unwrap_or_default();
        found.note(change(&rules::DISCRIMINATOR_CHANGED).before(said(old)).after(said(new)));
    }
    let by_name = |_: &Comparison<'_>, old: &Value, new: &Value| old == new;
    let by_tags = |found: &Comparison<'_>, old: &Value, new: &Value| {
        tags(found.old, old).is_some_and(|own| Some(own) == tags(found.new, new)) || is_renamed(found, old, new)
    };
    renamed_variants(found, &old_members, &new_members, at);
    pair(found, &mut old_members, &mut new_members, at, by_name);
    pair(found, &mut old_members, &mut new_members, at, by_tags);
    for (index, member) in new_members {
        let place = member_place(&at.place, new_kind, index);
        found.note(Change::new(&rules::UNION_MEMBER_ADDED, at.direction, &place).after(describe(member)));
    }
    for (index, member) in old_members {
        let place = member_place(&at.place, old_kind, index);
        found.note(Change::new(&rules::UNION_MEMBER_REMOVED, at.direction, &place).before(describe(member)));
    }
}

type Members<'a> = Vec<(usize, &'a Value)>;

fn members(schema: &Object) -> (&'static str, Members<'_>) {
    let kind = if schema.contains_key("anyOf") { "anyOf" } else { "oneOf" };
    (kind, schema.get(kind).and_then(Value::as_array).into_iter().flatten().enumerate().collect())
}

fn member_place(place: &Place, kind: &str, index: usize) -> Place {
    place.step(&format!("/{kind}/{index}"), "")
}

/// Finds variants that are called otherwise although their schema is not.
fn renamed_variants(found: &mut Comparison<'_>, old: &Members<'_>, new: &Members<'_>, at: &At) {
    let variants = |members: &Members<'_>| -> Vec<(String, String)> {
        let names: Vec<String> = members.iter().filter_map(|(_, member)| referred(member).map(str::to_owned)).collect();
        let variants = codegen::variant_names(&names);
        names.into_iter().zip(variants).collect()
    };
    let after = variants(new);
    for (name, before) in variants(old) {
        let Some((_, after)) = after.iter().find(|(other, after)| *other == name && *after != before) else { continue };
        let change = Change::new(&rules::UNION_VARIANT_RENAMED, at.direction, &at.place);
        found.note(change.before(before).after(after.as_str()));
    }
}

/// Takes the members that are the same out of both lists and compares them.
fn pair(
    found: &mut Comparison<'_>,
    old: &mut Members<'_>,
    new: &mut Members<'_>,
    at: &At,
    same: impl Fn(&Comparison<'_>, &Value, &Value) -> bool,
) {
    old.retain(|(_, member)| {
        let Some(position) = new.iter().position(|(_, other)| same(found, member, other)) else { return true };
        let (_, other) = new.remove(position);
        schema::compare(found, member, other, at);
        false
    });
}

fn is_renamed(found: &Comparison<'_>, old: &Value, new: &Value) -> bool {
    match (referred(old), referred(new)) {
        (Some(old), Some(new)) => found.is_renamed(old, new),
        _ => false,
    }
}

/// The properties of a member that have one value, with that value.
fn tags(side: &Side, member: &Value) -> Option<BTreeMap<String, Value>> {
    let target = |schema: &Value| referred(schema).and_then(|name| side.schema(name)).cloned();
    let properties = target(member)?.get("properties")?.as_object()?.clone();
    let tags: BTreeMap<String, Value> = properties
        .into_iter()
        .filter_map(|(name, property)| {
            let values = target(&property)?.get("enum")?.as_array()?.clone();
            match values.as_slice() {
                [value] => Some((name, value.clone())),
                _ => None,
            }
        })
        .collect();
    (!tags.is_empty()).then_some(tags)
}
