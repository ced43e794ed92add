//! Lengths, counts and number bounds are told to people, not checked by the client.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::visit;

/// The keywords that bound a value.
pub const KEYWORDS: [&str; 13] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

pub const PATCH: Patch = Patch {
    name: "bounds",
    why: "Bounds change in bulk and the server judges them anyway; a checked newtype would refuse what it accepts.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        let mut bounds = Object::new();
        for keyword in KEYWORDS {
            if let Some(value) = schema.shift_remove(keyword) {
                bounds.insert(keyword.to_owned(), value);
                hits += 1;
            }
        }
        if !bounds.is_empty() {
            schema.insert("x-bounds".to_owned(), Value::Object(bounds));
        }
        Ok(())
    })?;
    Ok(hits)
}
