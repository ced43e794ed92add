//! The rules hold for a description that nobody has seen: it goes through regen, and its client is built and run.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_description_of_tomorrow_becomes_a_working_client() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let fixtures = workspace.join("tests/fixtures");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("workspace");
    let package = copy.join("pachca-api");
    for part in ["src", "codegen"] {
        copy_folder(&workspace.join("pachca-api").join(part), &package.join(part));
    }
    for file in ["Cargo.lock", "pachca-api/Cargo.toml", "pachca-api/build.rs", "pachca-api/README.md"] {
        std::fs::copy(workspace.join(file), copy.join(file)).unwrap();
    }
    let manifest = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let manifest =
        manifest.replace(r#"members = ["pachca-api", "pachca-ext", "tests", "xtask"]"#, r#"members = ["pachca-api"]"#);
    std::fs::write(copy.join("Cargo.toml"), manifest).unwrap();
    std::fs::create_dir(package.join("tests")).unwrap();
    std::fs::copy(fixtures.join("tomorrow_client.rs"), package.join("tests/tomorrow.rs")).unwrap();

    let description = package.join("openapi.yaml");
    run(Command::new(env!("CARGO"))
        .current_dir(workspace)
        .args(["run", "--quiet", "--package", "xtask", "--", "regen"])
        .arg("--from")
        .arg(fixtures.join("tomorrow.yaml"))
        .arg("--to")
        .arg(&description));
    run(Command::new(env!("CARGO"))
        .current_dir(&copy)
        .args(["test", "--offline", "--package", "pachca-api", "--test", "tomorrow"])
        // What does not depend on the description is built once and kept.
        .env("CARGO_TARGET_DIR", workspace.join("target/tomorrow")));
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{command:?}\n{text}");
}

fn copy_folder(from: &Path, to: &PathBuf) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
