//! What is waited out, and what is not.

use std::sync::{Arc, Mutex};

use pachca_ext::{Error, ErrorKind};
use pachca_tests::{Fault, PageFault};

use super::*;

/// What was told while a stream waited.
type Told = Arc<Mutex<Vec<(ErrorKind, Duration)>>>;

fn watched(events: Events) -> (Events, Told) {
    let told = Told::default();
    let log = told.clone();
    (events.on_error(move |error, wait| log.lock().unwrap().push((error.kind(), wait))), told)
}

#[tokio::test]
async fn what_passes_is_waited_out_and_told() {
    for (fault, kind) in [
        (Fault::answer(500), ErrorKind::Server),
        (Fault::answer(503).html("<h1>busy</h1>"), ErrorKind::Server),
        (Fault::answer(429).header("retry-after", "0").text("slow down"), ErrorKind::RateLimited),
        (Fault::answer(409), ErrorKind::Conflict),
        (Fault::reset(), ErrorKind::Transport),
        (Fault::half_body(), ErrorKind::Transport),
        (Fault::cut_body(), ErrorKind::Decoding),
        (Fault::garbage(), ErrorKind::Transport),
        (Fault::page(PageFault::MissingCursor), ErrorKind::Decoding),
    ] {
        let server = Server::start().await.unwrap();
        let all = history(&server);
        let what = format!("{fault}");
        server.misbehave(fault.on(LIST_NAME).times(3));
        let (mut events, told) = watched(events(&server));
        assert_eq!(take(&mut events, all.len()).await, all, "{what}");
        let told = told.lock().unwrap().clone();
        assert_eq!(told.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [kind; 3], "{what}");
        assert!(told.iter().all(|(_, wait)| *wait <= Duration::from_millis(20)), "{told:?}");
    }
}

#[tokio::test]
async fn a_wait_that_the_server_asks_for_is_kept() {
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::answer(429).header("retry-after", "1").on(LIST_NAME).times(1));
    let started = std::time::Instant::now();
    let (mut events, told) = watched(events(&server));
    next(&mut events).await;
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(matches!(told.lock().unwrap().as_slice(), [(ErrorKind::RateLimited, wait)] if wait.as_secs() == 1));
}

#[tokio::test]
async fn the_backoff_grows_up_to_its_longest_and_starts_anew_after_a_success() {
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::answer(502).on(LIST_NAME).times(12));
    let backoff = (Duration::from_micros(100), Duration::from_millis(4));
    let (mut events, told) = watched(events(&server).backoff(backoff.0, backoff.1));
    take(&mut events, 60).await;
    let waits: Vec<Duration> = told.lock().unwrap().iter().map(|(_, wait)| *wait).collect();
    assert_eq!(waits.len(), 12);
    // Random up to 100 µs, 200 µs, 400 µs and so on, and never above 4 ms.
    for (index, wait) in waits.iter().enumerate() {
        assert!(*wait <= (backoff.0 * 2_u32.pow(u32::try_from(index).unwrap())).min(backoff.1), "{waits:?}");
    }
    assert!(waits.iter().max() > Some(&(backoff.0 * 2)), "{waits:?}");
    server.misbehave(Fault::answer(502).on(LIST_NAME).times(1));
    happen(&server);
    next(&mut events).await;
    assert!(told.lock().unwrap()[12].1 <= backoff.0);
}

#[tokio::test]
async fn what_somebody_must_act_on_ends_the_stream() {
    for (status, kind) in [
        (401, ErrorKind::Authentication),
        (402, ErrorKind::Payment),
        (403, ErrorKind::Permission),
        (400, ErrorKind::Validation),
        (404, ErrorKind::NotFound),
    ] {
        let server = Server::start().await.unwrap();
        server.misbehave(Fault::answer(status).on(LIST_NAME));
        let (mut events, told) = watched(events(&server));
        let error: Error = timeout(LONG, events.try_next()).await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some(LIST_NAME)));
        assert!(timeout(LONG, events.try_next()).await.unwrap().unwrap().is_none(), "{status}");
        assert_eq!((told.lock().unwrap().len(), asked(&server)), (0, 1));
    }
}

#[tokio::test]
async fn a_refused_cursor_costs_no_event_and_repeats_none() {
    for status in [400, 404, 410, 422] {
        let server = Server::start().await.unwrap();
        let (mut events, told) = watched(events(&server));
        let mut seen = take(&mut events, 60).await;
        nothing(&mut events).await;
        for _ in 0..3 {
            server.misbehave(Fault::answer(status).on(LIST_NAME).times(1));
            for _ in 0..70 {
                happen(&server);
            }
            seen.extend(take(&mut events, 70).await);
        }
        assert_eq!(seen, history(&server), "{status}");
        assert!(!told.lock().unwrap().is_empty());
        nothing(&mut events).await;
    }
}

#[tokio::test]
async fn a_restarted_server_that_knows_no_cursor_any_more_costs_no_event_and_repeats_none() {
    let mut server = Server::start().await.unwrap();
    let (mut events, told) = watched(events(&server));
    let mut seen = take(&mut events, 60).await;
    nothing(&mut events).await;
    for _ in 0..60 {
        happen(&server);
    }
    server.restart().await.unwrap();
    seen.extend(take(&mut events, 60).await);
    assert_eq!(seen, history(&server));
    assert!(told.lock().unwrap().iter().any(|(kind, _)| *kind == ErrorKind::Validation), "{told:?}");
    nothing(&mut events).await;
}

#[tokio::test]
async fn a_deletion_that_fails_is_tried_again_and_one_that_is_not_allowed_ends_the_stream() {
    let server = Server::start().await.unwrap();
    let (mut stream, told) = watched(events(&server).delete_handled());
    server.misbehave(Fault::answer(503).on("delete_webhook_event").times(3));
    server.misbehave(Fault::reset().after_processing().on("delete_webhook_event").times(2));
    let all = history(&server);
    assert_eq!(take(&mut stream, 60).await, all);
    assert_eq!(told.lock().unwrap().len(), 5);
    assert_eq!(history(&server), all[59..]);
    server.misbehave(Fault::answer(403).on("delete_webhook_event"));
    let error = timeout(LONG, stream.try_next()).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Permission, Some("delete_webhook_event")));
}
