//! A bot with a button and a form: `cargo run --example bot`.
//!
//! Everything happens in this process: a Pachca of its own, the bot, and somebody who clicks. It needs no token and no
//! network.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use pachca_ext::webhook::{Deduplicator, Event, FormReply, Verified, Verifier};
use pachca_ext::{Pachca, Recipient, button, types};
use pachca_tests::Server;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The `data` of the button, and the name of the field.
const JOIN: &str = "join";
const GUESTS: &str = "guests";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let server = Server::start().await?;
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build()?;
    let bot = router(pachca.clone(), Verifier::new(server.webhook_secret())?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/pachca", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, bot).await });

    let chat = server.ids("/chats").first().and_then(|id| id.as_i64()).ok_or("there is no chat")?;
    let asked = ask(&pachca, chat).await?;
    println!("message   \"{}\" with {} row of buttons", asked.content, asked.buttons.iter().flatten().count());

    let message = server.items("/messages").into_iter().find(|message| message["id"] == asked.id);
    let click = server.click_webhook(&message.ok_or("the message is gone")?, JOIN)?;
    println!("click     answered {}", server.deliver(&address, &click).await?.status());
    for guests in ["many", "3"] {
        let form = server.form_webhook(&serde_json::json!({ GUESTS: guests }))?;
        let answer = server.deliver(&address, &form).await?;
        println!("form      {guests:?} answered {} {}", answer.status(), String::from_utf8_lossy(answer.body()));
    }

    let asked = pachca.get_message().id(asked.id).send().await?.into_inner().data;
    println!("message   \"{}\" with {} rows of buttons", asked.content, asked.buttons.iter().flatten().count());
    let messages = pachca.list_chat_messages().chat_id(chat).limit(1).send().await?.into_inner().data;
    println!("message   \"{}\"", messages.first().map(|message| message.content.as_str()).unwrap_or_default());
    Ok(())
}

/// What the bot needs for an answer.
#[derive(Clone)]
struct Bot {
    pachca: Pachca,
    verifier: Verifier,
    seen: Arc<Deduplicator>,
}

impl FromRef<Bot> for Verifier {
    fn from_ref(bot: &Bot) -> Self {
        bot.verifier.clone()
    }
}

/// The bot as a web server.
pub fn router(pachca: Pachca, verifier: Verifier) -> Router {
    let bot = Bot { pachca, verifier, seen: Arc::default() };
    Router::new().route("/pachca", post(receive)).with_state(bot)
}

/// The message with the button.
pub async fn ask(pachca: &Pachca, chat: i64) -> Result<types::Message, Failure> {
    let rows = vec![vec![button("I am coming", JOIN)?]];
    let write =
        |message: types::builder::MessageCreate| message.content("Saturday at the lake. Who is coming?").buttons(rows);
    Ok(pachca.send_to(Recipient::Chat(chat), write).await?)
}

async fn receive(State(bot): State<Bot>, Verified(event): Verified<Event>) -> FormReply {
    if !bot.seen.is_new(&event) {
        return FormReply::close();
    }
    let answered = match event {
        Event::Button(click) if click.data == JOIN => open(&bot.pachca, click).await,
        Event::ViewSubmit(form) => submit(&bot.pachca, form).await,
        _ => Ok(FormReply::close()),
    };
    answered.unwrap_or_else(|error| {
        eprintln!("{error}");
        FormReply::errors([(GUESTS, "Something went wrong, please try again")])
    })
}

/// Shows the form, at once: the click's `trigger_id` lives 3 seconds.
async fn open(pachca: &Pachca, click: types::ButtonWebhookPayload) -> Result<FormReply, Failure> {
    let field = types::ViewBlockInput::builder()
        .type_(types::ViewBlockInputType::Input)
        .name(GUESTS)
        .label("How many of you?")
        .required(true);
    let view = types::OpenView::builder().title("Saturday").blocks(vec![field.build()?.into()]);
    let call = pachca.open_view().body_map(|body| {
        body.type_(types::OpenViewType::Modal)
            .trigger_id(click.trigger_id)
            // The form says later which message it belongs to.
            .private_metadata(click.message_id.to_string())
            .view(view)
    });
    call.send().await?;
    Ok(FormReply::close())
}

/// Shows what is wrong, or says who is coming and takes the button away.
async fn submit(pachca: &Pachca, form: types::ViewSubmitWebhookPayload) -> Result<FormReply, Failure> {
    let guests = form.data.get(GUESTS).and_then(|value| value.as_str()).and_then(|text| text.trim().parse::<u8>().ok());
    let Some(guests) = guests.filter(|guests| *guests > 0) else {
        return Ok(FormReply::errors([(GUESTS, "A number from 1 to 255, please")]));
    };
    if let Some(chat) = form.chat_id {
        let text = format!("User {} is coming, {guests} in all.", form.user_id);
        pachca.send_to(Recipient::Chat(chat), |message| message.content(text)).await?;
    }
    if let Some(id) = form.private_metadata.and_then(|id| id.parse::<i64>().ok()) {
        let change = types::MessageUpdate::builder().buttons(Vec::new());
        pachca.update_message().id(id).body_map(|body| body.message(change)).send().await?;
    }
    Ok(FormReply::close())
}
