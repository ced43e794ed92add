//! `cargo xtask drift` as a workflow runs it: two sides, a report, an exit code.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod run;

use std::process::{Command, Output};

use run::{Folder, SMALL, answer, serve, xtask};
use serde_json::Value;

/// What a newer version of the small description has.
fn newer() -> String {
    let mut text = SMALL.to_owned();
    for (part, other) in [
        ("/hooks:", "/all_hooks:"),
        ("enum: [plate, ball]", "enum: [plate, ball, cube]"),
        ("label: { type: string, maxLength: 9 }", "label: { type: string, maxLength: 9, nullable: true }"),
        ("required: [id, opens_at]", "required: [id, opens_at, label]"),
        ("Words", "Other words"),
    ] {
        assert!(text.contains(part), "{part}");
        text = text.replace(part, other);
    }
    text
}

struct Sides {
    folders: [Folder; 2],
    old: String,
    new: String,
}

impl Sides {
    fn new(old: &str, new: &str) -> Self {
        let folders = [Folder::new(), Folder::new()];
        let (old, new) = (folders[0].source(old), folders[1].source(new));
        Self { folders, old, new }
    }

    fn drift(&self, more: &[&str]) -> Output {
        xtask(&[&["drift", "--from", &self.old, "--to", &self.new], more].concat())
    }

    /// Runs it where the exit code is known, and returns what it printed.
    #[track_caller]
    fn printed(&self, code: i32, more: &[&str]) -> String {
        let output = self.drift(more);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty());
        String::from_utf8(output.stdout).unwrap()
    }

    fn ignore(&self, text: &str) -> String {
        let path = self.folders[0].target().with_file_name("ignore.yaml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn json(&self, more: &[&str]) -> Value {
        let output = self.drift(&[&["--format", "json"], more].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

#[track_caller]
fn refused(output: &Output, code: i32, parts: &[&str]) {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(output.stdout.is_empty());
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in `{error}`");
    }
}

#[test]
fn a_whole_run_ends_in_the_expected_report() {
    let sides = Sides::new(SMALL, &newer());
    let report = |format: &str| {
        let printed = sides.printed(1, &["--format", format]);
        printed.replace(&sides.old, "<old>").replace(&sides.new, "<new>")
    };
    insta::assert_snapshot!("text", report("text"));
    insta::assert_snapshot!("markdown", report("markdown"));
    insta::assert_snapshot!("json", report("json"));
}

#[test]
fn nothing_but_words_and_order_is_no_change() {
    let sides = Sides::new(SMALL, &SMALL.replace("Words", "Other words"));
    assert!(sides.printed(0, &[]).starts_with("No changes\n"));
    assert_eq!(sides.json(&[])["changes"], serde_json::json!([]));
}

#[test]
fn what_regen_writes_has_not_drifted_from_what_it_was_made_of() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    folder.succeed(&source, &[]);
    let written = folder.target();
    for sides in [[written.to_str().unwrap(), &source], [&source, written.to_str().unwrap()]] {
        let output = xtask(&["drift", "--from", sides[0], "--to", sides[1]]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_exit_code_is_what_fail_on_asks_for() {
    let additive = Sides::new(SMALL, &SMALL.replace("enum: [plate, ball]", "enum: [plate, ball, cube]"));
    let breaking = Sides::new(SMALL, &newer());
    for (fail_on, after_additive, after_breaking) in [("any", 1, 1), ("breaking", 0, 1), ("never", 0, 0)] {
        additive.printed(after_additive, &["--fail-on", fail_on]);
        breaking.printed(after_breaking, &["--fail-on", fail_on]);
    }
}

#[test]
fn a_side_that_cannot_be_read_or_patched_is_never_no_drift() {
    let folder = Folder::new();
    let small = folder.source(SMALL);
    for fail_on in ["any", "never"] {
        let missing = xtask(&["drift", "--from", &small, "--to", "/nowhere/openapi.yaml", "--fail-on", fail_on]);
        refused(&missing, 3, &["cannot open /nowhere/openapi.yaml"]);
    }
    let not_found = serve(answer("404 Not Found", "Nothing here\n"));
    refused(&xtask(&["drift", "--from", &not_found, "--to", &small]), 3, &["404 Not Found"]);
    let other = Folder::new();
    let clash = other.source(SMALL.replace("HookOperations_getHook", "HookOperations_listBoxes"));
    refused(&xtask(&["drift", "--from", &small, "--to", &clash]), 3, &["patch `operation-ids`", "listBoxes", &clash]);
    let unknown = other.source(SMALL.replace("opens_at: { type: string", "opens_at: { not: {}, type: string"));
    refused(&xtask(&["drift", "--from", &small, "--to", &unknown]), 3, &["`not`"]);
}

#[test]
fn what_cannot_be_understood_is_a_usage_error() {
    let output = xtask(&["drift", "--format", "xml"]);
    assert_eq!(output.status.code(), Some(2));
    let sides = Sides::new(SMALL, SMALL);
    for (text, line) in
        [("- fingerprint: 0a1b2c3d4e5f\n", "line 1"), ("- reason: because\n", "line 1"), ("a: b\n", "line 1")]
    {
        refused(&sides.drift(&["--ignore", &sides.ignore(text)]), 2, &["ignore.yaml", line]);
    }
    refused(&sides.drift(&["--ignore", "/nowhere/ignore.yaml"]), 2, &["cannot read /nowhere/ignore.yaml"]);
}

#[test]
fn what_is_ignored_does_not_fail_and_what_matches_nothing_is_reported() {
    let sides = Sides::new(SMALL, &newer());
    let found = sides.json(&[]);
    let mut list = "- { fingerprint: '000000000000', reason: it is over }\n".to_owned();
    for change in found["changes"].as_array().unwrap() {
        list.push_str(&format!("- {{ fingerprint: {:?}, reason: known }}\n", change["fingerprint"].as_str().unwrap()));
    }
    let path = sides.ignore(&list);
    let printed = sides.printed(0, &["--ignore", &path]);
    let count = found["changes"].as_array().unwrap().len();
    assert!(count > 3 && printed.starts_with(&format!("No changes ({count} more ignored)\n")), "{printed}");
    assert!(printed.contains("000000000000") && printed.contains("it is over"), "{printed}");
    assert_eq!(sides.json(&["--ignore", &path])["unmatched_ignores"], serde_json::json!(["000000000000"]));
}

#[test]
fn a_server_gives_the_same_as_a_file() {
    let sides = Sides::new(SMALL, &newer());
    let url = serve(answer("200 OK", &newer()));
    let by_server = xtask(&["drift", "--from", &sides.old, "--to", &url, "--format", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&by_server.stdout).unwrap(), sides.json(&[]));
}

/// Runs it as a job of a GitHub workflow does.
fn in_workflow(sides: &Sides, summary: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["drift", "--from", &sides.old, "--to", &sides.new, "--format", "github"])
        .env("GITHUB_STEP_SUMMARY", summary)
        .output()
        .unwrap()
}

#[test]
fn a_workflow_gets_ten_annotations_at_most_and_everything_in_the_summary() {
    let values = (0..20).map(|number| format!("v{number}")).collect::<Vec<_>>().join(", ");
    let many = newer().replace("ball, cube]", &format!("ball, {values}]"));
    let sides = Sides::new(SMALL, &many);
    let summary = sides.folders[0].target().with_file_name("summary.md");
    std::fs::write(&summary, "# Before\n").unwrap();
    let output = in_workflow(&sides, summary.to_str().unwrap());
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    let annotations: Vec<&str> = printed.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(annotations.len(), 10);
    assert!(annotations[0].starts_with("::error title=API drift%3A "), "{}", annotations[0]);
    let written = std::fs::read_to_string(&summary).unwrap();
    assert!(written.starts_with("# Before\n## API drift\n"), "{written}");
    let changes = sides.json(&[])["changes"].as_array().unwrap().clone();
    assert!(changes.len() > 20);
    for change in &changes {
        assert!(written.contains(change["fingerprint"].as_str().unwrap()), "{change}");
    }
    assert!(printed.contains(&format!("{} more changes in the job summary", changes.len() - 10)), "{printed}");
    // Without a summary nothing is lost either.
    let alone = String::from_utf8(in_workflow(&sides, "").stdout).unwrap();
    for change in &changes {
        assert!(alone.contains(change["message"].as_str().unwrap()), "{change}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let sides = Sides::new(SMALL, &newer());
    assert!(!sides.printed(1, &[]).contains('\u{1b}'));
    let forced = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["drift", "--from", &sides.old, "--to", &sides.new])
        .env("CLICOLOR_FORCE", "1")
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    assert!(String::from_utf8(forced.stdout).unwrap().contains('\u{1b}'));
}
