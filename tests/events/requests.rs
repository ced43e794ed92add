//! What is asked, how often, and until when.

use std::collections::BTreeMap;

use pachca_tests::{Fault, PageFault};

use super::*;

/// The cursors of the requests for the history, in their order; none for the first page.
fn cursors(server: &Server) -> Vec<Option<String>> {
    let requests = server.requests().into_iter().filter(|request| request.operation.as_deref() == Some(LIST));
    let queries = requests.map(|request| {
        let query = request.query.replace('+', "%2B");
        form_urlencoded::parse(query.as_bytes()).into_owned().collect::<BTreeMap<String, String>>()
    });
    queries
        .map(|mut query| {
            assert_eq!(query.remove("limit").as_deref(), Some("50"), "the vendor asks to state it");
            query.remove("cursor")
        })
        .collect()
}

#[tokio::test]
async fn what_is_new_is_asked_for_by_the_cursor_before_and_not_read_again() {
    let server = Server::start().await.unwrap();
    let mut events = events(&server);
    take(&mut events, 60).await;
    nothing(&mut events).await;
    let sent = cursors(&server);
    // Two pages down, one up, and then the same cursor again and again, because nothing is new.
    assert!(sent.len() > 6 && sent[0].is_none() && sent[1].is_some(), "{sent:?}");
    assert!(sent[1..].iter().all(Option::is_some), "the list is read from its top once: {sent:?}");
    assert!(sent[4..].iter().all(|cursor| *cursor == sent[4]), "{sent:?}");
    happen(&server);
    take(&mut events, 1).await;
    nothing(&mut events).await;
    let more = cursors(&server)[sent.len()..].to_vec();
    assert!(more.iter().all(Option::is_some));
    assert!(more.last() != sent.last(), "the new event is the new anchor");
}

#[tokio::test]
async fn a_server_without_a_way_back_is_read_from_the_top() {
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::page(PageFault::OnlyNextPage).on(LIST_NAME));
    let mut events = events(&server);
    for _ in 0..60 {
        happen(&server);
    }
    let all = history(&server);
    assert_eq!(take(&mut events, all.len()).await, all);
    nothing(&mut events).await;
    let newer: Vec<String> = (0..70).map(|_| happen(&server)).collect();
    assert_eq!(take(&mut events, 70).await, newer);
    nothing(&mut events).await;
}

#[tokio::test]
async fn a_dropped_stream_asks_no_more() {
    let server = Server::start().await.unwrap();
    let mut stream = events(&server);
    take(&mut stream, 60).await;
    nothing(&mut stream).await;
    let running = tokio::spawn(async move {
        let mut stream = stream;
        while stream.try_next().await.unwrap().is_some() {}
    });
    let before = asked(&server);
    tokio::time::sleep(QUIET).await;
    assert!(asked(&server) > before, "it polls");
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // What was sent before may still arrive.
    tokio::time::sleep(QUIET).await;
    let after = asked(&server);
    tokio::time::sleep(QUIET).await;
    assert_eq!(asked(&server), after);
}

#[tokio::test]
async fn nothing_is_asked_before_the_stream_is_polled() {
    let server = Server::start().await.unwrap();
    let stream = events(&server);
    tokio::time::sleep(QUIET).await;
    assert_eq!(server.requests().len(), 0);
    drop(stream);
}

#[tokio::test]
async fn a_long_history_is_read_within_the_limit_of_the_method() {
    let server = Server::builder().rate_limits(true).start().await.unwrap();
    for _ in 0..190 {
        happen(&server);
    }
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build().unwrap();
    let failures = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = failures.clone();
    let mut events = pachca.events().poll_every(Duration::ZERO).on_error(move |_, _| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(take(&mut events, 250).await, history(&server));
    let requests = server.requests();
    let refused = requests.iter().filter(|request| request.status == 429).count();
    // Five pages down and four up; the server refuses the sixth request in any two seconds.
    assert_eq!((requests.len(), refused), (9, 0));
    assert_eq!(failures.load(std::sync::atomic::Ordering::Relaxed), 0);
    let span = requests[8].arrived - requests[0].arrived;
    assert!(span >= Duration::from_millis(3_100), "{span:?}");
}

#[tokio::test]
async fn with_nothing_new_it_asks_as_often_as_it_is_told() {
    let server = Server::start().await.unwrap();
    let mut stream = events(&server).poll_every(Duration::from_millis(100));
    take(&mut stream, 60).await;
    let before = asked(&server);
    assert!(timeout(Duration::from_millis(550), stream.try_next()).await.is_err());
    let polls = asked(&server) - before;
    assert!((2..=6).contains(&polls), "{polls}");
}
