//! Answers of the servers of the past are read with today's types.
//!
//! It runs where `PACHCA_OFFICIAL_HISTORY` names a folder with earlier official descriptions, and says so elsewhere.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use pachca_api::catalog::Type;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::Value;

mod documents;

use documents::{Documents, Twist};

/// How many answers of each operation of each version are tried.
const CASES: usize = 40;

/// Of a thousand answers, how many are read at the least. A lower number means that today's types lost something.
const RECORDED_PER_MILLE: usize = 1000;

#[test]
fn answers_of_earlier_versions_are_read() {
    let Some(folder) = std::env::var_os("PACHCA_OFFICIAL_HISTORY").map(PathBuf::from) else {
        println!("skipped: PACHCA_OFFICIAL_HISTORY does not name a folder with earlier descriptions");
        return;
    };
    let mut versions: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    versions.sort();
    assert!(!versions.is_empty(), "{} holds no description", folder.display());
    let today = answers(&parse(include_str!("../openapi.yaml")));
    let (mut all_read, mut all_corrected, mut all) = (0, 0, 0);
    for path in versions {
        let Tally { read, corrected, tried, failures } =
            replay(&parse(&std::fs::read_to_string(&path).unwrap()), &today);
        println!(
            "history {}: {read} of {tried} answers are read, {corrected} of them put right",
            path.file_stem().unwrap().to_string_lossy()
        );
        failures.iter().for_each(|(operation, reason)| println!("  {operation}: {reason}"));
        (all_read, all_corrected, all) = (all_read + read, all_corrected + corrected, all + tried);
    }
    println!("history: {all_read} of {all} answers are read, {all_corrected} of them put right");
    assert!(all_read * 1000 >= all * RECORDED_PER_MILLE, "fewer than {RECORDED_PER_MILLE} of 1000 are read");
}

/// What became of the answers of one version.
#[derive(Default)]
struct Tally {
    read: usize,
    /// Those that a reader without leniency could not read.
    corrected: usize,
    tried: usize,
    /// The first reason of each operation that fails.
    failures: BTreeMap<String, String>,
}

/// Reads made-up answers of a description with today's types.
fn replay(description: &Value, today: &BTreeMap<String, Value>) -> Tally {
    let documents = Documents::of(description, Twist::None);
    let mut runner = TestRunner::deterministic();
    let mut tally = Tally::default();
    for (operation, schema) in answers(description) {
        let Some(current) = today.get(&operation) else { continue };
        let nullable = current.get("nullable") == Some(&Value::Bool(true));
        let own = current.pointer("/allOf/0/$ref").or(current.get("$ref")).and_then(Value::as_str).unwrap();
        let own = Type::by_name(own.rsplit('/').next().unwrap()).unwrap();
        let strategy = documents.any(&schema);
        for _ in 0..CASES {
            let answer = strategy.new_tree(&mut runner).unwrap().current();
            tally.tried += 1;
            match own.reencode(answer.to_string().as_bytes()) {
                Ok((_, corrections)) => {
                    tally.read += 1;
                    tally.corrected += usize::from(!corrections.is_empty());
                }
                Err(_) if nullable && answer.is_null() => tally.read += 1,
                Err(error) => {
                    tally.failures.entry(operation.clone()).or_insert(format!("{error} in {answer}"));
                }
            }
        }
    }
    tally
}

/// The schema of the JSON answer of each operation, by method and path without parameter names.
fn answers(description: &Value) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let path: Vec<&str> =
            path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect();
        for (method, operation) in item.as_object().unwrap() {
            let success =
                operation["responses"].as_object().into_iter().flatten().find(|(status, _)| status.starts_with('2'));
            if let Some(schema) =
                success.and_then(|(_, response)| response.pointer("/content/application~1json/schema"))
            {
                answers.insert(format!("{} {}", method.to_uppercase(), path.join("/")), schema.clone());
            }
        }
    }
    answers
}

fn parse(text: &str) -> Value {
    pachca_tests::read_yaml(text).unwrap()
}
