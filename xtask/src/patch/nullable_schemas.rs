//! A named schema that may be null hands its null to the places that use it.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};

pub const PATCH: Patch = Patch {
    name: "nullable-schemas",
    why: "A nullable named schema becomes a newtype around an `Option`; the null belongs to the body or field that may be null.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut nullable = BTreeSet::new();
    for (name, schema) in document.components_mut()?.iter_mut() {
        if let Some(schema) = schema.as_object_mut()
            && schema.get("nullable") == Some(&Value::Bool(true))
        {
            schema.shift_remove("nullable");
            nullable.insert(name.clone());
        }
    }
    if !nullable.is_empty() {
        mark_uses(&mut document.root, &nullable);
    }
    Ok(nullable.len())
}

fn mark_uses(value: &mut Value, nullable: &BTreeSet<String>) {
    match value {
        Value::Object(map) if refers_to(map.get("$ref"), nullable) => {
            *value = json!({ "allOf": [{ "$ref": map.get("$ref") }], "nullable": true });
        }
        Value::Object(map) => {
            if is_sole_member(map, nullable) {
                map.insert("nullable".to_owned(), Value::Bool(true));
                return;
            }
            map.values_mut().for_each(|value| mark_uses(value, nullable));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| mark_uses(value, nullable)),
        _ => {}
    }
}

fn is_sole_member(map: &Object, nullable: &BTreeSet<String>) -> bool {
    match map.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => refers_to(member.get("$ref"), nullable),
        _ => false,
    }
}

fn refers_to(reference: Option<&Value>, names: &BTreeSet<String>) -> bool {
    reference.and_then(Value::as_str).and_then(schema_name).is_some_and(|name| names.contains(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{Outcome, assert_stale, run};

    fn body(schema: &str) -> Outcome {
        let snippet = format!(
            "
            paths:
              /status:
                get:
                  operationId: getStatus
                  responses:
                    '200': {{ description: '', content: {{ application/json: {{ schema: {schema} }} }} }}
            components:
              schemas:
                Status: {{ type: object, nullable: true, properties: {{ mood: {{ type: string }} }} }}
                Plain: {{ type: object, properties: {{ mood: {{ type: string }} }} }}
                Owner:
                  type: object
                  properties:
                    status: {{ $ref: '#/components/schemas/Status' }}
                    wrapped: {{ allOf: [{{ $ref: '#/components/schemas/Status' }}] }}
                    plain: {{ $ref: '#/components/schemas/Plain' }}
                    list: {{ type: array, items: {{ $ref: '#/components/schemas/Status' }} }}
            "
        );
        run(&PATCH, &snippet).unwrap()
    }

    const BODY: &str = "/paths/~1status/get/responses/200/content/application~1json/schema";

    #[test]
    fn the_body_of_an_answer_may_be_null_instead_of_the_schema() {
        let outcome = body("{ $ref: '#/components/schemas/Status' }");
        let status = json!({ "type": "object", "properties": { "mood": { "type": "string" } } });
        let of_use = json!({ "allOf": [{ "$ref": "#/components/schemas/Status" }], "nullable": true });
        assert_eq!(outcome.schema("Status"), status);
        assert_eq!(outcome.at(BODY), of_use);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn every_property_and_item_of_the_schema_may_be_null() {
        let properties = body("{ type: string }").schema("Owner")["properties"].clone();
        let of_use = json!({ "allOf": [{ "$ref": "#/components/schemas/Status" }], "nullable": true });
        assert_eq!(properties["status"], of_use);
        assert_eq!(properties["wrapped"], of_use);
        assert_eq!(properties["list"]["items"], of_use);
    }

    #[test]
    fn references_to_other_schemas_stay() {
        let outcome = body("{ $ref: '#/components/schemas/Plain' }");
        assert_eq!(outcome.at(BODY), json!({ "$ref": "#/components/schemas/Plain" }));
        assert_eq!(outcome.schema("Owner")["properties"]["plain"], json!({ "$ref": "#/components/schemas/Plain" }));
    }

    #[test]
    fn nulls_that_stand_at_the_use_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                Status: { type: object, nullable: false }
                Owner:
                  type: object
                  properties:
                    name: { type: string, nullable: true }
                    status: { nullable: true, allOf: [{ $ref: '#/components/schemas/Status' }] }
            ",
        );
    }
}
