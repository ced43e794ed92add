//! What was found, in the forms in which it is read.

use std::collections::BTreeSet;

use super::bump::{Bump, CURRENT};
use super::finding::{Class, Finding, Rust, Wire};
use super::ignore::Ignored;

pub mod github;
pub mod json;
pub mod markdown;
pub mod text;

/// How many there are of each kind. One that breaks both counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Those that break old clients.
    pub wire_breaking: usize,
    /// Those that break Rust code.
    pub rust_breaking: usize,
    /// Those that break neither, and add something.
    pub additive: usize,
    /// Those that break neither, and add nothing.
    pub info: usize,
}

/// What was found between two descriptions, ready to be printed.
pub struct Report<'a> {
    /// Where the older description was read from.
    pub from: &'a str,
    /// Where the newer description was read from.
    pub to: &'a str,
    /// What is not ignored, the worst first.
    pub findings: Vec<Finding>,
    /// The counts.
    pub summary: Summary,
    /// How many operations the newer description has.
    pub operations: usize,
    /// How many were ignored.
    pub ignored: usize,
    /// The entries for ignoring that matched nothing, with their reasons.
    pub unmatched: Vec<(&'a str, &'a str)>,
    /// How far the crates' version should go up.
    pub bump: Bump,
}

impl<'a> Report<'a> {
    /// Puts aside what is ignored, and counts the rest.
    pub fn new(
        (from, to): (&'a str, &'a str),
        mut findings: Vec<Finding>,
        operations: usize,
        ignored: &'a Ignored,
    ) -> Self {
        let (ignored, unmatched) = ignored.apply(&mut findings);
        let count = |is: fn(&Finding) -> bool| findings.iter().filter(|finding| is(finding)).count();
        let summary = Summary {
            wire_breaking: count(|finding| finding.wire == Wire::Breaking),
            rust_breaking: count(|finding| finding.rust == Rust::Breaking),
            additive: count(|finding| finding.class == Class::Additive),
            info: count(|finding| finding.class == Class::Info),
        };
        let bump = Bump::of(&findings, CURRENT);
        Self { from, to, findings, summary, operations, ignored, unmatched, bump }
    }

    /// The counts in words.
    fn headline(&self) -> String {
        let Summary { wire_breaking, rust_breaking, additive, info } = self.summary;
        let changes = match self.findings.len() {
            0 => "No changes".to_owned(),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        if self.findings.is_empty() {
            return format!("{changes}{}", self.aside());
        }
        format!(
            "{changes}{}: {wire_breaking} breaking on the wire, {rust_breaking} breaking for Rust, {additive} additive, {info} info",
            self.aside()
        )
    }

    fn aside(&self) -> String {
        if self.ignored == 0 { String::new() } else { format!(" ({} more ignored)", self.ignored) }
    }

    /// The findings by the operations that they reach: single ones first, then what several share, then the rest.
    fn groups(&self) -> Vec<(&BTreeSet<String>, Vec<&Finding>)> {
        let mut groups: Vec<(&BTreeSet<String>, Vec<&Finding>)> = Vec::new();
        for finding in &self.findings {
            match groups.iter_mut().find(|(operations, _)| **operations == finding.operations) {
                Some((_, group)) => group.push(finding),
                None => groups.push((&finding.operations, vec![finding])),
            }
        }
        groups.sort_by_key(|(operations, _)| (operations.is_empty(), operations.len(), *operations));
        groups
    }

    /// What the next version would be, in a sentence.
    fn suggestion(&self) -> Option<String> {
        (self.bump != Bump::None)
            .then(|| format!("Suggested version: {} ({}, from {CURRENT})", self.bump.next(CURRENT), self.bump.word()))
    }

    /// An entry for the changelog: what breaks, then what is new.
    pub fn changelog(&self) -> String {
        let mut lines = String::new();
        for finding in self.findings.iter().filter(|finding| finding.class != Class::Info) {
            let who = match (finding.class, finding.rust) {
                (Class::Breaking, Rust::Breaking) => "**Breaking.** ",
                (Class::Breaking, Rust::Safe) => "**Needed by the server.** ",
                _ => "",
            };
            lines.push_str(&format!("- {who}{}\n", finding.message));
        }
        lines
    }
}
