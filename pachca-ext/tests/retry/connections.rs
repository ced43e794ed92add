//! Failures that are no answers, from real connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream;
use pachca_ext::RetryPolicy;
use pachca_ext::api::{Transport, reqwest};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::scripted::call_at;
use crate::send;

#[tokio::test]
async fn a_connection_that_was_never_made_is_tried_again_for_any_method() {
    // Nobody listens at an address that was just given back.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for (operation, streamed, attempts) in
        [("create_message", false, 3), ("get_profile", false, 3), ("create_message", true, 1)]
    {
        let tries = Arc::new(AtomicUsize::new(1));
        let counter = tries.clone();
        let policy = RetryPolicy::default()
            .max_attempts(3)
            .base_backoff(Duration::from_millis(5))
            .on_retry(move |_| _ = counter.fetch_add(1, Ordering::SeqCst));
        let mut call = call_at(&base, operation, "/");
        if streamed {
            let chunks = stream::iter([Ok::<_, std::io::Error>("a chunk")]);
            *call.request.body_mut() = Some(reqwest::Body::wrap_stream(chunks));
        }
        let error = send(policy, Transport::direct(reqwest::Client::new()), call).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(tries.load(Ordering::SeqCst), attempts, "{operation}");
    }
}

/// A server that reads what comes and then answers nothing: it hangs up, or it waits.
async fn mute(hangs_up: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _read = socket.read(&mut [0; 4096]).await;
            if !hangs_up {
                open.push(socket);
            }
        }
    });
    (base, connections)
}

#[tokio::test]
async fn a_broken_connection_and_a_timeout_are_tried_again_unless_it_is_a_post() {
    for hangs_up in [true, false] {
        for (operation, attempts) in [("get_profile", 3), ("create_thread", 3), ("create_message", 1)] {
            let (base, connections) = mute(hangs_up).await;
            let policy = RetryPolicy::default()
                .max_attempts(3)
                .base_backoff(Duration::from_millis(5))
                .attempt_timeout(Duration::from_millis(if hangs_up { 5_000 } else { 60 }));
            let call = call_at(&base, operation, "/");
            let error = send(policy, Transport::direct(reqwest::Client::new()), call).await.unwrap_err();
            assert!(!error.is_connect() && error.is_timeout() != hangs_up, "{error:?}");
            assert_eq!(connections.load(Ordering::SeqCst), attempts, "{operation}, hangs up: {hangs_up}");
        }
    }
}

#[tokio::test]
async fn an_attempt_without_time_is_a_timeout_that_is_not_sent() {
    let (base, connections) = mute(false).await;
    let policy = RetryPolicy::default().total_time(Duration::ZERO);
    for operation in ["get_profile", "create_message"] {
        let call = call_at(&base, operation, "/");
        let error = send(policy.clone(), Transport::direct(reqwest::Client::new()), call).await.unwrap_err();
        assert!(error.is_timeout() && !error.is_connect(), "{error:?}");
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}
