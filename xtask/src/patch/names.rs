//! Objects and enums that stand inline get names of their own.
//!
//! - The one object inside a request wrapper is the wrapper's purpose: `message` in `MessageCreateRequest` is
//!   `MessageCreate`, `webhook` in `BotCreateRequest` is `BotCreateWebhook`. Where that name is taken, `Input`
//!   follows it, as in the vendor's own `UserRoleInput`.
//! - Anything else is its parent and its property: `LinkPreviewImage`, an item of `files` is `…File`.
//! - Bodies and answers are the operation: `CreateChatRequest`, `CreateChatResponse`.

use std::collections::VecDeque;

use anyhow::{Result, bail};
use heck::ToUpperCamelCase;
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::{Document, Object, reference};
use crate::schemas::type_of;

pub const PATCH: Patch = Patch {
    name: "names",
    why: "Anonymous objects and enums would get the generator's numbered names, which move when a neighbour does.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let components = std::mem::take(document.components_mut()?);
    let mut named = Named { queue: components.keys().cloned().collect(), components, hits: 0 };
    document.visit_operations(|key, operation| {
        let stem = key.id.to_upper_camel_case();
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_upper_camel_case();
            if let Some(schema) = parameter.get_mut("schema") {
                named.hoist(schema, &[format!("{stem}{name}")])?;
            }
        }
        if let Some(body) = operation.get_mut("requestBody") {
            named.hoist_content(body, &format!("{stem}Request"))?;
        }
        for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            // The error rule does not look at names, so only answers of success get one.
            if status.starts_with(['1', '2', '3']) {
                named.hoist_content(response, &format!("{stem}Response"))?;
            }
        }
        Ok(())
    })?;
    // What gets a name along the way joins the queue, so that what is inside it is named too.
    while let Some(name) = named.queue.pop_front() {
        if let Some(mut schema) = named.components.get_mut(&name).map(Value::take) {
            named.inside(&mut schema, &name)?;
            named.components.insert(name, schema);
        }
    }
    *document.components_mut()? = named.components;
    Ok(named.hits)
}

struct Named {
    components: Object,
    /// The named schemas that were not looked into yet.
    queue: VecDeque<String>,
    hits: usize,
}

impl Named {
    fn hoist_content(&mut self, holder: &mut Value, name: &str) -> Result<()> {
        for (media_type, media) in holder.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            // The fields of a form are set one by one, so the form is no type.
            if media_type == "multipart/form-data" {
                continue;
            }
            if let Some(schema) = media.get_mut("schema") {
                self.hoist(schema, &[name.to_owned()])?;
            }
        }
        Ok(())
    }

    /// Replaces an inline object or enum by a reference to the first candidate name that is free.
    fn hoist(&mut self, schema: &mut Value, candidates: &[String]) -> Result<()> {
        let Some(map) = schema.as_object_mut() else { return Ok(()) };
        if !(map.contains_key("properties") || map.contains_key("enum")) {
            // An array, a map or a union is written out where it stands, and what is inside it gets the name.
            return self.parts(map, candidates);
        }
        let Some(name) = candidates.iter().find(|name| !self.components.contains_key(name.as_str())) else {
            bail!("an anonymous schema would be named `{}`, which exists already", candidates.join("` or `"));
        };
        // A default is of the place, not of the type.
        let use_site = match map.shift_remove("default") {
            Some(default) => json!({ "allOf": [reference(name)], "default": default }),
            None => reference(name),
        };
        self.hits += 1;
        let schema_of_its_own = std::mem::replace(schema, use_site);
        self.components.insert(name.clone(), schema_of_its_own);
        self.queue.push_back(name.clone());
        Ok(())
    }

    /// Names what stands inside a named schema.
    fn inside(&mut self, schema: &mut Value, name: &str) -> Result<()> {
        let Some(map) = schema.as_object_mut() else { return Ok(()) };
        for (property, value) in map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            self.hoist(value, &candidates(name, property))?;
        }
        if !map.contains_key("properties") {
            self.parts(map, &[name.to_owned()])?;
        }
        Ok(())
    }

    fn parts(&mut self, map: &mut Object, candidates: &[String]) -> Result<()> {
        let suffixed =
            |suffix: &dyn Fn(&str) -> String| -> Vec<String> { candidates.iter().map(|name| suffix(name)).collect() };
        if type_of(map) == Some("array")
            && let Some(items) = map.get_mut("items")
        {
            self.hoist(items, &suffixed(&singular))?;
        }
        if let Some(values) = map.get_mut("additionalProperties") {
            self.hoist(values, &suffixed(&|name| format!("{name}Value")))?;
        }
        for key in ["anyOf", "oneOf"] {
            for (index, member) in map.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
                self.hoist(member, &suffixed(&|name| format!("{name}Variant{}", index + 1)))?;
            }
        }
        Ok(())
    }
}

/// The names that a property's inline schema may get, best first.
fn candidates(parent: &str, property: &str) -> Vec<String> {
    let property = property.to_upper_camel_case();
    match parent.strip_suffix("Request") {
        Some(stem) if stem.contains(&property) => vec![stem.to_owned(), format!("{stem}Input")],
        Some(stem) => vec![format!("{stem}{property}"), format!("{stem}{property}Input")],
        None => vec![format!("{parent}{property}")],
    }
}

/// The name of one item of a list.
fn singular(plural: &str) -> String {
    match plural {
        _ if plural.ends_with("ss") => format!("{plural}Item"),
        _ if plural.ends_with("ies") => format!("{}y", &plural[..plural.len() - 3]),
        _ if plural.ends_with('s') => plural[..plural.len() - 1].to_owned(),
        _ => format!("{plural}Item"),
    }
}

#[cfg(test)]
mod tests;
