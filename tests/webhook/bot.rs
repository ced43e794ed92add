//! The example's bot on the test server, from the click to the message.

use pachca_ext::{Error, ErrorKind, Pachca, types};
use pachca_tests::{Server, SignedWebhook};

use super::example;
use super::*;

/// A server, a bot that it sends its webhooks to, and a message with the bot's button.
struct Play {
    server: Server,
    pachca: Pachca,
    bot: String,
    message: Value,
}

impl Play {
    async fn start() -> Self {
        let server = Server::start().await.unwrap();
        let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build().unwrap();
        let router = example::router(pachca.clone(), Verifier::new(server.webhook_secret()).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bot = format!("http://{}/pachca", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let chat = server.ids("/chats")[0].as_i64().unwrap();
        let id = example::ask(&pachca, chat).await.unwrap().id;
        let message = server.items("/messages").into_iter().find(|message| message["id"] == id).unwrap();
        Self { server, pachca, bot, message }
    }

    /// Sends a webhook to the bot, and gives the status and the body of its answer.
    async fn deliver(&self, webhook: &SignedWebhook) -> (u16, Value) {
        let answer = self.server.deliver(&self.bot, webhook).await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    fn calls(&self, operation: &str) -> usize {
        self.server.requests().iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
    }

    fn click(&self) -> SignedWebhook {
        self.server.click_webhook(&self.message, "join").unwrap()
    }
}

#[tokio::test]
async fn a_click_opens_a_form_whose_errors_are_shown_and_whose_answer_is_a_message() {
    let play = Play::start().await;
    let clicked = std::time::Instant::now();
    assert_eq!(play.deliver(&play.click()).await, (200, Value::Null));
    assert_eq!(play.calls("openView"), 1);
    assert!(clicked.elapsed() < Duration::from_secs(3), "{:?}", clicked.elapsed());

    for bad in [json!("many"), json!("0"), json!(null), json!(["2"])] {
        let form = play.server.form_webhook(&json!({ "guests": bad })).unwrap();
        let errors = json!({ "errors": { "guests": "A number from 1 to 255, please" } });
        assert_eq!(play.deliver(&form).await, (400, errors), "{bad}");
    }
    assert_eq!((play.calls("createMessage"), play.calls("updateMessage")), (1, 0));

    let good = play.server.form_webhook(&json!({ "guests": "3" })).unwrap();
    assert_eq!(play.deliver(&good).await, (200, Value::Null));
    let messages = play.server.items("/messages");
    let asked = messages.iter().find(|message| message["id"] == play.message["id"]).unwrap();
    assert_eq!((&play.message["buttons"][0][0]["data"], &asked["buttons"]), (&json!("join"), &json!([])));
    let told = messages.last().unwrap();
    assert!(told["content"].as_str().unwrap().ends_with("is coming, 3 in all."), "{told}");
    assert_eq!(told["chat_id"], play.message["chat_id"]);

    // The same webhook once more is the same one.
    assert_eq!(play.deliver(&good).await, (200, Value::Null));
    assert_eq!(play.server.items("/messages").len(), messages.len());
}

#[tokio::test]
async fn a_form_that_is_opened_too_late_is_gone() {
    let play = Play::start().await;
    let webhook = play.click();
    let Ok(Event::Button(click)) = serde_json::from_slice(&webhook.body) else { panic!("another kind") };
    let open = async |trigger: String| {
        let header = types::ViewBlockHeader::builder().type_(types::ViewBlockHeaderType::Header).text("Late");
        let view = types::OpenView::builder().title("Late").blocks(vec![header.build().unwrap().into()]);
        let call = play.pachca.open_view();
        let call = call.body_map(|body| body.type_(types::OpenViewType::Modal).trigger_id(trigger).view(view));
        call.send().await.map(drop).map_err(Error::from)
    };
    let unknown = open("another click".to_owned()).await.unwrap_err();
    assert_eq!(unknown.status().unwrap(), 410);
    open(click.trigger_id.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let late = open(click.trigger_id).await.unwrap_err();
    assert_eq!((late.kind(), late.status().unwrap().as_u16()), (ErrorKind::NotFound, 410));
    assert_eq!(late.items()[0].code.as_ref().unwrap().as_str(), "trigger_expired");
}

#[tokio::test]
async fn what_is_not_from_pachca_does_nothing() {
    let play = Play::start().await;
    let mut webhook = play.click();
    webhook.signature = sign("another secret", &webhook.body);
    assert_eq!(play.deliver(&webhook).await.0, 401);
    assert_eq!(play.calls("openView"), 0);
}

#[test]
fn the_server_tells_of_clicks_and_forms_only_that_can_be() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let play = Play::start().await;
        assert!(play.server.click_webhook(&play.message, "leave").is_err());
        assert!(play.server.form_webhook(&json!({})).is_err());
        play.deliver(&play.click()).await;
        assert!(play.server.form_webhook(&json!({ "cabins": "2" })).is_err());
        play.server.form_webhook(&json!({})).unwrap();
    });
}
