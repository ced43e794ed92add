//! The published versions of the official description, where they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::drift::side::Side;
use crate::drift::whole::compare;
use crate::source::{self, Source};

/// The versions in the folder that `PACHCA_OFFICIAL_HISTORY` names, oldest first; nothing where it is not set.
fn versions() -> Option<Vec<(String, Source)>> {
    let Some(folder) = std::env::var_os("PACHCA_OFFICIAL_HISTORY") else {
        println!("skipped: PACHCA_OFFICIAL_HISTORY is not set");
        return None;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(paths.len() > 1, "the history is empty");
    Some(paths.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), load(path))).collect())
}

fn load(path: &Path) -> Source {
    source::load(path.to_str().unwrap()).unwrap()
}

#[test]
fn the_counts_between_published_versions_are_as_they_were_reviewed() {
    let Some(versions) = versions() else { return };
    let sides: Vec<(String, Side)> =
        versions.iter().map(|(name, source)| (name.clone(), Side::new(source).unwrap())).collect();
    let mut table = String::new();
    for pair in sides.windows(2) {
        let [(old_name, old), (new_name, new)] = pair else { unreachable!() };
        let findings = compare(old, new);
        table.push_str(&format!("{old_name} -> {new_name}: {}\n", findings.len()));
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for finding in &findings {
            let breaks = finding.breaks().unwrap_or("breaks nobody");
            *counts.entry(format!("{}, {}, {breaks}", finding.rule.id, finding.direction)).or_default() += 1;
        }
        counts.iter().for_each(|(kind, count)| table.push_str(&format!("  {count:>3}  {kind}\n")));
        assert_eq!(compare(new, new), [], "{new_name}");
        // Back again, as many changes by the mirrors of the rules.
        let back = compare(new, old);
        let mut mirrors: Vec<&str> = back.iter().map(|finding| finding.rule.mirror).collect();
        let mut rules: Vec<&str> = findings.iter().map(|finding| finding.rule.id).collect();
        mirrors.sort_unstable();
        rules.sort_unstable();
        assert_eq!(mirrors, rules, "{old_name} -> {new_name}");
    }
    insta::assert_snapshot!("history", table);
}

#[test]
fn fingerprints_are_distinct() {
    let Some(versions) = versions() else { return };
    let (first, last) = (Side::new(&versions[0].1).unwrap(), Side::new(&versions[versions.len() - 1].1).unwrap());
    let findings = compare(&first, &last);
    let mut fingerprints: Vec<&str> = findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), findings.len());
}

#[test]
fn another_order_gives_nothing() {
    let Some(versions) = versions() else { return };
    for (name, source) in [&versions[0], &versions[versions.len() - 1]] {
        let mut root: Value = crate::codegen::parse(&source.text).unwrap();
        turn_around(&mut root);
        let turned = Source { origin: "turned.yaml".to_owned(), text: format!("{root:#}\n") };
        assert_ne!(turned.text, source.text);
        assert_eq!(compare(&Side::new(source).unwrap(), &Side::new(&turned).unwrap()), [], "{name}");
    }
}

/// Turns the order of all keys around, and of the lists whose order says nothing.
fn turn_around(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            map.extend(entries.into_iter().rev().map(|(key, mut value)| {
                turn_around(&mut value);
                if let Some(list) = value.as_array_mut().filter(|_| {
                    ["required", "enum", "anyOf", "oneOf", "parameters", "tags", "security"].contains(&key.as_str())
                }) {
                    list.reverse();
                }
                (key, value)
            }));
        }
        Value::Array(items) => items.iter_mut().for_each(turn_around),
        _ => {}
    }
}

#[test]
fn the_other_language_and_the_committed_description_give_nothing() {
    let Some(official) = std::env::var_os("PACHCA_OFFICIAL_SPEC").map(PathBuf::from) else {
        println!("skipped: PACHCA_OFFICIAL_SPEC is not set");
        return;
    };
    let committed = Side::new(&load(&crate::regen::workspace_root().join("openapi.yaml"))).unwrap();
    let official_side = Side::new(&load(&official)).unwrap();
    let english = official.with_file_name("openapi.en.yaml");
    let english = english.exists().then(|| Side::new(&load(&english)).unwrap());
    assert!(english.is_some(), "the English description is not beside the other one");
    let sides: Vec<&Side> = [&committed, &official_side].into_iter().chain(&english).collect();
    for old in &sides {
        for new in &sides {
            assert_eq!(compare(old, new), []);
        }
    }
}
