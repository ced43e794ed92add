//! What a rule is.

use super::finding::{Class, Direction, Rust, Wire};

/// What a change does in one direction; nothing where it depends on what exactly has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// On the wire.
    pub wire: Option<Wire>,
    /// For Rust.
    pub rust: Option<Rust>,
}

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// What the rule is called in reports.
    pub id: &'static str,
    /// The rule that finds the reverse change.
    pub mirror: &'static str,
    /// What the change is where it breaks nothing.
    pub otherwise: Class,
    /// The sentence of a finding, with `{place}`, `{before}` and `{after}` to be filled in.
    pub sentence: &'static str,
    /// Of what has no direction.
    pub both: Option<Verdict>,
    /// Of what is sent.
    pub request: Option<Verdict>,
    /// Of what is received.
    pub response: Option<Verdict>,
}

impl Rule {
    /// What the rule says about a direction.
    pub fn verdict(&self, direction: Direction) -> Option<Verdict> {
        match direction {
            Direction::Request => self.request,
            Direction::Response => self.response,
            Direction::Both => self.both,
        }
    }

    /// Judges what has no direction.
    pub const fn both(mut self, wire: Option<Wire>, rust: Option<Rust>) -> Self {
        self.both = Some(Verdict { wire, rust });
        self
    }

    /// Judges what is sent.
    pub const fn request(mut self, wire: Option<Wire>, rust: Option<Rust>) -> Self {
        self.request = Some(Verdict { wire, rust });
        self
    }

    /// Judges what is received.
    pub const fn response(mut self, wire: Option<Wire>, rust: Option<Rust>) -> Self {
        self.response = Some(Verdict { wire, rust });
        self
    }
}

/// A rule that judges nothing yet.
pub const fn rule(id: &'static str, mirror: &'static str, otherwise: Class, sentence: &'static str) -> Rule {
    Rule { id, mirror, otherwise, sentence, both: None, request: None, response: None }
}

/// A rule whose reverse is the same rule.
pub const fn swap(id: &'static str, sentence: &'static str) -> Rule {
    rule(id, id, Class::Info, sentence)
}
