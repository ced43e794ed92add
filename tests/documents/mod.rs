//! Random documents that are valid against a schema, and ones that a server of another day might send.
#![allow(dead_code, reason = "each test target uses a part")]

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value, json};

/// How a document departs from its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// Not at all.
    None,
    /// Enums have values that the schema does not know.
    Values,
    /// Objects have fields that the schema does not know.
    Fields,
    /// Members of unions are of kinds that the schema does not know.
    Kinds,
    /// Required fields are missing, and fields are null that may not be.
    Gaps,
}

/// How deep documents nest before lists are empty and optional fields are left out.
const DEPTH: u32 = 8;

/// Documents of one description.
#[derive(Clone)]
pub struct Documents {
    schemas: Arc<Map<String, Value>>,
    twist: Twist,
}

impl Documents {
    /// Takes the named schemas of a description.
    pub fn of(description: &Value, twist: Twist) -> Self {
        let schemas = description.pointer("/components/schemas").and_then(Value::as_object);
        Self { schemas: Arc::new(schemas.cloned().expect("a description has schemas")), twist }
    }

    /// Documents of a schema.
    pub fn any(&self, schema: &Value) -> BoxedStrategy<Value> {
        self.value(schema, DEPTH)
    }

    fn value(&self, schema: &Value, depth: u32) -> BoxedStrategy<Value> {
        let schema = self.flat(schema);
        let value = self.present(&schema, depth);
        if schema.get("nullable") == Some(&json!(true)) {
            return prop_oneof![1 => Just(Value::Null), 3 => value].boxed();
        }
        value
    }

    fn present(&self, schema: &Map<String, Value>, depth: u32) -> BoxedStrategy<Value> {
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let known = select(values.clone());
            if self.twist == Twist::Values {
                return prop_oneof![known, "[a-z]{3,8}:[a-z]{2,6}".prop_map(Value::from)].boxed();
            }
            return known.boxed();
        }
        if let Some(members) = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array) {
            return self.member(members, depth);
        }
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        match (text("type"), text("format")) {
            (Some("string"), Some("date-time")) => time().boxed(),
            (Some("string"), Some("date")) => {
                time().prop_map(|time| json!(time.as_str().map(|text| &text[..10]))).boxed()
            }
            (Some("string"), _) => "[a-zA-Zйцук0-9 \"\\\\\n<&🎉]{0,12}".prop_map(Value::from).boxed(),
            (Some("integer"), Some("int32")) => any::<i32>().prop_map(Value::from).boxed(),
            (Some("integer"), _) => any::<i64>().prop_map(Value::from).boxed(),
            (Some("number"), _) => (-1e9..1e9).prop_map(|number: f64| json!(Number::from_f64(number))).boxed(),
            (Some("boolean"), _) => any::<bool>().prop_map(Value::from).boxed(),
            (Some("array"), _) => {
                let most = if depth == 0 { 0 } else { 3 };
                let items = schema.get("items").cloned().unwrap_or(json!({}));
                let item = if depth == 0 { Just(Value::Null).boxed() } else { self.value(&items, depth - 1) };
                prop::collection::vec(item, 0..=most).prop_map(Value::from).boxed()
            }
            (Some("object") | None, _) if schema.contains_key("properties") => self.object(schema, depth),
            (Some("object"), _) => self.map(schema, depth),
            _ => Just(json!({ "free": [1, "form"] })).boxed(),
        }
    }

    fn member(&self, members: &[Value], depth: u32) -> BoxedStrategy<Value> {
        let own = self.clone();
        let known = select(members.to_vec()).prop_flat_map(move |member| own.value(&member, depth.saturating_sub(1)));
        if self.twist != Twist::Kinds {
            return known.boxed();
        }
        known
            .prop_map(|mut value| {
                for tag in ["type", "event"] {
                    if let Some(slot) = value.get_mut(tag) {
                        *slot = json!("unheard_of");
                    }
                }
                value
            })
            .boxed()
    }

    fn object(&self, schema: &Map<String, Value>, depth: u32) -> BoxedStrategy<Value> {
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let fields: Vec<BoxedStrategy<Option<(String, Value)>>> = properties
            .iter()
            .map(|(name, property)| self.field(name, property, required.contains(&json!(name)), depth))
            .collect();
        let selected: Vec<BoxedStrategy<[(String, Value); 2]>> = properties
            .iter()
            .filter_map(|(name, property)| self.selected(name, property, &properties, depth))
            .collect();
        let news = self.twist == Twist::Fields;
        (fields, selected)
            .prop_map(move |(fields, selected)| {
                let mut object: Map<String, Value> = fields.into_iter().flatten().collect();
                object.extend(selected.into_iter().flatten());
                if news {
                    object.insert("not_yet_described".to_owned(), json!({ "deep": [null, 1] }));
                }
                Value::Object(object)
            })
            .boxed()
    }

    fn field(
        &self,
        name: &str,
        property: &Value,
        required: bool,
        depth: u32,
    ) -> BoxedStrategy<Option<(String, Value)>> {
        if depth == 0 && !required {
            return Just(None).boxed();
        }
        let name = name.to_owned();
        let field = self.value(property, depth.saturating_sub(1)).prop_map({
            let name = name.clone();
            move |value| Some((name.clone(), value))
        });
        match (required, self.twist) {
            // An id is the one thing that nobody leaves out.
            (true, Twist::Gaps) if name != "id" => {
                prop_oneof![6 => field, 1 => Just(None), 1 => Just(Some((name, Value::Null)))].boxed()
            }
            (true, _) => field.boxed(),
            (false, _) => prop_oneof![field, Just(None)].boxed(),
        }
    }

    /// A union together with the neighbour that tells which member it is.
    fn selected(
        &self,
        name: &str,
        property: &Value,
        properties: &Map<String, Value>,
        depth: u32,
    ) -> Option<BoxedStrategy<[(String, Value); 2]>> {
        let union = self.flat(property);
        let selector = union.get("x-selector")?.clone();
        let neighbour = selector.get("property")?.as_str()?.to_owned();
        let (own, name) = (self.clone(), name.to_owned());
        let pair = self.value(properties.get(&neighbour)?, depth).prop_flat_map(move |choice| {
            let member = choice.as_str().and_then(|choice| selector["members"].get(choice)).and_then(Value::as_str);
            let details = match member {
                Some(member) => own.value(&json!({ "$ref": format!("/{member}") }), depth.saturating_sub(1)),
                None => Just(json!({ "unheard": "of" })).boxed(),
            };
            let (neighbour, name) = (neighbour.clone(), name.clone());
            details.prop_map(move |details| [(neighbour.clone(), choice.clone()), (name.clone(), details)])
        });
        Some(pair.boxed())
    }

    fn map(&self, schema: &Map<String, Value>, depth: u32) -> BoxedStrategy<Value> {
        let values =
            schema.get("additionalProperties").filter(|values| values.as_object().is_some_and(|map| !map.is_empty()));
        let value = match values.filter(|_| depth > 0) {
            Some(values) => self.value(values, depth - 1),
            None => select(vec![json!(null), json!("text"), json!([1, { "a": true }])]).boxed(),
        };
        let entries = prop::collection::btree_map("[a-z]{1,5}", value, 0..3);
        entries.prop_map(|entries| Value::Object(entries.into_iter().collect())).boxed()
    }

    /// A schema with references followed and the parts of `allOf` put together.
    fn flat(&self, schema: &Value) -> Map<String, Value> {
        let mut flat = schema.as_object().cloned().unwrap_or_default();
        let mut parts: Vec<Value> = flat.remove("$ref").into_iter().map(|target| json!({ "$ref": target })).collect();
        if let Some(Value::Array(members)) = flat.remove("allOf") {
            parts.extend(members);
        }
        for part in parts {
            let target = part.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            let part = self.flat(target.and_then(|name| self.schemas.get(name)).unwrap_or(&part));
            for (key, value) in part {
                match (flat.get_mut(&key), value) {
                    (Some(Value::Object(own)), Value::Object(more)) => own.extend(more),
                    (Some(Value::Array(own)), Value::Array(more)) => own.extend(more),
                    (Some(_), _) => {}
                    (None, value) => {
                        flat.insert(key, value);
                    }
                }
            }
        }
        flat
    }
}

/// Times as the wire has them, in UTC with milliseconds.
fn time() -> impl Strategy<Value = Value> {
    (2000..2100_u32, 1..13_u32, 1..29_u32, 0..24_u32, 0..60_u32, 0..60_u32, 0..1000_u32).prop_map(
        |(year, month, day, hour, minute, second, millisecond)| {
            json!(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"))
        },
    )
}
