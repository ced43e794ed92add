//! Every integer is read and sent with 64 bits.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::Document;
use crate::schemas::{type_of, visit};

pub const PATCH: Patch = Patch {
    name: "integers",
    why: "Ids above 2^31 and files above 2 GiB exist behind `int32`, and no name tells for certain which integer is one.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        if type_of(schema) == Some("integer") && schema.get("format").and_then(Value::as_str) != Some("int64") {
            schema.insert("format".to_owned(), Value::from("int64"));
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{assert_stale, run};

    #[test]
    fn every_integer_becomes_64_bits_wherever_it_stands() {
        let outcome = run(
            &PATCH,
            "
            paths:
              /boxes/{id}:
                put:
                  operationId: putBox
                  parameters: [{ name: id, in: path, required: true, schema: { type: integer, format: int32 } }]
                  requestBody: { content: { application/json: { schema: { type: array, items: { type: integer } } } } }
                  responses:
                    '200':
                      description: ''
                      headers: { X-Count: { schema: { type: integer, format: int32 } } }
                      content: { application/json: { schema: { type: integer, format: int32 } } }
            components:
              schemas:
                Box:
                  type: object
                  properties:
                    width: { type: integer, format: int32, nullable: true }
                  additionalProperties: { type: integer, format: uint8 }
            ",
        )
        .unwrap();
        let operation = "/paths/~1boxes~1{id}/put";
        assert_eq!(outcome.at(&format!("{operation}/parameters/0/schema/format")), "int64");
        assert_eq!(
            outcome.at(&format!("{operation}/requestBody/content/application~1json/schema/items/format")),
            "int64"
        );
        assert_eq!(outcome.at(&format!("{operation}/responses/200/headers/X-Count/schema/format")), "int64");
        assert_eq!(outcome.at(&format!("{operation}/responses/200/content/application~1json/schema/format")), "int64");
        let width = json!({ "type": "integer", "format": "int64", "nullable": true });
        assert_eq!(outcome.schema("Box")["properties"]["width"], width);
        assert_eq!(outcome.schema("Box")["additionalProperties"]["format"], "int64");
        assert_eq!(outcome.hits, 6);
    }

    #[test]
    fn numbers_texts_and_integers_of_64_bits_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                Weight: { type: number, format: float }
                Label: { type: string, format: int32 }
                Id: { type: integer, format: int64 }
            ",
        );
    }
}
