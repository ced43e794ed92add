//! A schema of OpenAPI 3.0 as JSON Schema, strict as it is for requests: what is not declared is refused.

use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value, json};

use super::differences::{Difference, Finding};

/// How deep a request may be nested; a schema that contains itself ends here.
const DEPTH: usize = 24;

/// Keywords that say nothing about a value.
const SILENT: [&str; 4] = ["description", "example", "default", "title"];

/// Keywords that mean the same in both languages.
const SAME: [&str; 10] =
    ["enum", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum", "pattern", "required", "type"];

/// Compares a value with a schema of the description.
pub fn judge(description: &Value, schema: &Value, value: &Value, place: &str) -> Vec<Finding> {
    let validator = convert(description, schema, DEPTH).and_then(|schema| {
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        options.build(&schema).map_err(|error| error.to_string())
    });
    let validator = match validator {
        Ok(validator) => validator,
        Err(error) => return vec![Finding::mistake(format!("{place}: this test cannot read the schema: {error}"))],
    };
    let findings = validator.iter_errors(value).map(|error| {
        let what = format!("{place}{}: {error}", error.instance_path());
        match error.kind() {
            Kind::Maximum { limit } if *limit == json!(i32::MAX) => Finding::known(Difference::LargeIntegers, what),
            Kind::Minimum { limit } if *limit == json!(i32::MIN) => Finding::known(Difference::LargeIntegers, what),
            Kind::Format { format } if format == "time" && is_short_time(error.instance()) => {
                Finding::known(Difference::ShortTimes, what)
            }
            _ => Finding::mistake(what),
        }
    });
    findings.collect()
}

/// Whether a value is hours and minutes.
fn is_short_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let number = |digits: &str, end: u8| digits.len() == 2 && digits.parse::<u8>().is_ok_and(|number| number < end);
    text.split_once(':').is_some_and(|(hours, minutes)| number(hours, 24) && number(minutes, 60))
}

/// Translates a schema, with everything that it refers to.
fn convert(description: &Value, schema: &Value, depth: usize) -> Result<Value, String> {
    let deeper = depth.checked_sub(1).ok_or("it is nested too deeply")?;
    let source = schema.as_object().ok_or_else(|| format!("{schema} is no schema"))?;
    let mut target = Map::new();
    for (keyword, value) in source {
        match keyword.as_str() {
            "$ref" => {
                let place = value.as_str().and_then(|target| target.strip_prefix('#'));
                let meant = place.and_then(|place| description.pointer(place));
                let meant = meant.ok_or_else(|| format!("{value} leads nowhere"))?;
                target.insert("allOf".to_owned(), json!([convert(description, meant, deeper)?]));
            }
            "allOf" => match value.as_array().map(Vec::as_slice) {
                // Each member would refuse the properties of the others.
                Some([member]) => {
                    target.insert("allOf".to_owned(), json!([convert(description, member, deeper)?]));
                }
                _ => return Err("it has an `allOf` of several members".to_owned()),
            },
            "anyOf" | "oneOf" => {
                let members = value.as_array().ok_or("its union is no list")?;
                let members: Result<Vec<_>, _> = members.iter().map(|it| convert(description, it, deeper)).collect();
                target.insert("allOf".to_owned(), by_tag(&members?)?);
            }
            "properties" => {
                let properties = value.as_object().ok_or("its properties are no map")?.iter();
                let properties: Result<Map<_, _>, String> =
                    properties.map(|(name, it)| Ok((name.clone(), convert(description, it, deeper)?))).collect();
                target.insert(keyword.clone(), Value::Object(properties?));
                target.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            "additionalProperties" => {
                let inner = if value.is_object() { convert(description, value, deeper)? } else { value.clone() };
                target.insert(keyword.clone(), inner);
            }
            "items" => {
                target.insert(keyword.clone(), convert(description, value, deeper)?);
            }
            "format" if value == "int32" => {
                target.entry("minimum").or_insert(json!(i32::MIN));
                target.entry("maximum").or_insert(json!(i32::MAX));
            }
            "format" if value == "int64" => {}
            "format" => {
                target.insert(keyword.clone(), value.clone());
            }
            "nullable" => {}
            silent if SILENT.contains(&silent) || silent.starts_with("x-") => {}
            same if SAME.contains(&same) => {
                target.insert(keyword.clone(), value.clone());
            }
            other => return Err(format!("it has the keyword `{other}`")),
        }
    }
    let schema = Value::Object(target);
    Ok(if source.get("nullable") == Some(&Value::Bool(true)) {
        // Unlike an `anyOf` with null, this tells what is wrong with a value that is not null.
        json!({ "if": { "type": "null" }, "else": schema })
    } else {
        schema
    })
}

/// A union whose members are told apart by `type`, so that errors are those of the member that was meant.
fn by_tag(members: &[Value]) -> Result<Value, String> {
    let mut tags = Vec::new();
    let mut rules = Vec::new();
    for member in members {
        let member = sole(member);
        let tag = member.pointer("/properties/type").map(sole).and_then(|tag| tag.get("enum"));
        let tag = tag.ok_or("it has a union whose members have no fixed `type`")?;
        let tagged = json!({ "required": ["type"], "properties": { "type": { "enum": tag } } });
        rules.push(json!({ "if": tagged, "then": member }));
        tags.push(tagged);
    }
    rules.push(json!({ "anyOf": tags }));
    Ok(Value::Array(rules))
}

/// The schema behind an `allOf` of one.
fn sole(schema: &Value) -> &Value {
    match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => sole(member),
        _ => schema,
    }
}
