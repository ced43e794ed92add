//! Lists: pages, polling, searching and filtering.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use super::{Conversation, Outcome, all, message, refused, succeed};

#[tokio::test]
async fn paging_visits_everyone_once_even_while_some_are_removed() -> Outcome {
    let talk = Conversation::start().await?;
    for limit in [1, 7, 40, 50] {
        let users = all(&talk, "/users", limit).await?;
        assert_eq!(users.len(), 120, "in pages of {limit}");
    }
    let first = talk.get("/users?limit=10").await?;
    for user in first["data"].as_array().ok_or("no data")?.iter().skip(5) {
        talk.delete(&format!("/users/{}", user["id"])).await?;
    }
    let cursor = first["meta"]["paginate"]["next_page"].as_str().ok_or("no cursor")?;
    let request = talk.request(Method::GET, "/users?limit=50").query(&[("cursor", cursor)]);
    let second = succeed(request.send().await?).await?;
    let ids = talk.server.ids("/users");
    assert_eq!(second["data"][0]["id"], ids[5], "the page after a removed anchor starts after it");
    Ok(())
}

#[tokio::test]
async fn cursors_are_never_null_and_opaque() -> Outcome {
    let talk = Conversation::start().await?;
    let tag = talk.send(Method::POST, "/group_tags", json!({ "group_tag": { "name": "Empty" } })).await?;
    let empty = talk.get(&format!("/group_tags/{}/users?limit=5", tag["data"]["id"])).await?;
    assert_eq!(empty["data"], json!([]));
    let paginate = &empty["meta"]["paginate"];
    assert!(paginate["next_page"].is_string() && paginate["prev_page"].is_string());
    assert_eq!((&paginate["has_next"], &paginate["has_prev"]), (&json!(false), &json!(false)));
    let mut letters = String::new();
    for limit in 1..40 {
        let page = talk.get(&format!("/users?limit={limit}")).await?;
        letters.push_str(page["meta"]["paginate"]["next_page"].as_str().unwrap_or_default());
    }
    assert!("+/=".chars().all(|letter| letters.contains(letter)), "{letters}");
    let cursor = talk.get("/chats?limit=1").await?["meta"]["paginate"]["next_page"].clone();
    let request = talk.request(Method::GET, "/users?limit=1").query(&[("cursor", cursor.as_str())]);
    refused(request, 400, "invalid").await?;
    Ok(())
}

#[tokio::test]
async fn polling_gives_what_is_new_nearest_first() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.send(Method::POST, "/chats", json!({ "chat": { "name": "Poll" } })).await?["data"]["id"].clone();
    let chat = chat.as_i64().ok_or("no id")?;
    let poll = |cursor: Option<String>| {
        let request = talk.request(Method::GET, &format!("/messages?chat_id={chat}&limit=2"));
        let request = match cursor {
            Some(cursor) => request.query(&[("cursor", cursor)]),
            None => request,
        };
        async move { succeed(request.send().await?).await }
    };
    let empty = poll(None).await?;
    let anchor = empty["meta"]["paginate"]["prev_page"].as_str().map(str::to_owned);
    let again = poll(anchor.clone()).await?;
    assert_eq!(again["meta"]["paginate"]["prev_page"].as_str(), anchor.as_deref(), "nothing is new");
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(talk.send(Method::POST, "/messages", message(chat)).await?["data"]["id"].clone());
    }
    let page = poll(anchor).await?;
    assert_eq!([&page["data"][0]["id"], &page["data"][1]["id"]], [&sent[0], &sent[1]]);
    assert_eq!(page["meta"]["paginate"]["has_prev"], true);
    let rest = poll(page["meta"]["paginate"]["prev_page"].as_str().map(str::to_owned)).await?;
    assert_eq!(rest["data"][0]["id"], sent[2]);
    assert_eq!(rest["meta"]["paginate"]["has_prev"], false);
    let listed = poll(None).await?;
    assert_eq!(listed["data"][0]["id"], sent[2], "a list shows the newest first");
    Ok(())
}

#[tokio::test]
async fn a_search_counts_and_only_goes_on() -> Outcome {
    let talk = Conversation::start().await?;
    for name in ["Needle one", "Needle two", "Needle three"] {
        talk.send(Method::POST, "/chats", json!({ "chat": { "name": name } })).await?;
    }
    let mut cursor = None::<String>;
    let mut found = Vec::new();
    for _ in 0..5 {
        let mut request = talk.request(Method::GET, "/search/chats?query=nEEdle&limit=2");
        if let Some(cursor) = &cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let page = succeed(request.send().await?).await?;
        assert_eq!(page["meta"]["total"], 3);
        assert_eq!(page["meta"]["paginate"].as_object().map(serde_json::Map::len), Some(1));
        let data = page["data"].as_array().ok_or("no data")?;
        if data.is_empty() {
            break;
        }
        found.extend(data.iter().map(|chat| chat["id"].to_string()));
        cursor = page["meta"]["paginate"]["next_page"].as_str().map(str::to_owned);
    }
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 3);
    let users = talk.get("/users?query=an&limit=1").await?;
    assert!(users["meta"]["total"].is_u64() && users["meta"]["paginate"]["has_next"].is_null(), "{}", users["meta"]);
    Ok(())
}

#[tokio::test]
async fn lists_show_what_their_parameters_ask_for() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.id("/chats");
    for message in all(&talk, &format!("/messages?chat_id={chat}"), 50).await? {
        assert_eq!(message["chat_id"], chat);
    }
    refused(talk.request(Method::GET, "/messages?chat_id=1"), 404, "not_found").await?;
    let tags = talk.server.items("/group_tags");
    let (one, two) = (tags[0]["name"].as_str().ok_or("no name")?, tags[1]["name"].as_str().ok_or("no name")?);
    let request = talk.request(Method::GET, "/group_tags").query(&[("names[]", one), ("names[]", two)]);
    assert_eq!(succeed(request.send().await?).await?["data"].as_array().map(Vec::len), Some(2));
    talk.request(Method::PUT, &format!("/chats/{chat}/archive")).send().await?.error_for_status()?;
    assert!(all(&talk, "/chats", 50).await?.iter().all(|listed| listed["id"] != chat));
    assert!(all(&talk, "/chats?archived=true", 50).await?.iter().any(|listed| listed["id"] == chat));
    talk.request(Method::PUT, &format!("/chats/{chat}/unarchive")).send().await?.error_for_status()?;
    assert_eq!(talk.get(&format!("/chats/{chat}")).await?["data"]["archived"], false);
    let found = talk.get("/search/users?company_roles[]=admin").await?;
    assert!(found["data"].as_array().is_some_and(|users| users.iter().all(|user| user["role"] == "admin")));
    let ascending = all(&talk, "/chats?sort=id&order=asc", 50).await?;
    let ids: Vec<i64> = ascending.iter().filter_map(|chat| chat["id"].as_i64()).collect();
    assert!(ids.is_sorted());
    Ok(())
}
