//! Uploads: the three steps in one call, again from the start where need be.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "upload/again.rs"]
mod again;
#[path = "upload/many.rs"]
mod many;
#[path = "upload/sources.rs"]
mod sources;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pachca_ext::{Error, ErrorKind, Pachca, RetryPolicy, Source, types};
use pachca_tests::{Fault, Server};

fn quick() -> RetryPolicy {
    RetryPolicy::default().base_backoff(Duration::from_millis(5)).max_backoff(Duration::from_millis(20))
}

async fn start() -> (Server, Pachca) {
    let server = Server::start().await.unwrap();
    let pachca = client(&server, quick());
    (server, pachca)
}

fn client(server: &Server, policy: RetryPolicy) -> Pachca {
    Pachca::builder(server.token()).base_url(server.base_url()).retry(policy).build().unwrap()
}

/// How many requests for parameters were made, and how many forms were sent.
fn steps(server: &Server) -> (usize, usize) {
    let requests = server.requests();
    let count = |end: &str| requests.iter().filter(|request| request.path.ends_with(end)).count();
    (count("/uploads"), count("/storage"))
}

/// Bytes that tell where they stand.
fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 31 % 251) as u8).collect()
}

#[tokio::test]
async fn one_call_makes_all_three_steps_and_its_answer_goes_into_a_message() {
    let (server, pachca) = start().await;
    let content = pattern(200_000);
    let file = pachca.upload(Source::bytes("photo.jpg", content.clone())).send().await.unwrap();
    assert_eq!((file.name.as_str(), file.size, &file.file_type), ("photo.jpg", 200_000, &types::FileType::Image));
    assert!(file.key.starts_with("attaches/") && file.key.ends_with("/photo.jpg"), "{}", file.key);
    // The server takes no form whose fields are not those that it gave out, in their order, with the file last.
    assert_eq!(server.stored(&file.key).unwrap(), content);
    assert_eq!(steps(&server), (1, 1));
    let form = server.requests().pop().unwrap();
    assert!(!form.headers.contains_key("authorization") && form.processed);
    assert!(String::from_utf8_lossy(&form.body).contains("Content-Type: image/jpeg"));

    let chat = server.ids("/chats")[0].as_i64().unwrap();
    let message =
        types::MessageCreate::builder().entity_id(chat).content("Look").files(vec![file.clone().try_into().unwrap()]);
    let sent = pachca.create_message().body_map(|body| body.message(message)).send().await.unwrap().into_inner().data;
    let kept = &sent.files[0];
    assert_eq!((&kept.key, &kept.name, &kept.file_type), (&file.key, &file.name, &types::FileType::Image));
    let change = types::MessageUpdate::builder().files(vec![file.try_into().unwrap()]);
    pachca.update_message().id(sent.id).body_map(|body| body.message(change)).send().await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&server.requests().pop().unwrap().body).unwrap();
    assert_eq!(body["message"]["files"][0]["size"], 200_000);
}

#[tokio::test]
async fn the_file_type_follows_from_the_name_unless_it_is_set() {
    use types::FileType::{Audio, File, Image, Unknown, Voice};
    let (server, pachca) = start().await;
    for (name, expected) in [
        ("a.png", Image),
        ("A.JPEG", Image),
        ("song.mp3", Audio),
        ("plan.pdf", File),
        ("clip.mp4", File),
        ("no extension", File),
        ("odd.qqq", File),
    ] {
        let file = pachca.upload(Source::bytes(name, "x")).send().await.unwrap();
        assert_eq!(file.file_type, expected, "{name}");
    }
    let set = |kind: types::FileType| pachca.upload(Source::bytes("a.ogg", "x")).file_type(kind).send();
    assert_eq!(set(Voice).await.unwrap().file_type, Voice);
    assert_eq!(set("video".into()).await.unwrap().file_type, Unknown("video".to_owned()));
    pachca.upload(Source::bytes("a.bin", "x")).content_type("text/x-soup").send().await.unwrap();
    let form = server.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&form.body).contains("Content-Type: text/x-soup"));
    let error = pachca.upload(Source::bytes("a.bin", "x")).content_type("soup").send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidRequest && error.to_string().contains("\"soup\""), "{error}");
}

#[tokio::test]
async fn names_arrive_as_themselves() {
    let (server, pachca) = start().await;
    for name in [
        "план на весну.pdf",
        "計画 🌱.txt",
        "a \"quoted\" name.txt",
        "it's $& $1 ${filename} $$.txt",
        "%20 100% + &amp; ; = #?.txt",
        "..hidden",
        "ends with a dot.",
        "e\u{301}.txt",
    ] {
        let file = pachca.upload(Source::bytes(name, name)).send().await.unwrap();
        assert_eq!(file.name, name);
        assert!(file.key.ends_with(&format!("/{name}")), "{}", file.key);
        // The server reads the name of the form's file and wants it in the key.
        assert_eq!(server.stored(&file.key).unwrap(), name, "{name}");
    }
}

#[tokio::test]
async fn names_that_would_be_something_else_are_refused_before_anything_is_sent() {
    let (server, pachca) = start().await;
    for name in
        ["", ".", "..", "a/b.txt", "../up.txt", "a\\b.txt", "two\nlines", "a\r\nX: y", "nul\0", "tab\t", "\u{85}"]
    {
        let error = pachca.upload(Source::bytes(name, "x")).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{name:?}");
        let text = error.to_string();
        assert!(text.contains(&name.escape_debug().to_string()) && text.lines().count() == 1, "{text}");
        assert!(pachca.upload("/tmp/a.txt").name(name).send().await.is_err(), "{name:?}");
    }
    assert_eq!(steps(&server), (0, 0));
}

#[tokio::test]
async fn progress_goes_from_nothing_to_all_and_never_back() {
    let (_server, pachca) = start().await;
    for size in [0, 1, 65_536, 300_001] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let upload = pachca.upload(Source::bytes("a.bin", pattern(size)));
        upload.on_progress(move |sent, total| log.lock().unwrap().push((sent, total))).send().await.unwrap();
        let seen = seen.lock().unwrap();
        let size = size as u64;
        assert_eq!((seen[0], seen[seen.len() - 1]), ((0, size), (size, size)), "{seen:?}");
        assert!(
            seen.windows(2).all(|pair| pair[0].0 < pair[1].0) && seen.iter().all(|step| step.1 == size),
            "{seen:?}"
        );
        assert_eq!(seen.len() as u64, size.div_ceil(65_536) + 1);
    }
}

#[tokio::test]
async fn the_store_speaks_for_itself() {
    let (server, pachca) = start().await;
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>EntityTooLarge</Code>\
        <Message>Your &quot;soup&quot; is &gt; the pot</Message></Error>";
    server.misbehave(Fault::answer(400).body("application/xml", xml).on("upload_file"));
    let error = pachca.upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Validation, 400));
    let text = "`a.bin`: `upload_file` was answered 400 Bad Request: Your \"soup\" is > the pot";
    assert!(error.to_string().starts_with(text), "{error}");
    assert!(error.body().contains("EntityTooLarge"));
    assert_eq!(steps(&server), (1, 1));
}

#[tokio::test]
async fn a_redirect_of_the_store_is_refused_and_not_followed() {
    let (server, pachca) = start().await;
    let elsewhere = Server::start().await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let location =
            format!("http://localhost:{}/storage?sig=s3cr3t", elsewhere.storage_url().rsplit(':').next().unwrap());
        server.misbehave(Fault::answer(status).header("location", &location).on("upload_file").times(1));
        let error = pachca.upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Server, Some("upload_file")));
        let text = error.to_string();
        assert!(text.contains(&status.to_string()) && text.contains("leads to localhost"), "{text}");
        assert!(!text.contains("s3cr3t"), "{text}");
    }
    assert!(elsewhere.requests().is_empty());
    assert_eq!(steps(&server), (5, 5));
}

#[tokio::test]
async fn no_secret_is_shown() {
    let (server, pachca) = start().await;
    let params = pachca.get_upload_params().send().await.unwrap().into_inner();
    let echo = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>Not {}</Message><StringToSign>{}</StringToSign></Error>",
        params.x_amz_signature, params.policy
    );
    server.misbehave(Fault::answer(201).json(&serde_json::to_value(&params).unwrap()).on("get_upload_params"));
    server.misbehave(Fault::answer(403).body("application/xml", &echo).on("upload_file"));
    let upload = pachca.upload(Source::bytes("a.bin", "s0up"));
    let all = pachca.upload_all([Source::bytes("a.bin", "s0up")]);
    let avatar = pachca.upload_avatar(Source::bytes("a.png", "s0up"));
    let mut shown = format!("{upload:?}{all:?}{avatar:?}{:?}{:?}", pachca.export(5), Source::bytes("a", "s0up"));
    let error: Error = upload.send().await.unwrap_err();
    assert!(error.to_string().contains("Not [redacted]"), "{error}");
    shown += &format!("{error}{error:?}{}", error.body());
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        shown += &format!("{next}{next:?}");
        cause = next;
    }
    for secret in [server.token(), &params.policy, &params.x_amz_signature, &params.x_amz_credential, "s0up"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// A compile-time check that programs may run these on any thread.
#[test]
fn every_call_can_be_spawned() {
    fn sends(_: impl Send) {}
    let pachca = Pachca::builder("tkn-5").base_url("http://127.0.0.1:1").build().unwrap();
    sends(pachca.upload("a.txt").send());
    sends(pachca.upload_all(["a.txt"]).send());
    sends(pachca.upload_avatar("a.png").send());
    sends(pachca.send_with_files(types::MessageCreate::builder(), ["a.txt"]));
    sends(pachca.add_files(5, ["a.txt"]));
    sends(pachca.replace_files(5, ["a.txt"]));
    sends(pachca.remove_files(5, |_| true));
    let export = pachca.export(5);
    sends(export.wait());
    sends(export.download("a.zip"));
}
