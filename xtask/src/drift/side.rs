//! One of the two descriptions, patched so that both are in the same form.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::reach::{Reach, reach};
use crate::document::{Document, Object};
use crate::patch::{self, Context, documentation::Docs};
use crate::source::Source;
use crate::verify;

/// A description as it is compared.
#[derive(Debug)]
pub struct Side {
    /// The patched description, its shared answers written out.
    pub document: Document,
    /// The patches that hit nothing. The committed description has none: `regen --check` sees to that.
    pub stale: BTreeSet<&'static str>,
    /// Which operations use each schema.
    pub reach: BTreeMap<String, Reach>,
}

impl Side {
    /// Reads and patches a description; one that `regen` has written is patched already.
    ///
    /// # Errors
    /// What is wrong with the description, or what the rules cannot carry, with the name of the patch.
    pub fn new(source: &Source) -> Result<Self> {
        Self::patched(Document::parse(source)?, source).with_context(|| format!("cannot carry {}", source.origin))
    }

    /// Patches a description that was read already.
    ///
    /// # Errors
    /// What the rules cannot carry, with the name of the patch.
    pub fn patched(mut document: Document, source: &Source) -> Result<Self> {
        let mut stale = BTreeSet::new();
        if document.root.pointer("/info/x-source").is_none() {
            let docs = Docs::default();
            let mut context = Context { source, docs: &docs, notes: BTreeSet::new() };
            let applied = patch::apply(&mut document, &mut context)?;
            stale.extend(applied.iter().filter(|patch| patch.hits == 0).map(|patch| patch.name));
            verify::keywords(&mut document)?;
            // The patches share the answer of every refusal; written out, an answer has one form.
            document = Document::from_root(document.root)?;
        } else {
            verify::keywords(&mut document)?;
        }
        Ok(Self { stale, reach: reach(&document), document })
    }

    /// Whether an operation sends a named schema.
    pub fn sends(&self, name: &str) -> bool {
        self.reach.get(name).is_some_and(|reach| !reach.request.is_empty())
    }

    /// A named schema.
    pub fn schema(&self, name: &str) -> Option<&Object> {
        self.document.components().get(name).and_then(Value::as_object)
    }
}
