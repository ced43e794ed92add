//! Random small documents against random edits: an edit is always found, and its reverse by the mirror.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::drift::finding::{Class, Finding, Rust, Wire};
use crate::drift::side::Side;
use crate::drift::whole::compare;
use crate::patch::testing::whole;
use crate::source::Source;

/// How many documents are edited by each of the two halves, which run side by side.
const DOCUMENTS: u32 = 5_000;

/// The named schemas of a document: one is sent, one received, and one goes both ways.
const NAMES: [&str; 3] = ["S0", "S1", "S2"];

/// The names that properties may have.
const PROPERTIES: [&str; 5] = ["id", "size", "label", "lid", "parts"];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({ "type": "string" })),
        Just(json!({ "type": "string", "format": "date" })),
        Just(json!({ "type": "string", "maxLength": 9 })),
        Just(json!({ "type": "integer" })),
        Just(json!({ "type": "number", "minimum": 1, "default": 7 })),
        Just(json!({ "type": "boolean", "nullable": true })),
        Just(json!({ "type": "integer", "enum": [1, 2, 3] })),
        prop::sample::select(&NAMES[..]).prop_map(|name| json!({ "$ref": format!("#/components/schemas/{name}") })),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            inner.prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    let property = (schema(), any::<bool>());
    prop::collection::btree_map(prop::sample::select(&PROPERTIES[..]), property, 1..4).prop_map(|properties| {
        let required: Vec<&str> =
            properties.iter().filter(|(_, (_, required))| *required).map(|(name, _)| *name).collect();
        let properties: Map<String, Value> =
            properties.into_iter().map(|(name, (schema, _))| (name.to_owned(), schema)).collect();
        json!({ "type": "object", "required": required, "properties": properties })
    })
}

fn document() -> impl Strategy<Value = Value> {
    let parameters =
        prop::collection::btree_map(prop::sample::select(&["a", "b", "c"][..]), (leaf(), any::<bool>()), 0..3);
    (prop::array::uniform3(object()), parameters).prop_map(|(schemas, parameters)| {
        let content = |name: &str| json!({ "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } } });
        let parameters: Vec<Value> = parameters
            .into_iter()
            .map(|(name, (schema, required))| json!({ "in": "query", "name": name, "required": required, "schema": schema }))
            .collect();
        let schemas: Map<String, Value> = NAMES.iter().map(|name| (*name).to_owned()).zip(schemas).collect();
        json!({
            "paths": {
                "/boxes": {
                    "get": { "operationId": "list", "parameters": parameters, "responses": { "200": content("S1") } },
                    "post": { "operationId": "create", "requestBody": content("S0"), "responses": { "204": {} } },
                },
                "/boxes/{id}": {
                    "put": {
                        "operationId": "change",
                        "parameters": [{ "in": "path", "name": "id", "required": true, "schema": { "type": "integer" } }],
                        "requestBody": content("S2"),
                        "responses": { "200": content("S2") },
                    },
                },
            },
            "components": { "schemas": schemas },
        })
    })
}

/// One edit, and where: the index chooses among what the document has.
#[derive(Clone, Debug)]
enum Edit {
    RemoveProperty,
    AddProperty(Value),
    ToggleRequired,
    ReplaceProperty(Value),
    ToggleNullable,
    ToggleDeprecated,
    AddEnumValue,
    RemoveOperation,
    RenameOperation,
    RenamePathParameter,
    Scope,
    Paginate,
    AddParameter(Value),
    ToggleParameterRequired,
    Status,
    Bound,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        Just(Edit::RemoveProperty),
        schema().prop_map(Edit::AddProperty),
        Just(Edit::ToggleRequired),
        schema().prop_map(Edit::ReplaceProperty),
        Just(Edit::ToggleNullable),
        Just(Edit::ToggleDeprecated),
        Just(Edit::AddEnumValue),
        Just(Edit::RemoveOperation),
        Just(Edit::RenameOperation),
        Just(Edit::RenamePathParameter),
        Just(Edit::Scope),
        Just(Edit::Paginate),
        leaf().prop_map(Edit::AddParameter),
        Just(Edit::ToggleParameterRequired),
        Just(Edit::Status),
        Just(Edit::Bound),
    ]
}

impl Edit {
    /// Edits a document; nothing where it has nothing of the kind.
    fn apply(&self, document: &Value, index: Index) -> Option<Value> {
        let mut document = document.clone();
        let schemas = document.pointer_mut("/components/schemas")?.as_object_mut()?;
        let count = schemas.len();
        let schema = schemas.values_mut().nth(index.index(count))?;
        let properties = schema.get("properties")?.as_object()?;
        let name = properties.keys().nth(index.index(properties.len()))?.clone();
        match self {
            Self::RemoveProperty => {
                schema["properties"].as_object_mut()?.shift_remove(&name);
                schema["required"].as_array_mut()?.retain(|own| *own != name.as_str());
            }
            Self::AddProperty(value) => {
                schema["properties"].as_object_mut()?.insert("another".to_owned(), value.clone());
            }
            Self::ToggleRequired => toggle_required(schema, &name)?,
            Self::ReplaceProperty(value) => {
                let property = &mut schema["properties"][&name];
                // The patch for names and numbers leaves no trace of a schema of its own.
                if property == value {
                    return None;
                }
                *property = value.clone();
            }
            Self::ToggleNullable => toggle(schema["properties"][&name].as_object_mut()?, "nullable")?,
            Self::ToggleDeprecated => toggle(schema["properties"][&name].as_object_mut()?, "deprecated")?,
            Self::AddEnumValue => {
                let mut properties = schema["properties"].as_object_mut()?.values_mut();
                properties.find_map(|property| property.get_mut("enum")?.as_array_mut())?.push(json!(4));
            }
            Self::Bound => {
                let property = schema["properties"][&name].as_object_mut()?;
                if property.contains_key("$ref") {
                    return None;
                }
                let bound = property.get("maximum").and_then(Value::as_i64).unwrap_or(9);
                property.insert("maximum".to_owned(), json!(bound + 1));
            }
            Self::RemoveOperation => {
                document["paths"].as_object_mut()?.shift_remove("/boxes/{id}")?;
            }
            Self::RenameOperation => document["paths"]["/boxes"]["get"]["operationId"] = json!("listAll"),
            Self::RenamePathParameter => {
                let mut item = document["paths"].as_object_mut()?.shift_remove("/boxes/{id}")?;
                item["put"]["parameters"][0]["name"] = json!("number");
                document["paths"]["/boxes/{number}"] = item;
            }
            Self::Scope => document["paths"]["/boxes"]["get"]["x-requirements"] = json!({ "scope": "boxes:read" }),
            Self::Paginate => document["paths"]["/boxes"]["get"]["x-paginated"] = json!(true),
            Self::AddParameter(value) => {
                let parameter = json!({ "in": "query", "name": "z", "schema": value });
                document["paths"]["/boxes"]["get"]["parameters"].as_array_mut()?.push(parameter);
            }
            Self::ToggleParameterRequired => {
                let parameter = document["paths"]["/boxes"]["get"]["parameters"].get_mut(0)?;
                parameter["required"] = json!(parameter["required"] != json!(true));
            }
            Self::Status => {
                let content = document["paths"]["/boxes"]["get"]["responses"]["200"].take();
                document["paths"]["/boxes"]["get"]["responses"] = json!({ "201": content });
            }
        }
        Some(document)
    }
}

fn toggle(map: &mut Map<String, Value>, key: &str) -> Option<()> {
    // Beside a `$ref` nothing is said.
    if map.contains_key("$ref") {
        return None;
    }
    let value = map.get(key) != Some(&Value::Bool(true));
    map.insert(key.to_owned(), Value::Bool(value));
    Some(())
}

fn toggle_required(schema: &mut Value, name: &str) -> Option<()> {
    let required = schema["required"].as_array_mut()?;
    match required.iter().position(|own| own == name) {
        Some(position) => drop(required.remove(position)),
        None => required.push(json!(name)),
    }
    Some(())
}

fn side(document: &Value) -> Side {
    let source = Source { origin: "random".to_owned(), text: String::new() };
    Side::patched(Document::from_root(whole(document.clone())).unwrap(), &source).unwrap()
}

/// What of a finding its reverse has as well, before and after exchanged.
fn outline(finding: &Finding, reverse: bool) -> String {
    let rule = if reverse { finding.rule.mirror } else { finding.rule.id };
    let (before, after) = if reverse { (&finding.after, &finding.before) } else { (&finding.before, &finding.after) };
    format!("{rule} {} {before:?} {after:?}", finding.direction)
}

fn check(document: &Value, edit: &Edit, index: Index) -> Result<(), TestCaseError> {
    // An edit of what the document does not have is no edit, and is not counted.
    let Some(edited) = edit.apply(document, index) else { return Err(TestCaseError::reject("nothing to edit")) };
    let (old, new) = (side(document), side(&edited));
    let (forth, back) = (compare(&old, &new), compare(&new, &old));
    prop_assert!(!forth.is_empty(), "{edit:?} was not found");
    let mut outlines: Vec<String> = forth.iter().map(|finding| outline(finding, false)).collect();
    let mut mirrors: Vec<String> = back.iter().map(|finding| outline(finding, true)).collect();
    outlines.sort();
    mirrors.sort();
    prop_assert_eq!(outlines, mirrors);
    for finding in forth.iter().chain(&back) {
        let breaking = finding.wire == Wire::Breaking || finding.rust == Rust::Breaking;
        prop_assert_eq!(finding.class, if breaking { Class::Breaking } else { finding.rule.otherwise });
        if let Some(verdict) = finding.rule.verdict(finding.direction).filter(|_| !finding.operations.is_empty()) {
            prop_assert!(verdict.wire.is_none_or(|wire| wire == finding.wire), "{finding:?}");
            prop_assert!(verdict.rust.is_none_or(|rust| rust == finding.rust), "{finding:?}");
        }
    }
    Ok(())
}

fn edits_are_found() {
    let config = ProptestConfig {
        cases: DOCUMENTS,
        max_global_rejects: 10 * DOCUMENTS,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let edits = (document(), edit(), any::<Index>());
    let result = TestRunner::new(config).run(&edits, |(document, edit, index)| check(&document, &edit, index));
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn an_edit_is_found_and_its_reverse_by_the_mirror() {
    edits_are_found();
}

#[test]
fn an_edit_is_found_and_its_reverse_by_the_mirror_in_as_many_more() {
    edits_are_found();
}
