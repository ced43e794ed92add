//! Facts carry over, sentences do not.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::visit;

/// The keywords under which the vendor writes words for people.
pub const WORDS: [&str; 7] =
    ["description", "example", "examples", "externalDocs", "summary", "title", "x-enum-descriptions"];

pub const PATCH: Patch = Patch {
    name: "prose",
    why: "The words of the description are the vendor's; this repository carries facts and says them in its own words.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |_, schema| {
        hits += strip(schema);
        Ok(())
    })?;
    document.visit_operations(|_, operation| {
        hits += strip(operation);
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            hits += strip_value(parameter);
        }
        if let Some(body) = operation.get_mut("requestBody") {
            hits += strip_content(body);
        }
        for response in
            operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut)
        {
            hits += strip_content(response);
        }
        Ok(())
    })?;
    let Some(root) = document.root.as_object_mut() else { return Ok(hits) };
    hits += strip(root);
    for server in root.get_mut("servers").and_then(Value::as_array_mut).into_iter().flatten() {
        hits += strip_value(server);
        if let Some(server) = server.as_object_mut() {
            server.retain(|key, value| key != "variables" || value.as_object().is_some_and(|map| !map.is_empty()));
        }
    }
    for tag in root.get_mut("tags").and_then(Value::as_array_mut).into_iter().flatten() {
        hits += strip_value(tag);
    }
    let schemes = root.get_mut("components").and_then(|components| components.get_mut("securitySchemes"));
    for scheme in schemes.and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
        hits += strip_value(scheme);
    }
    Ok(hits)
}

/// Strips a body or response with its media types and headers.
fn strip_content(holder: &mut Value) -> usize {
    let mut hits = strip_value(holder);
    for key in ["content", "headers"] {
        for entry in holder.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
            hits += strip_value(entry);
        }
    }
    hits
}

fn strip_value(value: &mut Value) -> usize {
    value.as_object_mut().map_or(0, strip)
}

fn strip(map: &mut Object) -> usize {
    WORDS.iter().filter(|word| map.shift_remove(**word).is_some()).count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{Outcome, assert_stale, run};

    fn run_with_words() -> Outcome {
        run(
            &PATCH,
            "
            externalDocs: { url: https://words.example, description: Words }
            tags: [{ name: Boxes, description: Words, externalDocs: { url: https://words.example } }]
            servers: [{ url: https://boxes.example, description: Words }]
            paths:
              /boxes:
                post:
                  operationId: createBox
                  summary: Words
                  description: Words
                  externalDocs: { url: https://words.example }
                  parameters:
                    - { name: size, in: query, description: Words, example: Words, schema: { type: string, example: Words } }
                  requestBody:
                    description: Words
                    content:
                      application/json:
                        examples: { one: { summary: Words, value: { words: Words } } }
                        schema: { $ref: '#/components/schemas/Box' }
                  responses:
                    '200':
                      description: Words
                      headers: { X-Size: { description: Words, schema: { type: string, title: Words } } }
                      content: { application/json: { example: Words, schema: { type: string, description: Words } } }
            components:
              securitySchemes: { Key: { type: http, scheme: bearer, description: Words } }
              schemas:
                Box:
                  type: object
                  title: Words
                  description: Words
                  example: { words: Words }
                  properties:
                    color: { type: string, enum: [red], description: Words, x-enum-descriptions: { red: Words } }
                    lids: { type: array, items: { anyOf: [{ type: string, description: Words }] } }
            ",
        )
        .unwrap()
    }

    #[test]
    fn no_word_stays_wherever_it_stands() {
        let root = run_with_words().at("").to_string();
        assert!(!root.to_lowercase().contains("words"), "{root}");
    }

    #[test]
    fn every_word_that_goes_is_counted() {
        // Three at the top, one of a server, one of a scheme; three of the operation, three of its parameter, two of
        // its body, five of its answer; three of the schema and three inside it.
        assert_eq!(run_with_words().hits, 24);
    }

    #[test]
    fn the_facts_beside_the_words_stay() {
        let outcome = run_with_words();
        let expected = json!({ "name": "size", "in": "query", "schema": { "type": "string" } });
        assert_eq!(outcome.at("/paths/~1boxes/post/parameters/0"), expected);
        assert_eq!(outcome.at("/tags/0/name"), "Boxes");
        assert_eq!(outcome.schema("Box")["properties"]["color"], json!({ "type": "string", "enum": ["red"] }));
    }

    #[test]
    fn properties_and_schemas_that_are_called_like_a_keyword_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                description: { type: string }
                Box:
                  type: object
                  required: [title]
                  properties:
                    description: { type: string }
                    title: { type: string }
                    example: { type: object, properties: { summary: { type: string } } }
                    examples: { type: array, items: { type: string } }
            paths:
              /summary:
                get: { operationId: description, responses: {} }
            ",
        );
    }
}
