use anyhow::Result;

use super::{Docs, PATCH};
use crate::patch::testing::{Outcome, run_with};

const BOXES: &str = "
    paths:
      /boxes:
        get:
          operationId: listBoxes
          parameters:
            - { name: 'colors[]', in: query, schema: { type: array, x-bounds: { maxItems: 3 }, items: { type: string } } }
            - { name: limit, in: query, schema: { type: integer, x-bounds: { minimum: 1 }, x-default: 20 } }
            - { name: cursor, in: query, schema: { type: string } }
          responses:
            '200': { content: { application/json: { schema: { $ref: '#/components/schemas/ListBoxesResponse' } } } }
            '299': {}
            '404': { content: {} }
    components:
      schemas:
        ListBoxesResponse: { type: object, properties: { data: { type: array, items: { $ref: '#/components/schemas/Box' } } } }
        Box:
          type: object
          properties:
            lid: { $ref: '#/components/schemas/Lid' }
            label: { type: string, x-bounds: { minLength: 1, maxLength: 9, pattern: '^b' } }
            weight: { type: number }
        Lid: { type: string, enum: [flat, round], x-default: flat }
    ";

fn documented(docs: &str) -> Result<Outcome> {
    let docs: Docs = serde_saphyr::from_str(docs).unwrap();
    run_with(&PATCH, BOXES, &docs)
}

#[test]
fn an_operation_and_a_schema_get_the_words_that_we_wrote() {
    let outcome = documented(
        "
        operations: { listBoxes: Lists boxes. }
        schemas: { Box: { about: A box., properties: { lid: What closes it. } }, Lid: { about: A lid. } }
        ",
    )
    .unwrap();
    assert_eq!(outcome.at("/paths/~1boxes/get/description"), "Lists boxes.");
    assert_eq!(outcome.schema("Box")["description"], "A box.");
    assert_eq!(outcome.schema("Box")["properties"]["lid"]["description"], "What closes it.");
    assert_eq!(outcome.schema("Box")["properties"]["weight"].get("description"), None);
    assert_eq!(outcome.notes, Vec::<String>::new());
}

#[test]
fn a_described_reference_is_wrapped_because_words_beside_it_would_be_ignored() {
    let outcome = documented("schemas: { Box: { about: A box., properties: { lid: What closes it. } } }").unwrap();
    let lid = outcome.schema("Box")["properties"]["lid"].clone();
    assert_eq!(lid.get("$ref"), None);
    assert_eq!(lid["allOf"][0]["$ref"], "#/components/schemas/Lid");
}

#[test]
fn an_operation_without_words_gets_its_method_and_path_and_is_noted() {
    let outcome = documented("schemas: { Box: { about: A box. }, Lid: { about: A lid. } }").unwrap();
    assert_eq!(outcome.at("/paths/~1boxes/get/description"), "`GET /boxes`");
    let note = "GET /boxes (listBoxes): undocumented, add `operations.listBoxes` to xtask/docs.yaml";
    assert_eq!(outcome.notes, [note]);
}

#[test]
fn a_schema_without_words_is_noted() {
    let outcome = documented("{ operations: { listBoxes: Lists. }, schemas: { Box: { about: A box. } } }").unwrap();
    assert_eq!(outcome.notes, ["schema Lid: undocumented, add `schemas.Lid` to xtask/docs.yaml"]);
}

#[test]
fn the_wrapper_around_an_answer_explains_itself() {
    let outcome = documented("operations: { listBoxes: Lists boxes. }").unwrap();
    assert_eq!(outcome.schema("ListBoxesResponse")["description"], "The answer of `list_boxes`.");
}

#[test]
fn words_without_a_place_are_noted() {
    let outcome = documented(
        "
        operations: { listBoxes: Lists boxes., burnBox: Burns it. }
        parameters: { limit: How many., heat: How hot. }
        schemas:
          Box: { about: A box., properties: { lid: What closes it., smell: How it smells. } }
          Lid: { about: A lid. }
          Ash: { about: What is left. }
        ",
    )
    .unwrap();
    let expected = "xtask/docs.yaml: 4 texts have no place here: \
                    operations.burnBox, parameters.heat, schemas.Ash, schemas.Box.properties.smell";
    assert_eq!(outcome.notes, [expected]);
}

#[test]
fn of_many_words_without_a_place_some_are_named() {
    let operations: String = (1..=9).map(|number| format!("  burn{number}: Burns.\n")).collect();
    let outcome = documented(&format!("operations:\n{operations}")).unwrap();
    let note = outcome.notes.iter().find(|note| note.contains("have no place")).unwrap();
    assert!(note.starts_with("xtask/docs.yaml: 9 texts"), "{note}");
    assert!(note.contains("operations.burn8 and others") && !note.contains("burn9"), "{note}");
}

#[test]
fn a_parameter_gets_the_words_for_its_operation_or_else_for_its_name() {
    let outcome = documented(
        "{ parameters: { cursor: Where to go on., listBoxes.cursor: Where the boxes go on., colors: Which colors. } }",
    )
    .unwrap();
    let parameters = outcome.at("/paths/~1boxes/get/parameters");
    assert_eq!(parameters[0]["description"], "Which colors. At most 3 items.");
    assert_eq!(parameters[2]["description"], "Where the boxes go on.");
}

#[test]
fn limits_and_what_the_server_assumes_are_told() {
    let outcome = documented("schemas: { Box: { about: A box., properties: { label: Its name. } } }").unwrap();
    assert_eq!(outcome.at("/paths/~1boxes/get/parameters/1/description"), "At least 1. The server assumes `20`.");
    let label = outcome.schema("Box")["properties"]["label"]["description"].clone();
    assert_eq!(label, "Its name. From 1 to 9 characters. Matches `^b`.");
    assert_eq!(outcome.schema("Lid")["description"], "The server assumes `flat`.");
}

#[test]
fn answers_get_the_standards_own_phrase() {
    let responses = documented("{}").unwrap().at("/paths/~1boxes/get/responses");
    assert_eq!(responses["200"]["description"], "OK");
    assert_eq!(responses["299"]["description"], "Success");
    assert_eq!(responses["404"]["description"], "Not Found");
}

#[test]
fn every_text_that_was_put_in_is_counted() {
    // The operation, the wrapper, the box, its limited label, and the lid.
    assert_eq!(documented("{ schemas: { Box: { about: A box. } } }").unwrap().hits, 5);
}

#[test]
fn a_misspelled_section_of_our_words_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "operation: {}\n").unwrap();
    let reason = Docs::read(file.path()).unwrap_err().to_string();
    assert!(reason.contains("operation") && reason.contains(&file.path().display().to_string()), "{reason}");
    assert_eq!(reason.lines().count(), 1);
}
