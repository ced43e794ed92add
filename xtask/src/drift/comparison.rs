//! What is found while two descriptions are walked along one another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::finding::{Class, Direction, Finding, Rust, Wire, fingerprint, sorted};
use super::place::{Owner, Place};
use super::rule::{Rule, Verdict};
use super::side::Side;
use crate::document::Object;

/// The longest value that a sentence quotes, in characters.
const QUOTED: usize = 80;

/// Two descriptions and what was found between them so far.
pub struct Comparison<'a> {
    /// The older description.
    pub old: &'a Side,
    /// The newer description.
    pub new: &'a Side,
    /// The labels that operations of the older description have in the newer one.
    pub labels: BTreeMap<String, String>,
    /// The names, as types, of operations that got another id.
    pub renamed_operations: Vec<(String, String)>,
    /// The pairs of named schemas that were compared, with the way they go.
    pub compared: BTreeSet<(String, String, Direction)>,
    /// The older names of schemas by their newer ones, where they differ.
    pub renamed_schemas: BTreeMap<String, String>,
    /// Whether only the verdict is wanted, because the differences are not changes of one schema.
    pub trial: bool,
    found: BTreeMap<Key, Found>,
    noted: usize,
}

/// What tells findings apart: the rule, the place, before and after.
type Key = (&'static str, String, String, String);

struct Found {
    rule: &'static Rule,
    direction: Direction,
    wire: Wire,
    rust: Rust,
    place: Place,
    before: Option<Value>,
    after: Option<Value>,
}

/// One change as a rule sees it.
pub struct Change<'p> {
    /// The rule.
    pub rule: &'static Rule,
    /// Which way the values go.
    pub direction: Direction,
    /// Where it stands.
    pub place: &'p Place,
    before: Option<Value>,
    after: Option<Value>,
    wire: Option<Wire>,
    rust: Option<Rust>,
}

impl<'p> Change<'p> {
    /// A change at a place.
    pub fn new(rule: &'static Rule, direction: Direction, place: &'p Place) -> Self {
        Self { rule, direction, place, before: None, after: None, wire: None, rust: None }
    }

    /// What stood there.
    pub fn before(mut self, value: impl Into<Value>) -> Self {
        self.before = Some(value.into());
        self
    }

    /// What stands there now.
    pub fn after(mut self, value: impl Into<Value>) -> Self {
        self.after = Some(value.into());
        self
    }

    /// What is true now and was not, or the other way round.
    pub fn now(self, is: bool) -> Self {
        self.before(!is).after(is)
    }

    /// What it does on the wire, where that depends on the values.
    pub fn wire(mut self, wire: Wire) -> Self {
        self.wire = Some(wire);
        self
    }

    /// What it does to Rust code, where that depends on the types.
    pub fn rust(mut self, rust: Rust) -> Self {
        self.rust = Some(rust);
        self
    }
}

impl<'a> Comparison<'a> {
    /// Nothing found yet.
    pub fn new(old: &'a Side, new: &'a Side) -> Self {
        Self {
            old,
            new,
            labels: BTreeMap::new(),
            renamed_operations: Vec::new(),
            compared: BTreeSet::new(),
            renamed_schemas: BTreeMap::new(),
            trial: false,
            found: BTreeMap::new(),
            noted: 0,
        }
    }

    /// Writes a change down. The same change going the other way makes one finding of both.
    pub fn note(&mut self, change: Change<'_>) {
        let Change { rule, direction, place, before, after, wire, rust } = change;
        self.noted += 1;
        let own = rule.verdict(direction).unwrap_or(Verdict { wire: None, rust: None });
        // Where neither the rule nor the change says, the worst is assumed.
        let wire = own.wire.or(wire).unwrap_or(Wire::Breaking);
        let rust = own.rust.or(rust).unwrap_or(Rust::Breaking);
        let text = |value: &Option<Value>| value.as_ref().map(|value| sorted(value).to_string()).unwrap_or_default();
        let key = (rule.id, place.key.clone(), text(&before), text(&after));
        let found = Found { rule, direction, wire, rust, place: place.clone(), before, after };
        self.found
            .entry(key)
            .and_modify(|known| {
                known.direction = known.direction.and(direction);
                known.wire = known.wire.max(wire);
                known.rust = known.rust.max(rust);
            })
            .or_insert(found);
    }

    /// Writes down that something is true now and was not, or the other way round.
    pub fn toggled(&mut self, (old, new): (bool, bool), became: Change<'_>, ceased: Change<'_>) {
        match (old, new) {
            (false, true) => self.note(became.now(true)),
            (true, false) => self.note(ceased.now(false)),
            _ => {}
        }
    }

    /// Writes down that a value came, went or is another one now.
    pub fn differs<'p>(
        &mut self,
        (added, removed, changed): (&'static Rule, &'static Rule, &'static Rule),
        (old, new): (Option<&Value>, Option<&Value>),
        change: impl Fn(&'static Rule) -> Change<'p>,
    ) {
        match (old.cloned(), new.cloned()) {
            (None, Some(new)) => self.note(change(added).after(new)),
            (Some(old), None) => self.note(change(removed).before(old)),
            (Some(old), Some(new)) if old != new => self.note(change(changed).before(old).after(new)),
            _ => {}
        }
    }

    /// How often something was found, the same thing the other way counted again.
    pub fn count(&self) -> usize {
        self.noted
    }

    /// What `compare` finds on the wire, without writing it down.
    pub fn tried(&mut self, compare: impl FnOnce(&mut Self)) -> Wire {
        let found = std::mem::take(&mut self.found);
        let (compared, renamed, trial) = (self.compared.clone(), self.renamed_schemas.clone(), self.trial);
        self.trial = true;
        compare(self);
        let tried = std::mem::replace(&mut self.found, found);
        (self.compared, self.renamed_schemas, self.trial) = (compared, renamed, trial);
        tried.values().map(|found| found.wire).max().unwrap_or(Wire::Safe)
    }

    /// Everything found, the worst first.
    pub fn findings(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.found.values().map(|found| self.finding(found)).collect();
        findings.sort_by(|a, b| {
            let rank = |finding: &Finding| (finding.class, std::cmp::Reverse((finding.wire, finding.rust)));
            (rank(a), &a.pointer, a.rule.id, &a.fingerprint).cmp(&(rank(b), &b.pointer, b.rule.id, &b.fingerprint))
        });
        findings
    }

    fn finding(&self, found: &Found) -> Finding {
        let Found { rule, direction, rust, place, before, after, .. } = found;
        let operations = self.operations(&place.owner, *direction);
        // What no operation uses is a type, and never on the wire.
        let wire = if operations.is_empty() { Wire::Safe } else { found.wire };
        let breaking = wire == Wire::Breaking || *rust == Rust::Breaking;
        Finding {
            rule,
            class: if breaking { Class::Breaking } else { rule.otherwise },
            wire,
            rust: *rust,
            direction: *direction,
            operations,
            pointer: place.pointer.clone(),
            before: before.clone(),
            after: after.clone(),
            fingerprint: fingerprint(rule, &place.key, before.as_ref(), after.as_ref()),
            message: sentence(rule, place, before.as_ref(), after.as_ref()),
        }
    }

    fn operations(&self, owner: &Owner, direction: Direction) -> BTreeSet<String> {
        let reached = |side: &Side, name: &Option<String>| -> BTreeSet<String> {
            let reach = name.as_ref().and_then(|name| side.reach.get(name)).cloned().unwrap_or_default();
            match direction {
                Direction::Request => reach.request,
                Direction::Response => reach.response,
                Direction::Both => &reach.request | &reach.response,
            }
        };
        let renewed = |labels: BTreeSet<String>| -> BTreeSet<String> {
            labels.into_iter().map(|label| self.labels.get(&label).cloned().unwrap_or(label)).collect()
        };
        match owner {
            Owner::Document => self.new.document.operations().iter().map(|(key, _)| super::reach::label(key)).collect(),
            Owner::Operations(labels) => labels.iter().cloned().collect(),
            Owner::Schema(old, new) => &renewed(reached(self.old, old)) | &reached(self.new, new),
        }
    }
}

/// The keys of two objects, each once.
pub fn keys<'a>(old: &'a Object, new: &'a Object) -> impl Iterator<Item = &'a String> {
    old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)))
}

fn sentence(rule: &Rule, place: &Place, before: Option<&Value>, after: Option<&Value>) -> String {
    let text = |value: Option<&Value>| value.map(quoted).unwrap_or_default();
    let sentence = rule
        .sentence
        .split_inclusive('}')
        .map(|part| match part.rsplit_once('{') {
            Some((words, "place}")) => format!("{words}{place}"),
            Some((words, "before}")) => format!("{words}{}", text(before)),
            Some((words, "after}")) => format!("{words}{}", text(after)),
            _ => part.to_owned(),
        })
        .collect::<String>();
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    // A name of the description may not begin a line, and a command, of its own.
    format!("{first}{}.", letters.as_str()).replace(char::is_control, " ")
}

/// A value in a sentence: code of a bounded length.
fn quoted(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => sorted(other).to_string(),
    };
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{}`", short.replace('`', "'"))
}
