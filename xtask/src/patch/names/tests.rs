use serde_json::{Value, json};

use super::{PATCH, singular};
use crate::patch::testing::{Outcome, assert_stale, refused, run};

/// Runs the rule on named schemas.
fn schemas(schemas: &str) -> Outcome {
    run(&PATCH, &format!("components: {{ schemas: {{ {schemas} }} }}")).unwrap()
}

/// Runs the rule on `POST /boxes`, which is `createBox`.
fn create_box(operation: &str) -> Outcome {
    run(&PATCH, &format!("paths: {{ /boxes: {{ post: {{ operationId: createBox, {operation} }} }} }}")).unwrap()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

#[test]
fn the_object_inside_a_request_wrapper_is_what_the_wrapper_is_for() {
    let outcome = schemas(
        "BoxCreateRequest: { type: object, properties: { box: { type: object, properties: { id: { type: integer } } } } }",
    );
    assert_eq!(outcome.schema("BoxCreateRequest")["properties"]["box"], reference("BoxCreate"));
    assert_eq!(outcome.schema("BoxCreate"), json!({ "type": "object", "properties": { "id": { "type": "integer" } } }));
    assert_eq!(outcome.names(), ["BoxCreateRequest", "BoxCreate"]);
    assert_eq!(outcome.hits, 1);
}

#[test]
fn another_object_inside_a_request_wrapper_adds_its_own_name() {
    let outcome = schemas("BoxCreateRequest: { type: object, properties: { lid: { type: object, properties: {} } } }");
    assert_eq!(outcome.schema("BoxCreateRequest")["properties"]["lid"], reference("BoxCreateLid"));
}

#[test]
fn where_the_name_is_taken_input_follows_it() {
    let outcome = schemas(
        "BoxCreate: { type: string },
         BoxCreateRequest: { type: object, properties: { box: { type: object, properties: {} } } },
         PetFeedFood: { type: string },
         PetFeedRequest: { type: object, properties: { food: { type: object, properties: {} } } }",
    );
    assert_eq!(outcome.schema("BoxCreateRequest")["properties"]["box"], reference("BoxCreateInput"));
    assert_eq!(outcome.schema("PetFeedRequest")["properties"]["food"], reference("PetFeedFoodInput"));
    assert_eq!(outcome.schema("BoxCreate"), json!({ "type": "string" }));
    assert_eq!(outcome.hits, 2);
}

#[test]
fn where_every_name_is_taken_the_document_is_refused_with_the_names() {
    let reason = refused(
        &PATCH,
        "{ components: { schemas: {
             BoxCreate: { type: string },
             BoxCreateInput: { type: string },
             BoxCreateRequest: { type: object, properties: { box: { type: object, properties: {} } } } } } }",
    );
    assert_eq!(reason, "an anonymous schema would be named `BoxCreate` or `BoxCreateInput`, which exists already");
}

#[test]
fn an_object_elsewhere_is_its_parent_and_its_property() {
    let outcome = schemas("Box: { type: object, properties: { front_lid: { type: object, properties: {} } } }");
    assert_eq!(outcome.schema("Box")["properties"]["front_lid"], reference("BoxFrontLid"));
}

#[test]
fn an_item_of_a_list_is_named_in_the_singular() {
    let outcome = schemas(
        "Box: { type: object, properties: {
           lids: { type: array, items: { type: object, properties: {} } },
           boxes: { type: array, items: { type: string, enum: [a] } },
           stock: { type: array, items: { type: object, properties: {} } } } }",
    );
    let properties = &outcome.schema("Box")["properties"];
    assert_eq!(properties["lids"], json!({ "type": "array", "items": reference("BoxLid") }));
    assert_eq!(properties["stock"]["items"], reference("BoxStockItem"));
    assert_eq!(outcome.hits, 3);
}

#[test]
fn plurals_lose_their_ending() {
    for (plural, expected) in [("Lids", "Lid"), ("Berries", "Berry"), ("Glass", "GlassItem"), ("Stock", "StockItem")] {
        assert_eq!(singular(plural), expected);
    }
}

#[test]
fn what_is_inside_what_got_a_name_gets_a_name_too() {
    let outcome = schemas(
        "Box: { type: object, properties: {
           lid: { type: object, properties: { hinges: { type: array, items: { type: object, properties: {
             color: { type: string, enum: [red] } } } } } } } }",
    );
    assert_eq!(outcome.names(), ["Box", "BoxLid", "BoxLidHinge", "BoxLidHingeColor"]);
    assert_eq!(outcome.schema("BoxLidHinge")["properties"]["color"], reference("BoxLidHingeColor"));
    assert_eq!(outcome.hits, 3);
}

#[test]
fn an_inline_enum_gets_a_name_and_its_default_stays_at_the_use() {
    let outcome = schemas(
        "Box: { type: object, properties: {
           color: { type: string, enum: [red, blue] },
           shape: { type: string, enum: [round, flat], default: flat } } }",
    );
    let properties = &outcome.schema("Box")["properties"];
    assert_eq!(properties["color"], reference("BoxColor"));
    assert_eq!(properties["shape"], json!({ "allOf": [reference("BoxShape")], "default": "flat" }));
    assert_eq!(outcome.schema("BoxShape"), json!({ "type": "string", "enum": ["round", "flat"] }));
}

#[test]
fn bodies_and_answers_are_named_after_the_operation() {
    let outcome = create_box(
        "requestBody: { content: { application/json: { schema: { type: object, properties: {} } } } },
         responses: { '201': { content: { application/json: { schema: {
           type: object, properties: { data: { type: array, items: { type: object, properties: {} } } } } } } } }",
    );
    let operation = outcome.at("/paths/~1boxes/post");
    assert_eq!(operation["requestBody"]["content"]["application/json"]["schema"], reference("CreateBoxRequest"));
    let answer = &operation["responses"]["201"]["content"]["application/json"]["schema"];
    assert_eq!(*answer, reference("CreateBoxResponse"));
    assert_eq!(outcome.names(), ["CreateBoxRequest", "CreateBoxResponse", "CreateBoxResponseDataItem"]);
}

#[test]
fn an_enum_of_a_parameter_is_the_operation_and_the_parameter() {
    let outcome = create_box(
        "parameters: [{ name: sort_by, in: query, schema: { type: string, enum: [size] } },
                      { name: colors, in: query, schema: { type: array, items: { type: string, enum: [red] } } }],
         responses: {}",
    );
    assert_eq!(outcome.at("/paths/~1boxes/post/parameters/0/schema"), reference("CreateBoxSortBy"));
    assert_eq!(outcome.at("/paths/~1boxes/post/parameters/1/schema/items"), reference("CreateBoxColor"));
}

#[test]
fn members_of_a_union_and_values_of_a_map_get_names() {
    let outcome = schemas(
        "Shape: { anyOf: [{ type: object, properties: { a: { type: string } } }, { $ref: '#/components/schemas/Ball' }] },
         Ball: { type: object, properties: {} },
         Lids: { type: object, additionalProperties: { type: object, properties: {} } }",
    );
    assert_eq!(outcome.schema("Shape")["anyOf"], json!([reference("ShapeVariant1"), reference("Ball")]));
    assert_eq!(outcome.schema("Lids")["additionalProperties"], reference("LidsValue"));
    assert_eq!(outcome.hits, 2);
}

#[test]
fn a_form_is_no_type_and_refusals_are_left_to_the_error_rule() {
    assert_stale(
        &PATCH,
        "
        paths:
          /boxes:
            post:
              operationId: createBox
              requestBody:
                content:
                  multipart/form-data: { schema: { type: object, properties: { photo: { type: string } } } }
              responses:
                '403': { content: { application/json: { schema: { type: object, properties: {} } } } }
        ",
    );
}

#[test]
fn schemas_that_have_names_and_plain_values_make_it_stale() {
    assert_stale(
        &PATCH,
        "
        components:
          schemas:
            Box:
              type: object
              properties:
                lid: { $ref: '#/components/schemas/Lid' }
                colors: { type: array, items: { type: string } }
                notes: { type: object, additionalProperties: { type: string } }
                anything: { type: object, additionalProperties: true }
            Lid: { type: string, enum: [flat, round] }
        ",
    );
}
