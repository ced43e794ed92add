//! Fields that hold a secret are marked, so that no `Debug` prints them.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::{type_of, visit};

/// The last words of names whose values let somebody act as somebody else.
const LAST_WORDS: [&str; 7] = ["credential", "key", "password", "policy", "secret", "signature", "token"];

/// Words before a last `key` that make it a secret; a bare `key` is the path of a file.
const KEY_OF: [&str; 4] = ["api", "challenge", "private", "secret"];

pub const PATCH: Patch = Patch {
    name: "secrets",
    why: "Tokens and upload signatures are fields of ordinary answers, and answers get logged.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(property) = property.as_object_mut().filter(|_| is_secret(name))
                && is_text(property)
            {
                property.insert("x-secret".to_owned(), Value::Bool(true));
                hits += 1;
            }
        }
        Ok(())
    })?;
    Ok(hits)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = name.rsplit(['_', '-']);
    match words.next() {
        Some("key") => words.next().is_some_and(|word| KEY_OF.contains(&word)),
        Some(last) => LAST_WORDS.contains(&last),
        None => false,
    }
}

fn is_text(schema: &Object) -> bool {
    type_of(schema) == Some("string") && !schema.contains_key("enum")
}
