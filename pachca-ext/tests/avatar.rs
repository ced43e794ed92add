//! Avatars, by the same means as uploads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pachca_ext::{ErrorKind, Pachca, RetryPolicy, Source};
use pachca_tests::{Fault, Server};

/// The beginning of every PNG file.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

async fn start() -> (Server, Pachca) {
    let server = Server::start().await.unwrap();
    let policy = RetryPolicy::default().base_backoff(Duration::from_millis(5)).max_backoff(Duration::from_millis(20));
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).retry(policy).build().unwrap();
    (server, pachca)
}

#[tokio::test]
async fn ones_own_and_anothers_avatar_are_sent_as_images() {
    let (server, pachca) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("я.png");
    std::fs::write(&path, PNG).unwrap();
    let user = server.ids("/users").last().unwrap().as_i64().unwrap();
    let own = pachca.upload_avatar(&path).send().await.unwrap();
    let other = pachca.upload_user_avatar(user, Source::reader("them.jpg", PNG)).send().await.unwrap();
    assert!(own.image_url.starts_with("http") && other.image_url.starts_with("http"), "{own:?} {other:?}");
    let [first, second] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    assert!(first.path.ends_with("/profile/avatar") && second.path.ends_with(&format!("/users/{user}/avatar")));
    for (request, name, kind) in [(first, "я.png", "image/png"), (second, "them.jpg", "image/jpeg")] {
        assert!(request.processed && request.headers.contains_key("authorization"));
        let body = String::from_utf8_lossy(&request.body);
        let part = format!("name=\"image\"; filename=\"{name}\"\r\nContent-Type: {kind}");
        assert!(body.contains(&part) && body.contains("PNG\r\n"), "{body}");
    }
}

#[tokio::test]
async fn an_avatar_is_sent_again_from_its_start() {
    let (server, pachca) = start().await;
    server.misbehave(Fault::reset().after_reading().on("update_profile_avatar").times(1));
    server.misbehave(Fault::answer(429).header("retry-after", "0").on("update_profile_avatar").times(1));
    server.misbehave(Fault::answer(503).on("update_profile_avatar").times(1));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let upload = pachca.upload_avatar(Source::bytes("me.png", PNG));
    upload.on_progress(move |sent, total| log.lock().unwrap().push((sent, total))).send().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [(0, 8), (8, 8)].repeat(4));
    let bodies: Vec<_> = server.requests().into_iter().map(|request| request.body.len()).collect();
    assert!(bodies.len() == 4 && bodies.iter().all(|length| *length == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn a_refusal_names_the_image() {
    let (server, pachca) = start().await;
    let error = pachca.upload_user_avatar(1, Source::bytes("them.png", PNG)).send().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("update_user_avatar")));
    assert!(error.to_string().starts_with("`them.png`: `update_user_avatar` was answered 404"), "{error}");
    assert_eq!(server.requests().len(), 1);
    let error = pachca.upload_avatar(Source::bytes("a/b.png", PNG)).send().await.unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::InvalidRequest, 1));
}
