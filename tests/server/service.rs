//! The server as a whole.

use pachca_tests::{SIGNATURE_HEADER, Server, sign};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{Conversation, Outcome, description, message};

#[tokio::test]
async fn every_reading_operation_answers_as_described() -> Outcome {
    let talk = Conversation::start().await?;
    let description = description()?;
    let mut read = 0;
    for (path, item) in description["paths"].as_object().ok_or("no paths")? {
        let Some(operation) = item.get("get") else { continue };
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let mut query = Vec::new();
        for parameter in
            parameters.iter().filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
        {
            let value = match parameter["name"].as_str().unwrap_or_default() {
                "chat_id" => talk.id("/chats").to_string(),
                _ => "User".to_owned(),
            };
            query.push((parameter["name"].as_str().unwrap_or_default().to_owned(), value));
        }
        // Each of the first few items, since what was made differs from one to the next.
        let parent = path.split("/{").next().unwrap_or_default();
        let ids = if path.contains('{') { talk.server.ids(parent) } else { vec![Value::Null] };
        assert!(!ids.is_empty(), "{path}: nothing is kept at {parent}");
        for id in ids.iter().take(12) {
            let (before, after) = path.split_once('{').map_or((path.as_str(), ""), |(before, rest)| {
                (before, rest.split_once('}').map_or("", |(_, after)| after))
            });
            let id = if id.is_null() { String::new() } else { id.to_string() };
            let url = format!("{before}{id}{after}");
            let response = talk.request(Method::GET, &url).query(&query).send().await?;
            // An answer that is not valid against its schema is a 500 of the server's own.
            let (status, text) = (response.status().as_u16(), response.text().await?);
            assert!(operation["responses"].get(status.to_string()).is_some() && status < 400, "{url}: {status} {text}");
        }
        read += 1;
    }
    assert!(read > 20, "only {read} operations were tried");
    Ok(())
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() -> Outcome {
    let client = Client::builder().no_proxy().build()?;
    let mut answers = Vec::new();
    for seed in [7, 7, 8] {
        let server = Server::builder().seed(seed).token("t").start().await?;
        let url = format!("{}/users?limit=5", server.base_url());
        answers.push(client.get(url).bearer_auth("t").send().await?.text().await?);
    }
    assert!(answers[0] == answers[1] && answers[1] != answers[2]);
    Ok(())
}

#[tokio::test]
async fn webhooks_are_signed_and_delivered_on_this_machine_only() -> Outcome {
    let talk = Conversation::start().await?;
    let sent = talk.send(Method::POST, "/messages", message(talk.id("/chats"))).await?;
    let webhook = talk.server.message_webhook(&sent["data"])?;
    let body: Value = serde_json::from_slice(&webhook.body)?;
    assert_eq!((&body["type"], &body["event"], &body["id"]), (&json!("message"), &json!("new"), &sent["data"]["id"]));
    assert_eq!(webhook.signature, sign(talk.server.webhook_secret(), &webhook.body));
    assert_eq!(
        sign("key", b"The quick brown fox jumps over the lazy dog"),
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    );
    assert!(talk.server.webhook(&json!({ "type": "weather" })).is_err());
    // The server itself takes the delivery, as it records whatever comes.
    let url = format!("{}/hook", talk.server.base_url());
    assert_eq!(talk.server.deliver(&url, &webhook).await?.status(), 404);
    let recorded = talk.server.requests();
    let last = recorded.last().ok_or("nothing recorded")?;
    assert_eq!((last.body.clone(), last.status), (webhook.body.clone(), 404));
    assert_eq!(last.headers[SIGNATURE_HEADER], webhook.signature.as_str());
    assert!(talk.server.deliver("https://example.com/", &webhook).await.is_err());
    Ok(())
}

#[tokio::test]
async fn requests_are_recorded_without_showing_the_token() -> Outcome {
    let talk = Conversation::start().await?;
    talk.get("/chats?limit=3").await?;
    let recorded = talk.server.requests();
    let last = recorded.last().ok_or("nothing recorded")?;
    assert_eq!((last.method.as_str(), last.query.as_str(), last.status), ("GET", "limit=3", 200));
    assert_eq!(last.operation.as_deref(), Some("listChats"));
    assert!(!format!("{last:?}").contains(talk.server.token()));
    Ok(())
}

#[tokio::test]
async fn only_this_machine_is_listened_on_and_a_dropped_server_stops() -> Outcome {
    assert!(Server::builder().listen("0.0.0.0:0".parse()?).start().await.is_err());
    let talk = Conversation::start().await?;
    let url = talk.server.base_url();
    drop(talk.server);
    for _ in 0..50 {
        if Client::builder().no_proxy().build()?.get(&url).send().await.is_err() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Err("the server still answers".into())
}
