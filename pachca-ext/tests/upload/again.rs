//! What goes wrong on the way, and what is sent again.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pachca_ext::{ErrorKind, RetryPolicy, Source};
use pachca_tests::{Fault, Server};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{client, pattern, quick, start, steps};

#[tokio::test]
async fn expired_parameters_are_asked_for_once_more_and_the_file_is_sent_from_its_start() {
    let (server, pachca) = start().await;
    server.misbehave(Fault::expired().on("upload_file").times(1));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let content = pattern(150_000);
    let upload = pachca.upload(Source::reader("a.bin", std::io::Cursor::new(content.clone())));
    let file = upload.on_progress(move |sent, _| log.lock().unwrap().push(sent)).send().await.unwrap();
    assert_eq!(server.stored(&file.key).unwrap(), content);
    assert_eq!(steps(&server), (2, 2));
    assert_eq!(*seen.lock().unwrap(), [0, 65_536, 131_072, 150_000, 0, 65_536, 131_072, 150_000]);
}

#[tokio::test]
async fn parameters_that_expire_again_are_an_error() {
    let (server, pachca) = start().await;
    server.misbehave(Fault::expired().on("upload_file"));
    let error = pachca.upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert!(error.to_string().contains("has expired"), "{error}");
    assert_eq!(steps(&server), (2, 2));
}

#[tokio::test]
async fn what_another_attempt_may_mend_is_sent_again_with_fresh_parameters() {
    let timeout = "<Error><Code>RequestTimeout</Code><Message>Too slow</Message></Error>";
    for fault in [
        Fault::reset(),
        Fault::reset().after_reading(),
        Fault::reset().after_processing(),
        Fault::garbage(),
        Fault::answer(429).header("retry-after", "0"),
        Fault::answer(500),
        Fault::answer(503),
        Fault::answer(400).body("application/xml", timeout),
    ] {
        let (server, pachca) = start().await;
        let shown = fault.to_string();
        server.misbehave(fault.on("upload_file").times(2));
        let content = pattern(1_000_000);
        let file = pachca.upload(Source::bytes("a.bin", content.clone())).send().await.unwrap();
        assert_eq!(server.stored(&file.key).unwrap(), content, "{shown}");
        assert_eq!(steps(&server), (3, 3), "{shown}");
    }
}

#[tokio::test]
async fn attempts_end_where_the_policy_says_so_and_an_observer_sees_them() {
    let (server, _) = start().await;
    server.misbehave(Fault::answer(503).on("upload_file"));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let policy = quick().max_attempts(3).on_retry(move |retry| {
        log.lock().unwrap().push((retry.operation.name, retry.attempt));
    });
    let error = client(&server, policy).upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!((error.kind(), steps(&server)), (ErrorKind::Server, (3, 3)));
    assert_eq!(*seen.lock().unwrap(), [("upload_file", 1), ("upload_file", 2)]);

    client(&server, RetryPolicy::never()).upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!(steps(&server), (4, 4));
}

#[tokio::test]
async fn a_refusal_is_not_tried_again_and_neither_are_parameters_twice_over() {
    let (server, pachca) = start().await;
    server.misbehave(Fault::answer(403).on("upload_file").times(1));
    pachca.upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!(steps(&server), (1, 1));
    // The parameters are a POST, for which the layers say what is tried again.
    server.misbehave(Fault::answer(503).on("get_upload_params"));
    let error = pachca.upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!((error.operation(), steps(&server)), (Some("get_upload_params"), (2, 1)));
    assert!(error.to_string().starts_with("`a.bin`: "), "{error}");
}

#[tokio::test]
async fn an_upload_that_stands_still_is_given_up() {
    let (server, _) = start().await;
    server.misbehave(Fault::silence().on("upload_file"));
    let pachca = client(&server, RetryPolicy::never().attempt_timeout(Duration::from_millis(200)));
    let started = Instant::now();
    let error = pachca.upload(Source::bytes("a.bin", "x")).send().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("upload_file")));
    assert!(error.to_string().contains("nothing has moved for 0.2 s"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn an_upload_that_moves_may_take_longer_than_any_timeout() {
    let (server, _) = start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = format!("http://{}/slow", listener.local_addr().unwrap());
    let size = 24 << 20;
    let store = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let (mut buffer, mut seen) = (vec![0; 1 << 20], 0);
        while seen < size {
            tokio::time::sleep(Duration::from_millis(60)).await;
            seen += connection.read(&mut buffer).await.unwrap();
        }
        connection.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    });
    lead_to(&server, &slow, u64::MAX).await;
    let policy = RetryPolicy::never().attempt_timeout(Duration::from_secs(1)).total_time(Duration::from_secs(1));
    let started = Instant::now();
    let file = client(&server, policy).upload(Source::bytes("a.bin", pattern(size))).send().await.unwrap();
    assert_eq!(file.size, size as u64);
    assert!(started.elapsed() > Duration::from_millis(1200), "{:?}", started.elapsed());
    store.await.unwrap();
}

#[tokio::test]
async fn a_store_that_refuses_before_it_has_read_the_file_is_heard_or_asked_again() {
    let (server, pachca) = start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hasty = format!("http://{}/hasty", listener.local_addr().unwrap());
    let store = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut head = [0; 1024];
        assert!(connection.read(&mut head).await.unwrap() > 0);
        let body = "<Error><Code>AccessDenied</Code><Message>Policy expired</Message></Error>";
        let head = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nConnection: close";
        let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        connection.write_all(answer.as_bytes()).await.unwrap();
    });
    lead_to(&server, &hasty, 1).await;
    let content = pattern(8 << 20);
    let file = pachca.upload(Source::bytes("a.bin", content.clone())).send().await.unwrap();
    assert_eq!(server.stored(&file.key).unwrap(), content);
    store.await.unwrap();
}

/// Lets uploads go to another store, so many times.
async fn lead_to(server: &Server, address: &str, times: u64) {
    let params = client(server, quick()).get_upload_params().send().await.unwrap().into_inner();
    let mut params = serde_json::to_value(params).unwrap();
    params["direct_url"] = json!(address);
    server.misbehave(Fault::answer(201).json(&params).on("get_upload_params").times(times));
}
