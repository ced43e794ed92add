//! Uploads to the object store and downloads from it.

use std::error::Error;
use std::time::Duration;

use pachca_tests::{SIGNATURE_HEADER, sign};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{Conversation, Outcome, message, refused, succeed};

/// The fields of an upload in the order that the store wants, and the address.
async fn upload(talk: &Conversation, name: &str) -> Result<(Vec<(String, String)>, String), Box<dyn Error>> {
    let response = talk.request(Method::POST, "/uploads").send().await?;
    assert_eq!(response.status(), 201);
    let given = succeed(response).await?;
    let order = ["Content-Disposition", "acl", "policy", "x-amz-credential", "x-amz-algorithm", "x-amz-date"];
    let fields = order.into_iter().chain(["x-amz-signature", "key"]);
    let fields =
        fields.map(|field| (field.to_owned(), given[field].as_str().unwrap_or_default().replace("${filename}", name)));
    Ok((fields.collect(), given["direct_url"].as_str().unwrap_or_default().to_owned()))
}

fn form(fields: Vec<(String, String)>, name: &str) -> Form {
    let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
    form.part("file", Part::bytes(b"content".as_slice()).file_name(name.to_owned()))
}

#[tokio::test]
async fn an_upload_in_order_is_stored() -> Outcome {
    let talk = Conversation::start().await?;
    for name in ["plan.pdf", "план $1.pdf", "no extension"] {
        let (fields, url) = upload(&talk, name).await?;
        let key = fields[7].1.clone();
        assert!(key.ends_with(name));
        let response = talk.client.post(&url).multipart(form(fields, name)).send().await?;
        assert_eq!(response.status(), 204, "{name}");
        assert_eq!(talk.server.stored(&key).as_deref(), Some(b"content".as_slice()));
        let mut body = message(talk.id("/chats"));
        body["message"]["files"] =
            json!([{ "key": key, "name": name, "file_type": "file", "size": 3_000_000_000_i64 }]);
        let sent = talk.send(Method::POST, "/messages", body).await?;
        let file = sent["data"]["files"][0]["url"].as_str().ok_or("no url")?;
        assert_eq!(talk.client.get(file).send().await?.bytes().await?, "content");
        let token = talk.server.token();
        assert_eq!(talk.client.get(file).bearer_auth(token).send().await?.status(), 400);
        let item = format!("/messages/{}", sent["data"]["id"]);
        let edited = talk.send(Method::PUT, &item, json!({ "message": { "content": "Edited" } })).await?;
        assert_eq!(edited["data"]["files"], sent["data"]["files"]);
        let emptied = talk.send(Method::PUT, &item, json!({ "message": { "files": [] } })).await?;
        assert_eq!((&emptied["data"]["files"], &emptied["data"]["content"]), (&json!([]), &json!("Edited")));
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_upload_is_denied_in_xml() -> Outcome {
    let talk = Conversation::start().await?;
    let (fields, url) = upload(&talk, "a.txt").await?;
    let changed = |index: usize, value: &str| {
        let mut fields = fields.clone();
        fields[index].1 = value.to_owned();
        form(fields, "a.txt")
    };
    let mut swapped = fields.clone();
    swapped.swap(0, 1);
    let first = fields.clone().into_iter().fold(
        Form::new().part("file", Part::bytes(b"content".as_slice()).file_name("a.txt")),
        |form, (name, value)| form.text(name, value),
    );
    let post = || talk.client.post(&url);
    let cases = [
        ("order", post().multipart(form(swapped, "a.txt")), 400, "InvalidArgument"),
        ("file first", post().multipart(first), 400, "InvalidArgument"),
        ("missing field", post().multipart(form(fields[1..].to_vec(), "a.txt")), 400, "InvalidArgument"),
        ("policy", post().multipart(changed(2, "x")), 403, "AccessDenied"),
        ("signature", post().multipart(changed(6, "x")), 403, "SignatureDoesNotMatch"),
        ("key", post().multipart(changed(7, "x")), 403, "SignatureDoesNotMatch"),
        ("name", post().multipart(form(fields.clone(), "b.txt")), 403, "SignatureDoesNotMatch"),
        ("token", post().bearer_auth("t").multipart(form(fields.clone(), "a.txt")), 400, "InvalidArgument"),
        ("json", post().json(&json!({})), 400, "InvalidArgument"),
    ];
    for (what, request, status, code) in cases {
        let response = request.send().await?;
        assert_eq!(response.headers()["content-type"], "application/xml");
        let (given, text) = (response.status(), response.text().await?);
        assert!(given == status && text.contains(&format!("<Code>{code}</Code>")), "{what}: {given} {text}");
    }
    assert_eq!(talk.server.stored(&fields[7].1), None);
    Ok(())
}

#[tokio::test]
async fn an_export_redirects_to_a_file_that_takes_no_token() -> Outcome {
    let talk = Conversation::start().await?;
    // The server itself takes the webhook, as it records whatever comes.
    let hook = format!("{}/hook", talk.server.storage_url());
    let request = json!({ "start_at": "2026-03-01", "end_at": "2026-03-02", "webhook_url": hook });
    assert_eq!(talk.send(Method::POST, "/chats/exports", request).await?, Value::Null);
    let ids = talk.server.ids("/chats/exports");
    let id = ids.last().ok_or("no export")?;
    let told = async {
        loop {
            let told = talk.server.requests().into_iter().find(|request| request.path.ends_with("/hook"));
            match told {
                Some(told) => return told,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(10), told).await?;
    assert_eq!(told.headers[SIGNATURE_HEADER], sign(talk.server.webhook_secret(), &told.body));
    let payload: Value = serde_json::from_slice(&told.body)?;
    assert_eq!((&payload["type"], &payload["event"], &payload["export_id"]), (&json!("export"), &json!("ready"), id));
    let path = format!("/chats/exports/{id}");
    let response = talk.request(Method::GET, &path).send().await?;
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str()?.to_owned();
    let file = talk.client.get(&location).send().await?;
    assert_eq!(file.status(), 200);
    assert!(!file.bytes().await?.is_empty());
    assert_eq!(talk.client.get(&location).bearer_auth(talk.server.token()).send().await?.status(), 400);
    refused(talk.request(Method::GET, "/chats/exports/1"), 404, "export_file_not_found").await?;
    Ok(())
}
