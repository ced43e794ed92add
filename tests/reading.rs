//! For every type: what a server of yesterday, today or tomorrow sends is read, and nothing known is lost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use pachca_api::catalog::Type;
use proptest::test_runner::TestRunner;
use serde_json::Value;

mod documents;

use documents::{Documents, Twist};

/// How many documents of each type are tried with each twist.
const CASES: u32 = 24;

#[test]
fn documents_as_described_are_read_without_correction() {
    every_type(Twist::None, |original, outcome| {
        let (encoded, corrections) = outcome?;
        if !corrections.is_empty() {
            return Err(format!("corrected {corrections:?}"));
        }
        kept(original, &encoded)
    });
}

#[test]
fn unknown_enum_values_are_read_and_kept() {
    every_type(Twist::Values, |original, outcome| kept(original, &outcome?.0));
}

#[test]
fn unknown_fields_are_ignored() {
    every_type(Twist::Fields, |original, outcome| {
        let mut known = original.clone();
        forget(&mut known, "not_yet_described");
        kept(&known, &outcome?.0)
    });
}

#[test]
fn unknown_kinds_are_kept_whole() {
    every_type(Twist::Kinds, |original, outcome| kept(original, &outcome?.0));
}

#[test]
fn gaps_are_put_right_and_named_unless_an_id_is_missing() {
    let mut corrected = 0;
    every_type(Twist::Gaps, |original, outcome| match outcome {
        Ok((encoded, corrections)) => {
            corrected += usize::from(!corrections.is_empty());
            kept(original, &encoded)
        }
        // A missing object that has an id cannot be made up.
        Err(reason) if reason.contains("missing field `id`") => Ok(()),
        Err(reason) => Err(reason),
    });
    assert!(corrected > 1000, "only {corrected} documents had a gap");
}

type Outcome = Result<(Value, Vec<String>), String>;

/// Tries documents of every type; `judge` gets each with what reading and writing it gave.
fn every_type(twist: Twist, mut judge: impl FnMut(&Value, Outcome) -> Result<(), String>) {
    let description: Value = pachca_tests::read_yaml(pachca_tests::DESCRIPTION).unwrap();
    let documents = Documents::of(&description, twist);
    let mut failures = Vec::new();
    for entry in Type::all() {
        let schema = &description["components"]["schemas"][entry.name()];
        let mut runner = TestRunner::deterministic();
        let strategy = documents.any(schema);
        for _ in 0..CASES {
            let original = sample(&strategy, &mut runner);
            let outcome = entry.reencode(original.to_string().as_bytes()).map_err(|error| error.to_string());
            if let Err(reason) = judge(&original, outcome) {
                failures.push(format!("{}: {reason} in {original}", entry.name()));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {} types fail:\n{}", failures.len(), Type::all().len(), failures.join("\n"));
}

fn sample(strategy: &impl proptest::strategy::Strategy<Value = Value>, runner: &mut TestRunner) -> Value {
    use proptest::strategy::ValueTree as _;
    strategy.new_tree(runner).unwrap().current()
}

/// Everything of `original` is in `encoded`, null being as good as absence.
fn kept(original: &Value, encoded: &Value) -> Result<(), String> {
    match (original, encoded) {
        (Value::Null, _) => Ok(()),
        (Value::Object(original), Value::Object(encoded)) => original.iter().try_for_each(|(name, value)| {
            kept(value, encoded.get(name).unwrap_or(&Value::Null)).map_err(|place| format!(".{name}{place}"))
        }),
        (Value::Array(original), Value::Array(encoded)) if original.len() == encoded.len() => {
            original.iter().zip(encoded).try_for_each(|(original, encoded)| kept(original, encoded))
        }
        (Value::Array(original), Value::Null) if original.is_empty() => Ok(()),
        (Value::Object(original), Value::Null) if original.is_empty() => Ok(()),
        _ if original == encoded => Ok(()),
        _ => Err(format!(" was {original} and became {encoded}")),
    }
}

fn forget(value: &mut Value, name: &str) {
    match value {
        Value::Object(map) => {
            map.remove(name);
            map.values_mut().for_each(|value| forget(value, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| forget(value, name)),
        _ => {}
    }
}

#[test]
fn the_judge_sees_a_loss() {
    let original = serde_json::json!({ "a": [1, { "b": "c" }], "d": null });
    assert_eq!(kept(&original, &original), Ok(()));
    for lossy in [serde_json::json!({ "a": [1, {}] }), serde_json::json!({ "a": [1] }), serde_json::json!({})] {
        assert!(kept(&original, &lossy).is_err(), "{lossy}");
    }
}
