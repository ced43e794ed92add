//! The parameters of an operation: those of the path by position, others by name.

use serde_json::Value;

use super::comparison::{Change, Comparison};
use super::finding::Direction::Request;
use super::place::Place;
use super::schema::{self, At, describe};
use super::{extensions, rules, rust_types};
use crate::document::{Object, OperationKey};
use crate::schemas::type_of;

/// A parameter and its index in the operation.
#[derive(Clone, Copy)]
struct Parameter<'a> {
    index: usize,
    value: &'a Object,
}

impl Parameter<'_> {
    fn text(&self, key: &str) -> &str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The name without what the patch for lists adds.
    fn name(&self) -> &str {
        self.text("name").trim_end_matches("[]")
    }

    fn location(&self) -> &str {
        self.text("in")
    }

    fn is(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    fn schema(&self) -> Value {
        self.value.get("schema").cloned().unwrap_or_default()
    }

    fn place(&self, operation: &Place, position: Option<usize>) -> Place {
        let phrase = format!("the {} parameter `{}`", self.location(), self.name());
        let mut place = operation.part(&format!("/parameters/{}", self.index), &phrase);
        let stable = position.map_or_else(|| self.name().to_owned(), |position| position.to_string());
        place.key = format!("{} {} {stable}", operation.key, self.location());
        place
    }

    /// How the value is written, where it has more than one part.
    fn style(&self) -> Option<String> {
        let schema = self.schema();
        let schema = schema.as_object()?;
        if !matches!(type_of(schema), Some("array" | "object")) {
            return None;
        }
        let style = if matches!(self.location(), "query" | "cookie") { "form" } else { "simple" };
        let style = self.value.get("style").and_then(Value::as_str).unwrap_or(style);
        let explode = self.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        Some(format!("{style}{}", if explode { ", exploded" } else { "" }))
    }
}

/// Compares the parameters of two operations.
pub fn compare(
    found: &mut Comparison<'_>,
    (old_key, old): (&OperationKey, &Object),
    (new_key, new): (&OperationKey, &Object),
    place: &Place,
) {
    let (mut old, mut new) = (parameters(old), parameters(new));
    let in_path = |parameter: &Parameter<'_>, key: &OperationKey| -> Option<usize> {
        let segment = format!("{{{}}}", parameter.name());
        let places = key.path.split('/').filter(|segment| segment.starts_with('{'));
        (parameter.location() == "path").then(|| places.take_while(|other| **other != segment).count())
    };
    // Where a parameter stands in a path; what it is called and where it stands; what it is called.
    let same_position = |old: &Parameter<'_>, new: &Parameter<'_>| {
        in_path(old, old_key).is_some_and(|position| in_path(new, new_key) == Some(position))
    };
    let same_name = |old: &Parameter<'_>, new: &Parameter<'_>| old.name() == new.name();
    let same_place = |old: &Parameter<'_>, new: &Parameter<'_>| {
        old.location() == new.location() && old.location() != "path" && same_name(old, new)
    };
    type Same<'s> = &'s dyn Fn(&Parameter<'_>, &Parameter<'_>) -> bool;
    for same in [&same_position as Same<'_>, &same_place, &same_name] {
        old.retain(|parameter| {
            let Some(position) = new.iter().position(|other| same(parameter, other)) else { return true };
            let other = new.remove(position);
            pair(found, parameter, &other, &other.place(place, in_path(&other, new_key)));
            false
        });
    }
    for parameter in new {
        let rule =
            if parameter.is("required") { &rules::REQUIRED_PARAMETER_ADDED } else { &rules::OPTIONAL_PARAMETER_ADDED };
        let place = parameter.place(place, in_path(&parameter, new_key));
        found.note(Change::new(rule, Request, &place).after(describe(&parameter.schema())));
    }
    for parameter in old {
        let rule = if parameter.is("required") {
            &rules::REQUIRED_PARAMETER_REMOVED
        } else {
            &rules::OPTIONAL_PARAMETER_REMOVED
        };
        let place = parameter.place(place, in_path(&parameter, old_key));
        found.note(Change::new(rule, Request, &place).before(describe(&parameter.schema())));
    }
}

fn parameters(operation: &Object) -> Vec<Parameter<'_>> {
    let list = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_object).enumerate().map(|(index, value)| Parameter { index, value }).collect()
}

fn pair(found: &mut Comparison<'_>, old: &Parameter<'_>, new: &Parameter<'_>, place: &Place) {
    let (old_schema, new_schema) = (old.schema(), new.schema());
    found.learn_names(&old_schema, &new_schema);
    let types = (
        rust_types::parameter_type(&old_schema, old.is("required")),
        rust_types::parameter_type(&new_schema, new.is("required")),
    );
    let rust = found.types_change(&types.0, &types.1, Request);
    let change = |rule| Change::new(rule, Request, place).rust(rust);
    if old.name() != new.name() {
        found.note(change(&rules::PARAMETER_RENAMED).before(old.name()).after(new.name()));
    }
    if old.location() != new.location() {
        found.note(change(&rules::PARAMETER_MOVED).before(old.location()).after(new.location()));
    }
    found.toggled(
        (old.is("required"), new.is("required")),
        change(&rules::PARAMETER_BECAME_REQUIRED),
        change(&rules::PARAMETER_BECAME_OPTIONAL),
    );
    found.toggled(
        (old.is("deprecated"), new.is("deprecated")),
        change(&rules::PARAMETER_DEPRECATED),
        change(&rules::PARAMETER_UNDEPRECATED),
    );
    if let (Some(before), Some(after)) = (old.style(), new.style())
        && before != after
    {
        found.note(change(&rules::PARAMETER_STYLE_CHANGED).before(before).after(after));
    }
    extensions::between(found, old.value, new.value, place);
    let mut inner = place.clone();
    inner.pointer.push_str("/schema");
    schema::compare(found, &old_schema, &new_schema, &At { as_text: true, ..At::value(inner, Request, rust) });
}
