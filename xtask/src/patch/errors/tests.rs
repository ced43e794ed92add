use serde_json::json;

use super::{ERROR_SCHEMA, PATCH};
use crate::patch::testing::{refused, run};

/// An operation whose refusal has this schema.
fn refusal(schema: &str) -> String {
    format!(
        "
        paths:
          /boxes:
            get:
              operationId: listBoxes
              responses:
                '204': {{ description: '' }}
                '403': {{ description: '', content: {{ application/json: {{ schema: {schema} }} }} }}
        components:
          schemas:
            Fault:
              type: object
              x-error: true
              required: [problems]
              properties: {{ problems: {{ type: array, items: {{ $ref: '#/components/schemas/Problem' }} }} }}
            Problem: {{ type: object, required: [code], properties: {{ code: {{ type: string }} }} }}
            Denial:
              type: object
              required: [reason]
              properties: {{ reason: {{ type: string }} }}
        "
    )
}

const EITHER: &str = "{ anyOf: [{ $ref: '#/components/schemas/Fault' }, { $ref: '#/components/schemas/Denial' }] }";

#[test]
fn the_shapes_become_one_schema_with_every_field_optional() {
    let outcome = run(&PATCH, &refusal(EITHER)).unwrap();
    let merged = json!({
        "type": "object",
        "x-error": true,
        "properties": {
            "reason": { "type": "string" },
            "problems": { "type": "array", "items": { "$ref": "#/components/schemas/Problem" } },
        },
    });
    assert_eq!(outcome.schema(ERROR_SCHEMA), merged);
    let mut names = outcome.names();
    names.sort();
    assert_eq!(names, [ERROR_SCHEMA, "Problem"]);
    assert_eq!(outcome.hits, 1);
}

#[test]
fn what_is_inside_an_error_may_be_missing_too() {
    let outcome = run(&PATCH, &refusal(EITHER)).unwrap();
    assert_eq!(outcome.schema("Problem"), json!({ "type": "object", "properties": { "code": { "type": "string" } } }));
}

#[test]
fn every_operation_may_be_refused_with_429_and_5xx_and_anything_else() {
    let outcome = run(&PATCH, &refusal("{ $ref: '#/components/schemas/Denial' }")).unwrap();
    let error = json!({ "$ref": "#/components/responses/Error" });
    let expected = json!({ "204": { "description": "" }, "403": error, "429": error, "5XX": error, "default": error });
    assert_eq!(outcome.at("/paths/~1boxes/get/responses"), expected);
    let body = json!({ "$ref": format!("#/components/schemas/{ERROR_SCHEMA}") });
    assert_eq!(outcome.at("/components/responses/Error/content/application~1json/schema"), body);
}

#[test]
fn an_operation_without_refusals_gets_them_too() {
    let snippet = "
        paths:
          /boxes:
            get:
              operationId: listBoxes
              responses:
                '204': { description: '' }
                '401': { description: '', content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
            post: { operationId: createBox, responses: { '204': { description: '' } } }
        components: { schemas: { Fault: { type: object, properties: { code: { type: string } } } } }
        ";
    let outcome = run(&PATCH, snippet).unwrap();
    let responses = outcome.at("/paths/~1boxes/post/responses");
    let statuses: Vec<&String> = responses.as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["204", "429", "5XX", "default"]);
    assert_eq!(outcome.hits, 1);
}

#[test]
fn an_inline_shape_is_merged_like_a_named_one() {
    let outcome = run(&PATCH, &refusal("{ type: object, properties: { hint: { type: string } } }")).unwrap();
    assert_eq!(outcome.schema(ERROR_SCHEMA)["properties"]["hint"], json!({ "type": "string" }));
}

#[test]
fn shapes_that_describe_one_property_in_other_words_agree() {
    let schema = "{ anyOf: [{ $ref: '#/components/schemas/Denial' },
        { type: object, properties: { reason: { type: string, description: Words, example: Words } } }] }";
    assert!(run(&PATCH, &refusal(schema)).is_ok());
}

#[test]
fn shapes_that_disagree_about_a_property_are_refused_with_its_name() {
    let schema = "{ anyOf: [{ $ref: '#/components/schemas/Denial' },
        { type: object, properties: { reason: { type: integer } } }] }";
    assert_eq!(refused(&PATCH, &refusal(schema)), "two error shapes disagree about the type of `reason`");
}

#[test]
fn a_shape_with_more_than_properties_is_not_cut_down_in_silence() {
    let snippet = refusal("{ $ref: '#/components/schemas/Composed' }")
        + "    Composed: { allOf: [{ $ref: '#/components/schemas/Denial' }, { type: object, properties: { hint: { type: string } } }] }";
    // Either the properties of all members are there, or regen says that it cannot carry them.
    if let Ok(outcome) = run(&PATCH, &snippet) {
        assert_eq!(outcome.schema(ERROR_SCHEMA)["properties"]["hint"], json!({ "type": "string" }));
        assert_eq!(outcome.schema(ERROR_SCHEMA)["properties"]["reason"], json!({ "type": "string" }));
    }
}

#[test]
fn an_error_shape_that_is_also_an_answer_is_refused_with_its_name() {
    let snippet = refusal("{ $ref: '#/components/schemas/Denial' }")
        + "    Report: { type: object, properties: { denial: { $ref: '#/components/schemas/Denial' } } }";
    assert_eq!(refused(&PATCH, &snippet), "`Denial` is an error shape and is also used elsewhere");
}

#[test]
fn a_refusal_in_plain_text_has_no_shape() {
    let outcome = run(&PATCH, &refusal("{ type: string }")).unwrap();
    let properties = outcome.schema(ERROR_SCHEMA)["properties"].clone();
    assert_eq!(properties.as_object().unwrap().keys().collect::<Vec<_>>(), ["problems"]);
}

#[test]
fn a_refusal_that_is_a_list_is_refused_with_the_operation() {
    let reason = refused(&PATCH, &refusal("{ type: array, items: { type: string } }"));
    assert_eq!(reason, "GET /boxes (listBoxes): its 403 answers with a body of type `array`");
}

#[test]
fn an_operation_without_responses_is_refused_by_name() {
    let reason = refused(&PATCH, "paths: { /boxes: { get: { operationId: listBoxes } } }");
    assert_eq!(reason, "GET /boxes (listBoxes): it has no responses");
}

#[test]
fn a_description_with_a_schema_of_our_name_is_refused() {
    let snippet = refusal(EITHER) + "    ErrorBody: { type: object }";
    assert_eq!(refused(&PATCH, &snippet), "the document has a schema named `ErrorBody` already");
}

#[test]
fn without_any_refusal_it_is_stale_and_refers_to_nothing_that_is_missing() {
    let outcome =
        run(&PATCH, "paths: { /boxes: { get: { operationId: listBoxes, responses: { '204': {} } } } }").unwrap();
    assert_eq!(outcome.hits, 0);
    let reference = outcome.at("/paths/~1boxes/get/responses/default/$ref");
    if let Some(target) = reference.as_str() {
        assert!(!outcome.at(target.trim_start_matches('#')).is_null(), "`{target}` does not exist");
    }
}
