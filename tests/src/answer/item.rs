//! Things with an id: created, read, changed and removed.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, World, answer_with, body, missing};
use crate::check::Asked;
use crate::fit::defaults;
use crate::objects::SIGNATURE;
use crate::operation::Operation;
use crate::refusal::{BrokenRule, Refusal};
use crate::resources::{data, singular};
use crate::sample::Mode;
use crate::schema::{Object, requires, type_of};
use crate::store::{Store, text};
use crate::words;

/// Adds what a request describes to a collection.
pub fn create(store: &mut Store, operation: &Operation, mut body: Value, collection: usize) -> Value {
    if let Some(content) = operation.body.as_ref().and_then(|body| body.content.values().next()) {
        defaults(store, &mut body, &content.schema);
    }
    let resources = store.resources.clone();
    let answered = data(&store.document.schemas, operation).map(|(schema, _)| schema);
    let schema = answered.or_else(|| resources.collections[collection].item.clone());
    let mut item = match &schema {
        Some(schema) => store.taken(&body, schema, &Object::new()),
        // What can't be read needs no form; the request says what it is.
        None => body.as_object().cloned().unwrap_or_default(),
    };
    let id = store.new_id(collection);
    item.insert("id".to_owned(), id);
    if let Some(schema) = &schema {
        complete(store, &mut item, schema, Mode::Create, resources.collections[collection].bodiless);
    }
    let item = Value::Object(item);
    store.add(collection, item.clone());
    item
}

/// Fills an item, with what it refers to.
pub fn complete(store: &mut Store, item: &mut Object, schema: &Value, mode: Mode, bodiless: bool) {
    let flat = store.document.schemas.flat(schema);
    let properties = store.document.schemas.properties(schema);
    for (name, property) in &properties {
        let property = store.document.schemas.flat(property);
        let refers = name.ends_with("_id") && type_of(&property) == Some("integer") && requires(&flat, name);
        // What is created from nothing can't refer to anything that was there before.
        if bodiless && refers && property.get("nullable") != Some(&Value::Bool(true)) {
            let id = store.large_id();
            item.insert(name.clone(), id);
        }
    }
    relate(store, item, &properties);
    store.fill(item, &flat, mode, 4);
}

impl Store {
    /// The thing that something says by kind and id it belongs to.
    pub fn related(&self, item: &Value) -> Option<Value> {
        let fields = item.as_object()?;
        fields.iter().find_map(|(name, kind)| {
            let id = fields.get(&format!("{}_id", name.strip_suffix("_type")?))?;
            let collections = &self.resources.collections;
            let home = collections
                .iter()
                .position(|collection| Some(singular(&collection.plural).as_str()) == kind.as_str())?;
            let belongs = Some(home) != self.resources.people;
            self.item(home, id).filter(|_| belongs).map(|entry| entry.value.clone())
        })
    }

    /// The chat of what belongs by kind and id to something, and the chat that is the root of that.
    pub fn chats_of(&self, kind: &str, id: &Value) -> (Value, Value) {
        let collections = &self.resources.collections;
        let home = collections.iter().position(|collection| singular(&collection.plural) == kind);
        let entity = home.and_then(|home| self.item(home, id)).map(|entry| &entry.value);
        let chat = match (home, entity.and_then(|entity| entity.get("chat_id"))) {
            (_, Some(chat)) => chat.clone(),
            (Some(home), None) if Some(home) == self.resources.people => self.private_chat(id),
            _ => id.clone(),
        };
        let root = entity.and_then(|entity| entity.get("message_chat_id")).filter(|root| !root.is_null());
        let root = root.unwrap_or(&chat).clone();
        (chat, root)
    }
}

/// Finds out the chat of something that says by kind and id where it belongs.
fn relate(store: &Store, item: &mut Object, properties: &Object) {
    let related = properties.keys().find_map(|name| {
        let kind = name.strip_suffix("_type")?;
        let id = item.get(&format!("{kind}_id")).filter(|id| id.is_i64())?;
        Some((item.get(name)?.as_str()?.to_owned(), id.clone()))
    });
    let Some((kind, id)) = related.filter(|_| properties.contains_key("chat_id")) else { return };
    let (chat, root) = store.chats_of(&kind, &id);
    if properties.contains_key("root_chat_id") {
        item.insert("root_chat_id".to_owned(), root);
    }
    item.insert("chat_id".to_owned(), chat);
}

/// Answers an operation on one item.
pub fn act(
    world: &mut World,
    operation: &Operation,
    asked: &Asked,
    collection: usize,
    id: &Value,
) -> Result<Answer, Refusal> {
    let plural = world.store.resources.collections[collection].plural.clone();
    let redirects = (300..400).contains(&operation.success.status);
    let Some(entry) = world.store.item(collection, id) else {
        return Err(if redirects { missing_file(&world.store, &plural, id) } else { missing(&plural, id) });
    };
    let current = entry.value.clone();
    if redirects {
        let key = format!("{plural}/{}.json", text(id));
        world.objects.put(&key, Bytes::from(current.to_string()));
        let signature = world.store.random.hex(64);
        let address = format!("{}?{SIGNATURE}={signature}", world.store.stored_url(&key));
        world.objects.sign(&key, signature);
        return Ok(Answer::Redirect(address));
    }
    match operation.method {
        "DELETE" => {
            world.store.remove(collection, id);
            Ok(Answer::Empty)
        }
        "GET" | "HEAD" => Ok(answer_with(world, operation, current)),
        _ => {
            let changed = change(&mut world.store, collection, id, &body(asked));
            Ok(answer_with(world, operation, changed))
        }
    }
}

/// Changes an item as a body says, and gives it back.
pub fn change(store: &mut Store, collection: usize, id: &Value, body: &Value) -> Value {
    let schema = store.resources.collections[collection].item.clone().unwrap_or_default();
    let Some(entry) = store.item(collection, id) else { return Value::Null };
    let mut item = entry.value.as_object().cloned().unwrap_or_default();
    let taken = store.taken(body, &schema, &item);
    item.extend(taken);
    let order = store.tick();
    for name in ["changed_at", "updated_at"] {
        if store.document.schemas.properties(&schema).contains_key(name) {
            item.insert(name.to_owned(), json!(words::time(order)));
        }
    }
    let item = Value::Object(item);
    if let Some(entry) = store.item_mut(collection, id) {
        entry.value = item.clone();
    }
    item
}

/// Tells a new thing below an item what it is below, and the item of it.
pub fn link(store: &mut Store, collection: usize, id: &Value, name: &str, home: usize, below: &Value) {
    let resources = store.resources.clone();
    let parent = store.item(collection, id).map(|entry| entry.value.clone()).unwrap_or_default();
    let word = singular(&resources.collections[collection].plural);
    let item_schema = resources.collections[collection].item.clone().unwrap_or_default();
    let below_schema = resources.collections[home].item.clone().unwrap_or_default();
    let mut thing = below.as_object().cloned().unwrap_or_default();
    for field in store.document.schemas.properties(&below_schema).keys() {
        let said = field.strip_prefix(&format!("{word}_")).and_then(|field| parent.get(field));
        if let Some(value) = said {
            thing.insert(field.clone(), value.clone());
        }
    }
    let thing_id = thing.get("id").cloned().unwrap_or_default();
    let shown = store.document.schemas.properties(&item_schema).remove(name);
    let shown = shown.and_then(|schema| store.fit(&Value::Object(thing.clone()), &schema, name));
    if let (Some(shown), Some(entry)) = (shown, store.item_mut(collection, id)) {
        entry.value[name] = shown;
    }
    if let Some(entry) = store.item_mut(home, &thing_id) {
        entry.value = Value::Object(thing);
    }
    store.singles.insert((collection, text(id), name.to_owned()), thing_id);
}

/// A file that is not there is told by a code of its own, if the description has one for it.
fn missing_file(store: &Store, plural: &str, id: &Value) -> Refusal {
    let codes = store.document.schemas.named("ValidationErrorCode").and_then(|schema| schema.get("enum"));
    let beginning = format!("{}_", singular(plural));
    let mut codes = codes.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let code = codes.find(|code| code.starts_with(&beginning) && code.ends_with("not_found"));
    let message = format!("There is no file with the id {id} among `{plural}`");
    Refusal::fault(404, BrokenRule::new(code.unwrap_or("not_found"), "id", id.clone(), message))
}
