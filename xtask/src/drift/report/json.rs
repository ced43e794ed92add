//! For programs.

use anyhow::Result;
use serde::Serialize;

use super::super::bump::CURRENT;
use super::super::finding::Finding;
use super::{Report, Summary};

#[derive(Serialize)]
struct Whole<'a> {
    summary: Summary,
    changes: &'a [Finding],
    ignored: usize,
    unmatched_ignores: Vec<&'a str>,
    release: Release,
}

#[derive(Serialize)]
struct Release {
    bump: &'static str,
    version: String,
    changelog: String,
}

/// One object with the counts and the changes.
///
/// # Errors
/// None that is known; what is printed is all made of JSON.
pub fn render(report: &Report<'_>) -> Result<String> {
    let release =
        Release { bump: report.bump.word(), version: report.bump.next(CURRENT), changelog: report.changelog() };
    Ok(serde_json::to_string_pretty(&Whole {
        summary: report.summary,
        changes: &report.findings,
        ignored: report.ignored,
        unmatched_ignores: report.unmatched.iter().map(|(fingerprint, _)| *fingerprint).collect(),
        release,
    })?)
}
