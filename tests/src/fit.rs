//! What was sent, in the form in which it is answered.

use serde_json::{Value, json};

use crate::sample::Mode;
use crate::schema::{Object, requires, type_of};
use crate::store::Store;
use crate::words;

impl Store {
    /// A value as a schema wants it, or nothing when it can't be one.
    pub fn fit(&mut self, value: &Value, schema: &Value, name: &str) -> Option<Value> {
        let flat = self.document.schemas.flat(schema);
        if value.is_null() {
            return (flat.get("nullable") == Some(&Value::Bool(true))).then_some(Value::Null);
        }
        if let Some(Value::Array(values)) = flat.get("enum") {
            return values.contains(value).then(|| value.clone());
        }
        if let Some(Value::Array(members)) = flat.get("anyOf").or_else(|| flat.get("oneOf")) {
            // The members overlap; the one that loses nothing is the one that was meant.
            let size = |value: &Value| value.as_object().map_or(0, Object::len);
            let fitted = members.iter().filter_map(|member| self.fit(value, member, name));
            return fitted.max_by_key(size);
        }
        match (type_of(&flat), value) {
            (Some("array"), Value::Array(items)) => {
                let schema = flat.get("items").cloned().unwrap_or_default();
                items.iter().map(|item| self.fit(item, &schema, name)).collect()
            }
            (Some("object") | None, Value::Object(fields)) => self.fit_object(fields, &flat, name),
            (Some("object"), plain) => self.wrap(plain, &flat),
            (Some("string"), Value::String(text)) => match flat.get("format").and_then(Value::as_str) {
                Some("date-time") => words::utc(text).map(Value::from),
                _ => Some(value.clone()),
            },
            (Some("integer"), Value::Number(number)) => (number.is_i64() || number.is_u64()).then(|| value.clone()),
            (Some("number"), Value::Number(_)) | (Some("boolean"), Value::Bool(_)) | (None, _) => Some(value.clone()),
            _ => None,
        }
    }

    /// A plain value where the answer has an object around it, as the text of a status has.
    fn wrap(&mut self, plain: &Value, flat: &Object) -> Option<Value> {
        let properties = flat.get("properties")?.as_object()?;
        let (name, property) = properties.iter().next().filter(|_| properties.len() == 1)?;
        let inner = self.fit(plain, property, name)?;
        Some(json!({ name: inner }))
    }

    fn fit_object(&mut self, fields: &Object, flat: &Object, name: &str) -> Option<Value> {
        let Some(properties) = flat.get("properties").and_then(Value::as_object) else {
            return Some(Value::Object(fields.clone()));
        };
        let mut object = Object::new();
        for (field, property) in properties {
            let selected = self.document.schemas.selected(property, fields);
            let property = selected.as_ref().unwrap_or(property);
            match fields.get(field).map(|value| self.fit(value, property, field)) {
                Some(Some(value)) => {
                    object.insert(field.clone(), value);
                }
                Some(None) if requires(flat, field) => return None,
                _ => {}
            }
        }
        // A reference by id, as to a custom property, is answered with the rest of what it refers to.
        let home = self.resources.collections.iter().position(|collection| collection.plural == name);
        let known = home.and_then(|home| self.item(home, fields.get("id")?)).map(|entry| entry.value.clone());
        for (field, value) in known.as_ref().and_then(Value::as_object).into_iter().flatten() {
            if properties.contains_key(field) && !object.contains_key(field) {
                object.insert(field.clone(), value.clone());
            }
        }
        self.fill(&mut object, flat, Mode::Create, 2);
        Some(Value::Object(object))
    }

    /// The fields of a body that an item has too: at the top of the body, or in its wrapper.
    ///
    /// A change to a part of a nested object leaves the rest as it is in `current`.
    pub fn taken(&mut self, body: &Value, item: &Value, current: &Object) -> Object {
        let properties = self.document.schemas.properties(item);
        let mut taken = Object::new();
        for (field, property) in &properties {
            let wrappers = body.as_object().into_iter().flatten().filter(|(name, _)| !properties.contains_key(*name));
            let mut holders = std::iter::once(body).chain(wrappers.map(|(_, wrapper)| wrapper));
            let Some(holder) = holders.find(|holder| holder.get(field).is_some()) else { continue };
            let mut value = holder[field].clone();
            if let (Some(Value::Object(known)), Value::Object(change)) = (current.get(field), &value) {
                let mut known = known.clone();
                overlay(&mut known, change.clone());
                value = Value::Object(known);
            }
            let mut said = holder.as_object().into_iter().chain([current]);
            let selected = said.find_map(|object| self.document.schemas.selected(property, object));
            if let Some(value) = self.fit(&value, selected.as_ref().unwrap_or(property), field) {
                taken.insert(field.clone(), value);
            }
        }
        taken.remove("id");
        taken
    }
}

/// Writes the fields of a change over what is there, into nested objects too.
fn overlay(into: &mut Object, change: Object) {
    for (name, value) in change {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(known)), Value::Object(more)) => overlay(known, more),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}

/// Adds to a body what counts when it is left out.
pub fn defaults(store: &Store, body: &mut Value, schema: &Value) {
    let Some(fields) = body.as_object_mut() else { return };
    for (name, property) in store.document.schemas.properties(schema) {
        let flat = store.document.schemas.flat(&property);
        match fields.get_mut(&name) {
            Some(value) => defaults(store, value, &property),
            None => {
                if let Some(default) = flat.get("x-default").or_else(|| flat.get("default")) {
                    fields.insert(name, default.clone());
                }
            }
        }
    }
}
