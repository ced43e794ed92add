//! A bot without an address of its own: `cargo run --example events`.
//!
//! It asks the history of events for what is new, and goes on after a restart where it was. A Pachca of its own runs in
//! this process, so that it needs no token and no network.

use futures_util::TryStreamExt as _;
use pachca_ext::Pachca;
use pachca_ext::events::Mark;
use pachca_ext::webhook::Event;
use pachca_tests::Server;
use serde_json::json;

const HISTORY: &str = "/webhooks/events";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start().await?;
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build()?;

    // The history as it is.
    let old = server.ids(HISTORY).len();
    let mut events = pachca.events();
    let mut mark = None;
    for _ in 0..old {
        let event = events.try_next().await?.ok_or("the events have ended")?;
        mark = Some(Mark::from(&event));
    }
    // A program stores the mark after each event that it has handled.
    let stored = serde_json::to_string(&mark)?;
    println!("history   {old} events, the last one {stored}");
    drop(events);

    // What happens while the program is not running.
    for content in ["Anybody here?", "Hello!"] {
        server.add(HISTORY, json!({ "event_type": "message_new", "payload": message(content) }));
    }

    let mark: Mark = serde_json::from_str(&stored)?;
    let told = |error: &pachca_ext::Error, wait| eprintln!("again in {wait:?}: {error}");
    let mut events = pachca.events().after(mark).on_error(told).delete_handled();
    for _ in 0..2 {
        let event = events.try_next().await?.ok_or("the events have ended")?;
        match event.payload {
            Event::Message(message) => println!("message   \"{}\"", message.content),
            other => println!("event     {other:?}"),
        }
    }
    Ok(())
}

fn message(content: &str) -> serde_json::Value {
    json!({
        "type": "message",
        "event": "new",
        "id": 9_120_044,
        "content": content,
        "user_id": 511,
        "chat_id": 70_012,
        "entity_type": "discussion",
        "entity_id": 70_012,
        "url": "https://pachca.example/chats/70012",
        "created_at": "2026-05-04T08:15:00.000Z",
        "webhook_timestamp": 1_777_882_500,
    })
}
