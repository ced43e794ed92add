//! Bots.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::World;

const NAME: &str = "Weather vane";
const NEW_NAME: &str = "Weather cock";
const ADDRESS: &str = "https://vane.garden.example/events";
const NEW_ADDRESS: &str = "https://cock.garden.example/events";

pub const ROWS: &[Row] = rows! {
    POST "/bots" => create_bot,
    GET "/bots/{id}" => get_bot,
    GET "/bots" => list_bots,
    PUT "/bots/{id}" => update_bot,
    POST "/bots/{id}/recreate_token" => recreate_bot_token,
    PUT "/bot/webhook" => self_update_bot_webhook,
    POST "/bot/recreate_token" => self_recreate_bot_token,
};

pub const LAST: &[Row] = rows! {
    DELETE "/bots/{id}" => delete_bot,
};

async fn create_bot(world: &mut World) -> Outcome {
    let bot = types::BotCreateWebhook::builder()
        .name(NAME)
        .nickname("vane_bot".to_owned())
        .outgoing_url(ADDRESS.to_owned())
        .events(vec![types::BotEventName::MessageNew, types::BotEventName::ButtonClick])
        .trigger_on(types::BotTriggerOn::AllMessages)
        .commands(vec!["wind".to_owned(), "rain".to_owned()])
        .scopes(vec!["messages:create".to_owned()])
        .template("Wind from {{ direction }}".to_owned())
        .template_engine(types::BotTemplateEngine::Mustache)
        .challenge_key("proof".to_owned())
        .link_preview_enabled(false)
        .ignore_self_messages(true)
        .events_history_enabled(true)
        .who_can_add(types::BotWhoCanAdd::CreatorAdmin)
        .can_edit(vec![types::BotCanEdit::ChatOwners])
        .single_chat(true);
    let answer = world.client.create_bot().body_map(|body| body.webhook(bot)).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_the_bot(&mut checks, &answer.data.webhook, NAME, ADDRESS);
    checks.holds("the bot has a token", !answer.data.access_token.is_empty());
    checks.same("the only chat", answer.data.webhook.single_chat, true);
    world.bot = answer.data.id;
    checks.end()
}

fn is_the_bot(checks: &mut Checks, bot: &types::BotWebhook, name: &str, address: &str) {
    checks.same("the name", bot.name.as_str(), name);
    checks.same("the address", bot.outgoing_url.as_deref(), Some(address));
    checks.same("the commands", bot.commands.as_slice(), ["wind", "rain"]);
    checks.same("the trigger", &bot.trigger_on, &types::BotTriggerOn::AllMessages);
    checks.same("the engine", &bot.template_engine, &types::BotTemplateEngine::Mustache);
    checks.same("who can edit", bot.can_edit.as_slice(), [types::BotCanEdit::ChatOwners]);
    checks.same("link previews", bot.link_preview_enabled, false);
    checks.same("events of its own", bot.ignore_self_messages, true);
}

async fn get_bot(world: &mut World) -> Outcome {
    let answer = world.client.get_bot().id(world.bot).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.bot);
    is_the_bot(&mut checks, &answer.data.webhook, NAME, ADDRESS);
    checks.end()
}

async fn list_bots(world: &mut World) -> Outcome {
    let call = || world.client.list_bots().query(NAME).limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the created bot is found", first.data.iter().any(|bot| bot.id == world.bot));
    checks.end()
}

async fn update_bot(world: &mut World) -> Outcome {
    let bot = types::BotUpdateWebhook::builder()
        .name(NEW_NAME.to_owned())
        .nickname("cock_bot".to_owned())
        .outgoing_url(NEW_ADDRESS.to_owned())
        .events(vec![types::BotEventName::ReactionNew])
        .trigger_on(types::BotTriggerOn::AllMessages)
        .commands(vec!["wind".to_owned(), "rain".to_owned()])
        .scopes(vec!["messages:read".to_owned()])
        .template("Rain from {{ direction }}".to_owned())
        .template_engine(types::BotTemplateEngine::Mustache)
        .challenge_key("answer".to_owned())
        .link_preview_enabled(false)
        .ignore_self_messages(true)
        .events_history_enabled(false)
        .who_can_add(types::BotWhoCanAdd::Anyone)
        .can_edit(vec![types::BotCanEdit::ChatOwners]);
    let answer = world.client.update_bot().id(world.bot).body_map(|body| body.webhook(bot)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.bot);
    is_the_bot(&mut checks, &answer.data.webhook, NEW_NAME, NEW_ADDRESS);
    checks.end()
}

async fn recreate_bot_token(world: &mut World) -> Outcome {
    let answer = world.client.recreate_bot_token().id(world.bot).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.bot);
    checks.holds("the bot has a token", !answer.data.access_token.is_empty());
    checks.end()
}

async fn self_update_bot_webhook(world: &mut World) -> Outcome {
    let webhook = types::BotWebhookSelfUpdate::builder().outgoing_url(NEW_ADDRESS);
    let answer = world.client.self_update_bot_webhook().body_map(|body| body.webhook(webhook)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the address", answer.data.webhook.outgoing_url.as_deref(), Some(NEW_ADDRESS));
    checks.end()
}

async fn self_recreate_bot_token(world: &mut World) -> Outcome {
    let answer = world.client.self_recreate_bot_token().send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the bot has a token", !answer.data.access_token.is_empty());
    checks.end()
}

async fn delete_bot(world: &mut World) -> Outcome {
    let answer = world.client.delete_bot().id(world.bot).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        checks.gone("a deleted bot", world.client.get_bot().id(world.bot).send().await);
    }
    checks.end()
}
