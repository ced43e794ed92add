//! Lists below an item: its members, its reactions.

use serde_json::{Value, json};

use super::part::Place;
use super::{Answer, World, answer_with, body, list, missing};
use crate::check::Asked;
use crate::operation::{self, Operation};
use crate::refusal::Refusal;
use crate::resources::{Target, data, singular};
use crate::sample::Mode;
use crate::schema::{Object, type_of};
use crate::store::{Entry, Store, text};

/// Where a list below an item is kept.
#[derive(Clone, Debug)]
pub enum Listing {
    /// In a field of the item that holds ids, such as `member_ids`; shown are the items of a collection.
    Field(String, usize),
    /// As ids of a collection's items, beside the item.
    Ids(usize),
    /// As values of this schema, beside the item.
    Values(Value),
}

/// How the list of this name below the items of a collection is kept, if there is such a list.
pub fn listing(store: &Store, collection: usize, name: &str) -> Option<Listing> {
    let schemas = &store.document.schemas;
    let reads = |operation: &&Operation| {
        operation.method == "GET"
            && matches!(store.resources.target_of(operation),
                Target::Part { collection: other, name: part, member: None, .. } if (*other, part.as_str()) == (collection, name))
    };
    let field = format!("{}_ids", singular(name));
    let item = store.resources.collections.get(collection)?.item.as_ref();
    let field = item.is_some_and(|item| schemas.properties(item).contains_key(&field)).then_some(field);
    let listed = store.document.routes().find(reads).and_then(|operation| data(schemas, operation));
    match (listed, field) {
        (Some((schema, true)), field) => {
            let home = schemas.name(&schema).and_then(|name| store.resources.home(name));
            Some(match (home, field) {
                (Some(home), Some(field)) => Listing::Field(field, home),
                (Some(home), None) => Listing::Ids(home),
                (None, _) => Listing::Values(schema),
            })
        }
        (_, Some(field)) => store.resources.referred(&field).map(|home| Listing::Field(field, home)),
        _ => None,
    }
}

/// Answers an operation on such a list as a whole.
pub fn act(
    world: &mut World,
    operation: &Operation,
    asked: &Asked,
    place: &Place<'_>,
    listing: &Listing,
) -> Result<Answer, Refusal> {
    match operation.method {
        "GET" | "HEAD" => {
            let entries = entries(&world.store, place, listing);
            let entries = entries.into_iter().filter(|entry| has_role(&world.store, operation, asked, place, entry));
            let entries = entries.collect();
            list::answer(&mut world.store, operation, asked, entries, false)
        }
        "DELETE" => remove_equal(&mut world.store, operation, asked, place),
        _ => Ok(add(world, operation, asked, place, listing)),
    }
}

fn entries(store: &Store, place: &Place<'_>, listing: &Listing) -> Vec<Entry> {
    let kept = store.parts.get(&place.key()).cloned().unwrap_or_default();
    match listing {
        Listing::Values(_) => kept,
        Listing::Ids(home) => kept.iter().filter_map(|entry| store.item(*home, &entry.value).cloned()).collect(),
        Listing::Field(field, home) => {
            ids(store, place, field).iter().filter_map(|id| store.item(*home, id).cloned()).collect()
        }
    }
}

fn ids(store: &Store, place: &Place<'_>, field: &str) -> Vec<Value> {
    let item = store.item(place.collection, &place.id);
    item.and_then(|entry| entry.value.get(field)?.as_array().cloned()).unwrap_or_default()
}

fn set_ids(store: &mut Store, place: &Place<'_>, field: &str, ids: Vec<Value>) {
    if let Some(entry) = store.item_mut(place.collection, &place.id) {
        entry.value[field] = Value::Array(ids);
    }
}

/// Whether a member is what a parameter asks for that was told about members by PUT, such as a role.
fn has_role(store: &Store, operation: &Operation, asked: &Asked, place: &Place<'_>, entry: &Entry) -> bool {
    let id = entry.value.get("id").cloned().unwrap_or_default();
    let note = store.notes.get(&(place.key(), text(&id)));
    let noted = store.document.routes().filter(|other| other.method == "PUT").find_map(|other| {
        let member = matches!(store.resources.target_of(other),
            Target::Part { collection, name, member: Some(_), .. } if (*collection, name.as_str()) == (place.collection, place.name));
        other.body.as_ref().filter(|_| member)?.content.values().next()
    });
    let parent = store.item(place.collection, &place.id);
    operation.parameters.iter().filter(|parameter| parameter.place == operation::Place::Query).all(|parameter| {
        let Some(wanted) = asked.query.get(&parameter.name).filter(|wanted| Some(*wanted) != parameter.default())
        else {
            return true;
        };
        if noted.is_none_or(|content| content.property(&parameter.name).is_none()) {
            return true;
        }
        let word = wanted.as_str().unwrap_or_default();
        let owns = |word: &str| parent.is_some_and(|parent| parent.value.get(format!("{word}_id")) == Some(&id));
        match note.and_then(|note| note.get(&parameter.name)) {
            _ if owns(word) => true,
            Some(known) => known == wanted,
            // Nothing was told, so it is a member like any other.
            None => word == singular(place.name) && !owns("owner"),
        }
    })
}

fn add(world: &mut World, operation: &Operation, asked: &Asked, place: &Place<'_>, listing: &Listing) -> Answer {
    let body = body(asked);
    let store = &mut world.store;
    match listing {
        Listing::Field(field, _) => {
            let mut known = ids(store, place, field);
            for id in body.get(field).and_then(Value::as_array).into_iter().flatten() {
                if !known.contains(id) {
                    known.push(id.clone());
                }
            }
            set_ids(store, place, field, known);
            Answer::Empty
        }
        Listing::Ids(home) => {
            let named = body.as_object().into_iter().flatten();
            let named = named.filter(|(name, _)| store.resources.referred(name) == Some(*home));
            let given: Vec<Value> = named.filter_map(|(_, ids)| ids.as_array().cloned()).flatten().collect();
            for value in given {
                let order = store.tick();
                store.parts.entry(place.key()).or_default().push(Entry { order, value });
            }
            Answer::Empty
        }
        Listing::Values(schema) => {
            let mut value = store.taken(&body, schema, &Object::new());
            let sent = value.clone();
            let flat = store.document.schemas.flat(schema);
            store.fill(&mut value, &flat, Mode::Create, 3);
            let value = Value::Object(value);
            let order = store.tick();
            let kept = store.parts.entry(place.key()).or_default();
            // The same thing said twice by the same person is there once.
            let same = |entry: &Entry| {
                entry.value.get("user_id") == value.get("user_id")
                    && sent.iter().all(|(name, sent)| entry.value.get(name) == Some(sent))
            };
            let known = kept.iter().find(|entry| same(entry)).map(|entry| entry.value.clone());
            let value = known.unwrap_or_else(|| {
                kept.push(Entry { order, value: value.clone() });
                value
            });
            answer_with(world, operation, value)
        }
    }
}

/// Removes what has all the values that the query names.
fn remove_equal(store: &mut Store, operation: &Operation, asked: &Asked, place: &Place<'_>) -> Result<Answer, Refusal> {
    let kept = store.parts.entry(place.key()).or_default();
    let before = kept.len();
    kept.retain(|entry| {
        !asked.query.iter().all(|(name, wanted)| entry.value.get(name).is_none_or(|known| known == wanted))
    });
    if kept.len() == before {
        let said = json!(asked.query);
        let message = format!("{}: there is nothing like {said} here", operation.id);
        return Err(Refusal::not_found(place.name, said, message));
    }
    Ok(Answer::Empty)
}

/// Answers an operation on one member of such a list.
pub fn one(
    world: &mut World,
    operation: &Operation,
    asked: &Asked,
    place: &Place<'_>,
    member: &str,
) -> Result<Answer, Refusal> {
    let id = asked.path.get(member).cloned().unwrap_or_default();
    let store = &mut world.store;
    let listing = listing(store, place.collection, place.name);
    let known = match &listing {
        Some(Listing::Field(field, _)) => ids(store, place, field).contains(&id),
        Some(_) => {
            let kept = store.parts.get(&place.key());
            kept.is_some_and(|kept| kept.iter().any(|entry| entry.value == id || entry.value.get("id") == Some(&id)))
        }
        None => true,
    };
    if !known {
        return Err(missing(place.name, &id));
    }
    match (operation.method, &listing) {
        ("DELETE", Some(Listing::Field(field, _))) => {
            let left = ids(store, place, field).into_iter().filter(|known| *known != id).collect();
            set_ids(store, place, field, left);
        }
        ("DELETE", _) => {
            if let Some(kept) = store.parts.get_mut(&place.key()) {
                kept.retain(|entry| entry.value != id && entry.value.get("id") != Some(&id));
            }
        }
        ("GET" | "HEAD", Some(Listing::Field(_, home) | Listing::Ids(home))) => {
            let value = store.item(*home, &id).map(|entry| entry.value.clone());
            let value = value.ok_or_else(|| missing(place.name, &id))?;
            return Ok(answer_with(world, operation, value));
        }
        _ => {
            store.notes.insert((place.key(), text(&id)), body(asked));
        }
    }
    if operation.method == "DELETE" {
        store.notes.remove(&(place.key(), text(&id)));
    }
    let is_object = data(&store.document.schemas, operation)
        .is_some_and(|(schema, _)| type_of(&store.document.schemas.flat(&schema)) == Some("object"));
    Ok(if is_object { answer_with(world, operation, json!({})) } else { Answer::Empty })
}
