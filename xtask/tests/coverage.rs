//! `cargo xtask coverage`: every operation, and what makes it callable.

mod run;

use run::{Folder, SMALL, error_of, xtask};
use serde_json::Value;

#[allow(clippy::unwrap_used, reason = "a test may panic")]
fn rows(output: &std::process::Output) -> Vec<Value> {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_committed_operation_is_a_row_of_four_texts() {
    let output = xtask(&["coverage", "--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = rows(&output);
    assert!(!rows.is_empty());
    for row in rows {
        let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["method", "path", "operation_id", "by"]);
        assert!(row.as_object().unwrap().values().all(Value::is_string), "{row}");
        assert!(row["path"].as_str().unwrap().starts_with('/'), "{row}");
        let method = row["method"].as_str().unwrap();
        assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method), "{row}");
    }
}

#[test]
fn every_operation_of_the_committed_description_is_counted() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let text = std::fs::read_to_string(committed).unwrap();
    let expected = text.lines().filter(|line| line.trim_start().starts_with("operationId: ")).count();
    assert_eq!(rows(&xtask(&["coverage", "--format", "json"])).len(), expected);
    let printed = String::from_utf8(xtask(&["coverage"]).stdout).unwrap();
    assert!(printed.ends_with(&format!("{expected} of {expected} operations can be called\n")), "{printed}");
    assert_eq!(printed.lines().count(), expected + 1);
}

#[test]
fn each_generator_that_is_needed_is_named() {
    let rows = rows(&xtask(&["coverage", "--format", "json"]));
    for by in ["progenitor", "multipart", "redirect"] {
        assert!(rows.iter().any(|row| row["by"] == by), "{by}");
    }
}

#[test]
fn an_operation_that_the_committed_description_lacks_fails_by_name() {
    let folder = Folder::new();
    let output = xtask(&["coverage", "--format", "json", "--from", &folder.source(SMALL)]);
    let line = error_of(&output);
    assert!(line.contains("4 of 4 operations cannot be called"), "{line}");
    assert!(line.contains("GET /boxes/{id}/lid (LidOperations_getLid)"), "{line}");
    assert!(rows(&output).iter().all(|row| row["by"].is_null()));
}

#[test]
fn an_operation_is_known_by_method_and_path_whatever_its_id_and_parameters_are_called() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let text = std::fs::read_to_string(committed).unwrap();
    let renamed = text.replace("operationId: ", "operationId: Renamed_").replace("/{id}", "/{number}");
    let renamed = renamed.replace("- name: id\n", "- name: number\n");
    let folder = Folder::new();
    let output = xtask(&["coverage", "--format", "json", "--from", &folder.source(renamed)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(rows(&output).iter().all(|row| row["operation_id"].as_str().unwrap().starts_with("Renamed_")));
}

#[test]
fn a_description_that_cannot_be_read_fails_in_one_line() {
    let line = error_of(&xtask(&["coverage", "--from", "/nowhere/openapi.yaml"]));
    assert!(line.contains("cannot open /nowhere/openapi.yaml"), "{line}");
}
