//! What upstream may publish tomorrow goes through every rule and becomes a method.

use crate::codegen::{By, Generated};
use crate::patch::testing::generated;

const BOX: &str = "{ $ref: '#/components/schemas/Box' }";

/// Generates `PUT /boxes/{id}`, which is `putBox`, with these parts of the operation.
#[track_caller]
fn put_box(operation: &str) -> Generated {
    put_box_beside("", operation)
}

/// The same with parts of the path item, or of its components, beside the operation.
#[track_caller]
fn put_box_beside(components: &str, operation: &str) -> Generated {
    let snippet = format!(
        "
        paths:
          /boxes/{{id}}:
            parameters: [{{ name: id, in: path, required: true, schema: {{ type: integer, format: int32 }} }}]
            put: {{ operationId: BoxOperations_putBox, {operation} }}
          /ping:
            get:
              operationId: ping
              responses:
                '204': {{ description: '' }}
                '401': {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Denial' }} }} }} }}
        components:
          {components}
          schemas:
            Denial: {{ type: object, x-error: true, properties: {{ reason: {{ type: string }} }} }}
            Box: {{ type: object, required: [id], properties: {{ id: {{ type: integer }} }} }}
        "
    );
    generated(&snippet).unwrap()
}

/// Says which generator makes `put_box` callable, and that its method is there.
#[track_caller]
fn assert_by(generated: &Generated, expected: By) {
    let (_, by) = generated.operations.iter().find(|(planned, _)| planned.method_name() == "put_box").unwrap();
    assert_eq!(*by, expected);
    has(generated, "pub fn put_box(&self) -> builder::PutBox<'_>");
}

#[track_caller]
fn has(generated: &Generated, part: &str) {
    assert!(squeezed(&generated.source).contains(&squeezed(part)), "`{part}` is not in\n{}", generated.source);
}

/// The text without spaces, line breaks and the commas before them, which are the formatter's.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<String>().replace(",>", ">")
}

/// The text of a generated item, from its head to the first line that closes it.
#[track_caller]
fn item<'a>(generated: &'a Generated, head: &str) -> &'a str {
    let start = generated.source.find(head).unwrap_or_else(|| panic!("no `{head}`"));
    let rest = &generated.source[start..];
    &rest[..rest.find("\n    }").unwrap_or(rest.len())]
}

#[test]
fn one_more_form_with_a_file() {
    let generated = put_box(
        "requestBody: { required: true, content: { multipart/form-data: { schema: { type: object, required: [photo],
           properties: { photo: { type: string, format: binary }, note: { type: string } } } } } },
         responses: { '204': {} }",
    );
    assert_by(&generated, By::Multipart);
    has(&generated, "V: ::std::convert::TryInto<::reqwest::multipart::Part>");
    let text = generated.source.find("form.text(\"note\"").unwrap();
    assert!(text < generated.source.find("form.part(\"photo\"").unwrap(), "the file comes last");
}

#[test]
fn a_form_encoded_body() {
    let generated = put_box(&format!(
        "requestBody: {{ required: true, content: {{ application/x-www-form-urlencoded: {{ schema: {BOX} }} }} }},
         responses: {{ '204': {{}} }}"
    ));
    assert_by(&generated, By::Progenitor);
    has(&generated, ".form_urlencoded(&body)?");
}

#[test]
fn a_json_body_that_may_be_left_out() {
    let generated = put_box(&format!(
        "requestBody: {{ content: {{ application/json: {{ schema: {BOX} }} }} }}, responses: {{ '204': {{}} }}"
    ));
    assert_by(&generated, By::OptionalBody);
    has(&generated, "if let Some(value) = body { builder = builder.json(&value); }");
}

#[test]
fn a_binary_answer() {
    for media_type in ["application/octet-stream", "image/png"] {
        let generated = put_box(&format!(
            "responses: {{ '200': {{ content: {{ {media_type}: {{ schema: {{ type: string, format: binary }} }} }} }} }}"
        ));
        assert_by(&generated, By::Progenitor);
        has(&generated, "Result<ResponseValue<ByteStream>, Error>");
    }
}

#[test]
fn a_body_that_is_a_file() {
    let generated = put_box(
        "requestBody: { required: true, content: { application/octet-stream: { schema: { type: string, format: binary } } } },
         responses: { '204': {} }",
    );
    assert_by(&generated, By::Progenitor);
}

#[test]
fn a_redirect_and_an_external_address() {
    let generated = put_box("responses: { '302': {} }");
    assert_by(&generated, By::Redirect);
    has(&generated, "ResponseValue<crate::Location>");
    let generated = put_box("x-external-url: address, responses: { '204': {} }");
    assert_by(&generated, By::ExternalUrl);
    has(&generated, "crate::client::absolute(&address)");
}

#[test]
fn an_optional_field_where_null_means_something() {
    let generated = put_box(
        "requestBody: { required: true, content: { application/json: { schema: { type: object, properties: {
           alarm: { type: string, format: date-time, nullable: true }, label: { type: string },
           tags: { type: array, items: { type: string } } } } } } },
         responses: { '204': {} }",
    );
    assert_by(&generated, By::Progenitor);
    let body = item(&generated, "pub struct PutBoxRequest {");
    for field in [
        "pub alarm: ::std::option::Option<crate::Nullable<::chrono::DateTime<::chrono::offset::Utc>>>",
        "pub label: ::std::option::Option<::std::string::String>",
        "pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>",
    ] {
        assert!(squeezed(body).contains(&squeezed(field)), "{body}");
    }
}

#[test]
fn another_status_of_success() {
    for status in ["200", "201", "202", "204", "2XX"] {
        let generated = put_box(&format!("responses: {{ '{status}': {{}} }}"));
        assert_by(&generated, By::Progenitor);
        has(&generated, "200..=299 => Ok(ResponseValue::empty(response))");
    }
}

#[test]
fn one_answer_under_two_statuses() {
    let answer = format!("{{ content: {{ application/json: {{ schema: {BOX} }} }} }}");
    let generated = put_box(&format!("responses: {{ '200': {answer}, '201': {answer} }}"));
    assert_by(&generated, By::Progenitor);
    has(&generated, "Result<ResponseValue<types::Box>, Error>");
}

#[test]
fn a_tag_and_a_deprecation_that_nobody_has_seen() {
    let generated = put_box("tags: [Never seen], deprecated: true, responses: { '204': {} }");
    assert_by(&generated, By::Progenitor);
}

#[test]
fn parameters_of_the_path_go_to_its_operations() {
    let generated =
        put_box("parameters: [{ name: force, in: query, schema: { type: boolean } }], responses: { '204': {} }");
    assert_by(&generated, By::Progenitor);
    let builder = item(&generated, "pub struct PutBox<'a> {");
    assert!(builder.contains("id: Result<i64, String>"), "{builder}");
    assert!(builder.contains("force: Result<Option<bool>, String>"), "{builder}");
}

#[test]
fn a_header_that_is_a_parameter() {
    let generated = put_box(
        "parameters: [{ name: X-Hurry, in: header, required: true, schema: { type: string } }], responses: { '204': {} }",
    );
    assert_by(&generated, By::Progenitor);
    has(&generated, "pub fn x_hurry");
}

#[test]
fn shared_parameters_bodies_and_answers() {
    let generated = put_box_beside(
        "parameters: { Force: { name: force, in: query, schema: { type: boolean } } }
          requestBodies: { Box: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Box' } } } } }
          responses: { Box: { description: '', content: { application/json: { schema: { $ref: '#/components/schemas/Box' } } } } }",
        "parameters: [{ $ref: '#/components/parameters/Force' }],
         requestBody: { $ref: '#/components/requestBodies/Box' },
         responses: { '200': { $ref: '#/components/responses/Box' } }",
    );
    assert_by(&generated, By::Progenitor);
    has(&generated, "pub fn force");
    has(&generated, "Result<ResponseValue<types::Box>, Error>");
}

#[test]
fn one_more_member_of_a_union() {
    let shapes = |members: &[&str]| {
        let mut schemas = String::new();
        let mut references = Vec::new();
        for member in members {
            references.push(format!("{{ $ref: '#/components/schemas/{member}Lid' }}"));
            schemas.push_str(&format!(
                "{member}Lid: {{ type: object, required: [kind], properties: {{ kind: {{ type: string, enum: [{member}] }} }} }}, "
            ));
        }
        let snippet = format!(
            "{{ paths: {{ /lids: {{ get: {{ operationId: getLid, responses: {{
                 '200': {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Lid' }} }} }} }},
                 '401': {{ content: {{ application/json: {{ schema: {{ type: object, properties: {{}} }} }} }} }} }} }} }} }},
                components: {{ schemas: {{ {schemas} Lid: {{ oneOf: [{}] }} }} }} }}",
            references.join(", ")
        );
        generated(&snippet).unwrap()
    };
    for members in [["Flat", "Round"].as_slice(), &["Flat", "Round", "Wavy"]] {
        let generated = shapes(members);
        let union = item(&generated, "pub enum Lid {");
        for member in members {
            assert!(union.contains(&format!("{member}({member}Lid)")), "{union}");
        }
        assert!(union.contains("Unknown("), "{union}");
    }
}

#[test]
fn an_enum_that_may_be_null() {
    let generated = put_box(
        "requestBody: { required: true, content: { application/json: { schema: { type: object, properties: {
           color: { type: string, nullable: true, enum: [red, blue, null] } } } } } },
         responses: { '204': {} }",
    );
    let body = item(&generated, "pub struct PutBoxRequest {");
    assert!(body.contains("crate::Nullable<"), "{body}");
    assert!(body.contains("PutBoxColor"), "{body}");
}

#[test]
fn an_integer_as_a_status_in_the_text() {
    // YAML reads an unquoted status as a number.
    let generated = put_box("responses: { 204: {} }");
    assert_by(&generated, By::Progenitor);
}

#[test]
fn a_secret_in_an_answer_is_not_printed() {
    let generated = put_box(
        "responses: { '200': { content: { application/json: { schema: { type: object, properties: {
           access_token: { type: string }, label: { type: string } } } } } } }",
    );
    has(&generated, ".field(\"access_token\", &format_args!(\"[redacted]\"))");
    has(&generated, ".field(\"label\", &self.label)");
}
