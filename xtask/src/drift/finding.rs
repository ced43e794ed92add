//! What a change is, whom it breaks, and how it is known again.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::rule::Rule;

/// How many hex digits of the hash make a fingerprint.
const FINGERPRINT_DIGITS: usize = 12;

/// What a change does between a client that was built before it and the server after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Nothing.
    Safe,
    /// A client that takes the description at its word fails, ours puts the answer right.
    Strict,
    /// Calls fail, or do something else than before, with ours as well.
    Breaking,
}

/// What a change does to code that was written for the crate generated before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rust {
    /// It compiles as before.
    Safe,
    /// It no longer compiles.
    Breaking,
}

/// The worst that a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// On the wire or for Rust.
    Breaking,
    /// There is more to use than before.
    Additive,
    /// Worth knowing.
    Info,
}

/// Which way the values go that a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the server.
    Request,
    /// From the server.
    Response,
    /// To and fro.
    Both,
}

impl Direction {
    /// The direction of what goes this way and that way.
    pub fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Both => "both",
        })
    }
}

/// One change between two descriptions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The id of the rule that found it.
    #[serde(serialize_with = "rule_id")]
    pub rule: &'static Rule,
    /// The worst that it is.
    pub class: Class,
    /// What it does on the wire.
    pub wire: Wire,
    /// What it does to Rust code.
    pub rust: Rust,
    /// Which way the changed values go.
    pub direction: Direction,
    /// The operations that it reaches, such as `GET /chats/{id}`.
    pub operations: BTreeSet<String>,
    /// Where it stands: in the newer description, or in the older one for what the newer one lacks.
    pub pointer: String,
    /// What stood there, if anything.
    pub before: Option<Value>,
    /// What stands there now, if anything.
    pub after: Option<Value>,
    /// By what it is known again; the same change has the same one whatever else has changed.
    pub fingerprint: String,
    /// One sentence for people.
    pub message: String,
}

impl Finding {
    /// Whether somebody's program fails.
    pub fn is_breaking(&self) -> bool {
        self.class == Class::Breaking
    }

    /// Whom the change breaks, in words; nothing when it breaks nobody.
    pub fn breaks(&self) -> Option<&'static str> {
        match (self.wire, self.rust) {
            (Wire::Breaking, Rust::Breaking) => Some("breaks old clients and Rust code"),
            (Wire::Breaking, Rust::Safe) => Some("breaks old clients"),
            (Wire::Strict, Rust::Breaking) => Some("breaks Rust code and strict readers"),
            (Wire::Safe, Rust::Breaking) => Some("breaks Rust code"),
            (Wire::Strict, Rust::Safe) => Some("breaks strict readers only"),
            (Wire::Safe, Rust::Safe) => None,
        }
    }
}

/// A short hash of what a change is, without anything that another change could move.
pub fn fingerprint(rule: &Rule, place: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let facts = serde_json::json!([rule.id, place, before.map(sorted), after.map(sorted)]).to_string();
    hex::encode(Sha256::digest(facts))[..FINGERPRINT_DIGITS].to_owned()
}

/// A value with its keys in one order.
pub fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    value.sort_all_objects();
    value
}

fn rule_id<S: serde::Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id)
}
