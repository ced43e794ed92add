//! `info` says where the facts came from.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::Document;
use crate::source::OFFICIAL_URL;

pub const PATCH: Patch = Patch {
    name: "provenance",
    why: "The vendor's version never moves from 1.0.0; only the hash of the text tells which description this is.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let version = document.root.pointer("/info/version").cloned().unwrap_or(Value::from("1.0.0"));
    let info = json!({
        "title": "Pachca API",
        "description": "The facts of the official description, patched for the generated Rust client and documented in our own words.",
        "version": version,
        "x-source": { "url": OFFICIAL_URL, "sha256": context.source.sha256() },
    });
    if let Some(root) = document.root.as_object_mut() {
        root.insert("info".to_owned(), info);
    }
    Ok(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{run, source};
    use crate::source::OFFICIAL_URL;

    const SNIPPET: &str = "
        info:
          title: Their title
          description: Their words
          version: 4.5.6
          contact: { name: A person }
        ";

    #[test]
    fn info_says_the_official_address_and_the_hash_of_the_text() {
        let outcome = run(&PATCH, SNIPPET).unwrap();
        let expected = json!({ "url": OFFICIAL_URL, "sha256": source(SNIPPET).sha256() });
        assert_eq!(outcome.at("/info/x-source"), expected);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn only_the_version_of_the_vendors_info_stays() {
        let info = run(&PATCH, SNIPPET).unwrap().at("/info");
        assert_eq!(info["version"], "4.5.6");
        assert_eq!(info["title"], "Pachca API");
        let text = info.to_string();
        assert!(!text.contains("Their") && !text.contains("person"), "{text}");
    }

    #[test]
    fn the_path_that_was_read_is_never_told() {
        let text = run(&PATCH, SNIPPET).unwrap().at("/info").to_string();
        assert!(!text.contains(&source(SNIPPET).origin), "{text}");
    }
}
