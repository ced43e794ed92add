//! `names` in a query becomes `names[]`, one pair for each value.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::{Document, Object, referred};
use crate::schemas::type_of;

pub const PATCH: Patch = Patch {
    name: "query-arrays",
    why: "The server reads `names[]=a&names[]=b`; of plain repeated or comma-joined values it would keep one.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let components = document.components().clone();
    let mut hits = 0;
    document.visit_operations(|_, operation| {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(parameter) = parameter.as_object_mut() else { continue };
            if parameter.get("in").and_then(Value::as_str) != Some("query") {
                continue;
            }
            let Some(array) = array_of(parameter.get("schema"), &components) else { continue };
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            if !name.ends_with("[]") {
                parameter.insert("name".to_owned(), Value::from(format!("{name}[]")));
            }
            parameter.insert("schema".to_owned(), array);
            parameter.insert("style".to_owned(), Value::from("form"));
            parameter.insert("explode".to_owned(), Value::Bool(true));
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}

/// The array that a schema is or refers to, written out: a named array would become a type of its own.
fn array_of(schema: Option<&Value>, components: &Object) -> Option<Value> {
    let described = schema?;
    let schema = described.as_object()?;
    if type_of(schema) == Some("array") {
        return Some(Value::Object(schema.clone()));
    }
    let target = components.get(referred(described)?)?;
    array_of(Some(target), components)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{Outcome, assert_stale, run};

    fn parameter(parameter: &str) -> Outcome {
        let snippet = format!(
            "
            paths:
              /boxes:
                get: {{ operationId: listBoxes, parameters: [{parameter}], responses: {{}} }}
            components:
              schemas:
                Colors: {{ type: array, items: {{ type: string }} }}
                Painted: {{ allOf: [{{ $ref: '#/components/schemas/Colors' }}] }}
            "
        );
        run(&PATCH, &snippet).unwrap()
    }

    #[test]
    fn an_array_in_a_query_gets_brackets_and_one_pair_for_each_value() {
        let outcome = parameter(
            "{ name: colors, in: query, required: true, style: spaceDelimited, explode: false,
               schema: { type: array, items: { type: string } } }",
        );
        let expected = json!({
            "name": "colors[]", "in": "query", "required": true, "style": "form", "explode": true,
            "schema": { "type": "array", "items": { "type": "string" } },
        });
        assert_eq!(outcome.at("/paths/~1boxes/get/parameters/0"), expected);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn an_array_behind_references_is_written_out_and_gets_brackets() {
        for schema in ["{ $ref: '#/components/schemas/Colors' }", "{ $ref: '#/components/schemas/Painted' }"] {
            let outcome = parameter(&format!("{{ name: colors, in: query, schema: {schema} }}"));
            let changed = outcome.at("/paths/~1boxes/get/parameters/0");
            assert_eq!(changed["name"], "colors[]", "{schema}");
            assert_eq!(changed["schema"], json!({ "type": "array", "items": { "type": "string" } }), "{schema}");
            assert_eq!(outcome.hits, 1, "{schema}");
        }
    }

    #[test]
    fn a_name_that_has_brackets_already_gets_no_more() {
        let outcome = parameter("{ name: 'colors[]', in: query, schema: { type: array, items: { type: string } } }");
        let changed = outcome.at("/paths/~1boxes/get/parameters/0");
        assert_eq!(changed["name"], "colors[]");
        assert_eq!(changed["explode"], true);
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn single_values_and_arrays_outside_of_the_query_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            paths:
              /boxes/{ids}:
                get:
                  operationId: listBoxes
                  parameters:
                    - { name: limit, in: query, schema: { type: integer } }
                    - { name: ids, in: path, required: true, schema: { type: array, items: { type: integer } } }
                    - { name: X-Colors, in: header, schema: { type: array, items: { type: string } } }
                  responses: {}
            ",
        );
    }
}
