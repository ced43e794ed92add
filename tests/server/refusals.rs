//! What the server does not take.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Conversation, Outcome, message, refused, succeed};

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_refused() -> Outcome {
    let talk = Conversation::start().await?;
    refused(talk.request(Method::GET, "/nothing"), 404, "not_found").await?;
    refused(talk.request(Method::GET, "/direct_url"), 404, "not_found").await?;
    refused(talk.request(Method::GET, "/chats/"), 404, "not_found").await?;
    let response = talk.request(Method::PATCH, "/chats").send().await?;
    assert_eq!(response.headers()["allow"], "GET, POST");
    refused(talk.request(Method::PATCH, "/chats"), 405, "wrong_params").await?;
    Ok(())
}

#[tokio::test]
async fn a_token_must_be_there_and_right() -> Outcome {
    let talk = Conversation::start().await?;
    let url = format!("{}/profile", talk.server.base_url());
    for authorization in [None, Some("Bearer wrong"), Some("Basic x"), Some("Bearer")] {
        let mut request = talk.client.get(&url);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let response = request.send().await?;
        assert_eq!(response.status(), 401, "{authorization:?}");
        let body: Value = response.json().await?;
        assert!(body["error"].is_string() && body["error_description"].is_string(), "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_query_must_be_as_declared() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.id("/chats");
    let cases = [
        ("/chats?nonsense=1".to_owned(), "wrong_params"),
        ("/chats?limit=ten".to_owned(), "invalid"),
        ("/chats?limit=%2B5".to_owned(), "invalid"),
        ("/chats?limit=0".to_owned(), "invalid"),
        ("/chats?limit=51".to_owned(), "invalid"),
        ("/audit_events?limit=0".to_owned(), "invalid"),
        ("/chats?limit=1&limit=2".to_owned(), "invalid"),
        ("/chats?archived=yes".to_owned(), "invalid"),
        ("/chats?order=up".to_owned(), "inclusion"),
        ("/chats?last_message_at_after=yesterday".to_owned(), "invalid"),
        ("/chats?last_message_at_after=2026-03-01T09:30:00+03:00".to_owned(), "invalid"),
        ("/chats?cursor=nonsense".to_owned(), "invalid"),
        ("/chats?cursor=%FF".to_owned(), "wrong_params"),
        ("/messages".to_owned(), "required"),
        ("/group_tags?names=a".to_owned(), "wrong_params"),
        ("/group_tags?names=a&names=b".to_owned(), "wrong_params"),
        ("/group_tags?names[0]=a".to_owned(), "wrong_params"),
        (format!("/search/messages?chat_ids[]={chat},{chat}"), "invalid"),
        (format!("/search/messages?chat_ids={chat}"), "wrong_params"),
        ("/search/users?company_roles[]=admin,user".to_owned(), "invalid"),
        ("/search/users?company_roles[]=king".to_owned(), "inclusion"),
    ];
    for (path, code) in cases {
        refused(talk.request(Method::GET, &path), 400, code).await?;
    }
    talk.get(&format!("/search/messages?chat_ids[]={chat}&chat_ids%5B%5D=1")).await?;
    talk.get("/chats?last_message_at_after=2026-03-01T09%3A30%3A00%2B03%3A00").await?;
    Ok(())
}

#[tokio::test]
async fn a_path_parameter_must_be_of_its_type() -> Outcome {
    let talk = Conversation::start().await?;
    refused(talk.request(Method::GET, "/chats/general"), 404, "not_found").await?;
    refused(talk.request(Method::GET, "/chats/1"), 404, "not_found").await?;
    Ok(())
}

#[tokio::test]
async fn undeclared_headers_are_refused() -> Outcome {
    let talk = Conversation::start().await?;
    for header in ["api-version", "x-client", "idempotency-key"] {
        refused(talk.request(Method::GET, "/profile").header(header, "1"), 400, "wrong_params").await?;
    }
    let ordinary = talk.request(Method::GET, "/profile").header("traceparent", "00-0-0-00").header("accept", "*/*");
    succeed(ordinary.send().await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_body_must_be_as_declared() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.id("/chats");
    let post = |path: &str, body: Value| talk.request(Method::POST, path).json(&body);
    let with = |field: &str, value: Value| {
        let mut body = message(chat);
        body["message"][field] = value;
        post("/messages", body)
    };
    let cases = [
        (post("/messages", json!({})), 400, "required", "message"),
        (post("/messages", json!({ "message": { "content": "Hello" } })), 400, "required", "message.entity_id"),
        (post("/messages", json!([])), 400, "invalid", ""),
        (with("colour", json!("red")), 400, "wrong_params", "message.colour"),
        (with("content", json!(5)), 400, "invalid", "message.content"),
        (with("content", json!(null)), 400, "blank", "message.content"),
        (with("entity_id", json!("5")), 400, "invalid", "message.entity_id"),
        (with("entity_id", json!(1.5)), 400, "invalid", "message.entity_id"),
        (with("entity_type", json!("planet")), 400, "inclusion", "message.entity_type"),
        // Our patch made these nullable for the generated client; the vendor did not.
        (with("files", json!(null)), 400, "blank", "message.files"),
        (with("buttons", json!(null)), 400, "blank", "message.buttons"),
        (
            with("buttons", json!([[{ "text": "A", "shape": "round" }]])),
            400,
            "wrong_params",
            "message.buttons.0.0.shape",
        ),
        (with("display_name", json!("x".repeat(256))), 422, "too_long", "message.display_name"),
        (
            with("files", json!([{ "key": "a/b.png", "name": "b.jpg", "file_type": "image", "size": 1 }])),
            422,
            "invalid",
            "message.files.0.name",
        ),
    ];
    for (request, status, code, key) in cases {
        let fault = refused(request, status, code).await?;
        assert_eq!(fault["key"], key, "{fault}");
    }
    let due = json!({ "task": { "kind": "call", "due_at": "tomorrow" } });
    refused(post("/tasks", due), 400, "invalid").await?;
    let export = json!({ "start_at": "2026-03-01T00:00:00Z", "end_at": "2026-03-02", "webhook_url": "https://a.test" });
    refused(post("/chats/exports", export), 400, "invalid").await?;
    let block =
        json!({ "type": "modal", "trigger_id": "t", "view": { "title": "T", "blocks": [{ "type": "header" }] } });
    let fault = refused(post("/views/open", block), 400, "required").await?;
    assert_eq!(fault["key"], "view.blocks.0.text");
    Ok(())
}

#[tokio::test]
async fn a_body_must_be_there_in_the_right_form_or_not_at_all() -> Outcome {
    let talk = Conversation::start().await?;
    let post = |path: &str| talk.request(Method::POST, path);
    refused(post("/messages"), 400, "required").await?;
    refused(post("/messages").header("content-type", "application/json").body("{"), 400, "wrong_params").await?;
    refused(post("/messages").header("content-type", "text/plain").body("{}"), 415, "wrong_params").await?;
    refused(post("/messages").body("{}"), 415, "wrong_params").await?;
    refused(post("/threads").json(&json!({})), 400, "wrong_params").await?;
    refused(talk.request(Method::GET, "/profile").body("x"), 400, "wrong_params").await?;
    let long = json!({ "message": { "entity_id": 1, "content": "x".repeat(17 << 20) } });
    refused(post("/messages").json(&long), 413, "too_long").await?;
    Ok(())
}
