//! What is there from the start.

use serde_json::{Value, json};

use crate::answer::{Listing, complete, link, listing};
use crate::resources::{Target, data};
use crate::sample::Mode;
use crate::schema::Object;
use crate::store::{Entry, Store, text};

/// How many people there are: more than two pages of any list.
const PEOPLE: usize = 120;

/// How many there are of anything else.
const OTHERS: usize = 12;

/// How many there are of what nobody but the service makes.
const FEED: usize = 60;

/// How many things there are for each that a list must be asked for, as messages for each chat.
const PER_OWNER: usize = 6;

/// Fills an empty store.
pub fn seed(store: &mut Store) {
    let resources = store.resources.clone();
    let document = store.document;
    let properties = |index: usize| {
        let item = resources.collections[index].item.as_ref();
        item.map(|item| document.schemas.properties(item)).unwrap_or_default()
    };
    let refers = |index: usize| properties(index).keys().any(|name| name.ends_with("_id"));
    // The simplest first, because the others are made of them or refer to them, and people before other things.
    let mut order: Vec<usize> = (0..resources.collections.len()).collect();
    order.sort_by_key(|&index| {
        let feed = resources.collections[index].feed;
        (feed, refers(index), Some(index) != resources.people, properties(index).len())
    });
    for collection in order {
        fill(store, collection);
    }
    for operation in document.routes() {
        if let Target::Part { collection, name, member: None, .. } = resources.target_of(operation) {
            match operation.method {
                "GET" => fill_list(store, *collection, name),
                "POST" => {
                    let schema = data(&document.schemas, operation).map(|(schema, _)| schema);
                    let home = schema.and_then(|schema| resources.home(document.schemas.name(&schema)?));
                    if let Some(home) = home.filter(|home| home != collection) {
                        link_half(store, *collection, name, home);
                    }
                }
                _ => {}
            }
        }
    }
}

fn fill(store: &mut Store, collection: usize) {
    let resources = store.resources.clone();
    let known = &resources.collections[collection];
    let owners: Vec<Value> = match known.filter.as_ref().and_then(|filter| resources.referred(filter)) {
        Some(home) => store.items(home).iter().filter_map(|entry| entry.value.get("id").cloned()).collect(),
        None => Vec::new(),
    };
    let count = match known {
        _ if Some(collection) == resources.people => PEOPLE,
        _ if !owners.is_empty() => owners.len() * PER_OWNER,
        _ if known.feed => FEED,
        _ => OTHERS,
    };
    for index in 0..count {
        let id = store.new_id(collection);
        let mut item = Object::new();
        item.insert("id".to_owned(), id);
        if let Some(schema) = &known.item {
            if let (Some(filter), Some(owner)) = (&known.filter, owners.get(index % owners.len().max(1))) {
                item.insert(filter.clone(), owner.clone());
                belong(store, &mut item, schema, owner);
            }
            unlink(store, &mut item, collection);
            complete(store, &mut item, schema, Mode::Seed, known.bodiless);
        }
        store.add(collection, Value::Object(item));
    }
}

/// Says by kind and id what `chat_id` says already; the first kind is the plainest.
fn belong(store: &Store, item: &mut Object, schema: &Value, owner: &Value) {
    let schemas = &store.document.schemas;
    for (name, property) in schemas.properties(schema) {
        let Some(kind) = name.strip_suffix("_type") else { continue };
        let first = schemas.flat(&property).get("enum").and_then(|values| values.get(0)).cloned();
        if let Some(first) = first {
            item.insert(format!("{kind}_id"), owner.clone());
            item.insert(name.clone(), first);
        }
    }
}

/// Leaves the things below an item empty that are linked to it later.
fn unlink(store: &Store, item: &mut Object, collection: usize) {
    for operation in store.document.routes().filter(|operation| operation.method == "POST") {
        if let Target::Part { collection: other, name, member: None, .. } = store.resources.target_of(operation) {
            let schema = store.resources.collections[collection].item.as_ref();
            let shown = schema.is_some_and(|schema| store.document.schemas.properties(schema).contains_key(name));
            if *other == collection && shown {
                item.insert(name.clone(), Value::Null);
            }
        }
    }
}

fn fill_list(store: &mut Store, collection: usize, name: &str) {
    let Some(kind) = listing(store, collection, name) else { return };
    let people = store.resources.people;
    for index in 0..store.items(collection).len() {
        let Some(id) = store.items(collection)[index].value.get("id").cloned() else { continue };
        match &kind {
            Listing::Field(field, home) => {
                let ids = some_ids(store, *home, 5 + index * 7 % 60);
                if let Some(entry) = store.item_mut(collection, &id) {
                    entry.value[field] = Value::Array(ids);
                }
            }
            Listing::Ids(home) => {
                let ids = some_ids(store, *home, 2 + index * 9 % 70);
                let counted = format!("{name}_count");
                let entry = store.item_mut(collection, &id).filter(|entry| entry.value.get(&counted).is_some());
                if let Some(entry) = entry {
                    entry.value[&counted] = json!(ids.len());
                }
                keep(store, collection, &id, name, ids);
            }
            Listing::Values(schema) => {
                let schema = schema.clone();
                let numbers = store.document.schemas.flat(&schema).get("type") == Some(&json!("integer"));
                let values = match people.filter(|_| numbers) {
                    Some(people) => some_ids(store, people, 3 + index * 5 % 80),
                    None => (0..index % 4).map(|_| store.make(&schema, name, Mode::Seed)).collect(),
                };
                keep(store, collection, &id, name, values);
            }
        }
    }
}

fn some_ids(store: &Store, home: usize, count: usize) -> Vec<Value> {
    store.items(home).iter().take(count).filter_map(|entry| entry.value.get("id").cloned()).collect()
}

fn keep(store: &mut Store, collection: usize, id: &Value, name: &str, values: Vec<Value>) {
    let mut kept = Vec::new();
    for value in values {
        let order = store.tick();
        kept.push(Entry { order, value });
    }
    store.parts.insert((collection, text(id), name.to_owned()), kept);
}

/// Puts half of a collection below items of another; the rest stands alone.
fn link_half(store: &mut Store, collection: usize, name: &str, home: usize) {
    let things: Vec<Value> = store.items(home).iter().map(|entry| entry.value.clone()).collect();
    let half = things.len() / 2;
    for (thing, id) in things.iter().take(half).zip(some_ids(store, collection, half)) {
        link(store, collection, &id, name, home, thing);
    }
    // Those that stand alone must not say that they belong to something.
    let word = crate::resources::singular(&store.resources.collections[collection].plural);
    for thing in things.iter().skip(half) {
        let Some(id) = thing.get("id") else { continue };
        if let Some(entry) = store.item_mut(home, id) {
            let fields = entry.value.as_object_mut().into_iter().flatten();
            fields
                .filter(|(field, _)| field.starts_with(&format!("{word}_")))
                .for_each(|(_, value)| *value = Value::Null);
        }
    }
}
