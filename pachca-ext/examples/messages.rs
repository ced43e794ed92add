//! Looking a chat and a user up, writing to them, and telling everyone: `cargo run --example messages`.
//!
//! It starts a Pachca of its own in this process and needs no token and no network.

use std::error::Error;

use futures_util::{StreamExt as _, TryStreamExt as _};
use pachca_ext::{Delivery, Outcome, Pachca, Paginate as _, Recipient, button, link};
use pachca_tests::Server;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    server.add("/chats", json!({ "name": "Canteen" }));
    server.add("/users", json!({ "nickname": "cook", "first_name": "Zoya", "last_name": "Belova" }));
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build()?;

    let canteen = pachca.find_chat("canteen").await?;
    let cook = pachca.find_user("Zoya Belova").await?;
    println!("found     chat {} and user @{}", canteen.id, cook.nickname);

    let row = vec![button("Coming", "yes")?, link("The menu", "https://canteen.example/today")?];
    let write = |message: pachca_ext::types::builder::MessageCreate| message.content("Soup at one?").buttons(vec![row]);
    let asked = pachca.send_to(Recipient::Chat(canteen.id), write).await?;
    println!("asked     in chat {}, with {} buttons", asked.chat_id, asked.buttons.iter().flatten().flatten().count());

    let reply = pachca.send_to(Recipient::ThreadOf(asked.id), |message| message.content("With bread.")).await?;
    println!("replied   in the thread of message {} (chat {})", asked.id, reply.chat_id);

    let direct = pachca.send_to(Recipient::User(cook.id), |message| message.content("Ten of us, please.")).await?;
    println!("wrote     to @{} (chat {})", cook.nickname, direct.chat_id);

    let users: Vec<i64> = pachca.list_users().items().map_ok(|user| user.id).try_collect().await?;
    let recipients = users.into_iter().map(Recipient::User);
    let deliveries: Vec<Delivery> =
        pachca.broadcast(recipients, |_, message| message.content("The canteen opens at one.")).collect().await;
    let sent = deliveries.iter().filter(|delivery| matches!(delivery.outcome, Outcome::Sent(_))).count();
    println!("told      {sent} of {} users", deliveries.len());
    Ok(())
}
