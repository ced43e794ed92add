//! The drift workflow's own shell, run on local files as the runner runs it, with `cargo test` and `gh` only written down.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod run;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use run::SMALL;
use serde_json::Value;
use tempfile::TempDir;

/// Stands in for cargo: `xtask` is the binary under test, told where this repository's `openapi.yaml` is.
const CARGO: &str = r#"#!/bin/sh
case "$1 $2" in
  "xtask drift") shift 2; exec "$XTASK" drift --from "$PWD/openapi.yaml" "$@" ;;
  "xtask regen") shift 2; exec "$XTASK" regen --to "$PWD/openapi.yaml" "$@" ;;
esac
echo "INSTA_UPDATE=$INSTA_UPDATE cargo $*" >>"$CALLS"
case "$*" in *--workspace*) exit "$TESTS" ;; esac
"#;

/// Stands in for the platform's command, on which nothing is open yet.
const GH: &str = r#"#!/bin/sh
echo "gh $*" >>"$CALLS"
case "$1 $2" in "pr view") exit 1 ;; esac
"#;

/// A repository with its remote, and the commands that a runner has.
struct Runner {
    folder: TempDir,
    workflow: Value,
}

impl Runner {
    fn new() -> Self {
        let workflow = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/workflows/drift.yml");
        let options = serde_saphyr::options! { strict_booleans: true };
        let workflow = std::fs::read_to_string(workflow).unwrap();
        let workflow = serde_saphyr::from_str_with_options(&workflow, options).unwrap();
        let runner = Self { folder: tempfile::tempdir().unwrap(), workflow };
        std::fs::create_dir(runner.path("bin")).unwrap();
        for (name, script) in [("cargo", CARGO), ("gh", GH)] {
            let path = runner.path("bin").join(name);
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let repository = runner.path("compare");
        std::fs::create_dir_all(repository.join("tests/snapshots")).unwrap();
        std::fs::write(repository.join("tests/snapshots/operations.snap"), "as they were\n").unwrap();
        std::fs::write(runner.path("old.yaml"), SMALL).unwrap();
        let regen = runner.bash("compare", r#"cargo xtask regen --from ../old.yaml"#, "");
        assert!(regen.status.success(), "{regen:?}");
        let commit =
            "git init -q -b main . && git add -A && git -c user.name=t -c user.email=t@t.test commit -qm start";
        let setup = format!("{commit} && git clone -q --bare . ../remote.git && git clone -q ../remote.git ../propose");
        let setup = runner.bash("compare", &setup, "");
        assert!(setup.status.success(), "{setup:?}");
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a script in a folder as the runner's default shell does.
    fn bash(&self, folder: &str, script: &str, description: &str) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        // Whoever runs this test may have it set.
        command.env_remove("INSTA_UPDATE");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(self.path(folder));
        command.env("PATH", path).env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("DESCRIPTION", description);
        command.env("CALLS", self.path("calls")).env("GITHUB_OUTPUT", self.path("output")).env("TESTS", "0");
        command.output().unwrap()
    }

    /// Runs the steps of a job that have shell, in its folder, and follows their conditions.
    fn job(&self, job: &str, description: &str) {
        let condition = self.workflow["jobs"][job]["if"].as_str();
        assert!(condition.is_none_or(|condition| self.holds(condition)), "{job} would not run");
        for step in self.workflow["jobs"][job]["steps"].as_array().unwrap() {
            let Some(script) = step["run"].as_str() else { continue };
            if step["if"].as_str().is_none_or(|condition| self.holds(condition)) {
                let output = self.bash(job, script, description);
                assert!(output.status.success(), "{script}\n{output:?}");
            }
        }
    }

    /// What the comparison came to.
    fn outcome(&self) -> String {
        self.read("output").trim().trim_start_matches("outcome=").to_owned()
    }

    /// Whether a condition holds; every one in the workflow is about the outcome.
    fn holds(&self, condition: &str) -> bool {
        let [subject, comparison, value] = condition.split(' ').collect::<Vec<_>>()[..] else { panic!("{condition}") };
        assert!(subject.ends_with("compare.outputs.outcome"), "{condition}");
        (self.outcome() == value.trim_matches('\'')) == (comparison == "==")
    }

    /// Hands the artifact of the comparison to another job.
    fn hand_over(&self, job: &str) {
        std::fs::create_dir_all(self.path(job).join("drift")).unwrap();
        for entry in std::fs::read_dir(self.path("compare/drift")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), self.path(job).join("drift").join(entry.file_name())).unwrap();
        }
    }

    /// Writes a description to be compared with.
    fn description(&self, text: &str) -> String {
        std::fs::write(self.path("new.yaml"), text).unwrap();
        self.path("new.yaml").to_str().unwrap().to_owned()
    }
}

/// The small description with an operation more and a property less.
fn changed() -> String {
    let added = "paths:\n  /lids:\n    get:\n      operationId: LidOperations_countLids\n      responses:\n        \
                 '204':\n          description: Words.\n";
    SMALL.replacen("paths:\n", added, 1)
}

/// An operation whose two arguments would have one name.
const TWIN: &str = "paths:
  /lids:
    post:
      operationId: LidOperations_sendLid
      parameters: [{ name: lid, in: query, schema: { type: string } }]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: { type: object, required: [lid], properties: { lid: { type: string, format: binary } } }
      responses: { '204': { description: Words. } }
";

#[test]
fn a_change_becomes_a_pull_request_with_the_report() {
    let runner = Runner::new();
    let description = runner.description(&changed());
    runner.job("compare", &description);
    assert_eq!(runner.outcome(), "drift");
    let report = runner.read("compare/drift/report.md");
    assert!(report.contains("GET /lids") && report.contains("The tests pass with this change."), "{report}");
    let calls = runner.read("calls");
    assert!(calls.contains("INSTA_UPDATE=always cargo test --package pachca-tests --test snapshots\n"), "{calls}");
    assert!(calls.contains("INSTA_UPDATE= cargo test --workspace\n"), "{calls}");

    runner.hand_over("propose");
    runner.job("propose", &description);
    let calls = runner.read("calls");
    let expected = [
        "gh pr create --head drift --title The API has changed --body-file drift/report.md",
        "gh label create drift: additive --force",
        "gh pr edit drift --add-label drift: additive",
    ];
    for call in expected {
        assert!(calls.lines().any(|line| line == call), "{call}\n{calls}");
    }
    assert!(!calls.contains("breaking"), "{calls}");
    let pushed = runner.bash("remote.git", "git show drift:openapi.yaml && git diff --stat main drift", "");
    let pushed = String::from_utf8(pushed.stdout).unwrap();
    assert!(pushed.contains("operationId: countLids") && pushed.contains(" 1 file changed"), "{pushed}");
}

#[test]
fn without_a_change_nothing_happens() {
    let runner = Runner::new();
    let description = runner.description(&SMALL.replace("Words about", "Other words about"));
    runner.job("compare", &description);
    assert_eq!(runner.outcome(), "none");
    assert_eq!(runner.read("calls"), "");
    for job in ["propose", "complain"] {
        assert!(!runner.holds(runner.workflow["jobs"][job]["if"].as_str().unwrap()), "{job}");
    }
}

#[test]
fn a_description_that_cannot_be_carried_becomes_an_issue_with_the_reason() {
    // One that is no description, one that is not there, and two that can be read but not be made a client of: the
    // rules refuse the first, the generator the second.
    let twice = changed().replace("LidOperations_countLids", "LidOperations_listBoxes");
    let twin = SMALL.replacen("paths:\n", TWIN, 1);
    let cases = [
        (Some("nothing: here\n"), "openapi"),
        (None, "new.yaml"),
        (Some(&*twice), "listBoxes"),
        (Some(&*twin), "sendLid"),
    ];
    for (text, reason) in cases {
        let runner = Runner::new();
        let description = match text {
            Some(text) => runner.description(text),
            None => runner.path("new.yaml").to_str().unwrap().to_owned(),
        };
        runner.job("compare", &description);
        assert_eq!(runner.outcome(), "failed", "{reason}");
        runner.hand_over("complain");
        runner.job("complain", &description);
        let issue = runner.read("complain/drift/issue.md");
        assert!(issue.contains(reason), "{issue}");
        let calls = runner.read("calls");
        assert!(calls.contains("gh issue create --title The official description cannot be brought in"), "{calls}");
        assert!(!calls.contains("cargo test") && !calls.contains("gh pr"), "{calls}");
    }
}
