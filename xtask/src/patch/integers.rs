//! Every integer is read and sent with 64 bits.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::Document;
use crate::schemas::{type_of, visit};

pub const PATCH: Patch = Patch {
    name: "integers",
    why: "Ids above 2^31 and files above 2 GiB exist behind `int32`, and no name tells for certain which integer is one.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        if type_of(schema) == Some("integer") && schema.get("format").and_then(Value::as_str) != Some("int64") {
            schema.insert("format".to_owned(), Value::from("int64"));
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}
