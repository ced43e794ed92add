//! What was created can be read, changed and deleted again.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{Conversation, Outcome, all, description, message, refused, succeed};

#[tokio::test]
async fn what_was_created_can_be_read_listed_changed_and_deleted() -> Outcome {
    let talk = Conversation::start().await?;
    let cases = [
        (
            "/chats",
            json!({ "chat": { "name": "Created", "public": true } }),
            json!({ "chat": { "name": "Changed" } }),
            false,
        ),
        (
            "/group_tags",
            json!({ "group_tag": { "name": "Created" } }),
            json!({ "group_tag": { "name": "Changed" } }),
            true,
        ),
        (
            "/tasks",
            json!({ "task": { "kind": "call", "content": "Created" } }),
            json!({ "task": { "content": "Changed" } }),
            true,
        ),
        (
            "/users",
            json!({ "user": { "email": "a@b.test", "title": "Created" } }),
            json!({ "user": { "title": "Changed" } }),
            true,
        ),
        (
            "/bots",
            json!({ "webhook": { "name": "Created", "nickname": "n" } }),
            json!({ "webhook": { "name": "Changed" } }),
            true,
        ),
    ];
    for (path, create, change, deletable) in cases {
        let created = talk.send(Method::POST, path, create).await?["data"].clone();
        assert!(created.to_string().contains("Created"), "{created}");
        let item = format!("{path}/{}", created["id"]);
        let read = talk.get(&item).await?["data"].clone();
        assert_eq!(read["id"], created["id"]);
        assert!(all(&talk, path, 50).await?.contains(&read), "{path} does not list {read}");
        let changed = talk.send(Method::PUT, &item, change).await?["data"].clone();
        assert!(changed.to_string().contains("Changed") && !changed.to_string().contains("Created"), "{changed}");
        assert_eq!(talk.get(&item).await?["data"], changed);
        if deletable {
            assert_eq!(talk.delete(&item).await?, Value::Null);
            refused(talk.request(Method::GET, &item), 404, "not_found").await?;
            assert!(all(&talk, path, 50).await?.iter().all(|listed| listed["id"] != created["id"]));
        }
    }
    Ok(())
}

#[tokio::test]
async fn members_and_tags_of_a_chat_are_kept() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.send(Method::POST, "/chats", json!({ "chat": { "name": "Members" } })).await?["data"]["id"].clone();
    let users = talk.server.ids("/users");
    let (path, one) = (format!("/chats/{chat}/members"), &users[3]);
    talk.send(Method::POST, &path, json!({ "member_ids": [one, users[4]] })).await?;
    assert_eq!(all(&talk, &path, 1).await?.len(), 2);
    talk.send(Method::PUT, &format!("{path}/{one}"), json!({ "role": "admin" })).await?;
    assert_eq!(talk.get(&format!("{path}?role=admin")).await?["data"][0]["id"], *one);
    assert_eq!(talk.get(&format!("{path}?role=member")).await?["data"][0]["id"], users[4]);
    talk.delete(&format!("{path}/{one}")).await?;
    refused(talk.request(Method::DELETE, &format!("{path}/{one}")), 404, "not_found").await?;
    assert_eq!(talk.get(&format!("/chats/{chat}")).await?["data"]["member_ids"], json!([users[4]]));
    let tag = talk.id("/group_tags");
    talk.send(Method::POST, &format!("/chats/{chat}/group_tags"), json!({ "group_tag_ids": [tag] })).await?;
    assert_eq!(talk.get(&format!("/chats/{chat}")).await?["data"]["group_tag_ids"], json!([tag]));
    talk.delete(&format!("/chats/{chat}/group_tags/{tag}")).await?;
    refused(talk.request(Method::GET, "/chats/1/members"), 404, "not_found").await?;
    Ok(())
}

#[tokio::test]
async fn a_message_knows_its_chat_thread_and_reactions() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.id("/chats");
    let mut body = message(chat);
    body["message"]["buttons"] = json!([[{ "text": "Yes", "data": "yes" }]]);
    let sent = talk.send(Method::POST, "/messages", body).await?["data"].clone();
    assert_eq!((&sent["chat_id"], &sent["root_chat_id"]), (&json!(chat), &json!(chat)));
    assert_eq!(sent["buttons"][0][0]["data"], "yes");
    assert_eq!(sent["user_id"], talk.get("/profile").await?["data"]["id"]);
    let item = format!("/messages/{}", sent["id"]);
    let path = format!("{item}/thread");
    let thread = succeed(talk.request(Method::POST, &path).send().await?).await?["data"].clone();
    assert_eq!(succeed(talk.request(Method::POST, &path).send().await?).await?["data"], thread);
    assert!(thread["chat_id"].as_i64().is_some_and(|id| id > 1 << 31));
    assert_eq!((&thread["message_id"], &thread["message_chat_id"]), (&sent["id"], &json!(chat)));
    assert_eq!(talk.get(&item).await?["data"]["thread"], json!({ "id": thread["id"], "chat_id": thread["chat_id"] }));
    let reply = json!({ "message": { "entity_type": "thread", "entity_id": thread["id"], "content": "Reply" } });
    let reply = talk.send(Method::POST, "/messages", reply).await?["data"].clone();
    assert_eq!((&reply["chat_id"], &reply["root_chat_id"]), (&thread["chat_id"], &json!(chat)));
    let replies = all(&talk, &format!("/messages?chat_id={}", thread["chat_id"]), 50).await?;
    assert_eq!(replies.len(), 1);

    let reactions = format!("{item}/reactions");
    talk.send(Method::POST, &reactions, json!({ "code": "👍" })).await?;
    talk.send(Method::POST, &reactions, json!({ "code": "👍" })).await?;
    assert_eq!(all(&talk, &reactions, 50).await?.len(), 1);
    let request = talk.request(Method::DELETE, &reactions).query(&[("code", "👍")]);
    succeed(request.send().await?).await?;
    assert_eq!(all(&talk, &reactions, 50).await?.len(), 0);
    for (method, part) in [(Method::POST, "pin"), (Method::DELETE, "pin")] {
        assert_eq!(talk.request(method, &format!("{item}/{part}")).send().await?.status(), 204);
    }
    let seeded = talk.id("/messages");
    let readers = all(&talk, &format!("/messages/{seeded}/read_member_ids"), 2).await?;
    assert!(!readers.is_empty() && readers.iter().all(Value::is_i64));
    talk.delete(&item).await?;
    refused(talk.request(Method::GET, &reactions), 404, "not_found").await?;
    Ok(())
}

#[tokio::test]
async fn a_status_is_there_until_it_is_deleted() -> Outcome {
    let talk = Conversation::start().await?;
    let me = talk.get("/profile").await?["data"]["id"].clone();
    talk.delete("/profile/status").await?;
    assert_eq!(talk.get("/profile/status").await?, Value::Null);
    assert_eq!(talk.get(&format!("/users/{me}/status")).await?, Value::Null);
    let status = json!({ "status": {
        "emoji": "🚀", "title": "Away", "expires_at": "2026-05-01T12:00:00+03:00", "away_message": "Back soon" } });
    let set = talk.send(Method::PUT, "/profile/status", status).await?["data"].clone();
    assert_eq!(set["expires_at"], "2026-05-01T09:00:00.000Z");
    assert_eq!(set["away_message"], json!({ "text": "Back soon" }));
    assert_eq!(talk.get(&format!("/users/{me}/status")).await?["data"], set);
    assert_eq!(talk.get("/profile").await?["data"]["user_status"], set);
    talk.delete(&format!("/users/{me}/status")).await?;
    assert_eq!(talk.get("/profile").await?["data"]["user_status"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_picture_is_stored_and_shown() -> Outcome {
    let talk = Conversation::start().await?;
    let put = |form: Form| talk.request(Method::PUT, "/profile/avatar").multipart(form);
    refused(put(Form::new().text("image", "x")), 422, "wrong_params").await?;
    refused(put(Form::new()), 422, "required").await?;
    let undeclared = Form::new().part("image", Part::bytes(b"png".as_slice()).file_name("a.png")).text("more", "x");
    refused(put(undeclared), 422, "wrong_params").await?;
    let form = Form::new().part("image", Part::bytes(b"png".as_slice()).file_name("лицо.png"));
    let set = succeed(put(form).send().await?).await?;
    let url = set["data"]["image_url"].as_str().ok_or("no url")?;
    assert_eq!(talk.client.get(url).send().await?.bytes().await?, "png");
    assert_eq!(talk.get("/profile").await?["data"]["image_url"], url);
    talk.delete("/profile/avatar").await?;
    assert_eq!(talk.get("/profile").await?["data"]["image_url"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn the_callers_own_bot_can_be_set_up() -> Outcome {
    let talk = Conversation::start().await?;
    let body = json!({ "webhook": { "outgoing_url": "https://bot.test/hook" } });
    let bot = talk.send(Method::PUT, "/bot/webhook", body).await?["data"].clone();
    assert_eq!(bot["webhook"]["outgoing_url"], "https://bot.test/hook");
    assert_eq!(talk.get(&format!("/bots/{}", bot["id"])).await?["data"], bot);
    let path = format!("/bots/{}/recreate_token", bot["id"]);
    let one = succeed(talk.request(Method::POST, &path).send().await?).await?["data"]["access_token"].clone();
    let two =
        succeed(talk.request(Method::POST, "/bot/recreate_token").send().await?).await?["data"]["access_token"].clone();
    assert!(one.is_string() && two.is_string() && one != two);
    Ok(())
}

#[tokio::test]
async fn the_details_of_an_audit_event_are_those_of_its_key() -> Outcome {
    let talk = Conversation::start().await?;
    let schemas = &description()?["components"]["schemas"];
    let selector = &schemas["AuditEventDetailsUnion"]["x-selector"];
    for key in selector["members"].as_object().ok_or("no selector")?.keys() {
        talk.server.add("/audit_events", json!({ "event_key": key })).ok_or("no audit events")?;
    }
    talk.server.add("/audit_events", json!({ "event_key": "chat_renamed", "details": { "new_name": "B" } }));
    let events = all(&talk, "/audit_events", 50).await?;
    assert!(events.iter().any(|event| event["details"]["new_name"] == "B" && event["details"]["old_name"].is_string()));
    for event in &events {
        let key = event[selector["property"].as_str().ok_or("no property")?].as_str().ok_or("no key")?;
        let member = &schemas[selector["members"][key].as_str().ok_or_else(|| format!("no member for {key}"))?];
        let details = event["details"].as_object().ok_or("no details")?;
        let known = member["properties"].as_object().cloned().unwrap_or_default();
        assert!(details.keys().all(|name| known.contains_key(name)), "{key}: {}", event["details"]);
        let required = member["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        required.for_each(|name| assert!(details.contains_key(name), "{key} without {name}"));
    }
    Ok(())
}
