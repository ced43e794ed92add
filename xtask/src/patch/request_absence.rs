//! In a request, "not set", "empty" and "null" are different things.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};
use crate::schemas::{requested, requires, type_of, visit};

pub const PATCH: Patch = Patch {
    name: "request-absence",
    why: "An optional list would be left out when it is empty, and `files: []`, which removes all files, could not be sent.",
    apply,
};

/// An optional list or map becomes nullable, which makes it an `Option`; an optional field that the vendor lets
/// be null is marked, because there null is a value to send.
fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let requested = requested(document);
    let components = document.components().clone();
    let mut hits = 0;
    visit(document, |place, schema| {
        let name = place.strip_prefix("#/components/schemas/").and_then(|inside| inside.split('/').next());
        if !name.is_some_and(|name| requested.contains(name)) {
            return Ok(());
        }
        let optional: Vec<String> = schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Object::keys)
            .filter(|property| !requires(schema, property))
            .cloned()
            .collect();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return Ok(()) };
        for property in optional {
            let Some(field) = properties.get_mut(&property).and_then(Value::as_object_mut) else { continue };
            if field.get("nullable") == Some(&Value::Bool(true)) {
                field.insert("x-explicit-null".to_owned(), Value::Bool(true));
                hits += 1;
            } else if may_be_empty(field, &components) {
                if let Some(reference) = field.shift_remove("$ref") {
                    field.insert("allOf".to_owned(), serde_json::json!([{ "$ref": reference }]));
                }
                field.insert("nullable".to_owned(), Value::Bool(true));
                hits += 1;
            }
        }
        Ok(())
    })?;
    Ok(hits)
}

/// Whether a schema is a list or a map, which the generator would leave out when it is empty.
fn may_be_empty(schema: &Object, components: &Object) -> bool {
    if type_of(schema) == Some("array") {
        return true;
    }
    if type_of(schema) == Some("object") {
        return !schema.contains_key("properties");
    }
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member.get("$ref"),
        _ => schema.get("$ref"),
    };
    member
        .and_then(Value::as_str)
        .and_then(schema_name)
        .and_then(|name| components.get(name))
        .and_then(Value::as_object)
        .is_some_and(|target| may_be_empty(target, components))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{Outcome, assert_stale, run};

    /// Runs the rule where `BoxUpdate` is a request and `Box` is an answer, both with the same properties.
    fn properties(properties: &str) -> Outcome {
        let snippet = format!(
            "
            paths:
              /boxes:
                put:
                  operationId: updateBox
                  requestBody:
                    content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/BoxUpdate' }} }} }}
                  responses:
                    '200':
                      description: ''
                      content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }}
            components:
              schemas:
                BoxUpdate: {{ type: object, required: [id, ids], properties: {properties} }}
                Box: {{ type: object, required: [id, ids], properties: {properties} }}
                Labels: {{ type: array, items: {{ type: string }} }}
                Lid: {{ type: object, properties: {{ color: {{ type: string }} }} }}
            "
        );
        run(&PATCH, &snippet).unwrap()
    }

    #[test]
    fn an_optional_list_or_map_of_a_request_may_be_absent_or_empty() {
        let outcome = properties(
            "{ labels: { type: array, items: { type: string } },
               notes: { type: object, additionalProperties: { type: string } } }",
        );
        let changed = &outcome.schema("BoxUpdate")["properties"];
        assert_eq!(changed["labels"], json!({ "type": "array", "items": { "type": "string" }, "nullable": true }));
        assert_eq!(changed["notes"]["nullable"], true);
        assert_eq!(changed["labels"].get("x-explicit-null"), None);
        assert_eq!(outcome.hits, 2);
    }

    #[test]
    fn an_optional_list_behind_a_reference_may_be_absent_or_empty_too() {
        let outcome = properties("{ labels: { $ref: '#/components/schemas/Labels' } }");
        let expected = json!({ "allOf": [{ "$ref": "#/components/schemas/Labels" }], "nullable": true });
        assert_eq!(outcome.schema("BoxUpdate")["properties"]["labels"], expected);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn an_optional_field_that_the_vendor_lets_be_null_can_send_null() {
        let outcome = properties(
            "{ color: { type: string, nullable: true },
               labels: { type: array, nullable: true, items: { type: string } },
               lid: { allOf: [{ $ref: '#/components/schemas/Lid' }], nullable: true } }",
        );
        for property in ["color", "labels", "lid"] {
            let changed = &outcome.schema("BoxUpdate")["properties"][property];
            assert_eq!(changed["nullable"], true, "{property}");
            assert_eq!(changed["x-explicit-null"], true, "{property}");
        }
        assert_eq!(outcome.hits, 3);
    }

    #[test]
    fn answers_keep_what_they_say() {
        let outcome = properties("{ color: { type: string, nullable: true }, labels: { type: array, items: {} } }");
        let kept =
            json!({ "color": { "type": "string", "nullable": true }, "labels": { "type": "array", "items": {} } });
        assert_eq!(outcome.schema("Box")["properties"], kept);
    }

    #[test]
    fn what_is_inside_a_request_is_a_request_too() {
        let outcome = run(
            &PATCH,
            "
            paths:
              /boxes:
                put:
                  operationId: updateBox
                  requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Shelf' } } } }
                  responses: {}
            components:
              schemas:
                Shelf: { type: object, properties: { box: { $ref: '#/components/schemas/Box' } } }
                Box: { type: object, properties: { color: { type: string, nullable: true } } }
            ",
        )
        .unwrap();
        assert_eq!(outcome.schema("Box")["properties"]["color"]["x-explicit-null"], true);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn required_fields_and_optional_single_values_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            paths:
              /boxes:
                put:
                  operationId: updateBox
                  requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/BoxUpdate' } } } }
                  responses: {}
            components:
              schemas:
                BoxUpdate:
                  type: object
                  required: [labels, color]
                  properties:
                    labels: { type: array, items: { type: string } }
                    color: { type: string, nullable: true }
                    open: { type: boolean }
                    lid: { type: object, properties: { color: { type: string } } }
            ",
        );
    }
}
