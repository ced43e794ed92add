//! Single things below an item: a status, a picture, a thread, or just a deed.

use serde_json::{Value, json};

use super::item::{change, create, link};
use super::{Answer, World, answer_with, body, members};
use crate::check::Asked;
use crate::operation::Operation;
use crate::refusal::Refusal;
use crate::resources::{Target, data};
use crate::sample::Mode;
use crate::schema::{Object, type_of};
use crate::store::{PartKey, Store, text};

/// A part of an item.
#[derive(Debug)]
pub struct Place<'a> {
    /// The item's collection.
    pub collection: usize,
    /// The item's id.
    pub id: Value,
    /// The part's name.
    pub name: &'a str,
}

impl Place<'_> {
    /// The key under which it is kept.
    pub fn key(&self) -> PartKey {
        (self.collection, text(&self.id), self.name.to_owned())
    }
}

/// Answers an operation on a part of an item.
pub fn act(world: &mut World, operation: &Operation, asked: &Asked, place: &Place<'_>) -> Result<Answer, Refusal> {
    if let Some(listing) = members::listing(&world.store, place.collection, place.name) {
        return members::act(world, operation, asked, place, &listing);
    }
    let answered = data(&world.store.document.schemas, operation).map(|(schema, _)| schema);
    match (operation.method, answered) {
        ("DELETE", _) => {
            clear(&mut world.store, place);
            Ok(Answer::Empty)
        }
        ("GET" | "HEAD", Some(schema)) => Ok(read(world, operation, place, &schema)),
        (_, Some(schema)) => Ok(write(world, operation, asked, place, &schema)),
        (_, None) => {
            mark(&mut world.store, place, true);
            Ok(Answer::Empty)
        }
    }
}

/// The field of the item that holds the same kind of thing, as `user_status` holds a status.
fn field(store: &Store, place: &Place<'_>, schema: &Value) -> Option<String> {
    let schemas = &store.document.schemas;
    let kind = schemas.name(schema)?;
    let item = store.resources.collections[place.collection].item.as_ref()?;
    let properties = schemas.properties(item);
    properties.iter().find(|(_, property)| schemas.name(property) == Some(kind)).map(|(name, _)| name.clone())
}

fn read(world: &mut World, operation: &Operation, place: &Place<'_>, schema: &Value) -> Answer {
    let store = &mut world.store;
    let item = store.item(place.collection, &place.id).map(|entry| entry.value.clone()).unwrap_or_default();
    let known = match field(store, place, schema) {
        Some(field) => item.get(&field).cloned().filter(|value| !value.is_null()),
        None => store.singles.get(&place.key()).cloned(),
    };
    if let Some(value) = known {
        return answer_with(world, operation, value);
    }
    let whole = operation.success.content.as_ref().map(|content| store.document.schemas.flat(&content.schema));
    if whole.is_some_and(|whole| whole.get("nullable") == Some(&Value::Bool(true))) {
        return Answer::Whole(Value::Null);
    }
    let value = store.make(schema, place.name, Mode::Seed);
    store.singles.insert(place.key(), value.clone());
    answer_with(world, operation, value)
}

fn write(world: &mut World, operation: &Operation, asked: &Asked, place: &Place<'_>, schema: &Value) -> Answer {
    let resources = world.store.resources.clone();
    let document = world.store.document;
    let properties = document.schemas.properties(schema);
    let item_schema = resources.collections[place.collection].item.clone().unwrap_or_default();
    let item_properties = document.schemas.properties(&item_schema);
    // An answer with all fields of the item is the item, changed; with more fields than it shows, they are new.
    if item_properties.keys().all(|name| properties.contains_key(name)) {
        let value = change(&mut world.store, place.collection, &place.id, &body(asked));
        let value = world.store.fit(&value, &item_schema, "").unwrap_or(value);
        return answer_with(world, operation, value);
    }
    let home = document.schemas.name(schema).and_then(|name| resources.home(name));
    if let Some(home) = home {
        let known = world.store.singles.get(&place.key()).and_then(|id| world.store.item(home, id));
        let mut value = known.map(|entry| entry.value.clone());
        if value.is_none() {
            let new = create(&mut world.store, operation, body(asked), home);
            link(&mut world.store, place.collection, &place.id, place.name, home, &new);
            value = new.get("id").and_then(|id| world.store.item(home, id)).map(|entry| entry.value.clone());
        }
        return answer_with(world, operation, value.unwrap_or_default());
    }
    let mut value = world.store.taken(&body(asked), schema, &Object::new());
    value.extend(keep_files(world, asked, place, &properties));
    let flat = document.schemas.flat(schema);
    world.store.fill(&mut value, &flat, Mode::Create, 3);
    let field = field(&world.store, place, schema);
    if let Some(entry) = world.store.item_mut(place.collection, &place.id) {
        match &field {
            Some(field) => entry.value[field] = Value::Object(value.clone()),
            // What the answer and the item both say, such as the address of a picture, is the same.
            None => {
                let shared = value.iter().filter(|(name, _)| item_properties.contains_key(*name));
                for (name, value) in shared {
                    entry.value[name] = value.clone();
                }
            }
        }
    }
    world.store.singles.insert(place.key(), Value::Object(value.clone()));
    answer_with(world, operation, Value::Object(value))
}

/// Stores the files of a form; the answer's fields for addresses point to them.
fn keep_files(world: &mut World, asked: &Asked, place: &Place<'_>, properties: &Object) -> Object {
    let mut fields = Object::new();
    for file in asked.sent.iter().flat_map(|sent| sent.files.values()) {
        let key = format!("{}/{}/{}/{}", place.name, text(&place.id), world.store.tick(), file.name);
        world.objects.put(&key, file.content.clone());
        let url = world.store.stored_url(&key);
        for name in properties.keys().filter(|name| name.ends_with("url")) {
            fields.insert(name.clone(), json!(url));
        }
    }
    fields
}

/// Empties a part: null where the item shows it, and nothing elsewhere.
fn clear(store: &mut Store, place: &Place<'_>) {
    let document = store.document;
    let resources = store.resources.clone();
    let item_schema = resources.collections[place.collection].item.clone().unwrap_or_default();
    let item_properties = document.schemas.properties(&item_schema);
    let mut fields: Vec<String> = Vec::new();
    for other in document.routes().filter(|other| matches!(other.method, "GET" | "PUT")) {
        let same = matches!(resources.target_of(other),
            Target::Part { collection, name, member: None, .. } if (*collection, name.as_str()) == (place.collection, place.name));
        let Some((schema, false)) = data(&document.schemas, other).filter(|_| same) else { continue };
        match field(store, place, &schema) {
            Some(field) => fields.push(field),
            None => fields.extend(document.schemas.properties(&schema).keys().cloned()),
        }
    }
    let nullable = |name: &String| {
        let property = item_properties.get(name).map(|property| document.schemas.flat(property));
        property.is_some_and(|property| property.get("nullable") == Some(&Value::Bool(true)))
    };
    if let Some(entry) = store.item_mut(place.collection, &place.id) {
        for name in fields.iter().filter(|name| nullable(name)) {
            entry.value[name] = Value::Null;
        }
    }
    store.singles.remove(&place.key());
    mark(store, place, false);
}

/// Notes a deed on the item when it has a field for it, as `archive` sets `archived` and `unarchive` takes it back.
fn mark(store: &mut Store, place: &Place<'_>, done: bool) {
    let item = store.resources.collections[place.collection].item.clone().unwrap_or_default();
    let properties = store.document.schemas.properties(&item);
    let stems = [(Some(place.name), done), (place.name.strip_prefix("un"), !done)];
    for (stem, value) in stems.into_iter().filter_map(|(stem, value)| Some((stem?, value))) {
        for name in [format!("{stem}d"), format!("{stem}ed")] {
            let flag = properties.get(&name).map(|property| store.document.schemas.flat(property));
            let boolean = flag.is_some_and(|flag| type_of(&flag) == Some("boolean"));
            if let Some(entry) = store.item_mut(place.collection, &place.id).filter(|_| boolean) {
                entry.value[&name] = json!(value);
            }
        }
    }
}
