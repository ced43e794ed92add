//! Lists that do not page as they should, and lists that are long.

use std::collections::BTreeSet;
use std::time::Instant;

use pachca_tests::{Fault, PageFault};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Conversation, Outcome, all, refused, succeed};

impl Conversation {
    async fn page(&self, path: &str, cursor: Option<&Value>) -> Result<Value, Box<dyn std::error::Error>> {
        let mut request = self.request(Method::GET, path);
        if let Some(cursor) = cursor.and_then(Value::as_str) {
            request = request.query(&[("cursor", cursor)]);
        }
        succeed(request.send().await?).await
    }
}

fn next(page: &Value) -> &Value {
    &page["meta"]["paginate"]["next_page"]
}

#[tokio::test]
async fn a_cursor_is_repeated_or_missing_while_more_is_promised() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::page(PageFault::RepeatedCursor).on("list_users").times(1));
    let first = talk.page("/users?limit=10", None).await?;
    let second = talk.page("/users?limit=10", Some(next(&first))).await?;
    assert_eq!((next(&first), &second["meta"]["paginate"]["has_next"]), (next(&second), &json!(true)));
    assert_eq!(second["data"].as_array().map(Vec::len), Some(10));
    assert!(first["data"] != second["data"]);
    for (fault, cursor) in [(PageFault::MissingCursor, Value::Null), (PageFault::EmptyCursor, json!(""))] {
        talk.server.misbehave(Fault::page(fault).times(1));
        let page = talk.page("/users?limit=10", None).await?;
        assert_eq!((next(&page), &page["meta"]["paginate"]["has_next"]), (&cursor, &json!(true)));
        assert_eq!(page["data"], first["data"]);
    }
    assert_eq!(
        talk.server.requests().last().and_then(|record| record.fault.clone()).as_deref(),
        Some("page EmptyCursor")
    );
    Ok(())
}

#[tokio::test]
async fn empty_and_short_pages_in_the_middle_lose_nothing() -> Outcome {
    let talk = Conversation::start().await?;
    let users = all(&talk, "/users", 10).await?;
    for (fault, least) in [(PageFault::Empty, 0), (PageFault::Short, 5)] {
        talk.server.misbehave(Fault::page(fault).times(3));
        let first = talk.page("/users?limit=10", None).await?;
        assert_eq!(first["data"].as_array().map(Vec::len), Some(least), "{fault:?}");
        assert_eq!(first["meta"]["paginate"]["has_next"], true);
        let again = talk.page("/users?limit=10", Some(next(&first))).await?;
        assert!(next(&again) != next(&first), "{fault:?}: a cursor is repeated");
        talk.server.behave();
        talk.server.misbehave(Fault::page(fault).chance(0.5));
        assert_eq!(all(&talk, "/users", 10).await?, users, "{fault:?}");
        talk.server.behave();
    }
    Ok(())
}

#[tokio::test]
async fn whoever_goes_back_is_misled_about_the_way_back() -> Outcome {
    let talk = Conversation::start().await?;
    let first = talk.page("/users?limit=10", None).await?;
    let second = talk.page("/users?limit=10", Some(next(&first))).await?;
    let back = Some(&second["meta"]["paginate"]["prev_page"]);
    let ordinary = talk.page("/users?limit=10", back).await?;
    for (fault, data) in [(PageFault::Empty, &json!([])), (PageFault::RepeatedCursor, &ordinary["data"])] {
        talk.server.misbehave(Fault::page(fault).times(1));
        let page = talk.page("/users?limit=10", back).await?;
        let paginate = &page["meta"]["paginate"];
        assert_eq!((&page["data"], &paginate["has_prev"], next(&page)), (data, &json!(true), next(&ordinary)));
        assert_eq!(Some(&paginate["prev_page"]) == back, fault == PageFault::RepeatedCursor);
        if fault == PageFault::Empty {
            let again = talk.page("/users?limit=10", Some(&paginate["prev_page"])).await?;
            assert_eq!(again["data"], ordinary["data"], "nothing is lost");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_everything_but_the_cursors() -> Outcome {
    let mut talk = Conversation::start().await?;
    let first = talk.page("/users?limit=10", None).await?;
    talk.server.restart().await?;
    let cursor = next(&first).as_str().ok_or("no cursor")?;
    refused(talk.request(Method::GET, "/users?limit=10").query(&[("cursor", cursor)]), 400, "invalid").await?;
    let again = talk.page("/users?limit=10", None).await?;
    assert_eq!(again["data"], first["data"]);
    assert!(next(&again) != next(&first));
    talk.server.restart().await?;
    assert_eq!(all(&talk, "/users", 50).await?.len(), 120);
    Ok(())
}

#[tokio::test]
async fn an_older_server_sends_next_page_alone_and_other_operations_are_not_hit() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::page(PageFault::OnlyNextPage));
    let page = talk.page("/users?limit=10", None).await?;
    assert_eq!(page["meta"]["paginate"], json!({ "next_page": next(&page) }));
    assert!(next(&page).is_string());
    talk.get("/profile").await?;
    assert_eq!(talk.server.requests().last().and_then(|record| record.fault.clone()), None);
    Ok(())
}

#[tokio::test]
async fn a_list_of_a_million_is_there_at_once_and_its_pages_cost_the_same_everywhere() -> Outcome {
    let talk = Conversation::start().await?;
    let start = Instant::now();
    let first = talk.server.populate("/users", 1_000_000).and_then(|id| id.as_i64()).ok_or("no users")?;
    assert!(start.elapsed().as_secs() < 1);
    assert_eq!(talk.server.ids("/users").len(), 120);
    let found = talk.get("/search/users?limit=1").await?;
    assert!(found["meta"]["total"].as_u64().is_some_and(|total| total >= 1_000_000), "{}", found["meta"]);
    // From the end, since a cursor from there on leads back.
    let last = talk.get(&format!("/users/{}", first + 999_999)).await?["data"].clone();
    assert_eq!(last["id"], first + 999_999);
    let start = Instant::now();
    let mut seen = BTreeSet::new();
    let mut cursor = None;
    for _ in 0..10 {
        let page = talk.page("/users?limit=50", cursor.as_ref()).await?;
        seen.extend(page["data"].as_array().into_iter().flatten().filter_map(|user| user["id"].as_i64()));
        cursor = Some(next(&page).clone());
    }
    assert_eq!(seen.len(), 500);
    assert!((first..first + 380).all(|id| seen.contains(&id)));
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    Ok(())
}

#[tokio::test]
async fn what_is_in_a_crowd_is_found_changed_and_deleted_like_anything_else() -> Outcome {
    let talk = Conversation::start().await?;
    let chat = talk.send(Method::POST, "/chats", json!({ "chat": { "name": "Crowd" } })).await?["data"]["id"].clone();
    let fields = json!({ "entity_id": chat, "chat_id": chat, "content": "One of many" });
    let first = talk.server.populate_with("/messages", 120, fields).and_then(|id| id.as_i64()).ok_or("no messages")?;
    let list = format!("/messages?chat_id={chat}");
    let before = all(&talk, &list, 50).await?;
    let ids: Vec<i64> = before.iter().filter_map(|message| message["id"].as_i64()).collect();
    assert_eq!(ids, (first..first + 120).rev().collect::<Vec<_>>(), "the newest first");
    let edit = json!({ "message": { "content": "Edited" } });
    talk.send(Method::PUT, &format!("/messages/{}", first + 60), edit).await?;
    talk.delete(&format!("/messages/{}", first + 61)).await?;
    assert_eq!(talk.request(Method::GET, &format!("/messages/{}", first + 61)).send().await?.status(), 404);
    let after = all(&talk, &list, 7).await?;
    assert_eq!(after.len(), 119);
    assert_eq!(after.iter().position(|message| message["content"] == "Edited"), Some(58), "in its old place");
    let page = talk.page(&format!("{list}&limit=50"), None).await?;
    let back = talk.page(&format!("{list}&limit=50"), Some(&page["meta"]["paginate"]["prev_page"])).await?;
    assert_eq!((&back["data"], &back["meta"]["paginate"]["has_prev"]), (&json!([]), &json!(false)));
    assert!(talk.server.populate("/nothing", 5).is_none());
    Ok(())
}

#[tokio::test]
async fn crowds_are_in_order_however_a_list_is_sorted() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.populate("/chats", 70).ok_or("no chats")?;
    talk.server.populate("/audit_events", 70).ok_or("no events")?;
    for order in ["asc", "desc"] {
        let chats = all(&talk, &format!("/chats?sort=id&order={order}"), 9).await?;
        let mut ids: Vec<i64> = chats.iter().filter_map(|chat| chat["id"].as_i64()).collect();
        if order == "desc" {
            ids.reverse();
        }
        assert!(ids.is_sorted() && ids.len() >= 70, "{order}: {ids:?}");
    }
    assert!(all(&talk, "/audit_events", 50).await?.len() >= 130);
    Ok(())
}
