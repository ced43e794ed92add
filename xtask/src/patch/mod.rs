//! The patches: rules over the whole document, each in a file of its own.
//!
//! A rule never names an operation or a schema. It returns how many places it changed; a rule that changes
//! nothing is stale, because then the official description is no longer what the rule was written for.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::document::Document;
use crate::source::Source;

pub mod documentation;

mod bounds;
mod errors;
mod export_webhook;
mod extensions;
mod formats;
mod integers;
mod names;
mod nullable_schemas;
mod operation_ids;
mod prose;
mod provenance;
mod query_arrays;
mod request_absence;
mod request_defaults;
mod secrets;
mod union_selectors;

#[cfg(test)]
pub mod testing;

/// A rule over the whole document.
pub struct Patch {
    /// What the rule is called in tables and messages.
    pub name: &'static str,
    /// Why the official description cannot be used without it, in one sentence.
    pub why: &'static str,
    /// Changes the document and returns how many places were changed.
    pub apply: fn(&mut Document, &mut Context<'_>) -> Result<usize>,
}

/// What the rules may look at beside the document, and what they report.
pub struct Context<'a> {
    /// Where the document came from.
    pub source: &'a Source,
    /// Our own words for operations, parameters and schemas.
    pub docs: &'a documentation::Docs,
    /// What a person should know about the run.
    pub notes: BTreeSet<String>,
}

/// What a rule did.
#[derive(Debug, Serialize)]
pub struct Applied {
    /// The rule's name.
    pub name: &'static str,
    /// How many places it changed.
    pub hits: usize,
    /// Why it exists.
    pub why: &'static str,
}

/// The rules in the order in which they are applied: later ones rely on what earlier ones made.
pub const PATCHES: [Patch; 16] = [
    operation_ids::PATCH,
    export_webhook::PATCH,
    names::PATCH,
    union_selectors::PATCH,
    nullable_schemas::PATCH,
    errors::PATCH,
    query_arrays::PATCH,
    integers::PATCH,
    formats::PATCH,
    request_defaults::PATCH,
    bounds::PATCH,
    request_absence::PATCH,
    secrets::PATCH,
    prose::PATCH,
    extensions::PATCH,
    provenance::PATCH,
];

/// Applies every rule, then our documentation.
///
/// # Errors
/// The first rule that meets something it cannot carry, with its name and the place.
pub fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<Vec<Applied>> {
    let mut applied = Vec::new();
    for patch in PATCHES.iter().chain([&documentation::PATCH]) {
        let hits = (patch.apply)(document, context).with_context(|| format!("patch `{}`", patch.name))?;
        applied.push(Applied { name: patch.name, hits, why: patch.why });
    }
    Ok(applied)
}
