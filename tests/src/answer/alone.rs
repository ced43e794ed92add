//! What is nobody's: forms for uploads, and things that are kept under their path only.

use serde_json::{Value, json};

use super::{Answer, World, answer_with, body};
use crate::check::Asked;
use crate::objects::{FILE_NAME, Grant};
use crate::operation::Operation;
use crate::refusal::Refusal;
use crate::resources::data;
use crate::sample::Mode;
use crate::schema::Object;

/// Answers an operation that works on nothing else.
pub fn act(world: &mut World, operation: &Operation, asked: &Asked) -> Result<Answer, Refusal> {
    let document = world.store.document;
    let Some((schema, list)) = data(&document.schemas, operation) else { return Ok(Answer::Empty) };
    if list {
        return super::list::answer(&mut world.store, operation, asked, Vec::new(), false);
    }
    let key = (usize::MAX, String::new(), operation.template.clone());
    let mut value = match world.store.singles.get(&key) {
        Some(Value::Object(known)) => known.clone(),
        _ => match world.store.make(&schema, "", Mode::Seed) {
            Value::Object(made) => made,
            other => return Ok(answer_with(world, operation, other)),
        },
    };
    for name in document.schemas.properties(&schema).keys().filter(|name| name.ends_with("_id")) {
        // It answers to the caller, so people in it are the caller.
        let person =
            world.store.resources.people.is_some_and(|people| world.store.resources.referred(name) == Some(people));
        if person {
            value.insert(name.clone(), world.store.caller());
        }
    }
    let taken = world.store.taken(&body(asked), &schema, &value);
    value.extend(taken);
    world.store.singles.insert(key, Value::Object(value.clone()));
    Ok(answer_with(world, operation, Value::Object(value)))
}

/// Gives out the fields of a form for one upload, and its address.
pub fn permit(world: &mut World, operation: &Operation, field: &str) -> Result<Answer, Refusal> {
    let document = world.store.document;
    let Some((schema, false)) = data(&document.schemas, operation) else { return Ok(Answer::Empty) };
    let flat = document.schemas.flat(&schema);
    let mut given = Object::new();
    let number = world.store.tick();
    given.insert(field.to_owned(), json!(world.store.storage));
    let folder = world.store.random.hex(12);
    given.insert("key".to_owned(), json!(format!("attaches/{number}/{folder}/{FILE_NAME}")));
    world.store.fill(&mut given, &flat, Mode::Create, 3);
    let form = document
        .operations
        .iter()
        .find(|other| other.external.is_some())
        .and_then(|other| other.body.as_ref()?.content.get("multipart/form-data"));
    let Some(form) = form else {
        return Err(Refusal::internal(format!("no form is declared for the uploads of {}", operation.id)));
    };
    let order = document.schemas.name(&form.schema).map(|name| document.order(name)).unwrap_or_default();
    let file = order.iter().find(|name| !given.contains_key(*name)).cloned().unwrap_or_default();
    let fields = order.iter().filter_map(|name| Some((name.clone(), given.get(name)?.as_str()?.to_owned())));
    world.objects.permit(Grant { fields: fields.collect(), file });
    Ok(Answer::Data(Value::Object(given)))
}
