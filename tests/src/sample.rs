//! Values made from schemas.

use serde_json::{Value, json};

use crate::random::number_of;
use crate::resources::singular;
use crate::schema::{Object, bound, requires, type_of};
use crate::store::Store;
use crate::words;

/// Why a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// So that there is something to see from the start.
    Seed,
    /// Because a client created something and left this out.
    Create,
}

/// How deep made objects nest.
const DEPTH: usize = 6;

impl Store {
    /// A value that is valid against a schema and plausible for a field of this name.
    pub fn make(&mut self, schema: &Value, name: &str, mode: Mode) -> Value {
        self.make_at(schema, name, mode, DEPTH)
    }

    fn make_at(&mut self, schema: &Value, name: &str, mode: Mode, depth: usize) -> Value {
        let flat = self.document.schemas.flat(schema);
        let nullable = flat.get("nullable") == Some(&Value::Bool(true));
        let ended = ["deleted_at", "revoked_at"].contains(&name);
        if nullable && (mode == Mode::Create || depth == 0 || ended || self.random.once_in(4)) {
            return Value::Null;
        }
        if let Some(Value::Array(values)) = flat.get("enum") {
            let known: Vec<Value> = values.iter().filter(|value| !value.is_null()).cloned().collect();
            let default = flat.get("x-default").filter(|default| known.contains(default));
            return match mode {
                Mode::Create => default.or(known.first()).cloned().unwrap_or_default(),
                Mode::Seed => self.random.choose(&known).cloned().unwrap_or_default(),
            };
        }
        if let Some(Value::Array(members)) = flat.get("anyOf").or_else(|| flat.get("oneOf")) {
            let member = self.random.choose(members).cloned().unwrap_or_default();
            return self.make_at(&member, name, mode, depth.saturating_sub(1));
        }
        match type_of(&flat) {
            Some("object") => self.make_object(&flat, mode, depth),
            Some("array") if mode == Mode::Create || depth == 0 => json!([]),
            Some("array") => self.make_list(&flat, name, depth),
            Some("integer") => self.make_integer(&flat, name, mode),
            Some("number") => json!(self.random.below(1000)),
            Some("boolean") => json!(mode == Mode::Seed && self.random.once_in(4)),
            Some("string") => self.make_text(&flat, name),
            _ if flat.contains_key("properties") => self.make_object(&flat, mode, depth),
            _ => json!({}),
        }
    }

    fn make_object(&mut self, flat: &Object, mode: Mode, depth: usize) -> Value {
        let mut object = Object::new();
        if let Some(extra @ Value::Object(_)) = flat.get("additionalProperties").filter(|_| mode == Mode::Seed) {
            let value = match extra.as_object().is_some_and(Object::is_empty) {
                true => json!("changed"),
                false => self.make_at(extra, "value", mode, depth.saturating_sub(1)),
            };
            object.insert("field".to_owned(), value);
        }
        self.fill(&mut object, flat, mode, depth);
        Value::Object(object)
    }

    /// Adds what an object lacks.
    pub fn fill(&mut self, object: &mut Object, flat: &Object, mode: Mode, depth: usize) {
        let Some(Value::Object(properties)) = flat.get("properties") else { return };
        // What another field selects is made last, when that field is there.
        let schemas = &self.document.schemas;
        let (selected, free): (Vec<_>, Vec<_>) =
            properties.iter().partition(|(_, property)| schemas.selector(property).is_some());
        for (name, property) in free.into_iter().chain(selected) {
            let wanted = requires(flat, name) || (mode == Mode::Seed && depth > 0 && self.random.once_in(2));
            if wanted && !object.contains_key(name) {
                let selected = self.document.schemas.selected(property, object);
                let schema = selected.as_ref().unwrap_or(property);
                let value = self.make_at(schema, name, mode, depth.saturating_sub(1));
                object.insert(name.clone(), value);
            }
        }
        self.connect(object, properties);
    }

    /// Sets the fields of an object that must agree with each other.
    fn connect(&mut self, object: &mut Object, properties: &Object) {
        if let (Some(Value::String(key)), true) = (object.get("key"), properties.contains_key("url")) {
            object.insert("url".to_owned(), json!(format!("{}/{key}", self.storage)));
        }
        let kind = properties
            .keys()
            .find(|name| name.ends_with("_type") && !properties.contains_key(&name.replace("_type", "_id")));
        if let (Some(kind), Some(payload)) = (kind, object.get("payload")) {
            // An event's type is the pair of words that its payload says separately.
            if let (Some(one), Some(two)) = (payload["type"].as_str(), payload["event"].as_str()) {
                object.insert(kind.clone(), json!(format!("{one}_{two}")));
            }
        }
    }

    fn make_list(&mut self, flat: &Object, name: &str, depth: usize) -> Value {
        let Some(items) = flat.get("items") else { return json!([]) };
        let known = self.resources.collections.iter().position(|collection| collection.plural == name);
        let count = 1 + self.random.below(3);
        let mut list: Vec<Value> = Vec::new();
        for index in 0..count {
            let mut value = self.make_at(items, &singular(name), Mode::Seed, depth.saturating_sub(1));
            // What is a collection elsewhere is the same thing here.
            let model = known.and_then(|known| self.items(known).get(index)).map(|entry| entry.value.clone());
            if let (Some(Value::Object(model)), Some(value)) = (model, value.as_object_mut()) {
                let shared: Vec<_> = model.into_iter().filter(|(name, _)| value.contains_key(name)).collect();
                value.extend(shared);
            }
            if name.ends_with("_ids") {
                value = self.make_reference(name).unwrap_or(value);
            }
            if !list.contains(&value) {
                list.push(value);
            }
        }
        Value::Array(list)
    }

    fn make_reference(&mut self, name: &str) -> Option<Value> {
        let collection = self.resources.referred(name)?;
        let index = self.random.below(self.items(collection).len());
        self.items(collection).get(index)?.value.get("id").cloned()
    }

    fn make_integer(&mut self, flat: &Object, name: &str, mode: Mode) -> Value {
        if name.ends_with("_id") {
            let people = self.resources.people;
            if mode == Mode::Create && people.is_some() && self.resources.referred(name) == people {
                return self.caller();
            }
            if let Some(id) = self.make_reference(name).filter(Value::is_i64) {
                return id;
            }
        }
        let number = match name {
            "id" => 500_000 + i64::try_from(self.tick()).unwrap_or_default(),
            // Past 2 GiB now and then, as recordings are.
            "size" => 3_000_000_000 + i64::try_from(self.random.below(1_000_000)).unwrap_or_default(),
            "webhook_timestamp" => 1_772_357_400 + i64::try_from(self.random.below(100_000)).unwrap_or_default(),
            _ if name.ends_with("_count") && mode == Mode::Create => 0,
            _ if name.ends_with("_id") => i64::try_from(700_000 + self.random.below(1000)).unwrap_or_default(),
            _ => i64::try_from(1 + self.random.below(20)).unwrap_or_default(),
        };
        let least = bound(flat, "minimum").unwrap_or(i64::MIN);
        let most = bound(flat, "maximum").unwrap_or(i64::MAX);
        json!(number.max(least).min(most))
    }

    fn make_text(&mut self, flat: &Object, name: &str) -> Value {
        let time = words::time(self.now());
        let text = match flat.get("format").and_then(Value::as_str) {
            Some("date-time") => time,
            Some("date") => time.chars().take(10).collect(),
            _ if flat.get("x-secret") == Some(&Value::Bool(true)) && !name.starts_with("x-") && name != "policy" => {
                self.random.hex(43)
            }
            _ => {
                let number = self.tick();
                words::text(name, number, &mut self.random)
            }
        };
        let most = bound(flat, "maxLength").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        json!(text.chars().take(most).collect::<String>())
    }

    /// The address under which a user of the service would see a thing's file.
    pub fn stored_url(&self, key: &str) -> String {
        format!("{}/{key}", self.storage)
    }

    /// The chat of two people that nobody had to create.
    pub fn private_chat(&self, person: &Value) -> Value {
        json!(crate::store::LARGE + 500_000_000 + number_of(&person.to_string()) % 100_000_000)
    }
}
