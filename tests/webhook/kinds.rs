//! Every kind of the description, from a document of our own to its variant and its fields.

use std::collections::{BTreeMap, BTreeSet};

use pachca_tests::DESCRIPTION;

use super::*;

/// The variant, and the documents that it is read from.
fn documents() -> Vec<(&'static str, Value)> {
    let message = |event: &str| {
        json!({
            "type": "message", "event": event, "id": 4_811_223_907_i64, "entity_type": "discussion", "entity_id": 90_210,
            "content": "The boat leaves at nine", "user_id": 611, "created_at": "2026-05-04T08:15:00.250Z",
            "url": "https://pachca.example/chats/90210?message=4811223907", "chat_id": 90_210,
            "webhook_timestamp": SENT,
        })
    };
    let reaction = |event: &str| {
        json!({
            "type": "reaction", "event": event, "message_id": 17, "chat_id": 90_210, "code": "⛵", "name": "boat",
            "user_id": 611, "created_at": "2026-05-04T08:16:00.000Z", "webhook_timestamp": SENT,
        })
    };
    let people = |kind: &str, event: &str| {
        json!({
            "type": kind, "event": event, "user_ids": [611, 612], "created_at": "2026-05-04T08:17:00.000Z",
            "webhook_timestamp": SENT,
        })
    };
    let call = |event: &str| {
        json!({
            "type": "video_call", "event": event, "video_room_id": 3_003, "chat_id": 90_210, "owner_id": 611,
            "webhook_timestamp": SENT,
        })
    };
    let thread = json!({ "message_id": 16, "message_chat_id": 90_209 });
    let mut documents = vec![
        ("Message", with(with(message("new"), "thread", thread), "parent_message_id", json!(15))),
        ("Message", with(message("update"), "changed_at", json!("2026-05-04T08:20:00.000Z"))),
        ("Message", message("delete")),
        ("Reaction", reaction("new")),
        ("Reaction", with(reaction("delete"), "chat_id", Value::Null)),
        ("Button", click()),
        ("ChatMember", with(with(people("chat_member", "add"), "chat_id", json!(90_210)), "thread_id", json!(88))),
        ("ChatMember", with(people("chat_member", "remove"), "chat_id", json!(2_637_266_155_i64))),
        (
            "Export",
            json!({
                "type": "export", "event": "ready", "export_id": 73, "created_at": "2026-05-04T08:18:00.000Z",
            }),
        ),
        (
            "ViewSubmit",
            json!({
                "type": "view", "event": "submit", "callback_id": "boat", "private_metadata": "17", "chat_id": 90_210,
                "user_id": 611, "webhook_timestamp": SENT,
                "data": {
                    "guests": "3", "cabins": ["port", "bow"], "from": "2026-07-01", "until": "03.07.2026", "remarks": null,
                    "ticket": [{ "name": "ticket.pdf", "size": 3_000_000_000_i64, "url": "https://store.example/t" }],
                },
            }),
        ),
        (
            "LinkShared",
            json!({
                "type": "message", "event": "link_shared", "chat_id": 90_210, "message_id": 18, "user_id": 611,
                "links": [{ "url": "https://boats.example/9", "domain": "boats.example", "skip": false }],
                "created_at": "2026-05-04T08:19:00.000Z", "webhook_timestamp": SENT,
            }),
        ),
        ("VideoCall", with(call("started"), "started_at", json!("2026-05-04T09:00:00.000Z"))),
    ];
    for event in ["invite", "confirm", "update", "suspend", "activate", "delete"] {
        documents.push(("CompanyMember", people("company_member", event)));
    }
    let mut finished = call("finished");
    finished["started_at"] = json!("2026-05-04T09:00:00.000Z");
    finished["finished_at"] = json!("2026-05-04T09:30:00.000Z");
    finished["duration"] = json!(1_800);
    finished["members"] =
        json!([{ "user_id": 611, "joined_at": "2026-05-04T09:00:00.000Z", "left_at": "2026-05-04T09:29:00.000Z" }]);
    finished["thread"] = json!({ "id": 5, "chat_id": 90_211, "message_id": 16, "message_chat_id": 90_209 });
    let mut recorded = call("recording_ready");
    for (name, value) in [("recording_id", 44), ("file_id", 45), ("duration", 1_790), ("size", 5_000_000_000_i64)] {
        recorded[name] = json!(value);
    }
    recorded["url"] = json!("https://store.example/recording");
    documents.extend([("VideoCall", finished), ("VideoCall", recorded)]);
    documents
}

/// Each kind that the description has, with the schema of its payload.
fn described() -> BTreeMap<(String, String), String> {
    let description: Value = pachca_tests::read_yaml(DESCRIPTION).unwrap();
    let schemas = &description["components"]["schemas"];
    let name = |reference: &Value| reference["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let values = |member: &str, property: &str| -> Vec<String> {
        let property = &schemas[member]["properties"][property];
        let enumeration = name(property.get("allOf").map_or(property, |all| &all[0]));
        schemas[enumeration]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    let mut kinds = BTreeMap::new();
    for member in schemas["WebhookPayloadUnion"]["anyOf"].as_array().unwrap() {
        let member = name(member);
        for kind in values(&member, "type") {
            for event in values(&member, "event") {
                kinds.insert((kind.clone(), event), member.clone());
            }
        }
    }
    kinds
}

fn text(payload: &Value, field: &str) -> String {
    payload[field].as_str().unwrap().to_owned()
}

#[test]
fn every_kind_of_the_description_is_tried_and_no_other() {
    let tried: Vec<(String, String)> =
        documents().iter().map(|(_, payload)| (text(payload, "type"), text(payload, "event"))).collect();
    let described = described();
    assert_eq!(tried.iter().collect::<BTreeSet<_>>(), described.keys().collect());
    assert_eq!((tried.len(), described.len()), (20, 20));
}

#[test]
fn every_kind_becomes_its_variant_with_all_of_its_fields() {
    let described = described();
    for (variant, payload) in documents() {
        // Without anything that had to be put right.
        serde_json::from_value::<Event>(payload.clone()).unwrap();
        let event = verify(&payload).unwrap_or_else(|error| panic!("{payload}: {error}"));
        assert!(format!("{event:?}").starts_with(&format!("{variant}(")), "{event:?}");
        let schema = &described[&(text(&payload, "type"), text(&payload, "event"))];
        assert_eq!(schema, &format!("{variant}WebhookPayload"));
        assert_eq!(without_nulls(serde_json::to_value(&event).unwrap()), without_nulls(payload), "{variant}");
    }
}

#[test]
fn every_kind_with_a_time_of_sending_needs_it() {
    for (variant, payload) in documents() {
        let refused = verify(&without(payload, "webhook_timestamp")).err();
        assert_eq!(matches!(refused, Some(VerifyError::NoTimestamp)), variant != "Export", "{variant}: {refused:?}");
    }
}

/// What is optional and null is written as absent; the values of a form are kept as they are.
fn without_nulls(mut payload: Value) -> Value {
    payload.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    payload
}
