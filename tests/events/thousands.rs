//! Five thousand events, while everything else goes wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pachca_ext::Error;
use pachca_tests::{Fault, PageFault};
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::*;

const EVENTS: usize = 5_000;
const RESTARTS: usize = 4;

/// How far the reader may be behind: a few pages, which shift while they are read.
const BEHIND: usize = 400;

/// A server that fails in every way that a list can.
fn misbehave(server: &Server) {
    for fault in [
        Fault::answer(503),
        Fault::answer(500),
        Fault::reset(),
        Fault::half_body(),
        Fault::cut_body(),
        Fault::garbage(),
        Fault::page(PageFault::Empty),
        Fault::page(PageFault::Short),
        Fault::page(PageFault::RepeatedCursor),
        Fault::page(PageFault::MissingCursor),
        Fault::page(PageFault::EmptyCursor),
        Fault::page(PageFault::OnlyNextPage),
        Fault::answer(422),
    ] {
        server.misbehave(fault.on(LIST_NAME).chance(0.02));
    }
    server.misbehave(Fault::hang_up().chance(0.02));
}

/// Whether an error is one that the faults make although it is final: a refusal of a request without a cursor.
fn is_made_up(error: &Error) -> bool {
    error.status().is_some_and(|status| status == 422)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_comes_once_while_the_server_fails_and_restarts_and_pages_shift() {
    let server = Arc::new(Mutex::new(Server::start().await.unwrap()));
    let (stream, mut seen) = (events(&*server.lock().await), Vec::new());
    let (handled, failures) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    misbehave(&*server.lock().await);
    let begun = history(&*server.lock().await);

    // What happens meanwhile.
    let (world, reader) = (server.clone(), handled.clone());
    let happening = tokio::spawn(async move {
        let mut all = begun;
        let mut restarts = 0;
        while all.len() < EVENTS {
            {
                let mut server = world.lock().await;
                for _ in 0..37.min(EVENTS - all.len()) {
                    all.push(happen(&server));
                }
                if all.len() * (RESTARTS + 1) / EVENTS > restarts && restarts < RESTARTS {
                    restarts += 1;
                    server.restart().await.unwrap();
                }
            }
            while all.len() > reader.load(Ordering::Relaxed) + BEHIND {
                sleep(Duration::from_millis(1)).await;
            }
        }
        (all, restarts)
    });

    let count = failures.clone();
    let told = move |_: &Error, _: Duration| {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let mut stream = stream.on_error(told.clone());
    while seen.len() < EVENTS {
        match timeout(LONG, stream.try_next()).await.unwrap() {
            Ok(event) => {
                seen.push(Mark::from(&event.unwrap()));
                handled.store(seen.len(), Ordering::Relaxed);
            }
            // What ends a stream is a program's matter, which then goes on after the last event that it has handled.
            Err(error) => {
                assert!(is_made_up(&error), "{error}");
                stream = events(&*server.lock().await).on_error(told.clone());
                if let Some(mark) = seen.last() {
                    stream = stream.after(mark.clone());
                }
            }
        }
    }
    let (all, restarts) = happening.await.unwrap();
    let ids: Vec<&String> = seen.iter().map(|mark| &mark.id).collect();
    assert_eq!(ids.len(), all.len());
    assert!(ids.iter().zip(&all).all(|(seen, all)| *seen == all), "in their order, each once");
    server.lock().await.behave();
    nothing(&mut stream).await;
    let failures = failures.load(Ordering::Relaxed);
    assert!(restarts == RESTARTS && failures > 20, "{restarts} restarts, {failures} failures");
}

#[tokio::test]
async fn a_backlog_of_thousands_is_read_and_handled_while_it_is_deleted() {
    let server = Server::start().await.unwrap();
    let old = history(&server);
    server.populate_with(HISTORY, 2_000, json!({ "event_type": "reaction_new" })).unwrap();
    let mut stream = events(&server).delete_handled();
    let mut seen = Vec::new();
    while seen.len() < 2_060 {
        seen.push(next(&mut stream).await.id);
    }
    assert_eq!(seen[..60], old);
    assert!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] != pair[1]));
    nothing(&mut stream).await;
    assert_eq!(history(&server), Vec::<String>::new());
}
