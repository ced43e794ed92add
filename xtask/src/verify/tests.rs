//! What the rules cannot carry fails with the operation's name, or the schema's place, and the reason.

use crate::patch::testing::generated;

/// Why `POST /boxes` cannot be carried when it says this.
#[track_caller]
fn refused(operation: &str) -> String {
    let snippet = format!(
        "
        paths:
          /boxes:
            post: {{ operationId: createBox, {operation} }}
            get:
              operationId: listBoxes
              responses:
                '204': {{ description: '' }}
                '401': {{ content: {{ application/json: {{ schema: {{ type: object, properties: {{ code: {{ type: string }} }} }} }} }} }}
        "
    );
    let reason = format!("{:#}", generated(&snippet).map(drop).unwrap_err());
    assert!(reason.contains("POST /boxes (createBox)"), "{reason}");
    assert!(reason.starts_with("cannot carry boxes.yaml: "), "{reason}");
    assert_eq!(reason.lines().count(), 1, "{reason}");
    reason
}

/// Why a named schema of this form, which an operation sends, cannot be carried.
#[track_caller]
fn schema_refused(schema: &str) -> String {
    let snippet = format!(
        "
        paths:
          /boxes:
            post:
              operationId: createBox
              requestBody: {{ required: true, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Box' }} }} }} }}
              responses:
                '204': {{ description: '' }}
                '401': {{ content: {{ application/json: {{ schema: {{ type: object, properties: {{ code: {{ type: string }} }} }} }} }} }}
        components: {{ schemas: {{ Box: {schema} }} }}
        "
    );
    let reason = format!("{:#}", generated(&snippet).map(drop).unwrap_err());
    assert!(reason.contains("Box"), "{reason}");
    assert_eq!(reason.lines().count(), 1, "{reason}");
    reason
}

#[track_caller]
fn says(reason: &str, part: &str) {
    assert!(reason.contains(part), "{reason}");
}

#[test]
fn a_body_in_several_media_types() {
    let reason = refused(
        "requestBody: { required: true, content: {
           application/json: { schema: { type: string } }, text/plain: { schema: { type: string } } } },
         responses: { '204': {} }",
    );
    says(&reason, "its body comes in several media types: application/json, text/plain");
}

#[test]
fn a_body_of_an_unknown_media_type() {
    let body = "requestBody: { required: true, content: { application/cbor: { schema: { type: string } } } }";
    says(&refused(&format!("{body}, responses: {{ '204': {{}} }}")), "its body is `application/cbor`");
}

#[test]
fn an_optional_form() {
    let body = "requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object, properties: { a: { type: string } } } } } }";
    let reason = refused(&format!("{body}, responses: {{ '204': {{}} }}"));
    says(&reason, "its body of `application/x-www-form-urlencoded` is optional");
}

#[test]
fn a_body_without_a_schema() {
    let body = "requestBody: { required: true, content: { application/json: {} } }";
    says(
        &refused(&format!("{body}, responses: {{ '204': {{}} }}")),
        "the request body: `application/json` has no schema",
    );
}

#[test]
fn a_media_type_with_an_encoding_of_its_own() {
    let reason = refused(
        "requestBody: { required: true, content: { multipart/form-data: {
           schema: { type: object, properties: { a: { type: string } } }, encoding: { a: { contentType: text/html } } } } },
         responses: { '204': {} }",
    );
    says(&reason, "no rule knows what to do with `encoding`");
}

#[test]
fn a_form_field_that_is_a_list() {
    let reason = refused(
        "requestBody: { required: true, content: { multipart/form-data: { schema: { type: object, properties: {
           photos: { type: array, items: { type: string, format: binary } } } } } } },
         responses: { '204': {} }",
    );
    says(&reason, "its form field `photos` is a list");
}

#[test]
fn a_form_without_fields() {
    let reason = refused(
        "requestBody: { required: true, content: { multipart/form-data: { schema: { type: object } } } },
         responses: { '204': {} }",
    );
    says(&reason, "its form has no fields");
}

#[test]
fn two_different_answers_of_success() {
    let reason = refused(
        "responses: {
           '200': { content: { application/json: { schema: { type: string } } } },
           '201': { content: { application/json: { schema: { type: integer } } } } }",
    );
    says(&reason, "it succeeds in two ways: what 200 answers is not what 201 answers");
}

#[test]
fn an_answer_that_is_sometimes_empty() {
    let reason =
        refused("responses: { '200': { content: { application/json: { schema: { type: string } } } }, '204': {} }");
    says(&reason, "it succeeds in two ways");
}

#[test]
fn an_answer_in_json_and_another_media_type() {
    let reason = refused(
        "responses: { '200': { content: {
           application/json: { schema: { type: string } }, text/csv: { schema: { type: string } } } } }",
    );
    says(&reason, "its 200 answers in several media types");
}

#[test]
fn an_operation_that_never_succeeds() {
    says(&refused("responses: { '401': {} }"), "it has no answer of success");
}

#[test]
fn an_operation_without_responses() {
    says(&refused("tags: [Boxes]"), "it has no responses");
}

#[test]
fn two_things_to_set_with_one_name() {
    for [one, other] in [["box-id", "box_id"], ["color", "color[]"], ["client", "size"], ["body", "size"]] {
        let parameter = |name: &str| format!("{{ name: '{name}', in: query, schema: {{ type: string }} }}");
        let (one, other) = (parameter(one), parameter(other));
        let reason = refused(&format!(
            "parameters: [{one}, {other}],
             requestBody: {{ required: true, content: {{ application/json: {{ schema: {{ type: string }} }} }} }},
             responses: {{ '204': {{}} }}"
        ));
        says(&reason, "two things to set would be called `");
    }
}

#[test]
fn a_cookie() {
    let reason = refused("parameters: [{ name: jar, in: cookie, schema: { type: string } }], responses: { '204': {} }");
    says(&reason, "its parameter `jar` stands in `cookie`");
}

#[test]
fn a_deep_object_in_a_query() {
    let reason = refused(
        "parameters: [{ name: filter, in: query, style: deepObject, schema: { type: object, properties: { a: { type: string } } } }],
         responses: { '204': {} }",
    );
    says(&reason, "its query parameter `filter` has the style `deepObject`");
}

#[test]
fn a_parameter_with_content_instead_of_a_schema() {
    let reason = refused(
        "parameters: [{ name: filter, in: query, content: { application/json: { schema: { type: string } } } }],
         responses: { '204': {} }",
    );
    says(&reason, "parameter `filter`: no rule knows what to do with `content`");
}

#[test]
fn a_place_in_the_path_that_no_parameter_fills_or_that_is_only_a_part_of_it() {
    for (path, parameters) in [
        ("/boxes/{id}", "[]"),
        ("/boxes/{id}.png", "[{ name: id, in: path, required: true, schema: { type: string } }]"),
    ] {
        let snippet = format!(
            "
            paths:
              '{path}':
                put:
                  operationId: putPhoto
                  parameters: {parameters}
                  requestBody: {{ required: true, content: {{ multipart/form-data: {{
                    schema: {{ type: object, properties: {{ a: {{ type: string }} }} }} }} }} }}
                  responses: {{ '204': {{}}, '401': {{ content: {{}} }} }}
            "
        );
        let reason = format!("{:#}", generated(&snippet).map(drop).unwrap_err());
        says(&reason, &format!("PUT {path} (putPhoto)"));
        says(&reason, "path");
    }
}

#[test]
fn a_security_scheme_with_parts_that_may_hold_words() {
    let snippet = "
        components: { securitySchemes: { Key: { type: oauth2, flows: { implicit: { scopes: { boxes: Words } } } } } }
        paths: { /boxes: { get: { operationId: listBoxes, responses: {
          '204': {}, '401': { content: { application/json: { schema: { type: object, properties: {} } } } } } } } }
        ";
    let reason = format!("{:#}", generated(snippet).map(drop).unwrap_err());
    says(&reason, "components.securitySchemes.Key: no rule knows what to do with `flows`");
}

#[test]
fn two_operations_with_one_method_name() {
    let snippet = "
        paths:
          /boxes: { get: { operationId: listBoxes, responses: { '204': {} } } }
          /pets: { get: { operationId: ListBoxes, responses: { '204': {}, '401': { content: { application/json: { schema: { type: object, properties: {} } } } } } } }
        ";
    let reason = format!("{:#}", generated(snippet).map(drop).unwrap_err());
    says(&reason, "listBoxes");
    says(&reason, "ListBoxes");
}

#[test]
fn keywords_of_an_operation_or_an_answer_that_nobody_knows() {
    says(&refused("responses: { '204': { links: {} } }"), "response 204: no rule knows what to do with `links`");
    says(
        &refused("callbacks: {}, responses: { '204': {} }"),
        "the operation: no rule knows what to do with `callbacks`",
    );
    says(&refused("servers: [], responses: { '204': {} }"), "no rule knows what to do with `servers`");
}

#[test]
fn keywords_of_a_path_that_nobody_knows() {
    let snippet = "paths: { /boxes: { servers: [], get: { operationId: listBoxes, responses: { '204': {} } } } }";
    let reason = format!("{:#}", generated(snippet).map(drop).unwrap_err());
    says(&reason, "paths./boxes: no rule knows what to do with `servers`");
}

#[test]
fn keywords_of_a_schema_that_nobody_knows() {
    for keyword in ["not: { type: string }", "patternProperties: {}", "const: 1", "readOnly: true"] {
        let name = keyword.split(':').next().unwrap();
        let reason = schema_refused(&format!("{{ type: object, properties: {{ a: {{ type: string, {keyword} }} }} }}"));
        says(
            &reason,
            &format!("#/components/schemas/Box/properties/a: the schema: no rule knows what to do with `{name}`"),
        );
    }
}

#[test]
fn a_type_that_nobody_knows() {
    says(&schema_refused("{ type: object, properties: { a: { type: tuple } } }"), "no rule knows the type `tuple`");
}

#[test]
fn a_list_of_types_as_in_newer_versions_of_openapi() {
    says(&schema_refused("{ type: object, properties: { a: { type: [string, 'null'] } } }"), "/properties/a");
}

#[test]
fn a_schema_that_is_no_mapping() {
    says(
        &schema_refused("{ type: object, properties: { a: 7 } }"),
        "#/components/schemas/Box/properties/a: a schema must be a mapping",
    );
}

#[test]
fn a_union_whose_members_nothing_tells_apart() {
    let reason = schema_refused(
        "{ anyOf: [{ type: object, properties: { a: { type: string } } }, { type: object, properties: { b: { type: string } } }] }",
    );
    says(&reason, "no tag in common");
}

#[test]
fn a_secret_inside_a_composed_schema_is_hidden_or_refused() {
    // A secret that is marked and whose field is not found would be printed.
    let snippet = "
        paths:
          /boxes:
            get:
              operationId: getBox
              responses:
                '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Box' } } } }
                '401': { content: { application/json: { schema: { type: object, properties: { code: { type: string } } } } } }
        components:
          schemas:
            Base: { type: object, required: [id], properties: { id: { type: integer } } }
            Box:
              allOf:
                - $ref: '#/components/schemas/Base'
                - { type: object, properties: { access_token: { type: string } } }
        ";
    if let Ok(generated) = generated(snippet) {
        assert!(generated.source.contains("\"[redacted]\""));
    }
}
