//! Messages to chats, users and threads, names that are looked up, and the same news for many.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use pachca_api::{Call, Transport};
use pachca_ext::{Delivery, ErrorKind, Outcome, Pachca, PachcaBuilder, Recipient, RetryPolicy, button, link};
use pachca_tests::{Fault, Server};
use serde_json::{Value, json};
use tower::ServiceExt as _;

fn client(server: &Server) -> PachcaBuilder {
    let policy = RetryPolicy::default().base_backoff(Duration::from_millis(5)).max_backoff(Duration::from_millis(20));
    Pachca::builder(server.token()).base_url(server.base_url()).retry(policy)
}

async fn start() -> (Server, Pachca) {
    let server = Server::start().await.unwrap();
    let pachca = client(&server).build().unwrap();
    (server, pachca)
}

/// So many new users.
fn crowd(server: &Server, count: u64) -> Vec<Recipient> {
    let first = server.populate("/users", count).unwrap().as_i64().unwrap();
    (first..).take(usize::try_from(count).unwrap()).map(Recipient::User).collect()
}

/// How many calls of an operation's path arrived.
fn calls(server: &Server, method: &str, path: &str) -> usize {
    server.requests().iter().filter(|record| record.method == method && record.path.ends_with(path)).count()
}

#[tokio::test]
async fn a_message_goes_to_a_chat_a_user_or_a_thread() {
    let (server, pachca) = start().await;
    let chat = server.ids("/chats")[0].as_i64().unwrap();
    let rows = vec![vec![button("Coming", "yes").unwrap(), link("The menu", "https://canteen.example/today").unwrap()]];
    let asked = pachca.send_to(Recipient::Chat(chat), |message| message.content("Who comes?").buttons(rows)).await;
    let asked = asked.unwrap();
    assert_eq!((asked.chat_id, asked.content.as_str()), (chat, "Who comes?"));
    let sent: Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    let menu = json!({ "text": "The menu", "url": "https://canteen.example/today" });
    assert_eq!(sent["message"]["buttons"], json!([[{ "text": "Coming", "data": "yes" }, menu]]));

    let user = server.ids("/users")[3].as_i64().unwrap();
    let direct = pachca.send_to(Recipient::User(user), |message| message.content("Are you coming?")).await.unwrap();
    assert_ne!(direct.chat_id, chat);
    let sent: Value = serde_json::from_slice(&server.requests()[1].body).unwrap();
    assert_eq!((&sent["message"]["entity_type"], &sent["message"]["entity_id"]), (&json!("user"), &json!(user)));

    // Both replies are in the one thread, and outside of the chat.
    let thread_of = Recipient::ThreadOf(asked.id);
    let one = pachca.send_to(thread_of, |message| message.content("I am.")).await.unwrap();
    let two = pachca.send_to(thread_of, |message| message.content("Me too.")).await.unwrap();
    assert_eq!(one.chat_id, two.chat_id);
    let thread = pachca.get_message().id(asked.id).send().await.unwrap().into_inner().data.thread.unwrap();
    assert_eq!(thread.chat_id, one.chat_id);
    assert_ne!(one.chat_id, chat);
}

#[tokio::test]
async fn a_message_to_nobody_is_an_error_that_names_the_call() {
    let (server, pachca) = start().await;
    server.misbehave(Fault::answer(404).on("create_message").times(1));
    let error = pachca.send_to(Recipient::Chat(77), |message| message.content("Anyone?")).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("create_message")), "{error}");
    let error = pachca.send_to(Recipient::ThreadOf(77), |message| message.content("Anyone?")).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("create_thread")), "{error}");
    let error = pachca.send_to(Recipient::User(1), |message| message).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("content"), "{error}");
    assert!(server.items("/messages").iter().all(|message| message["content"] != "Anyone?"));
}

#[tokio::test]
async fn a_chat_is_found_by_its_whole_name() {
    let (server, pachca) = start().await;
    let add = |name: &str| server.add("/chats", json!({ "name": name })).unwrap().as_i64().unwrap();
    let [garden, _gardeners, roses, loud_roses, tulips, also_tulips] =
        ["Garden", "Garden friends", "Roses", "ROSES", "Tulips", "Tulips"].map(add);

    assert_eq!(pachca.find_chat("Garden").await.unwrap().id, garden);
    assert_eq!(pachca.find_chat("  garden ").await.unwrap().id, garden);
    assert_eq!(pachca.find_chat("Roses").await.unwrap().id, roses);
    assert_eq!(pachca.find_chat("ROSES").await.unwrap().id, loud_roses);
    for (name, ids) in [("roses", [roses, loud_roses]), ("Tulips", [tulips, also_tulips])] {
        let error = pachca.find_chat(name).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Ambiguous, Some("search_chats")), "{error}");
        let text = error.to_string();
        assert!(text.contains("2 chats") && ids.iter().all(|id| text.contains(&id.to_string())), "{text}");
    }
    let error = pachca.find_chat("Gard").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("no chat is named \"Gard\""), "{error}");
    let before = server.requests().len();
    assert_eq!(pachca.find_chat(" \t").await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.requests().len(), before);

    // Beyond the first page, and no more than a few are named.
    server.populate_with("/chats", 250, json!({ "name": "Weeds" })).unwrap();
    let error = pachca.find_chat("weeds").await.unwrap_err().to_string();
    assert!(error.contains("250 chats") && error.ends_with(", …"), "{error}");
}

#[tokio::test]
async fn a_user_is_found_by_user_name_or_by_both_names() {
    let (server, pachca) = start().await;
    let add = |nickname: &str, first: Value, last: Value| {
        let fields = json!({ "nickname": nickname, "first_name": first, "last_name": last });
        server.add("/users", fields).unwrap().as_i64().unwrap()
    };
    let vera = add("vera.p", json!("Bogumila"), json!("Petrova-Zamok"));
    let other_vera = add("vera.second", json!("Bogumila"), json!("Zimina-Zamok"));
    let invited = add("zamok", Value::Null, Value::Null);
    add("twin.one", json!("Gleb"), json!("Zamok"));
    add("twin.two", json!("Gleb"), json!("Zamok"));

    for name in
        ["vera.p", "@vera.p", "Vera.P", "Bogumila Petrova-Zamok", "petrova-zamok bogumila", " Bogumila Petrova-Zamok "]
    {
        assert_eq!(pachca.find_user(name).await.unwrap().id, vera, "{name}");
    }
    assert_eq!(pachca.find_user("Zimina-Zamok Bogumila").await.unwrap().id, other_vera);
    assert_eq!(pachca.find_user("zamok").await.unwrap().id, invited);
    let error = pachca.find_user("Gleb Zamok").await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Ambiguous, Some("list_users")), "{error}");
    // A name after `@` is a user name and nothing else; one of two names is not the whole name.
    for name in ["@Gleb Zamok", "Bogumila", "@", "Nobody At-All"] {
        let error = pachca.find_user(name).await.unwrap_err();
        let expected = if name == "@" { ErrorKind::InvalidRequest } else { ErrorKind::NotFound };
        assert_eq!(error.kind(), expected, "{name}: {error}");
    }
}

#[tokio::test]
async fn a_broadcast_tells_of_each_recipient_what_became_of_the_message() {
    let (server, pachca) = start().await;
    let users = crowd(&server, 40);
    let strangers: Vec<Recipient> = (1..=5).map(Recipient::ThreadOf).collect();
    // Of those whose turn it is, some get no answer after the message was taken, some never get through.
    server.misbehave(Fault::answer(502).on("create_message").after_processing().times(4));
    let recipients: Vec<Recipient> = users.iter().chain(&strangers).copied().collect();
    let write = |recipient, message: pachca_ext::types::builder::MessageCreate| {
        message.content(format!("For {recipient:?} alone"))
    };
    let deliveries: Vec<Delivery> = pachca.broadcast(recipients.clone(), write).collect().await;

    let seen: BTreeSet<Recipient> = deliveries.iter().map(|delivery| delivery.recipient).collect();
    assert_eq!(seen.len(), deliveries.len(), "each once");
    assert_eq!(seen, recipients.into_iter().collect());
    let mut unknown = 0;
    for Delivery { recipient, outcome } in &deliveries {
        match outcome {
            Outcome::Sent(message) => assert_eq!(message.content, format!("For {recipient:?} alone")),
            Outcome::NotSent(error) => {
                assert!(strangers.contains(recipient), "{recipient:?}: {error}");
                assert!(error.is_safe_to_repeat());
            }
            Outcome::Unknown(error) => {
                assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Server, 502));
                unknown += 1;
            }
        }
    }
    assert_eq!(unknown, 4);
    // The four were taken all the same, which is why they may not be sent again unseen.
    let stored = server.items("/messages").iter().filter(|message| text(message).starts_with("For User(")).count();
    assert_eq!(stored, 40);
    assert_eq!(calls(&server, "POST", "/messages"), 40, "no message was sent twice");
}

fn text(message: &Value) -> &str {
    message["content"].as_str().unwrap()
}

#[tokio::test]
async fn what_never_reached_the_server_was_not_sent() {
    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let builder = Pachca::builder("token").base_url(format!("http://{port}")).retry(RetryPolicy::never());
    let pachca = builder.build().unwrap();
    let recipients = [Recipient::Chat(1), Recipient::ThreadOf(2)];
    let deliveries: Vec<Delivery> =
        pachca.broadcast(recipients, |_, message| message.content("Anyone?")).collect().await;
    assert_eq!(deliveries.len(), 2);
    for delivery in deliveries {
        assert!(matches!(&delivery.outcome, Outcome::NotSent(error) if error.kind() == ErrorKind::Transport));
    }
}

#[tokio::test]
async fn a_thread_that_cannot_be_made_is_a_message_that_was_not_sent() {
    let (server, pachca) = start().await;
    let message = server.ids("/messages")[0].as_i64().unwrap();
    server.misbehave(Fault::answer(500).on("create_thread"));
    let recipients = [Recipient::ThreadOf(message)];
    let deliveries: Vec<Delivery> = pachca.broadcast(recipients, |_, message| message.content("Hm.")).collect().await;
    assert!(matches!(&deliveries[0].outcome, Outcome::NotSent(error) if error.kind() == ErrorKind::Server));
}

#[tokio::test]
async fn a_broadcast_goes_on_with_those_who_are_left() {
    let (server, pachca) = start().await;
    let users = crowd(&server, 120);
    let mut done: HashMap<Recipient, i64> = HashMap::new();
    let mut runs = 0;
    // Each run stops by itself, is stored as JSON and taken up again.
    while done.len() < users.len() {
        runs += 1;
        assert!(runs < 10, "{} of {} done", done.len(), users.len());
        let stored = serde_json::to_string(&done.keys().collect::<Vec<_>>()).unwrap();
        let skip: BTreeSet<Recipient> = serde_json::from_str(&stored).unwrap();
        let left = users.iter().copied().filter(|user| !skip.contains(user)).take(50).collect::<Vec<_>>();
        // Refused calls were not carried out; the second attempt of the retry policy is refused as well.
        server.misbehave(Fault::answer(422).on("create_message").chance(0.2));
        let mut deliveries = pachca.broadcast(left, |_, message| message.content("The office is closed today."));
        while let Some(Delivery { recipient, outcome }) = deliveries.next().await {
            if let Outcome::Sent(message) = outcome {
                assert_eq!(done.insert(recipient, message.id), None, "{recipient:?} twice");
            }
        }
        server.behave();
    }
    assert!(runs > 3, "{runs} runs");
    let stored = server.items("/messages");
    let closed = stored.iter().filter(|message| text(message) == "The office is closed today.");
    assert_eq!(closed.clone().count(), users.len());
    assert_eq!(closed.map(|message| message["chat_id"].as_i64()).collect::<BTreeSet<_>>().len(), users.len());
}

#[tokio::test]
async fn a_token_that_is_refused_ends_the_broadcast() {
    let (server, pachca) = start().await;
    let users = crowd(&server, 100);
    for (status, kind) in [(401, ErrorKind::Authentication), (402, ErrorKind::Payment)] {
        let before = server.requests().len();
        server.misbehave(Fault::answer(status).on("create_message"));
        let broadcast = pachca.broadcast(users.clone(), |_, message| message.content("Hello")).at_once(4);
        let deliveries: Vec<Delivery> = broadcast.collect().await;
        assert!((1..=8).contains(&deliveries.len()), "{} were tried", deliveries.len());
        assert_eq!(server.requests().len() - before, deliveries.len());
        for delivery in deliveries {
            assert!(matches!(&delivery.outcome, Outcome::NotSent(error) if error.kind() == kind));
        }
        server.behave();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_keeps_to_the_limits_and_to_its_bound() {
    let server = Server::builder().rate_limits(true).start().await.unwrap();
    let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, peak) = (Arc::clone(&under_way), Arc::clone(&most));
    let layer = tower::layer::layer_fn(move |inner: Transport| {
        let (count, peak) = (Arc::clone(&count), Arc::clone(&peak));
        tower::service_fn(move |call: Call| {
            let (count, peak, inner) = (Arc::clone(&count), Arc::clone(&peak), inner.clone());
            async move {
                peak.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let answer = inner.oneshot(call).await;
                count.fetch_sub(1, Ordering::SeqCst);
                answer
            }
        })
    });
    let pachca = client(&server).layer(layer).build().unwrap();
    // Sixty messages into one chat, which takes no more than thirty in a second, and one each for some users.
    let chat = Recipient::Chat(server.ids("/chats")[0].as_i64().unwrap());
    let recipients: Vec<Recipient> = crowd(&server, 100).into_iter().chain([chat; 60]).collect();
    let before = server.requests().len();
    let deliveries: Vec<Delivery> =
        pachca.broadcast(recipients, |_, message| message.content("Tick")).at_once(10).collect().await;
    assert_eq!(deliveries.iter().filter(|delivery| matches!(delivery.outcome, Outcome::Sent(_))).count(), 160);
    let requests = server.requests();
    assert!(requests[before..].iter().all(|record| record.status != 429));
    assert_eq!(most.load(Ordering::SeqCst), 10);
}
