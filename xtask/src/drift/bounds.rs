//! Lengths, counts and number bounds: tighter or looser.

use serde_json::Value;

use super::comparison::{Change, Comparison};
use super::rule::Rule;
use super::rules;
use super::schema::At;
use crate::document::Object;

/// Compares the bounds that the patch has put aside.
pub fn compare(found: &mut Comparison<'_>, old: &Object, new: &Object, at: &At) {
    let bounds = |schema: &Object| schema.get("x-bounds").and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (bounds(old), bounds(new));
    let said = |keyword: &str, value: &Value| format!("{keyword}: {value}");
    for (keyword, after) in &new {
        let before = old.get(keyword).filter(|before| !is_none(before));
        let place = at.place.step(&format!("/x-bounds/{keyword}"), "");
        let (rule, before): (&'static Rule, _) = match before {
            _ if is_none(after) => continue,
            None => (&rules::BOUND_ADDED, None),
            Some(before) if same(before, after) => continue,
            Some(before) => (judge(keyword, before, after), Some(said(keyword, before))),
        };
        let change = Change::new(rule, at.direction, &place).after(said(keyword, after));
        found.note(match before {
            Some(before) => change.before(before),
            None => change,
        });
    }
    for (keyword, before) in old.iter().filter(|(_, before)| !is_none(before)) {
        if new.get(keyword).is_none_or(is_none) {
            let place = at.place.step(&format!("/x-bounds/{keyword}"), "");
            found.note(Change::new(&rules::BOUND_REMOVED, at.direction, &place).before(said(keyword, before)));
        }
    }
}

/// `uniqueItems: false` bounds nothing.
fn is_none(bound: &Value) -> bool {
    bound == &Value::Bool(false)
}

/// 50 and 50.0 are one bound.
fn same(old: &Value, new: &Value) -> bool {
    old == new || (old.is_number() && old.as_f64() == new.as_f64())
}

fn judge(keyword: &str, old: &Value, new: &Value) -> &'static Rule {
    let (Some(old), Some(new)) = (old.as_f64(), new.as_f64()) else { return &rules::BOUND_CHANGED };
    let tighter = if keyword == "multipleOf" {
        match (new % old == 0.0, old % new == 0.0) {
            (true, _) => true,
            (_, true) => false,
            _ => return &rules::BOUND_CHANGED,
        }
    } else if keyword.starts_with("min") || keyword == "exclusiveMinimum" {
        new > old
    } else {
        new < old
    };
    if tighter { &rules::BOUND_TIGHTENED } else { &rules::BOUND_LOOSENED }
}
