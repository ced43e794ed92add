//! Where a union's members carry no tag, the value beside the union that selects one is written down.
//!
//! The official text of each member says for which values of the neighbour it stands. Only those values are taken:
//! they are identifiers of the document, whatever the language of the words around them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{Context, Patch};
use crate::document::{Document, Object, referred, schema_name};

pub const PATCH: Patch = Patch {
    name: "union-selectors",
    why: "The members of such a union overlap, and the first, an empty object, would swallow all the others.",
    apply,
};

fn apply(document: &mut Document, context: &mut Context<'_>) -> Result<usize> {
    let components = document.components().clone();
    let mut hits = 0;
    for (name, schema) in &components {
        let Some(members) = members(schema) else { continue };
        if has_tag(&members, &components) {
            continue;
        }
        let selectors = neighbours(name, &components).into_iter().map(|(property, values)| {
            let chosen = mentioned(&members, &values, &components)?;
            Ok((property, values, chosen))
        });
        let selectors: Vec<_> = selectors.collect::<Result<_>>()?;
        let best = selectors.into_iter().max_by_key(|(_, _, chosen)| chosen.len());
        let Some((property, values, chosen)) = best.filter(|(_, _, chosen)| !chosen.is_empty()) else {
            bail!("schema {name}: its members have no tag in common, and no text says which value selects which");
        };
        let silent: Vec<&str> =
            values.iter().map(String::as_str).filter(|value| !chosen.contains_key(*value)).collect();
        if !silent.is_empty() {
            context.notes.insert(format!("schema {name}: no member is for {property} {}; kept raw", silent.join(", ")));
        }
        hits += chosen.len();
        if let Some(union) = document.components_mut()?.get_mut(name).and_then(Value::as_object_mut) {
            union.insert("x-selector".to_owned(), json!({ "property": property, "members": chosen }));
        }
    }
    Ok(hits)
}

fn members(schema: &Value) -> Option<Vec<String>> {
    let members = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key))?.as_array()?;
    members
        .iter()
        .map(|member| member.get("$ref").and_then(Value::as_str).and_then(schema_name).map(str::to_owned))
        .collect()
}

/// Whether some property is an enum in every member.
fn has_tag(members: &[String], components: &Object) -> bool {
    let tags = members.iter().map(|member| -> BTreeSet<&String> {
        let properties = components.get(member).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .filter(|(_, property)| enum_values(property, components).is_some())
            .map(|(name, _)| name)
            .collect()
    });
    let common = tags.reduce(|common, tags| common.intersection(&tags).copied().collect());
    common.is_some_and(|common| !common.is_empty())
}

/// The enum properties that stand beside a property of the union's type, with their values.
fn neighbours(union: &str, components: &Object) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for schema in components.values() {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { continue };
        if properties.values().any(|property| referred(property) == Some(union)) {
            for (name, property) in properties {
                if let Some(values) = enum_values(property, components) {
                    found.push((name.clone(), values));
                }
            }
        }
    }
    found
}

/// Which of the values each member's text mentions.
fn mentioned(members: &[String], values: &[String], components: &Object) -> Result<BTreeMap<String, String>> {
    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    for member in members {
        let text = components.get(member).and_then(|schema| schema.get("description")).and_then(Value::as_str);
        let words = text.unwrap_or_default().split(|c: char| !(c.is_ascii_alphanumeric() || "_:-".contains(c)));
        for word in
            words.map(|word| word.trim_matches([':', '-'])).filter(|word| values.iter().any(|value| value == word))
        {
            if let Some(other) = chosen.insert(word.to_owned(), member.clone()).filter(|other| other != member) {
                bail!("both {other} and {member} say that they stand for `{word}`");
            }
        }
    }
    Ok(chosen)
}

fn enum_values(property: &Value, components: &Object) -> Option<Vec<String>> {
    let values = components.get(referred(property)?)?.get("enum")?.as_array()?;
    Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PATCH;
    use crate::patch::testing::{assert_stale, refused, run};

    /// A union of `Flat` and `Round` beside a `shape` that is `plate`, `sheet`, `ball` or `cube`.
    fn union(flat: &str, round: &str) -> String {
        format!(
            "
            components:
              schemas:
                Box:
                  type: object
                  properties:
                    shape: {{ $ref: '#/components/schemas/Shape' }}
                    details: {{ $ref: '#/components/schemas/Details' }}
                Shape: {{ type: string, enum: [plate, sheet, ball, cube] }}
                Details: {{ anyOf: [{{ $ref: '#/components/schemas/Flat' }}, {{ $ref: '#/components/schemas/Round' }}] }}
                Flat: {{ type: object, description: '{flat}', properties: {{ width: {{ type: integer }} }} }}
                Round: {{ type: object, description: '{round}', properties: {{ radius: {{ type: integer }} }} }}
            "
        )
    }

    #[test]
    fn the_values_that_a_members_text_mentions_select_it() {
        let outcome = run(&PATCH, &union("For `plate`, sheet.", "For: ball")).unwrap();
        let selector = json!({ "property": "shape", "members": { "ball": "Round", "plate": "Flat", "sheet": "Flat" } });
        assert_eq!(outcome.schema("Details")["x-selector"], selector);
        assert_eq!(outcome.hits, 3);
    }

    #[test]
    fn values_that_no_text_mentions_are_named() {
        let outcome = run(&PATCH, &union("plate", "ball")).unwrap();
        assert_eq!(outcome.notes, ["schema Details: no member is for shape sheet, cube; kept raw"]);
    }

    #[test]
    fn longer_words_that_contain_a_value_do_not_select() {
        let outcome = run(&PATCH, &union("plate, plates, sheet_metal", "ball")).unwrap();
        assert_eq!(outcome.schema("Details")["x-selector"]["members"], json!({ "ball": "Round", "plate": "Flat" }));
    }

    #[test]
    fn one_value_for_two_members_is_refused_with_their_names() {
        let reason = refused(&PATCH, &union("plate", "plate, ball"));
        assert_eq!(reason, "both Flat and Round say that they stand for `plate`");
    }

    #[test]
    fn members_that_nothing_tells_apart_are_refused_with_the_unions_name() {
        let reason = refused(&PATCH, &union("Something", "Something else"));
        assert!(reason.starts_with("schema Details: its members have no tag in common"), "{reason}");
    }

    #[test]
    fn members_with_a_tag_of_their_own_make_it_stale() {
        assert_stale(
            &PATCH,
            "
            components:
              schemas:
                Details: { anyOf: [{ $ref: '#/components/schemas/Flat' }, { $ref: '#/components/schemas/Round' }] }
                Flat: { type: object, properties: { kind: { $ref: '#/components/schemas/FlatKind' } } }
                Round: { type: object, properties: { kind: { $ref: '#/components/schemas/RoundKind' } } }
                FlatKind: { type: string, enum: [flat] }
                RoundKind: { type: string, enum: [round] }
            ",
        );
    }
}
