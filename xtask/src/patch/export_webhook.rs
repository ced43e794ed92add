//! The webhook of a finished export, which the server sends and the description leaves out.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::{Document, reference, schema_name};

/// The name that the missing schema gets, formed like those of its neighbours.
const SCHEMA: &str = "ExportWebhookPayload";

pub const PATCH: Patch = Patch {
    name: "export-webhook",
    why: "Pachca tells of a finished export by a webhook that is no member of the description's union of webhooks.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let components = document.components_mut()?;
    let known = |members: &[Value]| {
        let names =
            members.iter().filter_map(|member| member.get("$ref").and_then(Value::as_str).and_then(schema_name));
        names
            .filter_map(|name| components.get(name))
            .any(|member| member.pointer("/properties/type/enum/0").and_then(Value::as_str) == Some("export"))
    };
    let webhooks: Vec<String> = components
        .iter()
        .filter(|(_, schema)| schema.get("x-union-deserializer").and_then(Value::as_str) == Some("webhook-payload"))
        .filter(|(_, schema)| schema.get("anyOf").and_then(Value::as_array).is_some_and(|members| !known(members)))
        .map(|(name, _)| name.clone())
        .collect();
    for name in &webhooks {
        let members = components.get_mut(name).and_then(|schema| schema.get_mut("anyOf")).and_then(Value::as_array_mut);
        members.into_iter().for_each(|members| members.push(reference(SCHEMA)));
    }
    if !webhooks.is_empty() {
        let schema = json!({
            "type": "object",
            "required": ["type", "event", "export_id", "created_at"],
            "properties": {
                "type": { "type": "string", "enum": ["export"] },
                "event": { "type": "string", "enum": ["ready"] },
                "export_id": { "type": "integer", "format": "int64" },
                "created_at": { "type": "string", "format": "date-time" },
            },
        });
        if components.insert(SCHEMA.to_owned(), schema).is_some() {
            bail!("the document has a schema named `{SCHEMA}` already");
        }
    }
    Ok(webhooks.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{PATCH, SCHEMA};
    use crate::patch::testing::{assert_stale, refused, run};

    const UNION: &str = "
        components:
          schemas:
            AnyHook:
              x-union-deserializer: webhook-payload
              anyOf: [{ $ref: '#/components/schemas/BoxHook' }]
            OtherUnion:
              anyOf: [{ $ref: '#/components/schemas/BoxHook' }]
            BoxHook: { type: object, properties: { type: { type: string, enum: [box] } } }
        ";

    #[test]
    fn the_union_of_webhooks_gets_the_missing_member_and_other_unions_do_not() {
        let outcome = run(&PATCH, UNION).unwrap();
        let members =
            json!([{ "$ref": "#/components/schemas/BoxHook" }, { "$ref": format!("#/components/schemas/{SCHEMA}") }]);
        assert_eq!(outcome.schema("AnyHook")["anyOf"], members);
        assert_eq!(outcome.schema("OtherUnion")["anyOf"], json!([{ "$ref": "#/components/schemas/BoxHook" }]));
        assert_eq!(outcome.schema(SCHEMA)["properties"]["type"]["enum"], json!(["export"]));
        assert_eq!(outcome.schema(SCHEMA)["properties"]["event"]["enum"], json!(["ready"]));
        assert_eq!(outcome.schema(SCHEMA)["required"], json!(["type", "event", "export_id", "created_at"]));
        assert_eq!(outcome.hits, 1);
    }

    #[test]
    fn a_schema_of_that_name_is_not_overwritten() {
        let snippet = format!("{UNION}    {SCHEMA}: {{ type: string }}");
        assert_eq!(refused(&PATCH, &snippet), format!("the document has a schema named `{SCHEMA}` already"));
    }

    #[test]
    fn a_union_that_knows_the_webhook_makes_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                AnyHook:
                  x-union-deserializer: webhook-payload
                  anyOf: [{ $ref: '#/components/schemas/Done' }]
                Done: { type: object, properties: { type: { type: string, enum: [export] } } }
            ",
        );
    }

    #[test]
    fn a_description_without_webhooks_makes_it_stale() {
        assert_stale(&PATCH, "components: { schemas: { Any: { x-union-deserializer: other, anyOf: [] } } }");
    }
}
