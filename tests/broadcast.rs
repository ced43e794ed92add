//! The client's own pacing against the server's limits, in real time.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use futures_util::{StreamExt as _, stream};
use pachca_ext::{Error, Pachca, RetryPolicy, types};
use pachca_tests::Server;
use tokio::sync::Mutex;

const MESSAGES: usize = 2_000;

const CHATS: usize = 500;

/// How many calls to chats that are not hot are under way; more would only keep the machine busy.
const IN_FLIGHT: usize = 16;

/// Slower than the limits allow by no more than this.
const OVERHEAD: f64 = 1.05;

/// The limits for one chat as `pachca-ext/src/rate_limit/limits.rs` has them: a burst of 129, then 4 a second, and never
/// more than 29 a second.
const BURST: u32 = 129;
const RATE: u32 = 4;
const PEAK: u32 = 29;

/// The tests run one after the other, because they measure time and would take it from each other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A server that keeps to the limits, and a client that does.
struct Talk {
    server: Server,
    pachca: Pachca,
}

impl Talk {
    async fn start() -> Self {
        let server = Server::builder().rate_limits(true).remember(2 * MESSAGES).start().await.unwrap();
        // What the server refuses is to be seen by the test and not mended.
        let builder = Pachca::builder(server.token()).base_url(server.base_url()).retry(RetryPolicy::never());
        let pachca = builder.build().unwrap();
        Self { server, pachca }
    }

    fn chats(&self, count: usize) -> Vec<i64> {
        let first = self.server.populate("/chats", count as u64).unwrap().as_i64().unwrap();
        (first..).take(count).collect()
    }

    async fn send(&self, chat: i64, number: usize) -> Result<i64, Error> {
        let message = types::MessageCreate::builder().entity_id(chat).content(format!("to {chat}: {number}"));
        Ok(self.pachca.create_message().body_map(|body| body.message(message)).send().await?.data.id)
    }

    /// Sends so many messages to each chat: the one chat that is hot gets all of its own at once, in one task each.
    async fn broadcast(&self, hot: Option<(i64, usize)>, others: &[(i64, usize)]) -> Duration {
        let started = Instant::now();
        let to_hot = hot.into_iter().flat_map(|(chat, count)| (0..count).map(move |number| self.send(chat, number)));
        // Round after round, as somebody would who writes the same to everyone.
        let most = others.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let rounds = (0..most).flat_map(|number| {
            others.iter().filter(move |(_, count)| number < *count).map(move |(chat, _)| (*chat, number))
        });
        let to_others = stream::iter(rounds)
            .map(|(chat, number)| self.send(chat, number))
            .buffer_unordered(IN_FLIGHT)
            .collect::<Vec<_>>();
        let (one, two) = join(join_all(to_hot), to_others).await;
        let took = started.elapsed();
        let failed = one.into_iter().chain(two).find_map(Result::err);
        assert!(failed.is_none(), "{failed:?}");
        took
    }

    /// Every message arrived once, and the server never had to refuse one.
    fn all_arrived(&self, expected: &[(i64, usize)]) {
        self.nothing_was_refused();
        let mut stored: HashMap<String, usize> = HashMap::new();
        for message in self.server.items("/messages") {
            *stored.entry(message["content"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        for (chat, count) in expected {
            for number in 0..*count {
                let text = format!("to {chat}: {number}");
                assert_eq!(stored.get(&text), Some(&1), "`{text}`");
            }
        }
        let total: usize = expected.iter().map(|(_, count)| count).sum();
        assert_eq!(self.server.requests().len(), total);
    }

    fn nothing_was_refused(&self) {
        let refused = self.server.requests().into_iter().find(|record| record.status == 429 || !record.processed);
        assert!(refused.is_none(), "{refused:?}");
    }
}

/// The shortest time in which the limits let so many messages into one chat.
fn at_least(messages: u32) -> Duration {
    let second = Duration::from_secs(1);
    let peak = second * messages.saturating_sub(1) / PEAK;
    peak.max(second * messages.saturating_sub(BURST) / RATE)
}

// The limits let four messages into each of 500 chats within 0.11 s. No server in a debug build takes 2,000 messages in
// that time, so that this test says nothing about the pace; the next one does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_to_500_chats_is_never_refused_and_arrives_once() {
    let _alone = ALONE.lock().await;
    let talk = Talk::start().await;
    let plan: Vec<(i64, usize)> = talk.chats(CHATS).into_iter().map(|chat| (chat, MESSAGES / CHATS)).collect();
    assert!(at_least(4) < Duration::from_millis(110));
    talk.broadcast(None, &plan).await;
    talk.all_arrived(&plan);
}

// One chat gets so many of the 2,000 messages that the limits and not the server decide how long all of them take: 190
// take 15.25 s, in which the others are sent long since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_is_as_fast_as_the_limits_allow() {
    let _alone = ALONE.lock().await;
    in_time(fast_broadcast).await;
}

async fn fast_broadcast() -> (Duration, Duration) {
    let talk = Talk::start().await;
    let chats = talk.chats(CHATS);
    let hot = (chats[0], 190);
    let (left, others) = (MESSAGES - hot.1, CHATS - 1);
    let plan: Vec<(i64, usize)> = chats[1..]
        .iter()
        .enumerate()
        .map(|(index, chat)| (*chat, left / others + usize::from(index < left % others)))
        .collect();
    let took = talk.broadcast(Some(hot), &plan).await;
    let all: Vec<(i64, usize)> = plan.into_iter().chain([hot]).collect();
    assert_eq!(all.iter().map(|(_, count)| count).sum::<usize>(), MESSAGES);
    talk.all_arrived(&all);
    (took, at_least(190))
}

/// Runs what takes some time beside what the limits allow. A machine may be busy with something else for a moment, so
/// one run of three has to be in time; none may be faster, which would mean that the figures above are not the
/// client's any more.
async fn in_time<F: Future<Output = (Duration, Duration)>>(run: impl Fn() -> F) {
    let mut late = Vec::new();
    for _ in 0..3 {
        let (took, bound) = run().await;
        assert!(took >= bound.mul_f64(0.98), "{took:?}, and the limits ask for {bound:?}");
        if took <= bound.mul_f64(OVERHEAD) {
            return;
        }
        late.push((took, bound));
    }
    panic!("too slow, as time taken and time allowed: {late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_editing_and_deleting_in_a_hot_chat_are_paced_together() {
    let _alone = ALONE.lock().await;
    in_time(hot_chat).await;
}

async fn hot_chat() -> (Duration, Duration) {
    let talk = Talk::start().await;
    let chat = talk.chats(1)[0];
    let started = Instant::now();
    let sent = join_all((0..100).map(|number| talk.send(chat, number))).await;
    let sent: Vec<i64> = sent.into_iter().map(Result::unwrap).collect();
    let talk = &talk;
    let edits = sent[..30].iter().map(|id| async move {
        let change = types::MessageUpdate::builder().content("edited".to_owned());
        talk.pachca.update_message().id(*id).body_map(|body| body.message(change)).send().await.map(drop)
    });
    let deletions = sent[30..60].iter().map(|id| async { talk.pachca.delete_message().id(*id).send().await.map(drop) });
    let (edits, deletions) = join(join_all(edits), join_all(deletions)).await;
    let took = started.elapsed();
    assert!(edits.into_iter().chain(deletions).all(|outcome| outcome.is_ok()));
    talk.nothing_was_refused();
    assert_eq!(talk.server.requests().len(), 160);
    (took, at_least(160))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_for_webhooks_is_paced_to_five_in_two_seconds() {
    let _alone = ALONE.lock().await;
    in_time(polling).await;
}

async fn polling() -> (Duration, Duration) {
    let talk = Talk::start().await;
    let started = Instant::now();
    let polls = join_all((0..16).map(|_| async { talk.pachca.get_webhook_events().limit(1).send().await })).await;
    let took = started.elapsed();
    assert!(polls.iter().all(Result::is_ok));
    talk.nothing_was_refused();
    assert_eq!(talk.server.requests().len(), 16);
    // Fifteen waits of 400 ms between sixteen polls.
    (took, Duration::from_secs(6))
}
