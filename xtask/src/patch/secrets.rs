//! Fields that hold a secret are marked, so that no `Debug` prints them.

use anyhow::Result;
use heck::ToSnakeCase;
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
    let name = name.to_snake_case();
    let mut words = name.rsplit('_');
    match words.next() {
        Some("key") => words.next().is_some_and(|word| KEY_OF.contains(&word)),
        Some(last) => LAST_WORDS.contains(&last),
        None => false,
    }
}

fn is_text(schema: &Object) -> bool {
    type_of(schema) == Some("string") && !schema.contains_key("enum")
}

#[cfg(test)]
mod tests {
    use super::PATCH;
    use crate::patch::testing::{assert_stale, run};

    #[test]
    fn texts_that_let_somebody_act_as_somebody_else_are_marked() {
        let names = [
            "token",
            "access_token",
            "x-box-signature",
            "X-Box-Credential",
            "password",
            "signing_secret",
            "policy",
            "api_key",
            "private-key",
            "secret_key",
            "challenge_key",
        ];
        for name in names {
            let snippet = format!(
                "components: {{ schemas: {{ Box: {{ type: object, properties: {{ {name}: {{ type: string }} }} }} }} }}"
            );
            let outcome = run(&PATCH, &snippet).unwrap();
            assert_eq!(outcome.schema("Box")["properties"][name]["x-secret"], true, "{name}");
            assert_eq!(outcome.hits, 1, "{name}");
        }
    }

    #[test]
    fn a_secret_inside_a_part_of_a_schema_is_marked() {
        let outcome = run(
            &PATCH,
            "
            components:
              schemas:
                Box:
                  allOf:
                    - type: object
                      properties:
                        locks:
                          type: array
                          items: { type: object, properties: { token: { type: string, nullable: true } } }
            ",
        )
        .unwrap();
        let token = outcome.at("/components/schemas/Box/allOf/0/properties/locks/items/properties/token");
        assert_eq!(token["x-secret"], true);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn names_that_only_contain_such_a_word_and_values_that_are_no_texts_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                Box:
                  type: object
                  properties:
                    key: { type: string }
                    event_key: { type: string }
                    token_count: { type: string }
                    monkey: { type: string }
                    has_token: { type: boolean }
                    policy: { type: string, enum: [strict, lax] }
                    signature: { $ref: '#/components/schemas/Lock' }
                Lock: { type: object }
            ",
        );
    }
}
