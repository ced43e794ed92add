//! `cargo xtask regen` where all is well, and what its `--check` says.

mod run;

use run::{Folder, SMALL, answer, serve};
use serde_json::{Map, Value};

#[test]
fn a_run_writes_the_patched_description_and_says_so() {
    let folder = Folder::new();
    let printed = folder.succeed(&folder.source(SMALL), &[]);
    assert!(printed.contains(&format!("wrote {} (4 operations, ", folder.target().display())), "{printed}");
    assert!(printed.contains("review the snapshots: `cargo insta review`"), "{printed}");
    assert!(folder.text().starts_with("# Written by `cargo xtask regen`"), "{}", folder.text());
    assert!(folder.text().contains("operationId: listBoxes"), "{}", folder.text());
}

#[test]
fn every_rule_is_in_the_table_with_its_hits() {
    let folder = Folder::new();
    let printed = folder.succeed(&folder.source(SMALL), &[]);
    for (name, hits) in
        [("operation-ids", 4), ("names", 6), ("query-arrays", 1), ("union-selectors", 2), ("provenance", 1)]
    {
        let row = printed.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        assert_eq!(row.split_whitespace().nth(1), Some(hits.to_string().as_str()), "{row}");
        assert!(row.ends_with('.'), "{row}");
    }
    assert!(!printed.contains("stale"), "{printed}");
}

#[test]
fn no_word_of_the_vendor_is_written() {
    let folder = Folder::new();
    folder.succeed(&folder.source(SMALL), &[]);
    assert!(SMALL.contains("Words"));
    assert!(!folder.text().contains("Words"), "{}", folder.text());
}

#[test]
fn the_hash_of_the_source_is_written_but_not_its_path() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    folder.succeed(&source, &[]);
    assert!(!folder.text().contains(&source));
    assert!(folder.text().contains("url: https://dev.pachca.com/openapi.yaml"));
    assert_eq!(sha256_lines(&folder.text()).len(), 1);
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    folder.succeed(&source, &[]);
    let first = folder.text();
    let written = std::fs::metadata(folder.target()).unwrap().modified().unwrap();
    let printed = folder.succeed(&source, &[]);
    assert!(printed.contains("is unchanged"), "{printed}");
    assert!(!printed.contains("review the snapshots"), "{printed}");
    assert_eq!(folder.text(), first);
    assert_eq!(std::fs::metadata(folder.target()).unwrap().modified().unwrap(), written);
}

#[test]
fn a_server_gives_the_same_as_a_file() {
    let (by_file, by_server) = (Folder::new(), Folder::new());
    by_file.succeed(&by_file.source(SMALL), &[]);
    by_server.succeed(&serve(answer("200 OK", SMALL)), &[]);
    assert_eq!(by_server.text(), by_file.text());
}

#[test]
fn a_file_that_does_not_exist_yet_is_written() {
    let folder = Folder::new();
    std::fs::remove_file(folder.target()).unwrap();
    folder.succeed(&folder.source(SMALL), &[]);
    assert!(folder.text().contains("listBoxes"));
}

#[test]
fn the_order_of_keys_and_the_words_of_the_source_change_only_its_hash() {
    let (one, other) = (Folder::new(), Folder::new());
    one.succeed(&one.source(SMALL), &[]);
    let mut root: Value = serde_saphyr::from_str(SMALL).unwrap();
    turn_around(&mut root, false);
    let turned = format!("{root:#}\n").replace("Words about", "Слова о том, что есть");
    assert!(turned.find("\"servers\"") < turned.find("\"paths\""));
    other.succeed(&other.source(turned), &[]);
    let facts =
        |text: &str| text.lines().filter(|line| !line.contains("sha256:")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(facts(&other.text()), facts(&one.text()));
    assert_ne!(sha256_lines(&other.text()), sha256_lines(&one.text()));
}

#[test]
fn the_order_of_fields_is_a_fact_and_stays() {
    let folder = Folder::new();
    folder.succeed(&folder.source(SMALL), &[]);
    let text = folder.text();
    let places = ["        opens_at:\n", "        access_token:\n", "        label:\n"];
    let found: Vec<usize> = places.iter().map(|part| text.find(part).unwrap()).collect();
    assert!(found.is_sorted(), "{text}");
}

#[test]
fn a_check_passes_after_a_run_and_writes_nothing() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    folder.succeed(&source, &[]);
    let first = folder.text();
    let printed = folder.succeed(&source, &["--check"]);
    assert!(printed.contains("is what"), "{printed}");
    assert_eq!(folder.text(), first);
}

#[test]
fn a_check_passes_when_only_the_words_of_the_source_have_changed() {
    let folder = Folder::new();
    folder.succeed(&folder.source(SMALL), &[]);
    folder.succeed(&folder.source(SMALL.replace("Words", "Other words")), &["--check"]);
}

#[test]
fn a_check_fails_after_a_change_by_hand_and_names_the_line_and_the_remedy() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    folder.succeed(&source, &[]);
    let changed = folder.text().replacen("operationId: listBoxes", "operationId: listAllBoxes", 1);
    let number = 1 + changed.lines().position(|line| line.contains("listAllBoxes")).unwrap();
    std::fs::write(folder.target(), &changed).unwrap();
    let line = folder.fail(&source, &["--check"]);
    assert!(line.contains("`cargo xtask regen`"), "{line}");
    assert!(line.contains(&format!("line {number} ")), "{line}");
    assert_eq!(folder.text(), changed);
}

#[test]
fn a_check_fails_when_the_source_has_changed() {
    let folder = Folder::new();
    folder.succeed(&folder.source(SMALL), &[]);
    let line = folder.fail(&folder.source(SMALL.replace("/hooks:", "/all_hooks:")), &["--check"]);
    assert!(line.contains("`cargo xtask regen`"), "{line}");
}

#[test]
fn a_check_of_a_file_that_does_not_exist_names_the_remedy() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    std::fs::remove_file(folder.target()).unwrap();
    let line = run::error_of(&folder.regen(&source, &["--check"]));
    assert!(line.contains("cannot read") && line.contains("`cargo xtask regen`"), "{line}");
    assert!(!folder.target().exists());
}

#[test]
fn a_rule_that_hits_nothing_is_stale_and_fails_the_check_by_name() {
    let folder = Folder::new();
    let source = folder.source(SMALL.replace(", format: time", ""));
    let printed = folder.succeed(&source, &[]);
    let row = printed.lines().find(|line| line.starts_with("formats ")).unwrap();
    assert_eq!(row.split_whitespace().nth(1), Some("stale"), "{row}");
    let line = folder.fail(&source, &["--check"]);
    assert!(line.contains("stale patches") && line.contains(": formats;"), "{line}");
}

fn sha256_lines(text: &str) -> Vec<String> {
    text.lines().filter(|line| line.trim_start().starts_with("sha256: ")).map(str::to_owned).collect()
}

/// Turns the order of all keys around, but for the fields of objects, whose order is a fact.
fn turn_around(value: &mut Value, fields: bool) {
    match value {
        Value::Object(map) => {
            let entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            let turned = |(key, mut value): (String, Value)| {
                turn_around(&mut value, !fields && key == "properties");
                (key, value)
            };
            *map = match fields {
                true => entries.into_iter().map(turned).collect::<Map<_, _>>(),
                false => entries.into_iter().rev().map(turned).collect(),
            };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| turn_around(item, false)),
        _ => {}
    }
}
