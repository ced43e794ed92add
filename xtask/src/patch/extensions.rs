//! Of the vendor's extensions, the ones that are facts stay.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object};
use crate::schemas::visit;

/// The extensions that say something about the API, the vendor's and ours.
const KEPT: [&str; 11] = [
    "x-bounds",
    "x-default",
    "x-error",
    "x-explicit-null",
    "x-external-url",
    "x-paginated",
    "x-requirements",
    "x-scope-roles",
    "x-secret",
    "x-selector",
    "x-union-deserializer",
];

pub const PATCH: Patch = Patch {
    name: "extensions",
    why: "Extensions that nobody here reads may hold the vendor's words or examples; each one that goes is named.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let mut dropped: Vec<String> = Vec::new();
    visit(document, |place, schema| {
        strip(schema, place, &mut dropped);
        Ok(())
    })?;
    document.visit_operations(|key, operation| {
        strip(operation, &key.to_string(), &mut dropped);
        if let Some(body) = operation.get_mut("requestBody") {
            strip_content(body, &key.to_string(), &mut dropped);
        }
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(Object::values_mut) {
            strip_content(response, &key.to_string(), &mut dropped);
        }
        for holder in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            strip_value(holder, &key.to_string(), &mut dropped);
        }
        Ok(())
    })?;
    if let Some(root) = document.root.as_object_mut() {
        strip(root, "#", &mut dropped);
        for item in root.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
            strip_value(item, "#/paths", &mut dropped);
        }
        for list in ["servers", "tags"] {
            for entry in root.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                strip_value(entry, &format!("#/{list}"), &mut dropped);
            }
        }
        if let Some(components) = root.get_mut("components") {
            strip_value(components, "#/components", &mut dropped);
            let schemes = components.get_mut("securitySchemes").and_then(Value::as_object_mut);
            for scheme in schemes.into_iter().flat_map(Object::values_mut) {
                strip_value(scheme, "#/components/securitySchemes", &mut dropped);
            }
        }
    }
    let hits = dropped.len();
    context.notes.extend(dropped);
    Ok(hits)
}

/// Strips a body or an answer with its media types and headers.
fn strip_content(holder: &mut Value, place: &str, dropped: &mut Vec<String>) {
    strip_value(holder, place, dropped);
    for key in ["content", "headers"] {
        for entry in holder.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(Object::values_mut) {
            strip_value(entry, place, dropped);
        }
    }
}

fn strip_value(value: &mut Value, place: &str, dropped: &mut Vec<String>) {
    if let Some(map) = value.as_object_mut() {
        strip(map, place, dropped);
    }
}

fn strip(map: &mut Object, place: &str, dropped: &mut Vec<String>) {
    map.retain(|key, _| {
        let keep = !key.starts_with("x-") || KEPT.contains(&key.as_str());
        if !keep {
            dropped.push(format!("{place}: the extension `{key}` was left out"));
        }
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::PATCH;
    use crate::patch::testing::{assert_stale, run};

    #[test]
    fn extensions_that_nobody_reads_are_left_out_and_named() {
        let outcome = run(
            &PATCH,
            "
            x-top: 1
            paths:
              /boxes:
                x-item: 1
                post:
                  operationId: createBox
                  x-operation: 1
                  parameters: [{ name: size, in: query, x-parameter: 1, schema: { type: string, x-schema: 1 } }]
                  responses: { '204': { description: '', x-response: 1 } }
            components:
              schemas:
                Box: { type: object, properties: { color: { type: string, x-property: 1 } } }
            ",
        )
        .unwrap();
        let expected = [
            "#/components/schemas/Box/properties/color: the extension `x-property` was left out",
            "#/paths/~1boxes/post/parameters/0/schema: the extension `x-schema` was left out",
            "#/paths: the extension `x-item` was left out",
            "#: the extension `x-top` was left out",
            "POST /boxes (createBox): the extension `x-operation` was left out",
            "POST /boxes (createBox): the extension `x-parameter` was left out",
            "POST /boxes (createBox): the extension `x-response` was left out",
        ];
        assert_eq!(outcome.notes, expected);
        assert_eq!(outcome.hits, 7);
        assert!(!outcome.at("").to_string().contains("\"x-"));
    }

    #[test]
    fn no_extension_of_a_body_a_media_type_a_header_a_tag_or_a_scheme_stays() {
        let root = run(
            &PATCH,
            "
            tags: [{ name: Boxes, x-tag: 1 }]
            servers: [{ url: https://boxes.example, x-server: 1 }]
            paths:
              /boxes:
                post:
                  operationId: createBox
                  requestBody:
                    x-body: 1
                    content: { application/json: { x-media: 1, schema: { type: string } } }
                  responses:
                    '200':
                      description: ''
                      headers: { Size: { x-header: 1, schema: { type: string } } }
                      content: { application/json: { x-media-of-answer: 1, schema: { type: string } } }
            components:
              x-components: 1
              securitySchemes: { Key: { type: http, scheme: bearer, x-scheme: 1 } }
            ",
        )
        .unwrap()
        .at("")
        .to_string();
        let left: Vec<&str> = root.split('"').filter(|word| word.starts_with("x-")).collect();
        assert_eq!(left, Vec::<&str>::new());
    }

    #[test]
    fn facts_and_properties_that_are_called_like_an_extension_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            paths:
              /boxes:
                get:
                  operationId: listBoxes
                  x-paginated: true
                  x-requirements: { scope: boxes:read }
                  x-external-url: address
                  responses: { '204': { description: '', headers: { x-count: { schema: { type: string } } } } }
            components:
              schemas:
                Box: { type: object, x-error: true, properties: { x-color: { type: string } } }
            ",
        );
    }
}
