//! The query: declared names only, each in its declared form.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::violation;
use crate::operation::{Operation, Parameter, Place};
use crate::refusal::{BrokenRule, Refusal};
use crate::schema::{Object, type_of};

/// Reads the query.
pub fn check(operation: &Operation, query: &str) -> Result<BTreeMap<String, Value>, Refusal> {
    let status = operation.status(&[400, 422]);
    let refuse = |code: &str, key: &str, value: Value, message: String| {
        Err(Refusal::fault(status, BrokenRule::new(code, key, value, message)))
    };
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if let Err(message) = well_encoded(pair) {
            return refuse("wrong_params", pair, json!(pair), message);
        }
        for (name, value) in form_urlencoded::parse(pair.as_bytes()) {
            sent.entry(name.into_owned()).or_default().push(value.into_owned());
        }
    }
    let mut values = BTreeMap::new();
    for (name, texts) in &sent {
        let Some(parameter) = operation.parameter(Place::Query, name) else {
            let message = undeclared(operation, name);
            return refuse("wrong_params", name, json!(texts.join(",")), message);
        };
        let value = if parameter.is_list() {
            list(parameter, texts)
        } else if texts.len() > 1 {
            Err(format!("`{name}` takes one value and was sent {} times", texts.len()))
        } else {
            parse(&parameter.flat, texts.first().map_or("", String::as_str))
        };
        let value = match value {
            Ok(value) => value,
            Err(message) => return refuse("invalid", name, json!(texts.join(",")), message),
        };
        if let Some(error) = parameter.validator.iter_errors(&value).next() {
            let fault = violation::fault(&error);
            let message = format!("`{name}`: {}", fault.message);
            return refuse(&fault.code, name, json!(texts.join(",")), message);
        }
        values.insert(name.clone(), value);
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
        if parameter.required && !values.contains_key(&parameter.name) {
            let message = format!("The query parameter `{}` is required", parameter.name);
            return refuse("required", &parameter.name, Value::Null, message);
        }
    }
    Ok(values)
}

/// Why a name is not taken, with what was probably meant.
fn undeclared(operation: &Operation, name: &str) -> String {
    let base = name.split('[').next().unwrap_or(name);
    let list = format!("{base}[]");
    if name != list && operation.parameter(Place::Query, &list).is_some() {
        return format!("`{name}` is a wrong array form; the list is sent as repeated `{list}=`");
    }
    if operation.parameter(Place::Query, base).is_some() {
        return format!("`{name}` is a wrong form; `{base}` takes one value");
    }
    format!("The query parameter `{name}` is not declared for {}", operation.id)
}

fn list(parameter: &Parameter, texts: &[String]) -> Result<Value, String> {
    let items = &parameter.items;
    let mut values = Vec::new();
    for text in texts {
        // An enum value or a number never holds a comma, so this is a list in one element.
        if text.contains(',') && (type_of(items) != Some("string") || items.contains_key("enum")) {
            let name = &parameter.name;
            return Err(format!(
                "`{name}` is a wrong array form; comma-joined values must be sent as repeated `{name}=`"
            ));
        }
        values.push(parse(items, text)?);
    }
    Ok(Value::Array(values))
}

/// Reads a text as the schema's type.
pub fn parse(schema: &Object, text: &str) -> Result<Value, String> {
    match type_of(schema) {
        Some("integer") => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse::<i64>().ok().filter(|_| plain);
            number.map(Value::from).ok_or_else(|| format!("`{text}` is not an integer"))
        }
        Some("number") => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(json!(number)),
            _ => Err(format!("`{text}` is not a number")),
        },
        Some("boolean") => match text {
            "true" => Ok(json!(true)),
            "false" => Ok(json!(false)),
            _ => Err(format!("`{text}` is neither `true` nor `false`")),
        },
        Some("object") => Err("objects are not taken here".to_owned()),
        _ => Ok(json!(text)),
    }
}

/// Refuses broken percent signs and bytes that are no UTF-8, which would otherwise be replaced in silence.
fn well_encoded(pair: &str) -> Result<(), String> {
    let bytes = pair.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        if byte == b'%' {
            let hex = pair.get(index + 1..index + 3).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let value = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            decoded.push(value.ok_or_else(|| format!("`{pair}` is not percent-encoded"))?);
            index += 3;
        } else {
            decoded.push(byte);
            index += 1;
        }
    }
    String::from_utf8(decoded).map(|_| ()).map_err(|_| format!("`{pair}` is not UTF-8"))
}
