//! A walk through the API: `cargo run --example tour`.
//!
//! It starts a Pachca of its own in this process and needs no token and no network. With `PACHCA_TOKEN` and
//! `PACHCA_CHAT_ID` set it talks to the real service instead (`PACHCA_API_URL` for one on your own premises).

use std::error::Error;

use futures_util::TryStreamExt as _;
use pachca_ext::webhook::{Event, Verified, Verifier};
use pachca_ext::{Pachca, Paginate as _, Source, types};
use pachca_tests::Server;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.client;

    let profile = client.get_profile().send().await?.into_inner().data;
    println!("profile   you are @{} (id {})", profile.nickname, profile.id);

    let chat_id = chat(&stage).await?;
    let message_id = message(client, chat_id).await?;
    conversation(client, message_id).await?;
    attachment(client, message_id).await?;
    users(client).await?;
    webhook(&stage, message_id).await?;
    Ok(())
}

/// Where the tour takes place.
struct Stage {
    client: Pachca,
    /// The chat to write to, on the real service.
    chat_id: Option<i64>,
    /// The server in this process, unless it is the real service.
    server: Option<Server>,
}

impl Stage {
    async fn set() -> Result<Self> {
        let setting = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some((token, chat_id)) = setting("PACHCA_TOKEN").zip(setting("PACHCA_CHAT_ID")) else {
            let server = Server::start().await?;
            println!("server    a Pachca of our own at {}", server.base_url());
            let client = Pachca::builder(server.token()).base_url(server.base_url()).build()?;
            return Ok(Self { client, chat_id: None, server: Some(server) });
        };
        let base_url = setting("PACHCA_API_URL").unwrap_or(pachca_api::BASE_URL.to_owned());
        println!("server    the REAL service at {base_url}: messages will be sent to chat {chat_id}");
        let chat_id = chat_id.parse().map_err(|_| "PACHCA_CHAT_ID must be the number of a chat")?;
        Ok(Self { client: Pachca::builder(token).base_url(base_url).build()?, chat_id: Some(chat_id), server: None })
    }
}

async fn chat(stage: &Stage) -> Result<i64> {
    if let Some(id) = stage.chat_id {
        let chat = stage.client.get_chat().id(id).send().await?.into_inner().data;
        println!("chat      \"{}\" (id {id})", chat.name);
        return Ok(id);
    }
    let chat = types::ChatCreate::builder().name("Release party").channel(false);
    let created = stage.client.create_chat().body_map(|body| body.chat(chat)).send().await?.into_inner().data;
    println!("chat      created \"{}\" (id {})", created.name, created.id);
    Ok(created.id)
}

async fn message(client: &Pachca, chat_id: i64) -> Result<i64> {
    let button = |text: &str, data: &str| types::Button::builder().text(text).data(data).build();
    let buttons = vec![button("Coming", "yes")?, button("Not this time", "no")?];
    let message = types::MessageCreate::builder()
        .entity_id(chat_id)
        .content("Friday at six, who is coming?")
        .buttons(vec![buttons]);
    let sent = client.create_message().body_map(|body| body.message(message)).send().await?.into_inner().data;
    let rows = sent.buttons.iter().flatten().flatten().count();
    println!("message   sent \"{}\" with {rows} buttons (id {})", sent.content, sent.id);
    Ok(sent.id)
}

async fn conversation(client: &Pachca, message_id: i64) -> Result<()> {
    let reaction = client.add_reaction().id(message_id).body_map(|body| body.code("🎉")).send().await?;
    println!("reaction  {} from user {}", reaction.code, reaction.user_id);

    let thread = client.create_thread().id(message_id).send().await?.into_inner().data;
    let reply =
        types::MessageCreate::builder().entity_type("thread").entity_id(thread.id).content("I will bring the cake.");
    let reply = client.create_message().body_map(|body| body.message(reply)).send().await?.into_inner().data;
    println!("thread    {} with the reply \"{}\" (chat {})", thread.id, reply.content, thread.chat_id);

    client.pin_message().id(message_id).send().await?;
    println!("pin       message {message_id} is pinned");

    let change = types::MessageUpdate::builder().content("Friday at seven, who is coming?");
    let edited =
        client.update_message().id(message_id).body_map(|body| body.message(change)).send().await?.into_inner().data;
    println!("edit      now \"{}\"", edited.content);
    Ok(())
}

async fn attachment(client: &Pachca, message_id: i64) -> Result<()> {
    let list = Source::bytes("shopping list.txt", "cake\ncandles\nlemonade\n");
    let message = client.add_files(message_id, [list]).await?;
    let names: Vec<&str> = message.files.iter().map(|file| file.name.as_str()).collect();
    println!("attach    message {message_id} carries {}", names.join(", "));
    Ok(())
}

async fn users(client: &Pachca) -> Result<()> {
    // The real workspace may have many more; the tour stops at 120.
    let users: Vec<types::User> = client.list_users().limit(50).items().max_items(120).try_collect().await?;
    let bots = users.iter().filter(|user| user.bot).count();
    println!("users     {} in pages of 50, {bots} of them bots", users.len());
    Ok(())
}

async fn webhook(stage: &Stage, message_id: i64) -> Result<()> {
    let Some(server) = &stage.server else {
        println!("webhook   skipped: the real service would need a public address to send to");
        return Ok(());
    };
    let (sender, mut received) = tokio::sync::mpsc::channel(1);
    let receive = async move |Verified(event): Verified<Event>| {
        let _ = sender.send(event).await;
    };
    let verifier = Verifier::new(server.webhook_secret())?;
    let bot = axum::Router::new().route("/hook", axum::routing::post(receive)).with_state(verifier);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/hook", listener.local_addr()?);
    let serving = tokio::spawn(async move { axum::serve(listener, bot).await });

    let message = server.items("/messages").into_iter().find(|message| message["id"] == message_id);
    let answer = server.deliver(&address, &server.message_webhook(&message.ok_or("the message is gone")?)?).await?;
    serving.abort();
    match received.try_recv() {
        Ok(Event::Message(message)) => println!("webhook   message/{} {} (verified)", message.event, message.id),
        Ok(other) => println!("webhook   {other:?}"),
        Err(_) => println!("webhook   refused with {}", answer.status()),
    }
    Ok(())
}
