//! The rules hold for a description that nobody has seen: it goes through regen, and its client is built and run. What is
//! written by hand keeps compiling when the description grows.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

#[test]
fn a_description_of_tomorrow_becomes_a_working_client() {
    let fixtures = workspace().join("tests/fixtures");
    let folder = tempfile::tempdir().unwrap();
    let copy = copy(folder.path(), &["pachca-api"]);
    let package = copy.join("pachca-api");
    std::fs::copy(fixtures.join("tomorrow_client.rs"), package.join("tests/tomorrow.rs")).unwrap();
    run(Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["run", "--quiet", "--package", "xtask", "--", "regen"])
        .arg("--from")
        .arg(fixtures.join("tomorrow.yaml"))
        .arg("--to")
        .arg(package.join("openapi.yaml")));
    cargo(&copy, &["test", "--offline", "--package", "pachca-api", "--test", "tomorrow"]);
}

#[test]
fn what_is_written_by_hand_keeps_compiling_when_the_description_grows() {
    let folder = tempfile::tempdir().unwrap();
    let copy = copy(folder.path(), &["pachca-api", "pachca-ext", "tests"]);
    let mut document: Value = pachca_tests::read_yaml(pachca_tests::DESCRIPTION).unwrap();
    grow(&mut document);
    // JSON is YAML.
    std::fs::write(copy.join("pachca-api/openapi.yaml"), document.to_string()).unwrap();
    cargo(&copy, &["build", "--offline", "--package", "pachca-ext", "--features", "axum"]);
}

/// Gives every object, enum and operation of a description what most versions bring: something more of its kind.
fn grow(document: &mut Value) {
    let mut grown = [0; 3];
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("added_tomorrow".to_owned(), json!({ "type": "string" }));
            grown[0] += 1;
        }
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(json!(format!("added_tomorrow_to_{name}")));
            grown[1] += 1;
        }
    }
    let paths = document["paths"].as_object_mut().unwrap().values_mut();
    for operation in paths.flat_map(|path| path.as_object_mut().unwrap().values_mut()) {
        let parameters = operation.as_object_mut().unwrap().entry("parameters").or_insert(json!([]));
        let parameter = json!({ "name": "added_to_the_query", "in": "query", "schema": { "type": "string" } });
        parameters.as_array_mut().unwrap().push(parameter);
        grown[2] += 1;
    }
    assert!(grown[0] > 100 && grown[1] > 20 && grown[2] > 70, "{grown:?}");
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Copies some members of the workspace into a workspace of their own.
fn copy(folder: &Path, members: &[&str]) -> PathBuf {
    let copy = folder.join("workspace");
    for member in members {
        copy_folder(&workspace().join(member), &copy.join(member));
    }
    std::fs::copy(workspace().join("Cargo.lock"), copy.join("Cargo.lock")).unwrap();
    let manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let all = r#"members = ["pachca-api", "pachca-ext", "tests", "xtask"]"#;
    assert!(manifest.contains(all));
    std::fs::write(copy.join("Cargo.toml"), manifest.replace(all, &format!("members = {members:?}"))).unwrap();
    copy
}

fn cargo(workspace_copy: &Path, arguments: &[&str]) {
    // What does not depend on the description is built once and kept.
    let target = workspace().join("target/tomorrow");
    run(Command::new(env!("CARGO")).current_dir(workspace_copy).args(arguments).env("CARGO_TARGET_DIR", target));
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{command:?}\n{text}");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            std::fs::copy(&path, copy).unwrap();
        }
    }
}
