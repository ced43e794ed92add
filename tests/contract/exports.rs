//! Exports of messages.

use serde_json::Value;

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::{World, day};

pub const ROWS: &[Row] = rows! {
    POST "/chats/exports" => request_export,
    GET "/chats/exports/{id}" => download_export,
};

async fn request_export(world: &mut World) -> Outcome {
    let call = world.client.request_export().body_map(|body| {
        body.start_at(day(20_500).date_naive())
            .end_at(day(20_530).date_naive())
            .webhook_url("https://garden.example/exports")
            .chat_ids(vec![world.chat])
            .skip_chats_file(true)
    });
    let answer = call.send().await?;
    let mut checks = Checks::of(world, &answer);
    // The id of an export comes by webhook only.
    if let Some(server) = world.server() {
        let id = server.ids("/chats/exports").last().and_then(Value::as_i64);
        checks.holds("the export is kept", id.is_some());
        world.export = id.unwrap_or(world.export);
    }
    checks.end()
}

async fn download_export(world: &mut World) -> Outcome {
    let answer = world.client.download_export().id(world.export).send().await?;
    let mut checks = Checks::of(world, &answer);
    // The address is only read: it is another host's business, and must not see the token.
    checks.holds("the address is absolute", answer.url().has_host());
    checks.end()
}
