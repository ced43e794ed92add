//! String formats that the wire does not keep to are taken away.

use anyhow::Result;
use serde_json::Value;

use super::{Context, Patch};
use crate::document::Document;
use crate::schemas::{type_of, visit};

/// The string formats that are known to hold on the wire.
const KEPT: [&str; 3] = ["binary", "date", "date-time"];

pub const PATCH: Patch = Patch {
    name: "formats",
    why: "A `time` comes as hours and minutes, and a strict type for it, or for a format nobody has tried, would fail the whole answer.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    visit(document, |place, schema| {
        let format = schema.get("format").and_then(Value::as_str);
        if type_of(schema) == Some("string")
            && let Some(format) = format.filter(|format| !KEPT.contains(format))
        {
            context.notes.insert(format!("{place}: format `{format}` is read as a plain string"));
            schema.shift_remove("format");
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{assert_stale, run};

    #[test]
    fn a_time_and_a_format_that_nobody_has_tried_become_plain_strings() {
        let outcome = run(
            &PATCH,
            "
            components:
              schemas:
                Box:
                  type: object
                  properties:
                    opens_at: { type: string, format: time, nullable: true }
                    home: { type: string, format: zeppelin }
            ",
        )
        .unwrap();
        assert_eq!(outcome.schema("Box")["properties"]["opens_at"], json!({ "type": "string", "nullable": true }));
        assert_eq!(outcome.schema("Box")["properties"]["home"], json!({ "type": "string" }));
        assert_eq!(outcome.hits, 2);
    }

    #[test]
    fn each_format_that_goes_is_named_with_its_place() {
        let outcome = run(&PATCH, "{ components: { schemas: { Home: { type: string, format: zeppelin } } } }").unwrap();
        assert_eq!(outcome.notes, ["#/components/schemas/Home: format `zeppelin` is read as a plain string"]);
    }

    #[test]
    fn formats_that_the_wire_keeps_to_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                Made: { type: string, format: date }
                Opened: { type: string, format: date-time }
                Photo: { type: string, format: binary }
                Id: { type: integer, format: int32 }
                Weight: { type: number, format: double }
            ",
        );
    }
}
