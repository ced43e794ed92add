//! Every rule has a case in every direction that it knows, and finds what the case has planted and no more.

use std::collections::BTreeSet;

use super::cases::{CASES, Case, Place};
use super::{between, side};
use crate::drift::finding::{Class, Direction, Finding, Rust, Wire};
use crate::drift::rule::Rule;
use crate::drift::rules::ALL;
use crate::drift::side::Side;
use crate::drift::whole::compare;

/// The rules for what only follows from another change, which is found as well.
const CONSEQUENCES: [&str; 2] = ["rust-type-changed", "union-variant-renamed"];

impl Case {
    fn text(&self, part: &str) -> String {
        match self.place {
            Place::Sent => format!(
                "
paths:
  /boxes:
    post:
      operationId: sendBox
      requestBody: {{ required: true, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }}
      responses: {{ '204': {{ description: '' }} }}
components: {{ schemas: {{ {part} }} }}"
            ),
            Place::Received => format!(
                "
paths:
  /boxes:
    get:
      operationId: getBox
      responses:
        '200': {{ description: '', content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }}
components: {{ schemas: {{ {part} }} }}"
            ),
            Place::Operation => format!(
                "paths: {{ '/boxes/{{id}}': {{ get: {{ operationId: getBox, responses: {{ '204': {{ description: '' }} }}, {part} }} }} }}"
            ),
            Place::Beside => format!(
                "
paths:
  /boxes:
    get:
      operationId: getBox
      responses:
        '200': {{ description: '', content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }}
    {part}
components:
  schemas:
    Box: {{ type: object, properties: {{ sizes: {{ type: array, items: {{ type: number }} }} }} }}"
            ),
            Place::Whole | Place::Answer => part.to_owned(),
        }
    }

    fn direction(&self) -> Direction {
        let directions = match self.place {
            Place::Sent => [Direction::Request, Direction::Both],
            Place::Received | Place::Answer | Place::Beside => [Direction::Response, Direction::Both],
            Place::Operation | Place::Whole => [Direction::Both, Direction::Request],
        };
        let known = directions.into_iter().find(|direction| rule(self.rule).verdict(*direction).is_some());
        known.unwrap_or(Direction::Response)
    }

    /// What is found from one of the two descriptions to the other, but for what the case says it is not about.
    fn found(&self, old: &Side, new: &Side) -> Vec<Finding> {
        let own = rule(self.rule);
        let is_own = |finding: &Finding| finding.rule.id == own.id || finding.rule.id == own.mirror;
        let mut findings = compare(old, new);
        // In a small description many a patch hits nothing.
        let is_alone = !CONSEQUENCES.contains(&self.rule);
        findings.retain(|finding| is_own(finding) || (is_alone && !finding.rule.id.starts_with("patch-")));
        findings
    }
}

fn rule(id: &str) -> &'static Rule {
    ALL.iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule is called `{id}`"))
}

fn breaks(finding: &Finding) -> &'static str {
    match (finding.wire, finding.rust) {
        (Wire::Safe, Rust::Safe) => "nobody",
        (Wire::Strict, Rust::Safe) => "strict",
        (Wire::Breaking, Rust::Safe) => "wire",
        (Wire::Safe, Rust::Breaking) => "rust",
        (Wire::Strict, Rust::Breaking) => "strict, rust",
        (Wire::Breaking, Rust::Breaking) => "wire, rust",
    }
}

#[track_caller]
fn only(findings: Vec<Finding>, what: &str) -> Finding {
    let said: Vec<_> = findings.iter().map(|finding| (finding.rule.id, finding.message.as_str())).collect();
    assert_eq!(findings.len(), 1, "{what}: {said:?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn each_case_is_found_by_its_rule_and_its_reverse_by_the_mirror() {
    for case in CASES {
        let what = format!("{} ({:?})", case.rule, case.direction());
        let (old, new) = (side(&case.text(case.before)), side(&case.text(case.after)));
        let forth = only(case.found(&old, &new), &what);
        let back = only(case.found(&new, &old), &what);
        assert_eq!((forth.rule.id, forth.direction), (case.rule, case.direction()), "{what}");
        assert_eq!((back.rule.id, back.direction), (rule(case.rule).mirror, case.direction()), "{what}, back");
        assert_eq!(breaks(&forth), case.forth, "{what}");
        assert_eq!(breaks(&back), case.back, "{what}, back");
        assert_eq!((&forth.before, &forth.after), (&back.after, &back.before), "{what}");
        assert!(forth.before.is_some() || forth.after.is_some(), "{what}");
        assert_ne!(forth.fingerprint, back.fingerprint, "{what}");
        for finding in [&forth, &back] {
            let class = if finding.wire == Wire::Breaking || finding.rust == Rust::Breaking {
                Class::Breaking
            } else {
                finding.rule.otherwise
            };
            assert_eq!(finding.class, class, "{what}");
            let filled = ["{place}", "{before}", "{after}", "``"].iter().all(|gap| !finding.message.contains(gap));
            assert!(filled, "{}", finding.message);
            assert!(finding.message.ends_with('.'), "{}", finding.message);
        }
    }
}

#[test]
fn each_finding_points_at_what_is_there() {
    for case in CASES {
        let (old, new) = (side(&case.text(case.before)), side(&case.text(case.after)));
        for finding in compare(&old, &new) {
            let pointer = finding.pointer.strip_prefix('#').unwrap();
            let there = [&new, &old].iter().any(|side| side.document.root.pointer(pointer).is_some());
            assert!(there, "{}: {pointer}", case.rule);
        }
    }
}

#[test]
fn every_rule_has_a_case_in_every_direction_that_it_knows() {
    let mut covered = BTreeSet::new();
    for case in CASES {
        covered.insert((case.rule, case.direction()));
        covered.insert((rule(case.rule).mirror, case.direction()));
    }
    let known = ALL.iter().flat_map(|rule| {
        [Direction::Both, Direction::Request, Direction::Response]
            .into_iter()
            .filter(|direction| rule.verdict(*direction).is_some())
            .map(|direction| (rule.id, direction))
    });
    let missing: Vec<_> = known.filter(|known| !covered.contains(known)).collect();
    assert!(missing.is_empty(), "without a case: {missing:?}");
}

#[test]
fn each_rule_is_the_mirror_of_its_mirror_and_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), ALL.len());
    for known in ALL {
        let mirror = rule(known.mirror);
        assert_eq!(mirror.mirror, known.id);
        for direction in [Direction::Both, Direction::Request, Direction::Response] {
            assert_eq!(mirror.verdict(direction).is_some(), known.verdict(direction).is_some(), "{}", known.id);
        }
    }
}

/// What the server may newly ask of a client, and what a client may newly miss, are the same change seen from two ends.
#[test]
fn what_is_harmless_to_send_is_harmful_to_receive_and_the_other_way_round() {
    for id in [
        "format-added",
        "became-nullable",
        "became-not-nullable",
        "enum-value-added",
        "bound-added",
        "bound-tightened",
        "property-became-required",
        "property-became-optional",
        "other-properties-forbidden",
        "union-member-added",
    ] {
        let harms = |id: &str, direction| {
            let wire = rule(id).verdict(direction).unwrap().wire;
            // What depends on the value is strict at least.
            wire != Some(Wire::Safe)
        };
        let mirror = rule(id).mirror;
        assert_eq!(harms(id, Direction::Request), harms(mirror, Direction::Response), "{id}");
        assert_ne!(harms(id, Direction::Request), harms(id, Direction::Response), "{id}");
    }
}

#[test]
fn a_description_and_itself_differ_in_nothing() {
    for case in CASES {
        for part in [case.before, case.after] {
            let text = case.text(part);
            assert_eq!(between(&text, &text), [], "{}", case.rule);
        }
    }
}
