//! Schemas as the description writes them, and as the validator reads them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A JSON object.
pub type Object = Map<String, Value>;

/// Who wrote the value that a schema is to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A client: what is not declared is refused.
    Request,
    /// This server: the description may be older than the service, so objects stay open.
    Response,
}

/// The keywords that JSON Schema and OpenAPI 3.0 share and that need no translation.
const SAME: [&str; 12] = [
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "uniqueItems",
];

/// How deep references and `allOf` are followed before they count as a circle.
const DEPTH: usize = 32;

/// The named schemas of the description.
#[derive(Debug)]
pub struct Schemas {
    named: Object,
}

impl Schemas {
    /// Takes `components.schemas`.
    pub fn new(named: Object) -> Self {
        Self { named }
    }

    /// A named schema.
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.get(name)
    }

    /// All named schemas.
    pub fn all(&self) -> &Object {
        &self.named
    }

    /// The name of a schema that is, or only wraps, a reference.
    pub fn name<'a>(&self, schema: &'a Value) -> Option<&'a str> {
        let reference = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([member]) => member.get("$ref"),
            _ => schema.get("$ref"),
        };
        reference?.as_str()?.strip_prefix("#/components/schemas/")
    }

    /// One object with everything that a schema says itself, by reference and through `allOf`.
    pub fn flat(&self, schema: &Value) -> Object {
        self.flatten(schema, DEPTH)
    }

    fn flatten(&self, schema: &Value, depth: usize) -> Object {
        let Some(own) = schema.as_object() else { return Object::new() };
        if depth == 0 {
            return Object::new();
        }
        if let Some(name) = own.get("$ref").and_then(Value::as_str) {
            let target = name.strip_prefix("#/components/schemas/").and_then(|name| self.named.get(name));
            return target.map(|target| self.flatten(target, depth - 1)).unwrap_or_default();
        }
        let mut all = Object::new();
        for member in own.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            merge(&mut all, self.flatten(member, depth - 1));
        }
        let mut own = own.clone();
        own.remove("allOf");
        merge(&mut all, own);
        all
    }

    /// The properties of an object schema, with what it inherits.
    pub fn properties(&self, schema: &Value) -> Object {
        match self.flat(schema).remove("properties") {
            Some(Value::Object(properties)) => properties,
            _ => Object::new(),
        }
    }

    /// How a union says that another field of the same object selects its member.
    pub fn selector<'a>(&'a self, union: &'a Value) -> Option<&'a Value> {
        let named = || self.named(self.name(union)?)?.get("x-selector");
        union.get("x-selector").or_else(named)
    }

    /// The member of a union that another field of the same object selects.
    pub fn selected(&self, union: &Value, object: &Object) -> Option<Value> {
        let selector = self.selector(union)?;
        let value = object.get(selector.get("property")?.as_str()?)?.as_str()?;
        let member = selector.get("members")?.get(value)?.as_str()?;
        Some(json!({ "$ref": format!("#/components/schemas/{member}") }))
    }

    /// A JSON Schema (2020-12) that stands for itself: what it refers to is in its `$defs`.
    pub fn translate(&self, schema: &Value, direction: Direction) -> Value {
        let mut wanted = BTreeSet::new();
        let mut result = self.convert(schema, direction, &mut wanted);
        let mut definitions = Object::new();
        while let Some(name) = wanted.iter().find(|name| !definitions.contains_key(*name)).cloned() {
            let converted = match self.named.get(&name) {
                Some(target) => self.convert(target, direction, &mut wanted),
                None => json!({}),
            };
            definitions.insert(name, converted);
        }
        if let Some(result) = result.as_object_mut() {
            result.insert("$defs".to_owned(), Value::Object(definitions));
        }
        result
    }

    fn convert(&self, schema: &Value, direction: Direction, wanted: &mut BTreeSet<String>) -> Value {
        let Some(own) = schema.as_object() else { return json!({}) };
        let nullable = own.get("nullable") == Some(&Value::Bool(true));
        if let Some(name) = self.name(schema).filter(|_| !own.contains_key("properties")) {
            wanted.insert(name.to_owned());
            let target = json!({ "$ref": format!("#/$defs/{name}") });
            return if nullable { json!({ "anyOf": [target, { "type": "null" }] }) } else { target };
        }
        let flat;
        let own = if own.contains_key("allOf") {
            flat = self.flat(schema);
            &flat
        } else {
            own
        };
        let mut result = Object::new();
        for keyword in SAME {
            // Our own patch moves the bounds aside for the generated client; here they count.
            let bound = own.get(keyword).or_else(|| own.get("x-bounds").and_then(|bounds| bounds.get(keyword)));
            if let Some(bound) = bound {
                result.insert(keyword.to_owned(), bound.clone());
            }
        }
        self.convert_type(own, nullable, &mut result);
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(members)) = own.get(keyword) {
                let mut members: Vec<Value> =
                    members.iter().map(|member| self.convert(member, direction, wanted)).collect();
                if nullable {
                    members.push(json!({ "type": "null" }));
                }
                result.insert(keyword.to_owned(), Value::Array(members));
            }
        }
        if let Some(items) = own.get("items") {
            result.insert("items".to_owned(), self.convert(items, direction, wanted));
        }
        if let Some(extra @ Value::Object(_)) = own.get("additionalProperties") {
            result.insert("additionalProperties".to_owned(), self.convert(extra, direction, wanted));
        } else if let Some(extra) = own.get("additionalProperties") {
            result.insert("additionalProperties".to_owned(), extra.clone());
        }
        if let Some(Value::Object(properties)) = own.get("properties") {
            let mut converted = Object::new();
            for (name, property) in properties {
                let mut property = property.clone();
                if direction == Direction::Request && !requires(own, name) {
                    self.drop_patched_null(&mut property);
                }
                converted.insert(name.clone(), self.convert(&property, direction, wanted));
            }
            result.insert("properties".to_owned(), Value::Object(converted));
            if direction == Direction::Request && !own.contains_key("additionalProperties") {
                result.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Object(result)
    }

    fn convert_type(&self, own: &Object, nullable: bool, result: &mut Object) {
        if let Some(Value::String(kind)) = own.get("type") {
            let types = if nullable { json!([kind, "null"]) } else { json!(kind) };
            result.insert("type".to_owned(), types);
        }
        if let Some(Value::Array(values)) = own.get("enum") {
            let null = (nullable && !values.contains(&Value::Null)).then_some(Value::Null);
            result.insert("enum".to_owned(), values.iter().cloned().chain(null).collect());
        }
        match own.get("format").and_then(Value::as_str) {
            Some(format @ ("date" | "date-time")) => {
                result.insert("format".to_owned(), json!(format));
            }
            Some("int32") => limit(result, i32::MIN.into(), i32::MAX.into()),
            Some("int64") => limit(result, i64::MIN, i64::MAX),
            _ => {}
        }
    }

    /// Takes back a `nullable` that only our patch `request-absence` put on an optional list or map.
    fn drop_patched_null(&self, property: &mut Value) {
        let flat = self.flat(property);
        let explicit = flat.get("x-explicit-null") == Some(&Value::Bool(true));
        let collects = matches!(flat.get("type").and_then(Value::as_str), Some("array" | "object"));
        if let Some(property) = property.as_object_mut().filter(|_| collects && !explicit) {
            property.remove("nullable");
        }
    }
}

/// Whether an object schema requires a property.
pub fn requires(schema: &Object, property: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|name| name == property))
}

/// The stated type of a schema.
pub fn type_of(schema: &Object) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

/// A bound of a schema, wherever it stands.
pub fn bound(schema: &Object, keyword: &str) -> Option<i64> {
    schema.get(keyword).or_else(|| schema.get("x-bounds")?.get(keyword))?.as_i64()
}

fn limit(result: &mut Object, minimum: i64, maximum: i64) {
    result.entry("minimum").or_insert(json!(minimum));
    result.entry("maximum").or_insert(json!(maximum));
}

fn merge(into: &mut Object, from: Object) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => known.extend(more),
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => {
                known.extend(more);
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Schemas};
    use serde_json::{Value, json};

    fn accepts(direction: Direction, schema: &Value, value: &Value) -> bool {
        let named = json!({
            "Base": { "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"] },
            "Color": { "type": "string", "enum": ["red"] },
            "List": { "type": "array", "items": { "type": "string" } },
        });
        let schemas = Schemas::new(named.as_object().cloned().unwrap_or_default());
        let translated = schemas.translate(schema, direction);
        jsonschema::draft202012::options().should_validate_formats(true).build(&translated).unwrap().is_valid(value)
    }

    #[test]
    fn members_of_all_of_are_one_object() {
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/Base" },
            { "type": "object", "properties": { "b": { "type": "string" } } },
        ] });
        assert!(accepts(Direction::Request, &schema, &json!({ "a": 1, "b": "x" })));
        assert!(!accepts(Direction::Request, &schema, &json!({ "b": "x" })));
        assert!(!accepts(Direction::Request, &schema, &json!({ "a": 1, "c": 1 })));
        assert!(accepts(Direction::Response, &schema, &json!({ "a": 1, "c": 1 })));
    }

    #[test]
    fn null_is_taken_where_the_vendor_says_so() {
        let schema = json!({ "type": "object", "required": ["must"], "properties": {
            "patched": { "type": "array", "items": {}, "nullable": true },
            "wrapped": { "allOf": [{ "$ref": "#/components/schemas/List" }], "nullable": true },
            "stated": { "type": "array", "items": {}, "nullable": true, "x-explicit-null": true },
            "must": { "type": "array", "items": {}, "nullable": true },
            "color": { "allOf": [{ "$ref": "#/components/schemas/Color" }], "nullable": true },
        } });
        let with = |name: &str| json!({ "must": [], name: null });
        assert!(!accepts(Direction::Request, &schema, &with("patched")));
        assert!(!accepts(Direction::Request, &schema, &with("wrapped")));
        assert!(accepts(Direction::Request, &schema, &with("stated")));
        assert!(accepts(Direction::Request, &schema, &with("must")));
        assert!(accepts(Direction::Request, &schema, &with("color")));
        assert!(accepts(Direction::Response, &schema, &with("patched")));
    }

    #[test]
    fn bounds_that_were_moved_aside_count() {
        let schema = json!({ "type": "string", "x-bounds": { "maxLength": 2 } });
        assert!(accepts(Direction::Request, &schema, &json!("ab")));
        assert!(!accepts(Direction::Request, &schema, &json!("abc")));
        let number = json!({ "type": "integer", "format": "int64" });
        assert!(!accepts(Direction::Request, &number, &json!(1e30)));
    }
}
