//! What a request that passed all checks does, and its answer.

use serde_json::{Value, json};

use crate::check::{Asked, Incoming};
use crate::forms::Forms;
use crate::objects::Objects;
use crate::operation::Operation;
use crate::refusal::{BrokenRule, Refusal};
use crate::resources::{Owner, Target, data, singular};
use crate::sample::Mode;
use crate::schema::Object;
use crate::store::Store;
use crate::webhook::export_ready;
use crate::words;

mod alone;
mod filter;
mod item;
mod list;
mod members;
mod part;
#[cfg(test)]
mod unseen;

use item::create;
pub use item::{complete, link};
pub use members::{Listing, listing};

/// What the service keeps, with its files.
#[derive(Debug)]
pub struct World {
    /// The things.
    pub store: Store,
    /// The files.
    pub objects: Objects,
    /// The clicks and the forms.
    pub forms: Forms,
    /// The webhooks that are still to be sent, with their addresses.
    pub outbox: Vec<(String, Value)>,
}

impl World {
    /// A service that keeps these things.
    pub fn new(store: Store) -> Self {
        Self { store, objects: Objects::default(), forms: Forms::default(), outbox: Vec::new() }
    }

    /// Adds something under a path without a request, and gives its id.
    pub fn add(&mut self, path: &str, fields: &Value) -> Option<Value> {
        let collection = self.store.resources.at(path)?;
        let id = self.store.new_id(collection);
        let item = self.made(collection, id.clone(), fields, Mode::Create);
        self.store.add(collection, item);
        Some(id)
    }

    /// Adds many things that are alike, and gives the id of the first.
    pub fn populate(&mut self, path: &str, count: u64, fields: &Value) -> Option<Value> {
        let collection = self.store.resources.at(path)?;
        // As if a client had made them: a flag that chance sets might hide all of them from a list.
        let template = self.made(collection, Value::Null, fields, Mode::Create);
        (count > 0).then(|| self.store.add_crowd(collection, template, count))
    }

    fn made(&mut self, collection: usize, id: Value, fields: &Value, mode: Mode) -> Value {
        let resources = self.store.resources.clone();
        let known = &resources.collections[collection];
        let mut item = match &known.item {
            Some(schema) => self.store.taken(fields, schema, &Object::new()),
            None => fields.as_object().cloned().unwrap_or_default(),
        };
        item.insert("id".to_owned(), id);
        if let Some(schema) = &known.item {
            complete(&mut self.store, &mut item, schema, mode, known.bodiless);
        }
        Value::Object(item)
    }

    /// The chat that a call adds a message to or changes one in, as a key; empty when there is none.
    pub fn chat_of(&mut self, operation: &Operation, incoming: &Incoming<'_>) -> String {
        let chat = match self.store.resources.target_of(operation).clone() {
            Target::Item(collection, Owner::Parameter(name)) => {
                let id = incoming.path.get(&name).and_then(|id| id.parse::<u64>().ok()).map(Value::from);
                let id = id.unwrap_or_default();
                self.store.settle(collection, &id);
                self.store.item(collection, &id).and_then(|entry| entry.value.get("chat_id")).cloned()
            }
            _ => {
                let body: Value = serde_json::from_slice(incoming.body).unwrap_or_default();
                let mut wrapped = body.as_object().into_iter().flatten().map(|(_, wrapped)| wrapped);
                wrapped.find(|message| message.get("entity_id").is_some()).map(|message| {
                    let kind = message.get("entity_type").and_then(Value::as_str).unwrap_or_default();
                    self.store.chats_of(kind, &message["entity_id"]).0
                })
            }
        };
        chat.map(|chat| chat.to_string()).unwrap_or_default()
    }
}

/// An answer before it is judged and sent.
#[derive(Debug)]
pub enum Answer {
    /// No body.
    Empty,
    /// The data of the body, without its wrapper.
    Data(Value),
    /// The body as it is.
    Whole(Value),
    /// The address to go to.
    Redirect(String),
}

/// Does what an operation says by its method and path.
pub fn act(world: &mut World, operation: &Operation, asked: &Asked) -> Result<Answer, Refusal> {
    let resources = world.store.resources.clone();
    match resources.target_of(operation) {
        Target::Upload(field) => alone::permit(world, operation, field),
        Target::Collection(collection) => match operation.method {
            "GET" | "HEAD" => list::collection(&mut world.store, operation, asked, *collection),
            "POST" => {
                let item = create(&mut world.store, operation, body(asked), *collection);
                // What is answered later is told to the address that the request gave for it.
                if let Some(Value::String(url)) =
                    item.get("webhook_url").filter(|_| operation.success.content.is_none())
                {
                    let kind = singular(&resources.collections[*collection].plural);
                    let payload = export_ready(&kind, &item["id"], &words::time(world.store.now()));
                    world.outbox.push((url.clone(), payload));
                }
                Ok(answer_with(world, operation, item))
            }
            _ => alone::act(world, operation, asked),
        },
        Target::View(collection) => list::collection(&mut world.store, operation, asked, *collection),
        Target::Item(collection, owner) => {
            let id = world.store.owner(*collection, owner, &asked.path);
            world.store.settle(*collection, &id);
            item::act(world, operation, asked, *collection, &id)
        }
        Target::Part { collection, owner, name, member } => {
            let id = world.store.owner(*collection, owner, &asked.path);
            world.store.settle(*collection, &id);
            if world.store.item(*collection, &id).is_none() {
                return Err(missing(&resources.collections[*collection].plural, &id));
            }
            let place = part::Place { collection: *collection, id, name };
            match member {
                Some(member) => members::one(world, operation, asked, &place, member),
                None => part::act(world, operation, asked, &place),
            }
        }
        Target::Alone => {
            world.forms.open(operation, &body(asked))?;
            alone::act(world, operation, asked)
        }
    }
}

/// The body that is sent, valid against the operation's schema.
///
/// # Errors
/// When the answer is not valid, which is a mistake of this server.
pub fn body_of(operation: &Operation, answer: Answer, store: &Store) -> Result<Option<Value>, Refusal> {
    let Some(content) = &operation.success.content else { return Ok(None) };
    let wrapped = store.document.schemas.properties(&content.schema).contains_key("data");
    let body = match answer {
        Answer::Whole(body) => body,
        Answer::Data(data) if wrapped => json!({ "data": data }),
        Answer::Data(data) => data,
        Answer::Empty | Answer::Redirect(_) => Value::Null,
    };
    if let Err(error) = content.validator.validate(&body) {
        let place = error.instance_path();
        let message = format!("mock-pachca made an invalid answer to {} at `{place}`: {error}", operation.id);
        return Err(Refusal::internal(message));
    }
    Ok(Some(body))
}

/// The body as it was sent, or an empty one.
fn body(asked: &Asked) -> Value {
    asked.sent.as_ref().map_or_else(|| json!({}), |sent| sent.json.clone())
}

/// An answer with this as its data, if the operation answers with any.
fn answer_with(world: &mut World, operation: &Operation, value: Value) -> Answer {
    let Some((schema, false)) = data(&world.store.document.schemas, operation) else { return Answer::Empty };
    Answer::Data(world.store.fit(&value, &schema, "").unwrap_or(value))
}

fn missing(plural: &str, id: &Value) -> Refusal {
    Refusal::not_found("id", id.clone(), format!("There is nothing with the id {id} among `{plural}`"))
}

fn invalid(operation: &Operation, key: &str, value: Value, message: String) -> Refusal {
    Refusal::fault(operation.status(&[400, 422]), BrokenRule::new("invalid", key, value, message))
}
