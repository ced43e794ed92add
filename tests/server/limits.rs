//! Rate limits over HTTP; their arithmetic has its own tests.

use std::time::Duration;

use pachca_tests::Server;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Conversation, Outcome, message};

async fn limited() -> Result<Conversation, Box<dyn std::error::Error>> {
    let mut talk = Conversation::start().await?;
    talk.server = Server::builder().rate_limits(true).start().await?;
    Ok(talk)
}

/// The statuses of as many requests at the same time.
async fn at_once(talk: &Conversation, count: usize, method: &Method, path: &str, body: Option<&Value>) -> Vec<u16> {
    let requests = (0..count).map(|_| {
        let request = talk.request(method.clone(), path);
        let request = if let Some(body) = body { request.json(body) } else { request };
        async move { request.send().await.map(|response| response.status().as_u16()).unwrap_or_default() }
    });
    futures_util::future::join_all(requests).await
}

fn refused(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| **status == 429).count()
}

#[tokio::test]
async fn there_are_no_limits_unless_they_are_asked_for() -> Outcome {
    let talk = Conversation::start().await?;
    assert_eq!(refused(&at_once(&talk, 60, &Method::GET, "/profile", None).await), 0);
    Ok(())
}

#[tokio::test]
async fn too_fast_is_refused_in_plain_text_before_anything_is_done() -> Outcome {
    let talk = limited().await?;
    assert_eq!(refused(&at_once(&talk, 5, &Method::GET, "/webhooks/events?limit=1", None).await), 0);
    let response = talk.request(Method::GET, "/webhooks/events?limit=1").send().await?;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let wait: u64 = response.headers()["retry-after"].to_str()?.parse()?;
    assert!((1..=2).contains(&wait), "{wait}");
    let record = talk.server.requests().pop().ok_or("nothing recorded")?;
    assert_eq!((record.status, record.processed), (429, false));
    tokio::time::sleep(Duration::from_secs(wait)).await;
    talk.get("/webhooks/events?limit=1").await?;
    Ok(())
}

#[tokio::test]
async fn messages_are_limited_for_each_chat_however_it_is_named() -> Outcome {
    let talk = limited().await?;
    let chats = talk.server.ids("/chats");
    let (one, other) = (chats[0].as_i64().ok_or("no id")?, chats[1].as_i64().ok_or("no id")?);
    let known = talk.server.items("/messages").into_iter().find(|message| message["chat_id"] == one);
    let known = known.ok_or("no message")?["id"].clone();
    let fill = |count, entity| {
        let body = message(entity);
        let talk = &talk;
        async move { at_once(talk, count, &Method::POST, "/messages", Some(&body)).await }
    };
    assert_eq!(refused(&fill(30, one).await), 0);
    let before = talk.server.ids("/messages").len();
    assert_eq!(fill(1, one).await, [429]);
    assert_eq!(at_once(&talk, 1, &Method::DELETE, &format!("/messages/{known}"), None).await, [429]);
    assert_eq!(talk.server.ids("/messages").len(), before, "nothing is done");
    assert_eq!(fill(1, other).await, [201]);
    Ok(())
}

#[tokio::test]
async fn a_thread_and_a_person_have_chats_of_their_own() -> Outcome {
    let talk = limited().await?;
    let person = talk.server.ids("/users")[1].clone();
    let thread = talk.server.items("/threads")[0].clone();
    let to = |kind: &str, id: &Value| json!({ "message": { "entity_type": kind, "entity_id": id, "content": "Hi" } });
    for (kind, id) in [("user", &person), ("thread", &thread["id"])] {
        let statuses = at_once(&talk, 31, &Method::POST, "/messages", Some(&to(kind, id))).await;
        assert_eq!(refused(&statuses), 1, "{kind}: {statuses:?}");
    }
    let same = to("discussion", &thread["chat_id"]);
    assert_eq!(at_once(&talk, 1, &Method::POST, "/messages", Some(&same)).await, [429], "the chat of the thread");
    Ok(())
}

#[tokio::test]
async fn reading_messages_and_all_other_operations_are_limited_apart() -> Outcome {
    let talk = limited().await?;
    let list = format!("/messages?chat_id={}&limit=1", talk.id("/chats"));
    assert_eq!(refused(&at_once(&talk, 11, &Method::GET, &list, None).await), 1);
    assert_eq!(refused(&at_once(&talk, 55, &Method::GET, "/profile", None).await), 5);
    assert_eq!(at_once(&talk, 1, &Method::GET, "/chats?limit=1", None).await, [429], "they share one limit");
    Ok(())
}
