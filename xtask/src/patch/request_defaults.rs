//! What the server assumes is not what the client sends.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object, schema_name};
use crate::schemas::{requested, visit};

pub const PATCH: Patch = Patch {
    name: "request-defaults",
    why: "A field with a `default` is always written, so changing a user's name would also send `suspended: false`.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let requested = requested(document);
    let components = document.components().clone();
    let mut hits = 0;
    visit(document, |place, schema| {
        let of_request = match place.strip_prefix("#/components/schemas/") {
            Some(inside) => requested.contains(inside.split('/').next().unwrap_or_default()),
            None => place.contains("/parameters/") || place.contains("/requestBody/"),
        };
        let Some(default) = schema.get("default").cloned() else { return Ok(()) };
        // A default that is a text for people is the vendor's, and differs between the languages of the description.
        let words = default.is_string() && !is_enum(schema, &components);
        if of_request || words {
            schema.shift_remove("default");
            hits += 1;
        }
        if of_request && !words {
            schema.insert("x-default".to_owned(), default);
        }
        Ok(())
    })?;
    Ok(hits)
}

fn is_enum(schema: &Object, components: &Object) -> bool {
    if schema.contains_key("enum") {
        return true;
    }
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member.get("$ref"),
        _ => None,
    };
    member
        .and_then(Value::as_str)
        .and_then(schema_name)
        .and_then(|name| components.get(name))
        .is_some_and(|target| target.get("enum").is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{assert_stale, run};

    #[test]
    fn a_default_in_a_request_is_remembered_but_no_longer_sent() {
        let outcome = run(
            &PATCH,
            "
            paths:
              /boxes:
                post:
                  operationId: createBox
                  parameters: [{ name: limit, in: query, schema: { type: integer, default: 20 } }]
                  requestBody:
                    content: { application/json: { schema: { $ref: '#/components/schemas/BoxCreate' } } }
                  responses: {}
            components:
              schemas:
                BoxCreate:
                  type: object
                  properties:
                    open: { type: boolean, default: false }
                    weight: { type: number, default: 0.5 }
                    color: { type: string, enum: [red, blue], default: red }
                    shape: { allOf: [{ $ref: '#/components/schemas/Shape' }], default: round }
                    lid: { $ref: '#/components/schemas/Lid' }
                Shape: { type: string, enum: [round, flat] }
                Lid: { type: object, properties: { count: { type: integer, default: 1 } } }
            ",
        )
        .unwrap();
        assert_eq!(
            outcome.at("/paths/~1boxes/post/parameters/0/schema"),
            json!({ "type": "integer", "x-default": 20 })
        );
        let properties = &outcome.schema("BoxCreate")["properties"];
        assert_eq!(properties["open"], json!({ "type": "boolean", "x-default": false }));
        assert_eq!(properties["weight"]["x-default"], 0.5);
        assert_eq!(properties["color"]["x-default"], "red");
        assert_eq!(properties["shape"]["x-default"], "round");
        assert_eq!(properties["shape"].get("default"), None);
        assert_eq!(outcome.schema("Lid")["properties"]["count"], json!({ "type": "integer", "x-default": 1 }));
        assert_eq!(outcome.hits, 6);
    }

    #[test]
    fn a_default_that_is_a_text_for_people_is_dropped() {
        let outcome = run(
            &PATCH,
            "
            paths:
              /boxes:
                get:
                  operationId: listBoxes
                  parameters: [{ name: greeting, in: query, schema: { type: string, default: Good morning } }]
                  responses: {}
            ",
        )
        .unwrap();
        assert_eq!(outcome.at("/paths/~1boxes/get/parameters/0/schema"), json!({ "type": "string" }));
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn defaults_of_answers_and_properties_called_default_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            paths:
              /boxes:
                post:
                  operationId: createBox
                  requestBody:
                    content: { application/json: { schema: { $ref: '#/components/schemas/BoxCreate' } } }
                  responses:
                    '200':
                      description: ''
                      content: { application/json: { schema: { $ref: '#/components/schemas/Box' } } }
            components:
              schemas:
                Box: { type: object, properties: { open: { type: boolean, default: true } } }
                BoxCreate: { type: object, properties: { default: { type: boolean } } }
            ",
        );
    }
}
