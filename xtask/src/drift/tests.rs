//! The tests of drift: each rule, real versions, random documents, and what is printed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::finding::Finding;
use super::side::Side;
use super::whole::compare;
use crate::patch::testing::source;

mod cases;
mod history;
mod random;
mod rules;
mod shared;

/// A small description, patched.
#[track_caller]
fn side(snippet: &str) -> Side {
    Side::new(&source(snippet)).unwrap()
}

/// What is found between two small descriptions, but for the patches: of a small one, many a patch hits nothing.
#[track_caller]
fn between(old: &str, new: &str) -> Vec<Finding> {
    let mut findings = compare(&side(old), &side(new));
    findings.retain(|finding| !finding.rule.id.starts_with("patch-"));
    findings
}
