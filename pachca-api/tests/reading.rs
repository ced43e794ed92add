//! What arrives is read, also when it is not quite what was described.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use pachca_api::types::{
    AuditEvent, AuditEventDetailsUnion, AuditEventKey, Chat, FileType, ListChatsResponse, MessageSortField,
    ViewBlockUnion, WebhookPayloadUnion,
};
use pachca_api::{DecodeError, decode};
use serde_json::{Value, json};

fn read<T: serde::de::DeserializeOwned + pachca_api::Repair>(value: &Value) -> Result<(T, Vec<String>), DecodeError> {
    decode(value.to_string().as_bytes())
}

fn chat() -> Value {
    json!({
        "id": 3_000_000_001_i64, "name": "Kitchen", "created_at": "2026-03-01T09:30:00.250Z", "owner_id": 7,
        "member_ids": [7, 8], "group_tag_ids": [], "channel": false, "archived": false, "personal": false,
        "public": true, "last_message_at": "2026-03-02T10:00:00+03:00", "meet_room_url": "https://meet.example/1",
    })
}

fn page(chats: Value) -> Value {
    json!({ "data": chats, "meta": { "paginate": { "next_page": "bmV4dA==" } } })
}

#[test]
fn a_page_as_described_needs_no_correction() {
    let (page, corrections) = read::<ListChatsResponse>(&page(json!([chat()]))).unwrap();
    assert_eq!(corrections, Vec::<String>::new());
    assert_eq!(page.data[0].id, 3_000_000_001);
    assert_eq!(page.data[0].created_at.timestamp_subsec_millis(), 250);
    assert_eq!(page.data[0].last_message_at.to_rfc3339(), "2026-03-02T07:00:00+00:00");
}

#[test]
fn missing_and_null_fields_become_empty_and_are_named() {
    let mut chat = chat();
    chat["member_ids"] = Value::Null;
    let fields = chat.as_object_mut().unwrap();
    for name in ["name", "owner_id", "last_message_at", "public"] {
        fields.remove(name);
    }
    fields.insert("brand_new".to_owned(), json!({ "deep": [1] }));
    let (page, mut corrections) = read::<ListChatsResponse>(&page(json!([chat]))).unwrap();
    corrections.sort();
    let expected = ["last_message_at", "member_ids", "name", "owner_id", "public"];
    assert_eq!(corrections, expected.map(|name| format!("data[0].{name}")));
    let Chat { name, owner_id, member_ids, public, .. } = &page.data[0];
    assert_eq!((name.as_str(), *owner_id, member_ids.len(), *public), ("", 0, 0, false));
}

#[test]
fn a_missing_object_is_made_of_empty_fields() {
    let (page, corrections) = read::<ListChatsResponse>(&json!({ "data": null })).unwrap();
    assert_eq!(corrections, ["data", "meta", "meta.paginate", "meta.paginate.next_page"]);
    assert!(page.data.is_empty());
}

#[test]
fn a_missing_id_is_an_error_that_says_where() {
    let mut nameless = chat();
    nameless.as_object_mut().unwrap().remove("id");
    let error = read::<ListChatsResponse>(&page(json!([chat(), nameless]))).unwrap_err();
    assert_eq!(error.path, "data[1]");
    assert!(error.to_string().contains("missing field `id`"), "{error}");
}

#[test]
fn a_wrong_type_is_an_error_that_says_where() {
    let mut wrong = chat();
    wrong["owner_id"] = json!("seven");
    let error = read::<ListChatsResponse>(&page(json!([wrong]))).unwrap_err();
    assert_eq!(error.path, "data[0].owner_id");
}

#[test]
fn an_enum_holds_any_string() {
    for (text, known) in [("image", true), ("hologram", false), ("", false)] {
        let value: FileType = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(!matches!(value, FileType::Unknown(_)), known);
        assert_eq!((value.as_str(), value.to_string().as_str()), (text, text));
        assert_eq!(serde_json::to_value(&value).unwrap(), json!(text));
        assert_eq!(FileType::from(text), value);
        assert_eq!(FileType::from(text.to_owned()), text.parse().unwrap());
    }
    assert_eq!(AuditEventKey::UserLogin.as_str(), "user_login");
    assert_eq!(MessageSortField::VALUES, ["id"]);
    assert!(FileType::Audio < FileType::Unknown("b".to_owned()) && FileType::File > FileType::Unknown("b".to_owned()));
}

#[test]
fn a_webhook_is_told_by_type_and_event() {
    let link = json!({
        "type": "message", "event": "link_shared", "chat_id": 2_637_266_155_i64, "message_id": 5, "links": [],
        "user_id": 7, "created_at": "2026-03-01T09:30:00.250Z", "webhook_timestamp": 1_772_357_400,
    });
    let (payload, corrections) = read::<WebhookPayloadUnion>(&link).unwrap();
    assert!(matches!(&payload, WebhookPayloadUnion::LinkShared(payload) if payload.chat_id == 2_637_266_155));
    assert!(corrections.is_empty());
    assert_eq!(serde_json::to_value(&payload).unwrap(), link);

    for (kind, event) in [("message", "archived"), ("weather", "new")] {
        let unknown = json!({ "type": kind, "event": event, "extra": [1, { "a": null }] });
        let (payload, _) = read::<WebhookPayloadUnion>(&unknown).unwrap();
        assert!(matches!(&payload, WebhookPayloadUnion::Unknown(raw) if *raw == unknown), "{payload:?}");
        assert_eq!(serde_json::to_value(&payload).unwrap(), unknown);
    }
}

#[test]
fn a_malformed_member_names_its_kind_and_field() {
    let wrong = json!({
        "type": "button", "event": "click", "message_id": "five", "trigger_id": "t", "data": "d", "user_id": 7,
        "chat_id": 9, "webhook_timestamp": 1_772_357_400,
    });
    let error = read::<WebhookPayloadUnion>(&wrong).unwrap_err().to_string();
    assert!(error.contains("message_id") && error.contains("type=button, event=click"), "{error}");
}

#[test]
fn a_block_is_told_by_its_type() {
    let header = json!({ "type": "header", "text": "Order" });
    let (block, _) = read::<ViewBlockUnion>(&header).unwrap();
    assert!(matches!(&block, ViewBlockUnion::Header(header) if header.text == "Order"));
    let (short, corrections) = read::<ViewBlockUnion>(&json!({ "type": "header" })).unwrap();
    assert!(matches!(&short, ViewBlockUnion::Header(header) if header.text.is_empty()));
    assert_eq!(corrections, ["text"]);
}

fn audit(key: &str, details: &Value) -> AuditEventDetailsUnion {
    let event = json!({
        "id": "a1", "created_at": "2026-03-01T09:30:00.250Z", "event_key": key, "entity_id": "1", "entity_type": "User",
        "actor_id": "2", "actor_type": "User", "details": details, "ip_address": null, "user_agent": null,
    });
    let (decoded, _) = read::<AuditEvent>(&event).unwrap();
    assert_eq!(serde_json::to_value(&decoded).unwrap(), event, "nothing of {key} may be lost");
    decoded.details
}

#[test]
fn audit_details_are_chosen_by_the_event_key() {
    let renamed = audit("chat_renamed", &json!({ "old_name": "Hall", "new_name": "Kitchen" }));
    assert!(matches!(renamed, AuditEventDetailsUnion::ChatRenamed(details) if details.new_name == "Kitchen"));
    assert!(matches!(audit("user_login", &json!({})), AuditEventDetailsUnion::Empty(_)));
    let created = audit("tag_created", &json!({ "name": "Cooks" }));
    assert!(matches!(created, AuditEventDetailsUnion::TagName(details) if details.name == "Cooks"));
}

#[test]
fn audit_details_that_are_not_known_or_do_not_fit_are_kept_raw() {
    for (key, details) in [("moon_landed", json!({ "crater": 3 })), ("chat_renamed", json!({ "old_name": 5 }))] {
        assert!(matches!(audit(key, &details), AuditEventDetailsUnion::Unknown(raw) if raw == details));
    }
}
