//! How calls are held to the limits.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "rate_limit/pauses.rs"]
mod pauses;
#[path = "rate_limit/retried.rs"]
mod retried;
mod scripted;

use std::time::Duration;

use futures_util::future::join_all;
use pachca_ext::api::reqwest::ResponseBuilderExt as _;
use pachca_ext::api::{Call, Operation, Transport, reqwest};
use pachca_ext::{Limit, RateLimitLayer, RateLimitService, RateLimits};
use scripted::{Sent, answer, call, wire};
use tokio::time::{Instant, sleep, timeout};
use tower::{Layer as _, ServiceExt as _};

type Limited = RateLimitService<Transport>;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A limited wire that always answers 200; a sending is told its chat and its message.
fn limited(limits: RateLimits) -> (Limited, Sent) {
    let (transport, sent) = wire(|index, path| {
        let mut response = answer(201, "");
        let chat = path.split('/').nth(1).unwrap_or_default();
        *response.body_mut() = format!(r#"{{"data":{{"id":{index},"chat_id":{chat}}}}}"#);
        response
    });
    (RateLimitLayer::new(limits).layer(transport), sent)
}

/// A sending to a chat; its path tells it apart, which the layer does not look at.
fn to_chat(chat: usize, label: usize) -> Call {
    to("discussion", chat, label)
}

fn to(kind: &str, id: usize, label: usize) -> Call {
    let mut call = call("create_message", &format!("/{id}/{label}"));
    let body = format!(r#"{{"message":{{"content":"Hello","entity_type":"{kind}","entity_id":{id}}}}}"#);
    *call.request.body_mut() = Some(body.into());
    call
}

async fn send_all(service: &Limited, calls: impl IntoIterator<Item = Call>) {
    for response in join_all(calls.into_iter().map(|call| service.clone().oneshot(call))).await {
        assert!(response.unwrap().status().is_success());
    }
}

/// The times of arrival, of the calls whose path begins so.
fn times(sent: &Sent, path: &str) -> Vec<Instant> {
    sent.lock().unwrap().iter().filter(|arrival| arrival.path.starts_with(path)).map(|arrival| arrival.at).collect()
}

/// The most arrivals in any window of a length, whose end is not part of it.
fn most_within(times: &[Instant], window: Duration) -> usize {
    let count =
        |(index, start): (usize, &Instant)| times[index..].iter().take_while(|at| **at < *start + window).count();
    times.iter().enumerate().map(count).max().unwrap_or(0)
}

/// The least time that a number of calls to one chat takes under the documented limit: 30 a second for 5 seconds, and
/// 4 a second after them.
fn documented(calls: usize) -> Duration {
    let after_first = calls.saturating_sub(1) as f64;
    Duration::from_secs_f64((after_first / 30.0).max(5.0 + (after_first - 150.0) / 4.0))
}

#[tokio::test(start_paused = true)]
async fn two_hundred_tasks_are_served_in_order_at_the_documented_rate() {
    let (service, sent) = limited(RateLimits::default());
    let started = Instant::now();
    let tasks: Vec<_> = (0..200)
        .map(|label| tokio::spawn(service.clone().oneshot(call("get_message", &format!("/messages/{label}")))))
        .collect();
    join_all(tasks).await;
    let paths: Vec<String> = sent.lock().unwrap().iter().map(|arrival| arrival.path.clone()).collect();
    assert_eq!(paths, (0..200).map(|label| format!("/messages/{label}")).collect::<Vec<_>>());
    assert_eq!(started.elapsed(), millis(199 * 100));
    assert_eq!(most_within(&times(&sent, ""), seconds(1)), 10);
}

#[tokio::test(start_paused = true)]
async fn who_comes_when_a_permit_is_free_does_not_overtake_those_who_wait_for_it() {
    let (service, sent) = limited(RateLimits::default());
    let arrive = |label: &'static str, at: u64| {
        let service = service.clone();
        tokio::spawn(async move {
            sleep(millis(at)).await;
            service.oneshot(call("get_message", label)).await
        })
    };
    // Timers of the same time go off in some order, so that some come before and some after those who wait.
    let tasks = [("/late", 100), ("/first", 0), ("/waits", 10), ("/waits", 11), ("/late", 100), ("/late", 200)];
    join_all(tasks.map(|(label, at)| arrive(label, at))).await;
    let paths: Vec<String> = sent.lock().unwrap().iter().map(|arrival| arrival.path.clone()).collect();
    assert_eq!(paths, ["/first", "/waits", "/waits", "/late", "/late", "/late"]);
}

#[tokio::test(start_paused = true)]
async fn each_class_has_its_documented_rate() {
    let classes = [
        ("get_message", 21, seconds(2)),
        ("list_chat_messages", 21, seconds(2)),
        ("get_webhook_events", 11, seconds(4)),
        ("get_profile", 101, seconds(2)),
        ("search_messages", 101, seconds(2)),
        ("create_chat", 101, seconds(2)),
    ];
    for (operation, calls, time) in classes {
        let (service, _) = limited(RateLimits::default());
        let started = Instant::now();
        send_all(&service, (0..calls).map(|_| call(operation, "/"))).await;
        assert_eq!(started.elapsed(), time, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_rounds_up_does_not_slow_the_rate() {
    // A thirtieth of a second is 33.3 ms, for which a timer waits 34.
    let (service, _) = limited(RateLimits::default().other(Limit::per_second(30)));
    let started = Instant::now();
    send_all(&service, (0..301).map(|_| call("get_profile", "/"))).await;
    assert!(started.elapsed() >= seconds(10) && started.elapsed() <= millis(10_001), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn values_without_sense_are_no_panic() {
    let limits = [
        Limit::new(0, Duration::MAX).burst(u32::MAX).peak(0),
        Limit::new(u32::MAX, Duration::from_nanos(1)),
        Limit::new(5, Duration::ZERO).burst(0),
        Limit::per_second(u32::MAX).burst(u32::MAX).peak(u32::MAX),
    ];
    for limit in limits {
        let (service, _) = limited(RateLimits::default().other(limit).sending(limit));
        send_all(&service, [call("get_profile", "/"), to_chat(1, 0)]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn reading_by_list_and_by_id_share_a_limit_and_classes_do_not() {
    let (service, _) = limited(RateLimits::default());
    let started = Instant::now();
    let reading = ["get_message", "list_chat_messages"].repeat(5);
    let calls = reading.into_iter().chain(["get_profile", "get_webhook_events"]).map(|operation| call(operation, "/"));
    send_all(&service, calls.chain([to_chat(1, 0)])).await;
    assert_eq!(started.elapsed(), millis(900));
}

#[tokio::test(start_paused = true)]
async fn two_chats_do_not_hinder_each_other() {
    let (service, sent) = limited(RateLimits::default().sending(Limit::per_second(4)));
    send_all(&service, (0..41).map(|label| to_chat(1, label)).chain([to_chat(2, 0), to("user", 3, 0)])).await;
    let [first, second, user] = ["/1/", "/2/", "/3/"].map(|path| times(&sent, path));
    assert_eq!((second[0], user[0]), (first[0], first[0]));
    assert_eq!(*first.last().unwrap() - first[0], seconds(10));
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_takes_what_the_limits_allow_and_never_exceeds_them() {
    for chats in [500, 100, 10, 1] {
        let (service, sent) = limited(RateLimits::default());
        let started = Instant::now();
        send_all(&service, (0..2_000).map(|message| to_chat(message % chats, message))).await;
        let allowed = documented(2_000 / chats);
        assert!(started.elapsed() <= allowed.mul_f64(1.05), "{chats}: {:?} for {allowed:?}", started.elapsed());
        for chat in 0..chats {
            let times = times(&sent, &format!("/{chat}/"));
            assert_eq!(times.len(), 2_000 / chats);
            assert!(most_within(&times, seconds(1)) <= 30);
            // From the 5 seconds of the burst on, every longer time has 4 a second more.
            for window in [5, 6, 10, 60] {
                assert!(most_within(&times, seconds(window)) <= 150 + 4 * (window as usize - 5), "{window}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_there_again_after_a_time_of_quiet() {
    let (service, sent) = limited(RateLimits::default().sending(Limit::per_second(4).burst(8)));
    for round in 0..3 {
        send_all(&service, (0..8).map(|label| to_chat(1, round * 8 + label))).await;
        sleep(seconds(2)).await;
    }
    let times = times(&sent, "");
    assert_eq!(most_within(&times, millis(1)), 8);
    assert_eq!(times[16] - times[0], seconds(4));
}

#[tokio::test(start_paused = true)]
async fn editing_and_deleting_count_against_the_chat_of_the_message() {
    let (service, sent) = limited(RateLimits::default().sending(Limit::per_second(4)));
    let sending = service.clone().oneshot(to_chat(1, 0)).await.unwrap();
    assert_eq!(sending.status(), 201, "the answer is given back");
    assert_eq!(sending.text().await.unwrap(), r#"{"data":{"id":0,"chat_id":1}}"#);
    let started = Instant::now();
    let changes = ["update_message", "delete_message", "update_message"];
    send_all(&service, changes.map(|operation| call(operation, "/messages/0"))).await;
    assert_eq!(started.elapsed(), millis(750));
    // The next sending to the chat waits for them.
    send_all(&service, [to_chat(1, 1), to_chat(2, 0)]).await;
    assert_eq!(started.elapsed(), seconds(1));
    assert_eq!(times(&sent, "/2/0")[0], started + millis(750));
}

#[tokio::test(start_paused = true)]
async fn unknown_messages_share_one_limit() {
    let (service, _) = limited(RateLimits::default().sending(Limit::per_second(4)));
    let started = Instant::now();
    let mut streamed = to_chat(1, 0);
    *streamed.request.body_mut() = None;
    let changes = (0..8).map(|id| call("update_message", &format!("/messages/{id}")));
    send_all(&service, changes.chain([streamed, to_chat(1, 1)])).await;
    assert_eq!(started.elapsed(), seconds(2));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_read_is_given_back_whole() {
    let (transport, _) = wire(|_, _| {
        let address = "http://pachca.test/here".parse().unwrap();
        let response = http::Response::builder().url(address).status(201).header("x-request-id", "17").extension(5_u8);
        response.body("not what was described".to_owned()).unwrap()
    });
    let response = RateLimitLayer::new(RateLimits::default()).layer(transport).oneshot(to_chat(1, 0)).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["x-request-id"].as_bytes()), (201, b"17".as_slice()));
    assert_eq!((response.extensions().get::<u8>(), response.url().as_str()), (Some(&5), "http://pachca.test/here"));
    assert_eq!(response.text().await.unwrap(), "not what was described");
}

#[tokio::test(start_paused = true)]
async fn what_leaves_pachca_takes_no_permit() {
    let upload = Operation::all().iter().find(|operation| !operation.authenticated).unwrap();
    let (service, _) = limited(RateLimits::default().other(Limit::new(1, seconds(60))));
    let started = Instant::now();
    send_all(&service, (0..50).map(|_| call(upload.name, "/"))).await;
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn limits_can_be_turned_off_together_and_one_by_one() {
    let all = || ["get_message", "get_profile", "get_webhook_events", "update_message"].repeat(500);
    let calls = || all().into_iter().map(|operation| call(operation, "/messages/1"));
    let (service, _) = limited(RateLimits::off());
    let started = Instant::now();
    send_all(&service, calls()).await;
    assert_eq!(started.elapsed(), Duration::ZERO);
    let (service, _) = limited(RateLimits::default().reading(None).sending(None).webhook_events(None));
    send_all(&service, calls()).await;
    assert_eq!(started.elapsed(), millis(499 * 20));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_gives_its_place_up() {
    let (service, sent) = limited(RateLimits::default().other(Limit::new(1, seconds(10))));
    let impatient = |label: usize| {
        let service = service.clone();
        async move { timeout(seconds(5), service.oneshot(call("get_profile", &format!("/impatient/{label}")))).await }
    };
    let patient = service.clone().oneshot(call("get_profile", "/patient"));
    let (_, first, second, patient) =
        tokio::join!(service.clone().oneshot(call("get_profile", "/first")), impatient(1), impatient(2), patient);
    assert!(first.is_err() && second.is_err() && patient.is_ok());
    let (times, paths) =
        (times(&sent, ""), sent.lock().unwrap().iter().map(|sent| sent.path.clone()).collect::<Vec<_>>());
    assert_eq!(paths, ["/first", "/patient"]);
    assert_eq!(times[1] - times[0], seconds(10));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_keeps_nobody_waiting() {
    let slow = Transport::new(tower::service_fn(|_: Call| async {
        sleep(seconds(30)).await;
        Ok(reqwest::Response::from(answer(200, "")))
    }));
    let service = RateLimitLayer::new(RateLimits::default()).layer(slow);
    let started = Instant::now();
    send_all(&service, (0..11).map(|_| call("get_message", "/"))).await;
    assert_eq!(started.elapsed(), seconds(31));
}
