//! `ChatOperations_listChats` becomes `listChats`.

use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;

use super::{Context, Patch};
use crate::document::Document;

pub const PATCH: Patch = Patch {
    name: "operation-ids",
    why: "The part before `_` is an internal group that gets renamed; the part after it is the method's name.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    document.visit_operations(|key, operation| {
        let short = key.id.rsplit_once('_').map_or(key.id.as_str(), |(_, short)| short);
        if short.is_empty() {
            bail!("nothing stands after the `_` of the operationId");
        }
        if let Some(other) = seen.insert(short.to_owned(), key.to_string()) {
            bail!("after the `_` it has the same operationId as {other}");
        }
        if short != key.id {
            operation.insert("operationId".to_owned(), Value::from(short));
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}
