//! Walks over the lists of a server that pages badly, and over one without end in sight.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use futures_util::TryStreamExt as _;
use pachca_ext::{Error, ErrorKind, Pachca, Paginate as _, RateLimits, RetryPolicy};
use pachca_tests::{Fault, PageFault, Server, memory};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How many users are added to those that the server has.
const CROWD: u64 = 380;

/// So many times as long as any of these walks takes, so that only one without end is cut off.
const LONG: Duration = Duration::from_secs(60);

/// The tests run one after the other, because one of them measures the memory of all of them.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A client in a hurry: no waits for its turn, and no second attempts that would hide the first.
fn client(token: &str, base_url: String) -> Pachca {
    let builder = Pachca::builder(token).base_url(base_url).retry(RetryPolicy::never());
    builder.rate_limits(RateLimits::off()).build().unwrap()
}

/// A server with 500 users, and a client for it.
async fn crowded() -> (Server, Pachca) {
    let server = Server::start().await.unwrap();
    server.populate("/users", CROWD).unwrap();
    let pachca = client(server.token(), server.base_url());
    (server, pachca)
}

/// The ids of all users in the order of the walk, and what ended it before its end.
async fn walk(pachca: &Pachca) -> (Vec<i64>, Option<Error>) {
    let mut ids = Vec::new();
    let walked = timeout(LONG, async {
        let mut users = pachca.list_users().limit(50).items();
        while let Some(user) = users.try_next().await? {
            ids.push(user.id);
        }
        Ok(())
    });
    let outcome = walked.await.unwrap();
    (ids, outcome.err())
}

fn says_why(error: &Error, operation: &str, words: &str) {
    let text = error.to_string();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decoding, Some(operation)), "{text}");
    assert!(text.contains(operation) && text.contains(words) && text.contains("unfinished"), "{text}");
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_ends_the_walk_with_an_error_that_says_so() {
    let _alone = ALONE.lock().await;
    let (server, pachca) = crowded().await;
    // A repeated cursor needs one to repeat, so that only the second page can have it.
    for (fault, words, pages) in [
        (PageFault::RepeatedCursor, "a cursor again", 2),
        (PageFault::MissingCursor, "gives no cursor", 1),
        (PageFault::EmptyCursor, "gives no cursor", 1),
    ] {
        let before = server.requests().len();
        server.misbehave(Fault::page(fault));
        let (ids, error) = walk(&pachca).await;
        says_why(&error.unwrap(), "list_users", words);
        assert_eq!(server.requests().len() - before, pages, "{fault:?}");
        assert_eq!(ids.len(), pages * 50, "{fault:?}");

        // A search does not say whether there is more, but how many there are.
        let before = server.requests().len();
        let search = pachca.search_users().limit(50).items();
        let error = timeout(LONG, search.collect_all()).await.unwrap().unwrap_err();
        says_why(&error, "search_users", words);
        assert_eq!(server.requests().len() - before, pages, "{fault:?} in a search");
        server.behave();
    }
}

#[tokio::test]
async fn a_cursor_that_is_repeated_in_the_middle_keeps_what_came_before() {
    let _alone = ALONE.lock().await;
    let (server, pachca) = crowded().await;
    let (all, error) = walk(&pachca).await;
    assert!(error.is_none() && all.len() == 500, "{error:?}, {} users", all.len());
    server.misbehave(Fault::page(PageFault::RepeatedCursor).chance(0.3));
    let (ids, error) = walk(&pachca).await;
    says_why(&error.unwrap(), "list_users", "a cursor again");
    assert!(ids.len() < 500 && all.starts_with(&ids), "{} users", ids.len());
}

#[tokio::test]
async fn empty_and_short_pages_lose_nothing() {
    let _alone = ALONE.lock().await;
    let (server, pachca) = crowded().await;
    let (all, _) = walk(&pachca).await;
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 500);
    for fault in [PageFault::Empty, PageFault::Short] {
        server.misbehave(Fault::page(fault).chance(0.5));
        let before = server.requests().len();
        for _ in 0..3 {
            let (ids, error) = walk(&pachca).await;
            assert!(error.is_none(), "{fault:?}: {error:?}");
            assert!(ids == all, "{fault:?}: {} of 500 users", ids.len());
        }
        server.behave();
        let hit = server.requests()[before..].iter().filter(|record| record.fault.is_some()).count();
        assert!(hit > 5, "{fault:?} hit {hit} pages");
    }
    // Several in a row, from the first page on.
    server.misbehave(Fault::page(PageFault::Empty).times(4));
    assert!(walk(&pachca).await.0 == all);
}

#[tokio::test]
async fn a_server_that_tells_nothing_but_the_next_page_is_walked_to_its_end() {
    let _alone = ALONE.lock().await;
    let (server, pachca) = crowded().await;
    let (all, _) = walk(&pachca).await;
    let before = server.requests().len();
    server.misbehave(Fault::page(PageFault::OnlyNextPage));
    let (ids, error) = walk(&pachca).await;
    assert!(error.is_none(), "{error:?}");
    assert!(ids == all, "{} of 500 users", ids.len());
    // Only an empty page says that the ten before it were all.
    assert_eq!(server.requests().len() - before, 11);
}

/// A list whose pages are made when they are asked for, so that it takes no memory itself.
struct Endless {
    /// A user as JSON, up to its id and from there on.
    before: String,
    after: String,
}

#[derive(Deserialize)]
struct Asked {
    limit: u64,
    cursor: Option<String>,
}

impl Endless {
    /// Starts it; the path begins with how many users there are to be.
    async fn start() -> String {
        // A user of the ordinary server, with a number in the place of its id that stands nowhere else.
        let mut user = Server::start().await.unwrap().items("/users")[0].clone();
        user["id"] = json!(123_454_321);
        let text = user.to_string();
        let (before, after) = text.split_once("123454321").unwrap();
        let endless = Arc::new(Self { before: before.to_owned(), after: after.to_owned() });
        let router = Router::new().route("/{total}/users", axum::routing::get(Self::page)).with_state(endless);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    async fn page(
        State(endless): State<Arc<Self>>,
        Path(total): Path<u64>,
        Query(Asked { limit, cursor }): Query<Asked>,
    ) -> String {
        let start: u64 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let end = total.min(start + limit);
        let users: Vec<String> = (start..end).map(|id| format!("{}{id}{}", endless.before, endless.after)).collect();
        let paginate = json!({ "next_page": end.to_string(), "has_next": end < total });
        format!(r#"{{"data":[{}],"meta":{{"paginate":{paginate}}}}}"#, users.join(","))
    }
}

/// The most memory, in KiB, that the process held while so many users were walked over.
async fn most_memory(base: &str, total: i64) -> Option<u64> {
    let pachca = client("token", format!("{base}/{total}"));
    let mut users = pachca.list_users().limit(50).items();
    let (mut seen, mut most) = (0, memory("VmRSS")?);
    while let Some(user) = users.try_next().await.unwrap() {
        assert_eq!(user.id, seen);
        seen += 1;
        if seen % 500 == 0 {
            most = most.max(memory("VmRSS")?);
        }
    }
    assert_eq!(seen, total);
    Some(most)
}

#[tokio::test]
async fn the_memory_of_a_walk_does_not_grow_with_the_list() {
    let _alone = ALONE.lock().await;
    let base = Endless::start().await;
    let (Some(few), Some(many)) = (most_memory(&base, 1_000).await, most_memory(&base, 200_000).await) else {
        println!("skipped: only Linux tells how much memory a process holds in /proc/self/status");
        return;
    };
    // Two hundred thousand users that are kept take a hundred times as much.
    assert!(many.saturating_sub(few) < 8 * 1024, "{few} KiB for 1,000 users, {many} KiB for 200,000");
}

/// The most memory, in KiB, that the process held while a stream of events read so many.
async fn most_memory_of_events(total: usize) -> Option<u64> {
    let server = Server::builder().remember(10).start().await.unwrap();
    let old = server.ids("/webhooks/events").len();
    server.populate("/webhooks/events", u64::try_from(total - old).unwrap()).unwrap();
    let mut events = client(server.token(), server.base_url()).events();
    let mut most = memory("VmRSS")?;
    for seen in 0..total {
        timeout(LONG, events.try_next()).await.unwrap().unwrap().unwrap();
        if seen % 50 == 0 {
            most = most.max(memory("VmRSS")?);
        }
    }
    Some(most)
}

#[tokio::test]
async fn the_memory_of_a_stream_of_events_does_not_grow_with_the_history() {
    let _alone = ALONE.lock().await;
    let (Some(few), Some(many)) = (most_memory_of_events(1_000).await, most_memory_of_events(30_000).await) else {
        println!("skipped: only Linux tells how much memory a process holds in /proc/self/status");
        return;
    };
    // As on the wire, thirty thousand events take many times as much.
    assert!(many.saturating_sub(few) < 8 * 1024, "{few} KiB for 1,000 events, {many} KiB for 30,000");
}
