//! Lengths, counts and number bounds are told to people, not checked by the client.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::visit;

/// The keywords that bound a value.
pub const KEYWORDS: [&str; 13] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

pub const PATCH: Patch = Patch {
    name: "bounds",
    why: "Bounds change in bulk and the server judges them anyway; a checked newtype would refuse what it accepts.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        let mut bounds = Object::new();
        for keyword in KEYWORDS {
            if let Some(value) = schema.shift_remove(keyword) {
                bounds.insert(keyword.to_owned(), value);
                hits += 1;
            }
        }
        if !bounds.is_empty() {
            schema.insert("x-bounds".to_owned(), Value::Object(bounds));
        }
        Ok(())
    })?;
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{KEYWORDS, PATCH};
    use crate::patch::testing::{assert_stale, run};

    #[test]
    fn bounds_move_out_of_the_schema_and_are_kept_beside_it() {
        let outcome = run(
            &PATCH,
            "
            components:
              schemas:
                Box:
                  type: object
                  minProperties: 1
                  properties:
                    label: { type: string, minLength: 1, maxLength: 9, pattern: '^b' }
                    lids: { type: array, maxItems: 3, uniqueItems: true, items: { type: integer, minimum: 0 } }
            ",
        )
        .unwrap();
        let schema = outcome.schema("Box");
        assert_eq!(schema["x-bounds"], json!({ "minProperties": 1 }));
        let label = json!({ "type": "string", "x-bounds": { "maxLength": 9, "minLength": 1, "pattern": "^b" } });
        assert_eq!(schema["properties"]["label"], label);
        assert_eq!(schema["properties"]["lids"]["x-bounds"], json!({ "maxItems": 3, "uniqueItems": true }));
        assert_eq!(schema["properties"]["lids"]["items"], json!({ "type": "integer", "x-bounds": { "minimum": 0 } }));
        assert_eq!(outcome.hits, 7);
    }

    #[test]
    fn every_keyword_that_bounds_a_value_is_moved() {
        for keyword in KEYWORDS {
            let snippet = format!("components: {{ schemas: {{ Box: {{ type: string, {keyword}: 7 }} }} }}");
            let outcome = run(&PATCH, &snippet).unwrap();
            assert_eq!(outcome.schema("Box"), json!({ "type": "string", "x-bounds": { keyword: 7 } }));
            assert_eq!(outcome.hits, 1, "{keyword}");
        }
    }

    #[test]
    fn properties_that_are_called_like_a_bound_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                Range:
                  type: object
                  properties: { minimum: { type: number }, maximum: { type: number }, pattern: { type: string } }
            ",
        );
    }
}
