//! What a 429 does to the calls after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use pachca_ext::api::{Call, Transport, reqwest};
use pachca_ext::{Limit, RateLimitLayer, RateLimits};
use tokio::time::{Instant, sleep, timeout};
use tower::{Layer as _, ServiceExt as _};

use crate::scripted::{Sent, answer, call, wire};
use crate::{Limited, millis, seconds, send_all, times, to_chat};

/// A wire that answers the first call with 429 and all others with 200.
fn refusing_once(limits: RateLimits, retry_after: &str) -> (Limited, Sent) {
    let retry_after = retry_after.to_owned();
    let (transport, sent) = wire(move |index, _| answer(if index == 0 { 429 } else { 200 }, &retry_after));
    (RateLimitLayer::new(limits).layer(transport), sent)
}

#[tokio::test(start_paused = true)]
async fn a_429_pauses_its_bucket_for_all_tasks_and_no_other() {
    let (service, sent) = refusing_once(RateLimits::default(), "7");
    let started = Instant::now();
    let tasks = (0..20).map(|_| call("get_profile", "/other")).chain([call("get_message", "/reading")]);
    join_all(tasks.map(|call| service.clone().oneshot(call))).await;
    let times_of_other = times(&sent, "/other");
    // The one that was refused, and then those that were already waiting, in turn and at the rate.
    assert_eq!(times_of_other[0], started);
    assert_eq!(times_of_other[1], started + seconds(7));
    assert_eq!(times_of_other[19], started + seconds(7) + millis(18 * 20));
    assert_eq!(times(&sent, "/reading")[0], started);
}

#[tokio::test(start_paused = true)]
async fn a_429_for_one_chat_pauses_that_chat() {
    let (service, sent) = refusing_once(RateLimits::default(), "7");
    let started = Instant::now();
    service.clone().oneshot(to_chat(1, 0)).await.unwrap();
    send_all(&service, [to_chat(1, 1), to_chat(2, 0)]).await;
    assert_eq!((times(&sent, "/1/1")[0], times(&sent, "/2/0")[0]), (started + seconds(7), started));
}

#[tokio::test(start_paused = true)]
async fn a_429_says_its_pause_with_a_date_as_well_and_none_is_none() {
    let (service, _) = refusing_once(RateLimits::default(), &httpdate::fmt_http_date(SystemTime::now() + seconds(20)));
    let started = Instant::now();
    service.clone().oneshot(call("get_profile", "/")).await.unwrap();
    send_all(&service, [call("get_profile", "/")]).await;
    assert!(started.elapsed() >= seconds(17) && started.elapsed() <= seconds(20), "{:?}", started.elapsed());
    for wish in ["", "-7", "soon"] {
        let (service, _) = refusing_once(RateLimits::default(), wish);
        let started = Instant::now();
        service.clone().oneshot(call("get_profile", "/")).await.unwrap();
        send_all(&service, [call("get_profile", "/")]).await;
        assert_eq!(started.elapsed(), millis(20), "{wish}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_too_long_to_wait_for_is_answered_without_sending() {
    let (service, sent) = refusing_once(RateLimits::default().sending(Limit::per_second(4)), "3600");
    let started = Instant::now();
    // Those that wait already are answered as well.
    let answers = join_all((0..50).map(|label| service.clone().oneshot(to_chat(1, label)))).await;
    assert!(started.elapsed() <= millis(251));
    assert_eq!(times(&sent, "").len(), 1, "each attempt during the daily cap would double it");
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (429, b"3600".as_slice()));
    }
    sleep(seconds(1_800)).await;
    let held_back = service.clone().oneshot(to_chat(1, 0)).await.unwrap();
    assert_eq!(held_back.url().path(), "/1/0");
    let left: u64 = held_back.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1_799..=1_800).contains(&left), "{left}");
    assert_eq!(held_back.text().await.unwrap(), "not sent: the server has asked for a pause");
    // Other chats and other operations go on, and so does this one when the time is over.
    send_all(&service, [to_chat(2, 0), call("get_profile", "/")]).await;
    sleep(seconds(1_800)).await;
    send_all(&service, [to_chat(1, 0)]).await;
    assert_eq!(times(&sent, "").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_long_refusal_of_one_operation_holds_no_other_back() {
    let (service, sent) = refusing_once(RateLimits::default(), "90");
    service.clone().oneshot(call("request_export", "/")).await.unwrap();
    let started = Instant::now();
    send_all(&service, [call("get_profile", "/"), call("list_users", "/")]).await;
    assert!(started.elapsed() <= millis(60));
    assert_eq!(service.clone().oneshot(call("request_export", "/")).await.unwrap().status(), 429);
    assert_eq!(times(&sent, "").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_longest_pause_can_be_set() {
    let (service, sent) = refusing_once(RateLimits::default().max_pause(seconds(100)), "100");
    let started = Instant::now();
    service.clone().oneshot(call("get_profile", "/")).await.unwrap();
    send_all(&service, [call("get_profile", "/")]).await;
    assert_eq!((started.elapsed(), times(&sent, "").len()), (seconds(100), 2));
}

#[tokio::test(start_paused = true)]
async fn a_pause_without_end_is_no_panic() {
    let (service, _) = refusing_once(RateLimits::default().max_pause(Duration::MAX), "18446744073709551615");
    service.clone().oneshot(call("get_profile", "/")).await.unwrap();
    assert!(timeout(seconds(3_600), service.oneshot(call("get_profile", "/"))).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_when_a_long_refusal_comes_are_answered_with_it() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counter = tries.clone();
    let slow = Transport::new(tower::service_fn(move |_: Call| {
        counter.fetch_add(1, Ordering::SeqCst);
        async {
            sleep(millis(300)).await;
            Ok(reqwest::Response::from(answer(429, "3600")))
        }
    }));
    let service = RateLimitLayer::new(RateLimits::default().sending(Limit::per_second(4))).layer(slow);
    let started = Instant::now();
    let answers = join_all((0..50).map(|label| service.clone().oneshot(to_chat(1, label)))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 429));
    // The second was on its way when the first was refused; the third had its turn when it was.
    assert_eq!((tries.load(Ordering::SeqCst), started.elapsed()), (2, millis(550)));
}
