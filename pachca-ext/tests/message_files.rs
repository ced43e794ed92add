//! The files of a message, each change in one call.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use pachca_ext::{ErrorKind, Pachca, RetryPolicy, Source, types};
use pachca_tests::{Fault, Server};
use serde_json::{Value, json};

async fn start() -> (Server, Pachca, types::MessageCreate) {
    let server = Server::start().await.unwrap();
    let builder = Pachca::builder(server.token()).base_url(server.base_url());
    let pachca = builder.retry(RetryPolicy::never()).build().unwrap();
    let chat = server.ids("/chats")[0].as_i64().unwrap();
    let message = types::MessageCreate::builder().entity_id(chat).content("Soup").try_into().unwrap();
    (server, pachca, message)
}

fn text(name: &str) -> Source {
    Source::bytes(name, format!("content of {name}"))
}

fn names(message: &types::Message) -> Vec<&str> {
    message.files.iter().map(|file| file.name.as_str()).collect()
}

/// The files that the last request sent.
fn sent(server: &Server) -> Value {
    let body: Value = serde_json::from_slice(&server.requests().pop().unwrap().body).unwrap();
    body["message"]["files"].clone()
}

fn count(server: &Server, end: &str) -> usize {
    server.requests().iter().filter(|request| request.path.ends_with(end)).count()
}

#[tokio::test]
async fn a_message_is_sent_with_its_files_in_one_call() {
    let (server, pachca, message) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.png");
    std::fs::write(&path, "pixels").unwrap();
    let sources = [Source::from(path), text("рецепт.txt")];
    let answer = pachca.send_with_files(message.clone(), sources).await.unwrap();
    assert_eq!((answer.content.as_str(), names(&answer)), ("Soup", vec!["photo.png", "рецепт.txt"]));
    assert_eq!(answer.files[0].file_type, types::FileType::Image);
    for (file, content) in answer.files.iter().zip(["pixels", "content of рецепт.txt"]) {
        assert_eq!(server.stored(&file.key).unwrap(), content);
    }
    assert_eq!(sent(&server)[0]["size"], 6);

    // The builder does as well, and what the message has already comes first.
    let known = pachca.upload(text("known.txt")).send().await.unwrap();
    let builder = types::MessageCreate::builder().entity_id(message.entity_id).content("More");
    let answer =
        pachca.send_with_files(builder.files(vec![known.try_into().unwrap()]), [text("new.txt")]).await.unwrap();
    assert_eq!(names(&answer), ["known.txt", "new.txt"]);
}

#[tokio::test]
async fn nothing_is_sent_for_a_message_that_cannot_be_and_no_message_without_its_files() {
    let (server, pachca, message) = start().await;
    let incomplete = types::MessageCreate::builder().content("To whom?");
    let error = pachca.send_with_files(incomplete, [text("a.txt")]).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("create_message")));
    assert!(error.to_string().contains("entity_id") && server.requests().is_empty(), "{error}");

    server.misbehave(Fault::answer(403).on("upload_file"));
    let error = pachca.send_with_files(message, [text("a.txt")]).await.unwrap_err();
    assert!(error.to_string().starts_with("`a.txt`: "), "{error}");
    assert_eq!(count(&server, "/messages"), 0);
}

#[tokio::test]
async fn files_are_added_replaced_and_removed() {
    let (server, pachca, message) = start().await;
    let id = pachca.send_with_files(message, [Source::bytes("one.png", "1"), text("two.txt")]).await.unwrap().id;
    let before = pachca.get_message().id(id).send().await.unwrap().into_inner().data.files;

    let added = pachca.add_files(id, [text("three.txt"), text("four.txt")]).await.unwrap();
    assert_eq!(names(&added), ["one.png", "two.txt", "three.txt", "four.txt"]);
    // What is kept goes as it came, and is the same file as before.
    let kept = json!({ "key": before[0].key, "name": "one.png", "file_type": "image" });
    let given = sent(&server)[0].clone();
    assert!(kept.as_object().unwrap().iter().all(|(name, value)| given[name] == *value), "{given}");
    assert_eq!((&added.files[0].key, &added.files[0].file_type), (&before[0].key, &before[0].file_type));

    let removed = pachca.remove_files(id, |file| file.name.starts_with('t')).await.unwrap();
    assert_eq!(names(&removed), ["one.png", "four.txt"]);

    let replaced = pachca.replace_files(id, [text("five.txt")]).await.unwrap();
    assert_eq!(names(&replaced), ["five.txt"]);

    let emptied = pachca.remove_files(id, |_| true).await.unwrap();
    assert_eq!((names(&emptied), sent(&server)), (vec![], json!([])));
    assert_eq!(emptied.content, "Soup");
}

#[tokio::test]
async fn a_recording_is_kept_with_what_belongs_to_it() {
    let (server, pachca, message) = start().await;
    let id = pachca.send_with_files(message, [text("a.txt")]).await.unwrap().id;
    let file = |kind: &str, name: &str| json!({ "id": 5, "key": format!("attaches/1/{name}"), "name": name, "file_type": kind, "url": "https://s.example/5" });
    let mut kept = server.items("/messages").into_iter().find(|message| message["id"] == id).unwrap();
    kept["files"] = json!([file("voice", "voice.ogg"), file("image", "i.png"), file("video", "v.mp4")]);
    kept["files"][1]["width"] = json!(640);
    kept["files"][1]["height"] = json!(480);
    kept["voice_content"] = json!({ "duration_ms": 4200, "waveform": "AAEC", "transcript": null });
    server.misbehave(Fault::answer(200).json(&json!({ "data": kept })).on("get_message"));
    server.misbehave(Fault::answer(200).json(&json!({ "data": kept })).on("update_message"));
    pachca.add_files(id, [text("b.txt")]).await.unwrap();
    let sent = sent(&server);
    let expected = json!({ "key": "attaches/1/voice.ogg", "name": "voice.ogg", "file_type": "voice", "duration_ms": 4200, "waveform": "AAEC" });
    assert_eq!(sent[0], expected);
    let expected =
        json!({ "key": "attaches/1/i.png", "name": "i.png", "file_type": "image", "width": 640, "height": 480 });
    assert_eq!(sent[1], expected);
    // A kind that the description does not know yet stays what it is.
    assert_eq!((&sent[2]["file_type"], &sent[3]["name"]), (&json!("video"), &json!("b.txt")));
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_changes_nothing() {
    let (server, pachca, message) = start().await;
    let id = pachca.send_with_files(message, [text("a.txt")]).await.unwrap().id;
    server.misbehave(Fault::answer(403).on("upload_file"));
    pachca.add_files(id, [text("b.txt")]).await.unwrap_err();
    pachca.replace_files(id, [text("b.txt")]).await.unwrap_err();
    let message = pachca.get_message().id(id).send().await.unwrap().into_inner().data;
    assert_eq!(names(&message), ["a.txt"]);
    let error = pachca.remove_files(1, |_| true).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("get_message")));
}
