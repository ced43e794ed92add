//! The token, custom properties, the audit log and the history of events.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::{World, far_ahead, long_ago};

pub const ROWS: &[Row] = rows! {
    GET "/oauth/token/info" => get_token_info,
    GET "/custom_properties" => list_properties,
};

pub const LAST: &[Row] = rows! {
    GET "/audit_events" => get_audit_events,
    GET "/webhooks/events" => get_webhook_events,
    DELETE "/webhooks/events/{id}" => delete_webhook_event,
};

async fn get_token_info(world: &mut World) -> Outcome {
    let answer = world.client.get_token_info().send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the token has scopes", !answer.data.scopes.is_empty());
    checks.holds("the token has an owner", answer.data.user_id > 0);
    checks.end()
}

async fn list_properties(world: &mut World) -> Outcome {
    let answer = world.client.list_properties().entity_type(types::SearchEntityType::User).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("there are properties", !answer.data.is_empty());
    checks.holds("a property has a name", answer.data.iter().all(|property| !property.name.is_empty()));
    if let Some(property) = answer.data.first() {
        world.property = property.id;
    }
    checks.end()
}

async fn get_audit_events(world: &mut World) -> Outcome {
    // The filters are told by an event of any kind, so that there is something to find.
    let any = world.client.get_audit_events().limit(1).send().await?;
    let (key, actor, entity) = match any.data.first() {
        Some(event) => (event.event_key.clone(), event.actor_id.clone(), event.entity_id.clone()),
        None => (types::AuditEventKey::ChatCreated, world.me.to_string(), world.chat.to_string()),
    };
    let actor_type = any.data.first().map_or("User", |event| event.actor_type.as_str());
    let entity_type = any.data.first().map_or("Chat", |event| event.entity_type.as_str());
    let call = || {
        let call = world.client.get_audit_events().start_time(long_ago()).end_time(far_ahead());
        let call = call.event_key(key.clone()).actor_id(&actor).actor_type(actor_type);
        call.entity_id(&entity).entity_type(entity_type).limit(1)
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the event is found", first.data.iter().any(|event| event.actor_id == actor));
    checks.holds("a page is no longer than asked for", first.data.len() <= 1 && answer.data.len() <= 1);
    checks.holds("there is a cursor on the last page too", !answer.meta.paginate.next_page.is_empty());
    checks.end()
}

async fn get_webhook_events(world: &mut World) -> Outcome {
    let call = || world.client.get_webhook_events().limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("there are events", !first.data.is_empty());
    if let Some(event) = first.data.first() {
        world.event.clone_from(&event.id);
        checks.holds("an event has a type", !event.event_type.is_empty());
    }
    checks.end()
}

async fn delete_webhook_event(world: &mut World) -> Outcome {
    let answer = world.client.delete_webhook_event().id(&world.event).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        checks.gone("a deleted event", world.client.delete_webhook_event().id(&world.event).send().await);
    }
    checks.end()
}
