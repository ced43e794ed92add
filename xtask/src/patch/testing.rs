//! One rule on a small document, for the tests of the rules.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use anyhow::Result;
use serde_json::{Value, json};

use super::documentation::Docs;
use super::{Context, Patch};
use crate::codegen::{self, Generated};
use crate::document::Document;
use crate::regen;
use crate::source::Source;

/// What a rule made of a document.
#[derive(Debug)]
pub struct Outcome {
    /// How many places the rule says it changed.
    pub hits: usize,
    /// What the rule wants a person to know.
    pub notes: Vec<String>,
    root: Value,
}

impl Outcome {
    /// The value at a JSON pointer, null where there is none.
    pub fn at(&self, pointer: &str) -> Value {
        self.root.pointer(pointer).cloned().unwrap_or_default()
    }

    /// A named schema.
    pub fn schema(&self, name: &str) -> Value {
        self.at(&format!("/components/schemas/{name}"))
    }

    /// The names of all named schemas, in document order.
    pub fn names(&self) -> Vec<String> {
        self.at("/components/schemas").as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }
}

/// The text of a description made from a snippet; what every description has and the snippet lacks is added.
pub fn source(snippet: &str) -> Source {
    let root = whole(codegen::parse(snippet).unwrap());
    // JSON is YAML.
    Source { origin: "boxes.yaml".to_owned(), text: format!("{root:#}\n") }
}

/// A description with what every description has and the given one lacks.
pub fn whole(mut root: Value) -> Value {
    let map = root.as_object_mut().unwrap();
    for (key, value) in [
        ("openapi", json!("3.0.3")),
        ("info", json!({ "title": "Boxes", "version": "0.1.0" })),
        ("servers", json!([{ "url": "https://boxes.example/v1" }])),
        (
            "paths",
            json!({ "/ping": { "get": { "operationId": "ping", "responses": { "204": { "description": "" } } } } }),
        ),
        ("components", json!({})),
    ] {
        map.entry(key).or_insert(value);
    }
    map["components"].as_object_mut().unwrap().entry("schemas").or_insert(json!({}));
    root
}

/// Applies one rule to a description made from a snippet.
pub fn run(patch: &Patch, snippet: &str) -> Result<Outcome> {
    run_with(patch, snippet, &Docs::default())
}

/// Applies one rule, with our own words at hand.
pub fn run_with(patch: &Patch, snippet: &str, docs: &Docs) -> Result<Outcome> {
    let source = source(snippet);
    let mut document = Document::parse(&source)?;
    let mut context = Context { source: &source, docs, notes: BTreeSet::new() };
    let hits = (patch.apply)(&mut document, &mut context)?;
    Ok(Outcome { hits, notes: context.notes.into_iter().collect(), root: document.root })
}

/// Says that a rule finds nothing to do in a description and leaves it as it was.
#[track_caller]
pub fn assert_stale(patch: &Patch, snippet: &str) {
    let before = Document::parse(&source(snippet)).unwrap().root;
    let outcome = run(patch, snippet).unwrap();
    assert_eq!(outcome.hits, 0);
    assert_eq!(outcome.root, before);
}

/// Says that a rule refuses a description, and returns the reason.
#[track_caller]
pub fn refused(patch: &Patch, snippet: &str) -> String {
    format!("{:#}", run(patch, snippet).unwrap_err())
}

/// What is generated from a description after every rule.
pub fn generated(snippet: &str) -> Result<Generated> {
    let _alone = alone();
    let patched = regen::patch(&source(snippet))?;
    codegen::generate(&patched.document.root)
}

/// The generator exchanges the panic hook of the whole process, so one test at a time may run it.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
