//! What several operations share, and what one change may not be taken for.

use std::collections::BTreeSet;

use super::{between, side};
use crate::drift::bump::Bump;
use crate::drift::finding::{Direction, Rust, Wire};
use crate::drift::ignore::Ignored;
use crate::drift::report::Report;
use crate::drift::whole::compare;

/// Forty operations that answer with `Box`, and one that sends it.
fn forty(schemas: &str) -> String {
    let mut text = "paths:\n".to_owned();
    for number in 0..40 {
        text.push_str(&format!(
            "  /boxes{number}: {{ get: {{ operationId: get{number}, responses: {{ '200': {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }} }} }} }}\n"
        ));
    }
    format!("{text}components: {{ schemas: {{ {schemas} }} }}\n")
}

#[test]
fn a_schema_of_forty_operations_is_one_finding_that_names_the_forty() {
    let old = forty(
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Lid' } } }, Lid: { type: object, required: [size], properties: { size: { type: number } } }",
    );
    let new = forty(
        "Box: { type: object, properties: { lid: { $ref: '#/components/schemas/Lid' } } }, Lid: { type: object, properties: { size: { type: number } } }",
    );
    let findings = between(&old, &new);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].operations.len(), 40);
    assert!(findings[0].operations.contains("GET /boxes39"));
    assert_eq!(findings[0].pointer, "#/components/schemas/Lid/properties/size");
}

/// `Box` is sent and received by one operation.
fn echo(schema: &str) -> String {
    format!(
        "
paths:
  /boxes:
    post:
      operationId: echo
      requestBody: {{ required: true, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }}
      responses: {{ '200': {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }} }}
components: {{ schemas: {{ Box: {schema} }} }}"
    )
}

#[test]
fn what_goes_both_ways_is_one_finding_with_the_worse_of_both() {
    let findings = between(
        &echo("{ type: object, required: [size], properties: { size: { type: number } } }"),
        &echo("{ type: object, required: [size], properties: { size: { type: number, nullable: true } } }"),
    );
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].direction, Direction::Both);
    assert_eq!((findings[0].wire, findings[0].rust), (Wire::Strict, Rust::Breaking));
}

#[test]
fn a_list_that_is_sent_now_as_well_gets_an_option_around_it() {
    let schema = "Box: { type: object, properties: { sizes: { type: array, items: { type: number } } } }";
    let received = |more: &str| {
        format!(
            "paths: {{ /a: {{ get: {{ operationId: a, responses: {{ '200': {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }} }} }} {more} }} }}\ncomponents: {{ schemas: {{ {schema} }} }}"
        )
    };
    let sent = ", put: { operationId: b, requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Box' } } } }, responses: { '204': {} } }";
    let findings = between(&received(""), &received(sent));
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["rust-type-changed", "operation-added"]);
    assert_eq!(findings[0].before.as_ref().unwrap(), "Vec<f64>");
    assert_eq!(findings[0].after.as_ref().unwrap(), "Option<Vec<f64>>");
}

#[test]
fn names_of_path_parameters_and_words_are_no_part_of_a_fingerprint() {
    let text = |name: &str, words: &str, more: &str| {
        format!(
            "paths: {{ '/a/{{{name}}}': {{ get: {{ operationId: a, description: {words}, deprecated: {more}, parameters: [{{ in: path, name: {name}, required: true, schema: {{ type: string }} }}], responses: {{ '204': {{}} }} }} }} }}"
        )
    };
    let one = between(&text("id", "x", "false"), &text("id", "y", "true"));
    let other = between(&text("no", "x", "false"), &text("no", "x", "true"));
    assert_eq!((one.len(), other.len()), (1, 1));
    assert_eq!(one[0].fingerprint, other[0].fingerprint);
}

#[test]
fn other_findings_do_not_move_a_fingerprint() {
    let schema = |more: &str| echo(&format!("{{ type: object, properties: {{ lid: {{ type: string }} {more} }} }}"));
    let few = between(&schema(""), &schema(", size: { type: number }"));
    let many = between(&schema(""), &schema(", age: { type: number }, size: { type: number }"));
    assert_eq!((few.len(), many.len()), (1, 2));
    assert!(many.iter().any(|finding| finding.fingerprint == few[0].fingerprint));
}

#[test]
fn a_schema_that_contains_itself_is_compared() {
    let schema = |kind: &str| {
        echo(&format!(
            "{{ type: object, properties: {{ inner: {{ $ref: '#/components/schemas/Box' }}, size: {{ type: {kind} }} }} }}"
        ))
    };
    assert_eq!(between(&schema("number"), &schema("string")).len(), 1);
}

#[test]
fn a_recursive_schema_in_the_place_of_another_ends() {
    let text = |name: &str| {
        format!(
            "paths: {{ /a: {{ get: {{ operationId: a, responses: {{ '200': {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{name}' }} }} }} }} }} }} }} }}
components:
  schemas:
    A: {{ type: object, properties: {{ next: {{ $ref: '#/components/schemas/A' }} }} }}
    B: {{ type: object, properties: {{ next: {{ $ref: '#/components/schemas/B' }}, size: {{ type: number }} }} }}"
        )
    };
    let findings = between(&text("A"), &text("B"));
    assert_eq!(findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(), ["schema-replaced"]);
}

#[test]
fn what_is_ignored_is_counted_and_what_matches_nothing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ignore.yaml");
    let (old, new) = (side(&echo("{ type: object }")), side(&echo("{ type: object, deprecated: true }")));
    let fingerprint = compare(&old, &new)[0].fingerprint.clone();
    std::fs::write(
        &path,
        format!(
            "- {{ fingerprint: {fingerprint}, reason: known }}\n- {{ fingerprint: '000000000000', reason: over }}\n"
        ),
    )
    .unwrap();
    let ignored = Ignored::read(&path).unwrap();
    let report = Report::new(("a", "b"), compare(&old, &new), 1, &ignored);
    assert!(report.findings.is_empty());
    assert_eq!((report.ignored, report.unmatched.clone()), (1, vec![("000000000000", "over")]));
}

#[test]
fn groups_hold_every_finding_once() {
    let old = forty("Box: { type: object, properties: { lid: { type: string } } }, Spare: { type: object }");
    let new = forty(
        "Box: { type: object, properties: { size: { type: string } } }, Spare: { type: object, properties: { a: { type: string } } }",
    );
    let report = Ignored::default();
    let report = Report::new(("a", "b"), between(&old, &new), 41, &report);
    let text = crate::drift::report::text::render(&report);
    let markdown = crate::drift::report::markdown::comment(&report);
    let seen: BTreeSet<&str> = report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    assert_eq!(seen.len(), 3);
    for fingerprint in seen {
        assert_eq!(text.matches(fingerprint).count(), 1);
        assert_eq!(markdown.matches(fingerprint).count(), 1);
    }
    assert!(text.contains("Used by no operation") && text.contains("40 operations"));
}

#[test]
fn a_comment_stays_within_what_is_taken_and_says_what_it_leaves_out() {
    let values = (0..2000).map(|number| format!("value{number}")).collect::<Vec<_>>().join(", ");
    let old = echo("{ type: string, enum: [one] }");
    let new = echo(&format!("{{ type: string, enum: [one, {values}] }}"));
    let none = Ignored::default();
    let report = Report::new(("a", "b"), between(&old, &new), 1, &none);
    let comment = crate::drift::report::markdown::comment(&report);
    assert!(comment.chars().count() <= 65_536);
    let told = report.findings.iter().filter(|finding| comment.contains(&finding.fingerprint)).count();
    assert!(told > 100 && comment.contains(&format!("{} more changes", 2000 - told)), "{told}");
    assert!(crate::drift::report::markdown::render(&report).chars().count() > 65_536);
}

#[test]
fn what_breaks_code_decides_the_version_and_what_breaks_the_wire_asks_for_a_release() {
    let schema = |more: &str| echo(&format!("{{ type: object, properties: {{ size: {{ type: number }} {more} }} }}"));
    let scope = |scope: &str| {
        format!(
            "paths: {{ /a: {{ get: {{ operationId: a, x-requirements: {{ scope: {scope} }}, responses: {{ '204': {{}} }} }} }} }}"
        )
    };
    let (same, added) = (schema(""), schema(", lid: { type: string }"));
    for (what, findings, before_one, after_one) in [
        ("nothing", between(&same, &same), Bump::None, Bump::None),
        ("additive", between(&same, &added), Bump::Patch, Bump::Minor),
        ("Rust", between(&added, &same), Bump::Minor, Bump::Major),
        ("the wire alone", between(&scope("read"), &scope("see")), Bump::Patch, Bump::Patch),
    ] {
        assert_eq!(Bump::of(&findings, "0.4.2"), before_one, "{what}");
        assert_eq!(Bump::of(&findings, "1.4.2"), after_one, "{what}");
    }
}
