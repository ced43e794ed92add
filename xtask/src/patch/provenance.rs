//! `info` says where the facts came from.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::Document;
use crate::source::OFFICIAL_URL;

pub const PATCH: Patch = Patch {
    name: "provenance",
    why: "The vendor's version never moves from 1.0.0; only the hash of the text tells which description this is.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let version = document.root.pointer("/info/version").cloned().unwrap_or(Value::from("1.0.0"));
    let info = json!({
        "title": "Pachca API",
        "description": "The facts of the official description, patched for the generated Rust client and documented in our own words.",
        "version": version,
        "x-source": { "url": OFFICIAL_URL, "sha256": context.source.sha256() },
    });
    if let Some(root) = document.root.as_object_mut() {
        root.insert("info".to_owned(), info);
    }
    Ok(1)
}
