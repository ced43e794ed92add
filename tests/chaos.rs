//! Ten thousand calls to a server that fails a tenth of them in every way there is.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http::HeaderValue;
use pachca_api::{Call, Transport};
use pachca_ext::{Error, ErrorKind, Pachca, RateLimits, RetryPolicy, types};
use pachca_tests::{Fault, Recorded, Server};
use tokio::runtime::{Builder, Handle};
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

const CALLS: usize = 10_000;

const IN_FLIGHT: usize = 64;

/// Few enough that many a call fails although it was tried again.
const ATTEMPTS: u32 = 2;

/// Much longer than the server takes for anything, even when other programs keep the machine busy.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// How much of the attempts each of the faults hits, so that all of them together hit a tenth.
const CHANCE: f64 = 0.006;

/// How much of the new connections is hung up on. Connections are made only after faults that break others.
const HANG_UP: f64 = 0.2;

/// The header that says whose attempt it is. Any client may send it, and the server does not read it.
const MARK: &str = "baggage";

tokio::task_local! {
    /// The number of the call that is running, and how many attempts were made for it.
    static RUNNING: (usize, Cell<u32>);
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Post,
    Put,
    Delete,
    Users,
    Profile,
}

/// Whether a call is tried again after a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Again {
    Always,
    Never,
    /// Unless it is a POST, because that may have been done.
    Replayable,
    /// Nobody but the operating system decides whether the connection counts as made, and nothing was done anyway.
    Either,
}

/// How a call ended.
struct Ended {
    attempts: u32,
    error: Option<Error>,
}

/// Every fault, what it has to look like to a caller, and whether it is tried again. The words are those of a record.
fn table() -> Vec<(Fault, &'static str, ErrorKind, Again)> {
    use Again::{Always, Never, Replayable};
    use ErrorKind::{Decoding, RateLimited, Server, Timeout, Transport};

    let too_fast = |wait| Fault::answer(429).header("retry-after", wait).text("Too many requests\n");
    let late = || Fault::delay(ATTEMPT_TIMEOUT + Duration::from_secs(1));
    vec![
        (too_fast("0"), "answer 429", RateLimited, Always),
        (too_fast("1"), "answer 429", RateLimited, Always),
        (Fault::daily_cap(), "daily cap", RateLimited, Never),
        (Fault::answer(500), "answer 500", Server, Never),
        (Fault::answer(502).html("<h1>Bad gateway</h1>"), "answer 502", Server, Replayable),
        (Fault::answer(503), "answer 503", Server, Replayable),
        (Fault::answer(503).after_processing(), "answer 503 after processing", Server, Replayable),
        (Fault::answer(504), "answer 504", Server, Replayable),
        (Fault::reset(), "reset", Transport, Replayable),
        (Fault::reset().after_reading(), "reset after reading", Transport, Replayable),
        (Fault::reset().after_processing(), "reset after processing", Transport, Replayable),
        (Fault::garbage(), "garbage", Transport, Replayable),
        (Fault::garbage().after_processing(), "garbage after processing", Transport, Replayable),
        (Fault::half_body(), "half body", Transport, Replayable),
        (Fault::cut_body(), "cut body", Decoding, Never),
        (late(), "delay", Timeout, Replayable),
        (late().after_processing(), "delay after processing", Timeout, Replayable),
    ]
}

impl Deed {
    fn of(number: usize) -> Self {
        match number % 20 {
            0..8 => Self::Post,
            8..12 => Self::Put,
            12..15 => Self::Delete,
            15..18 => Self::Users,
            _ => Self::Profile,
        }
    }

    /// Does it; call by call, each with a text and a message of its own.
    async fn run(self, pachca: &Pachca, number: usize, chat: i64, first: i64) -> Result<(), Error> {
        let message = first + i64::try_from(number).unwrap();
        match self {
            Self::Post => {
                let sent = types::MessageCreate::builder().entity_id(chat).content(text(number));
                pachca.create_message().body_map(|body| body.message(sent)).send().await?;
            }
            Self::Put => {
                let change = types::MessageUpdate::builder().content(text(number));
                pachca.update_message().id(message).body_map(|body| body.message(change)).send().await?;
            }
            Self::Delete => {
                pachca.delete_message().id(message).send().await?;
            }
            Self::Users => {
                pachca.list_users().limit(3).send().await?;
            }
            Self::Profile => {
                pachca.get_profile().send().await?;
            }
        }
        Ok(())
    }

    /// The kind of error that a fault of the last attempt makes of this call, and whether the call is tried again.
    fn expected(self, fault: &str) -> (Option<ErrorKind>, Again) {
        match (fault, self) {
            // Nothing can be cut from an answer without a body, and its head is what breaks in two.
            ("cut body", Self::Delete) => (None, Again::Never),
            ("half body", Self::Delete) => (Some(ErrorKind::Transport), Again::Always),
            ("hang up", Self::Post) => (Some(ErrorKind::Transport), Again::Either),
            ("hang up", _) => (Some(ErrorKind::Transport), Again::Always),
            _ => {
                let (_, _, kind, again) = table().into_iter().find(|(_, words, ..)| *words == fault).unwrap();
                let again = match again {
                    Again::Replayable if self == Self::Post => Again::Never,
                    Again::Replayable => Again::Always,
                    other => other,
                };
                (Some(kind), again)
            }
        }
    }
}

fn text(number: usize) -> String {
    format!("call {number}")
}

/// Marks each attempt with its call; it sits below the retries and sees all of them.
fn marking(transport: Transport) -> Transport {
    Transport::new(tower::service_fn(move |mut call: Call| {
        let mark = RUNNING.with(|(number, attempts)| {
            attempts.set(attempts.get() + 1);
            format!("call={number},attempt={}", attempts.get())
        });
        call.request.headers_mut().insert(MARK, HeaderValue::from_str(&mark).unwrap());
        transport.clone().oneshot(call)
    }))
}

/// The call and the attempt that a request belongs to.
fn marked(record: &Recorded) -> (usize, u32) {
    let mark = record.headers[MARK].to_str().unwrap();
    let (call, attempt) = mark.strip_prefix("call=").unwrap().split_once(",attempt=").unwrap();
    (call.parse().unwrap(), attempt.parse().unwrap())
}

#[test]
fn each_post_arrives_at_most_once_each_error_tells_its_kind_and_nothing_hangs_or_leaks() {
    // The server has a runtime of its own, so that the tasks of the other one are the client's alone.
    let runtime = || Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (serving, calling) = (runtime(), runtime());
    let server = serving.block_on(Server::builder().remember(4 * CALLS).start()).unwrap();
    calling.block_on(async { timeout(Duration::from_secs(120), storm(&server)).await }).unwrap();
    drop(server);
    serving.shutdown_timeout(Duration::from_secs(5));
}

async fn storm(server: &Server) {
    let chat = server.ids("/chats")[0].as_i64().unwrap();
    let fields = serde_json::json!({ "entity_id": chat, "chat_id": chat, "content": "Before the storm" });
    let first = server.populate_with("/messages", CALLS as u64, fields).unwrap().as_i64().unwrap();
    for (fault, ..) in table() {
        server.misbehave(fault.chance(CHANCE));
    }
    server.misbehave(Fault::hang_up().chance(HANG_UP));
    let tasks = Handle::current().metrics().num_alive_tasks();

    let policy = RetryPolicy::default()
        .max_attempts(ATTEMPTS)
        .base_backoff(Duration::from_millis(10))
        .attempt_timeout(ATTEMPT_TIMEOUT)
        .without_budget();
    let pachca = Pachca::builder(server.token())
        .base_url(server.base_url())
        .retry(policy)
        .rate_limits(RateLimits::off())
        .layer(tower::layer::layer_fn(marking))
        .build()
        .unwrap();
    let calls = stream::iter(0..CALLS).map(|number| {
        let pachca = pachca.clone();
        let call = async move {
            let outcome = Deed::of(number).run(&pachca, number, chat, first).await;
            Ended { attempts: RUNNING.with(|(_, attempts)| attempts.get()), error: outcome.err() }
        };
        let call = tokio::spawn(RUNNING.scope((number, Cell::new(0)), call));
        async move { (number, call.await.unwrap()) }
    });
    let ended: HashMap<usize, Ended> = calls.buffer_unordered(IN_FLIGHT).collect().await;
    drop(pachca);
    no_task_is_left_over(tasks).await;
    judge(server, &ended);
}

/// The tasks of the connections end with the client.
async fn no_task_is_left_over(before: usize) {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let gone = timeout(Duration::from_secs(10), async {
        while alive() > before {
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(gone.await.is_ok(), "{} tasks are left where {before} were", alive());
}

/// Judged by the text, which is another one for each call: what was sent, and what the server keeps.
fn each_post_arrived_at_most_once(server: &Server, attempts: &BTreeMap<(usize, u32), Recorded>) {
    let mut stored: HashMap<String, usize> = HashMap::new();
    for message in server.items("/messages") {
        *stored.entry(message["content"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let mut done: HashMap<usize, usize> = HashMap::new();
    for ((number, _), record) in attempts.iter().filter(|(_, record)| record.processed) {
        *done.entry(*number).or_default() += 1;
        let body = String::from_utf8_lossy(&record.body);
        assert!(record.method != "POST" || body.contains(&format!("\"{}\"", text(*number))), "{number}: {body}");
    }
    for number in (0..CALLS).filter(|number| Deed::of(*number) == Deed::Post) {
        let done = done.get(&number).copied().unwrap_or_default();
        assert!(done <= 1, "call {number} arrived {done} times");
        assert_eq!(stored.get(&text(number)).copied().unwrap_or_default(), done, "call {number}");
    }
}

fn judge(server: &Server, ended: &HashMap<usize, Ended>) {
    let mut attempts: BTreeMap<(usize, u32), Recorded> = BTreeMap::new();
    for record in server.requests() {
        let mark = marked(&record);
        let again = attempts.insert(mark, record);
        assert!(again.is_none(), "something below the retries sent {mark:?} twice");
    }
    each_post_arrived_at_most_once(server, &attempts);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    assert_eq!(ended.len(), CALLS);
    for (number, ended) in ended {
        let deed = Deed::of(*number);
        // What is not recorded never got past the new connection that was hung up on.
        let faults: Vec<Option<&str>> = (1..=ended.attempts)
            .map(|attempt| attempts.get(&(*number, attempt)).map_or(Some("hang up"), |record| record.fault.as_deref()))
            .collect();
        for fault in faults.iter().flatten() {
            *met.entry(fault).or_default() += 1;
        }
        let done =
            (1..=ended.attempts).filter(|attempt| attempts.get(&(*number, *attempt)).is_some_and(|r| r.processed));
        let done = done.count();
        let about = format!("call {number}, {deed:?}, hit by {faults:?}, ended with {:?}", ended.error);
        let (last, earlier) = faults.split_last().unwrap();
        for fault in earlier {
            let again = fault.map(|fault| deed.expected(fault).1);
            assert!(matches!(again, Some(Again::Always | Again::Either)), "must not be tried again: {about}");
        }
        let kind = ended.error.as_ref().map(Error::kind);
        // It is gone already, by an attempt whose answer was lost.
        let gone = deed == Deed::Delete && done > 0 && ended.attempts > 1 && kind == Some(ErrorKind::NotFound);
        match last.map(|fault| deed.expected(fault)) {
            // A refusal keeps its status even where its body breaks off.
            _ if gone => {}
            Some((expected, again)) => {
                assert_eq!(kind, expected, "{about}");
                assert!(again != Again::Always || ended.attempts == ATTEMPTS, "must be tried again: {about}");
            }
            None => assert_eq!(kind, None, "{about}"),
        }
        if *last == Some("daily cap") {
            let wait = ended.error.as_ref().and_then(Error::retry_after);
            assert!(wait >= Some(Duration::from_secs(3_600)), "the wait is lost: {about}");
        }
        if kind.is_none() {
            assert!(done >= 1, "succeeded without being done: {about}");
        }
    }
    // Otherwise it was fair weather, and nothing is proven.
    let faults: usize = met.values().sum();
    assert!((CALLS / 13..CALLS / 6).contains(&faults), "{met:?}");
    for words in table().iter().map(|(_, words, ..)| *words).chain(["hang up"]) {
        assert!(met.contains_key(words), "`{words}` hit nothing: {met:?}");
    }
}
