//! Faults that are planted in recorded requests, to see that the comparison finds them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use pachca_tests::Recorded;
use serde_json::{Value, json};

use super::judge::Official;

/// A fault: the operationId of the request that gets it, what spoils the request, and what is then said.
type Fault = (&'static str, fn(&mut Recorded), &'static str);

const FAULTS: [Fault; 19] = [
    ("listTags", |it| it.query = it.query.replace("%5B%5D", ""), "names is a list without brackets"),
    ("searchMessages", |it| it.query = it.query.replace("chat_ids%5B%5D", "chat_ids"), "chat_ids is a list"),
    ("searchUsers", |it| it.query.push_str("&company_roles%5B%5D=gardener"), "company_roles[]/2"),
    ("listChats", |it| it.query.push_str("&surplus=1"), "surplus is not declared"),
    ("listChats", |it| it.query.push_str("&sort%5B%5D=id"), "sort[] takes one value"),
    ("listChats", |it| it.query = it.query.replace("limit=1", "limit=one"), "limit"),
    ("listProperties", |it| it.query.clear(), "entity_type is required"),
    ("getChat", |it| it.path.push('a'), "path parameter id"),
    ("getChat", |it| it.path.push_str("/surplus"), "there is no such operation"),
    ("getChat", |it| it.body = Bytes::from("{}"), "it takes no body"),
    ("getChat", |it| set_header(it, "api-version", "1.0.0"), "the header api-version"),
    ("getChat", |it| drop(it.headers.remove("authorization")), "the token is missing"),
    ("createMessage", |it| set(it, "/message/files/0/surplus", json!(1)), "surplus"),
    ("createMessage", |it| set(it, "/message/content", Value::Null), "body/message/content"),
    ("createMessage", |it| set(it, "/message/display_name", json!("x".repeat(256))), "body/message/display_name"),
    ("createTask", |it| set(it, "/task/due_at", json!("tomorrow")), "body/task/due_at"),
    ("openView", |it| set(it, "/view/blocks/9/initial_time", json!("24:30")), "body/view/blocks/9/initial_time"),
    ("openView", |it| set(it, "/view/blocks/4/type", json!("inputs")), "body/view/blocks/4"),
    ("createChat", |it| set_header(it, "content-type", "text/plain"), "no body of the type `text/plain`"),
];

/// Faults of the upload, which is sent elsewhere and has no operationId.
const UPLOAD_FAULTS: [Fault; 5] = [
    ("", |it| set_header(it, "authorization", "Bearer made-up"), "the token must not be sent here"),
    ("", |it| rename(it, "acl", "acls"), "the form has no field `acls`"),
    ("", |it| rename(it, "policy", "acl"), "a field of the form is sent twice"),
    ("", swap, "the form is sent in the order"),
    ("", |it| rename(it, "key", "surplus"), "the form lacks `key`"),
];

/// The faults that were not found.
pub async fn unnoticed(official: &Official, requests: &[Recorded]) -> Vec<String> {
    let mut unnoticed = Vec::new();
    for (operation, spoil, expected) in FAULTS.iter().chain(&UPLOAD_FAULTS) {
        let whole = requests.iter().find(|request| request.operation.as_deref().unwrap_or_default() == *operation);
        let Some(whole) = whole else {
            unnoticed.push(format!("{operation} was not asked for"));
            continue;
        };
        let mut spoilt = whole.clone();
        spoil(&mut spoilt);
        let (_, findings) = official.judge(&spoilt).await;
        let mut mistakes = findings.iter().filter(|finding| finding.difference.is_none());
        if !mistakes.any(|mistake| mistake.what.contains(expected)) {
            unnoticed.push(format!("{operation}: expected `{expected}` among {findings:?}"));
        }
    }
    unnoticed
}

fn set_header(request: &mut Recorded, name: &'static str, value: &'static str) {
    request.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
}

/// Sets a value in the body; the last segment may be new.
fn set(request: &mut Recorded, pointer: &str, value: Value) {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(parent) = body.pointer_mut(parent).and_then(Value::as_object_mut) {
        parent.insert(name.to_owned(), value);
    }
    request.body = Bytes::from(body.to_string());
}

fn rename(request: &mut Recorded, from: &str, to: &str) {
    let body = String::from_utf8_lossy(&request.body);
    let body = body.replace(&format!("name=\"{from}\""), &format!("name=\"{to}\""));
    request.body = Bytes::from(body);
}

/// Swaps two fields of the form.
fn swap(request: &mut Recorded) {
    rename(request, "acl", "nobody");
    rename(request, "policy", "acl");
    rename(request, "nobody", "policy");
}
