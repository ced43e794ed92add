//! String formats that the wire does not keep to are taken away.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::Document;
use crate::schemas::{type_of, visit};

/// The string formats that are known to hold on the wire.
const KEPT: [&str; 3] = ["binary", "date", "date-time"];

pub const PATCH: Patch = Patch {
    name: "formats",
    why: "A `time` comes as hours and minutes, and a strict type for it, or for a format nobody has tried, would fail the whole answer.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |place, schema| {
        let format = schema.get("format").and_then(Value::as_str);
        if type_of(schema) == Some("string")
            && let Some(format) = format.filter(|format| !KEPT.contains(format))
        {
            context.notes.insert(format!("{place}: format `{format}` is read as a plain string"));
            schema.shift_remove("format");
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}
