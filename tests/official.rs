//! Our description and our requests against the official description, where that is at hand.
//!
//! `PACHCA_OFFICIAL_SPEC` is the path of the unpatched file; it is no part of the repository, so without it each test
//! says that it was skipped.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use pachca_tests::Recorded;
use serde_json::Value;

#[path = "official/differences.rs"]
mod differences;
#[path = "official/form.rs"]
mod form;
#[path = "official/judge.rs"]
mod judge;
#[path = "official/planted.rs"]
mod planted;
#[path = "official/schema.rs"]
mod schema;
#[path = "contract/mod.rs"]
mod table;

use differences::KNOWN;
use judge::Official;
use table::{World, document};

type Outcome = Result<(), Box<dyn Error>>;

/// The path of the official description, or nothing after saying that `test` is skipped.
fn official(test: &str) -> Result<Option<PathBuf>, String> {
    let Some(given) = std::env::var_os("PACHCA_OFFICIAL_SPEC").map(PathBuf::from) else {
        println!("{test} is skipped: PACHCA_OFFICIAL_SPEC does not name the official description");
        return Ok(None);
    };
    // Tests run in the folder of their package, but the path is mostly given from the top of the workspace.
    let from_top = document::workspace_root().join(&given);
    let found = [given.clone(), from_top].into_iter().find(|path| path.is_file());
    let found = found.ok_or_else(|| format!("PACHCA_OFFICIAL_SPEC names no file: {}", given.display()))?;
    found.canonicalize().map(Some).map_err(|error| format!("cannot find {}: {error}", given.display()))
}

/// Runs `cargo xtask` at the top of the workspace and gives what it printed.
fn xtask(arguments: &[&str], official: &Path) -> Result<String, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "xtask", "--"]).args(arguments).arg("--from").arg(official);
    let output = command.current_dir(document::workspace_root()).output()?;
    let printed = String::from_utf8(output.stdout)?;
    if output.status.success() {
        Ok(printed)
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("cargo xtask {}: {}\n{printed}{errors}", arguments.join(" "), output.status).into())
    }
}

#[test]
fn the_committed_description_is_what_regen_gives() -> Outcome {
    let Some(official) = official("the_committed_description_is_what_regen_gives")? else { return Ok(()) };
    xtask(&["regen", "--check"], &official)?;
    // The other language has the same facts.
    let english = official.with_file_name("openapi.en.yaml");
    if english.is_file() && english != official {
        xtask(&["regen", "--check"], &english)?;
    } else {
        println!("there is no other language beside {}", official.display());
    }
    Ok(())
}

#[test]
fn every_official_operation_can_be_called() -> Outcome {
    let Some(official) = official("every_official_operation_can_be_called")? else { return Ok(()) };
    let rows: Vec<Value> = serde_json::from_str(&xtask(&["coverage", "--format", "json"], &official)?)?;
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let covered: BTreeSet<_> =
        rows.iter().map(|row| (text(row, "method"), text(row, "path"), text(row, "operation_id"))).collect();
    let description = document::read(&official)?;
    let expected: BTreeSet<_> = document::operations(&description)
        .into_iter()
        .map(|(method, path, definition)| (method, path.to_owned(), text(definition, "operationId")))
        .collect();
    assert_eq!(covered, expected, "coverage lists other operations than the official description has");
    assert_eq!(rows.len(), expected.len(), "coverage lists an operation twice");
    let without: Vec<_> = rows.iter().filter(|row| text(row, "by").is_empty()).collect();
    assert!(without.is_empty(), "nothing makes these callable: {without:?}");
    println!("{} of {} official operations can be called", rows.len() - without.len(), expected.len());
    Ok(())
}

/// Runs the table and gives its requests, with the description to compare them with.
async fn recorded(path: &Path) -> Result<(Official, Vec<Recorded>), Box<dyn Error>> {
    let mut world = World::ours().await?;
    let ours = document::read(&document::workspace_root().join("openapi.yaml"))?;
    let lines = table::run(&mut world, &ours).await;
    let failed: Vec<String> = lines.iter().filter(|line| line.error.is_some()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "the table does not run through, so its requests are not all there: {failed:?}");
    let server = world.server().ok_or("there is no server of our own")?;
    let base_path = server.base_url().parse::<reqwest::Url>()?.path().to_owned();
    let order = serde_saphyr::from_str(&std::fs::read_to_string(path)?)?;
    Ok((Official { description: document::read(path)?, order, base_path }, server.requests()))
}

#[tokio::test]
async fn every_request_is_what_the_official_description_allows() -> Outcome {
    let Some(path) = official("every_request_is_what_the_official_description_allows")? else { return Ok(()) };
    let (official, requests) = recorded(&path).await?;
    let (mut judged, mut met, mut mistakes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for request in &requests {
        let (operation, findings) = official.judge(request).await;
        for finding in findings {
            match finding.difference {
                Some(difference) => met.insert(difference),
                None => mistakes.insert(format!("{operation}: {}", finding.what)),
            };
        }
        judged.insert(operation);
    }
    let mistakes: Vec<String> = mistakes.into_iter().collect();
    assert!(mistakes.is_empty(), "the official description does not allow:\n{}", mistakes.join("\n"));
    let stale: Vec<_> = KNOWN.iter().filter(|(difference, _)| !met.contains(difference)).collect();
    assert!(stale.is_empty(), "no request differs so any more, so this is not a difference: {stale:?}");
    let expected: BTreeSet<_> = document::operations(&official.description)
        .into_iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(judged, expected, "not every official operation was asked for");
    Ok(())
}

#[tokio::test]
async fn a_planted_fault_is_found() -> Outcome {
    let Some(path) = official("a_planted_fault_is_found")? else { return Ok(()) };
    let (official, requests) = recorded(&path).await?;
    let unnoticed = planted::unnoticed(&official, &requests).await;
    assert!(unnoticed.is_empty(), "the comparison overlooks:\n{}", unnoticed.join("\n"));
    Ok(())
}
