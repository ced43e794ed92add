//! When a call is tried again, and when it is not.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "retry/connections.rs"]
mod connections;
mod scripted;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use futures_util::stream;
use pachca_ext::api::{Call, Transport, reqwest};
use pachca_ext::{RetryLayer, RetryPolicy};
use scripted::{Sent, answer, call, wire};
use tokio::time::{Instant, advance, sleep, timeout};
use tower::{Layer as _, ServiceExt as _};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Sends one call through the layer.
async fn send(policy: RetryPolicy, transport: Transport, call: Call) -> reqwest::Result<reqwest::Response> {
    RetryLayer::new(policy).layer(transport).oneshot(call).await
}

/// The times between attempts.
fn gaps(sent: &Sent) -> Vec<Duration> {
    sent.lock().unwrap().windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

fn count(sent: &Sent) -> usize {
    sent.lock().unwrap().len()
}

/// Answers once and then 200.
fn once(status: u16, retry_after: &'static str) -> (Transport, Sent) {
    wire(move |index, _| if index == 0 { answer(status, retry_after) } else { answer(200, "") })
}

#[tokio::test(start_paused = true)]
async fn a_429_is_retried_for_any_method_and_waits_at_least_what_it_says() {
    for operation in ["create_message", "get_profile", "update_message", "delete_message"] {
        let (transport, sent) = once(429, "3");
        let response = send(RetryPolicy::default(), transport, call(operation, "/")).await.unwrap();
        assert_eq!(response.status(), 200, "{operation}");
        let gap = gaps(&sent)[0];
        // A millisecond is what timers are rounded up to.
        assert!(gap >= seconds(3) && gap <= Duration::from_millis(3_301), "{operation}: {gap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_says_it_with_a_date_as_well() {
    let (transport, sent) = wire(|index, _| match index {
        0 => answer(429, &httpdate::fmt_http_date(SystemTime::now() + seconds(10))),
        _ => answer(200, ""),
    });
    send(RetryPolicy::default(), transport, call("create_message", "/")).await.unwrap();
    let gap = gaps(&sent)[0];
    // A date has whole seconds, and the real clock goes on during the test.
    assert!(gap >= seconds(8) && gap <= seconds(11), "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_wait_that_can_be_read_it_is_the_backoff() {
    for wish in ["", "-5", "soon", "0", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        let (transport, sent) = once(429, wish);
        send(RetryPolicy::default(), transport, call("create_message", "/")).await.unwrap();
        assert!(gaps(&sent)[0] <= Duration::from_millis(501), "{wish}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_the_cap_is_returned_at_once() {
    for (wish, attempts) in [("61", 1), ("3600", 1), ("18446744073709551615", 1), ("60", 2)] {
        let (transport, sent) = once(429, wish);
        let started = Instant::now();
        let response = send(RetryPolicy::default(), transport, call("create_message", "/")).await.unwrap();
        assert_eq!(count(&sent), attempts, "{wish}");
        if attempts == 1 {
            assert_eq!((response.status().as_u16(), started.elapsed()), (429, Duration::ZERO), "{wish}");
            assert_eq!(response.headers()["retry-after"], wish, "the caller is told");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_the_total_time_is_returned_at_once() {
    let (transport, sent) = once(429, "10");
    let started = Instant::now();
    let policy = RetryPolicy::default().total_time(seconds(10));
    let response = send(policy, transport, call("create_message", "/")).await.unwrap();
    assert_eq!((response.status().as_u16(), count(&sent)), (429, 1));
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_total_time_bounds_attempts_and_waits_together() {
    // Each attempt takes 4 seconds and each wait at least 3; after the second there are 13 - 4 - 3.3 - 4 left.
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = attempts.clone();
    let slow = Transport::new(tower::service_fn(move |call: Call| {
        counter.fetch_add(1, Ordering::SeqCst);
        let timeout = call.request.timeout().copied();
        async move {
            assert!(timeout.is_some_and(|timeout| timeout <= seconds(13)), "{timeout:?}");
            sleep(seconds(4)).await;
            Ok(reqwest::Response::from(answer(503, "3")))
        }
    }));
    let started = Instant::now();
    let policy = RetryPolicy::default().total_time(seconds(13)).max_attempts(100);
    let response = send(policy, slow, call("get_profile", "/")).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert!(started.elapsed() <= seconds(13));
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_given_the_smallest_of_its_times() {
    let given = Arc::new(Mutex::new(Vec::new()));
    let log = given.clone();
    let transport = Transport::new(tower::service_fn(move |call: Call| {
        log.lock().unwrap().push(call.request.timeout().copied());
        async move { Ok(reqwest::Response::from(answer(503, "20"))) }
    }));
    let policy = RetryPolicy::default().total_time(seconds(60)).attempt_timeout(seconds(30));
    send(policy.clone(), transport.clone(), call("get_profile", "/")).await.unwrap();
    let mut own = call("get_profile", "/");
    *own.request.timeout_mut() = Some(seconds(5));
    send(policy.max_attempts(1), transport.clone(), own).await.unwrap();
    let free = RetryPolicy::never().total_time(None).attempt_timeout(None);
    send(free, transport, call("get_profile", "/")).await.unwrap();
    let given = given.lock().unwrap();
    // 60 seconds are left at first, 40 to 38 after one wait and 20 to 16 after two.
    assert_eq!(given[..2], [Some(seconds(30)), Some(seconds(30))]);
    assert!(given[2].is_some_and(|third| third >= seconds(15) && third <= seconds(20)), "{given:?}");
    assert_eq!(given[3..], [Some(seconds(5)), None]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_is_asked_again_with_a_growing_bounded_backoff() {
    for status in [502, 503, 504] {
        for operation in ["get_profile", "update_message", "delete_message", "create_thread"] {
            let (transport, sent) = wire(move |_, _| answer(status, ""));
            let policy = RetryPolicy::default().max_attempts(6).max_backoff(seconds(2)).without_budget();
            let response = send(policy, transport, call(operation, "/")).await.unwrap();
            assert_eq!(response.status(), status);
            let longest = [501, 1_001, 2_001, 2_001, 2_001].map(Duration::from_millis);
            let gaps = gaps(&sent);
            assert_eq!(gaps.len(), longest.len(), "{operation}");
            assert!(gaps.iter().zip(longest).all(|(gap, longest)| *gap <= longest), "{gaps:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_that_says_when_to_come_back_is_asked_then() {
    let (transport, sent) = once(503, "7");
    send(RetryPolicy::default(), transport, call("get_profile", "/")).await.unwrap();
    let gap = gaps(&sent)[0];
    assert!(gap >= seconds(7) && gap <= Duration::from_millis(7_701), "{gap:?}");
    let (transport, sent) = once(503, "61");
    send(RetryPolicy::default(), transport, call("get_profile", "/")).await.unwrap();
    assert_eq!(count(&sent), 1);
}

#[tokio::test(start_paused = true)]
async fn a_post_that_may_have_been_carried_out_is_sent_exactly_once() {
    for status in [502, 503, 504] {
        for (operation, retry_after) in [("create_message", ""), ("create_message", "1"), ("create_chat", "")] {
            let (transport, sent) = once(status, retry_after);
            let response = send(RetryPolicy::default(), transport, call(operation, "/")).await.unwrap();
            assert_eq!((response.status().as_u16(), count(&sent)), (status, 1), "{operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_other_answer_is_final() {
    for status in [200, 204, 302, 400, 401, 402, 403, 404, 408, 409, 410, 422, 500, 501] {
        let (transport, sent) = once(status, "1");
        let response = send(RetryPolicy::default(), transport, call("get_profile", "/")).await.unwrap();
        assert_eq!((response.status().as_u16(), count(&sent)), (status, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_streamed_body_is_sent_once() {
    for status in [429, 503] {
        let (transport, sent) = once(status, "1");
        let mut call = call("update_message", "/");
        let chunks = stream::iter([Ok::<_, std::io::Error>("a chunk")]);
        *call.request.body_mut() = Some(reqwest::Body::wrap_stream(chunks));
        let response = send(RetryPolicy::default(), transport, call).await.unwrap();
        assert_eq!((response.status().as_u16(), count(&sent)), (status, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_leaves_pachca_is_not_sent_again_after_an_answer() {
    let upload = pachca_ext::api::Operation::all().iter().find(|operation| !operation.authenticated).unwrap();
    let (transport, sent) = once(503, "");
    let mut call = call(upload.name, "/");
    *call.request.method_mut() = reqwest::Method::PUT;
    send(RetryPolicy::default(), transport, call).await.unwrap();
    assert_eq!(count(&sent), 1);
}

#[tokio::test(start_paused = true)]
async fn never_means_one_attempt() {
    let (transport, sent) = once(429, "1");
    send(RetryPolicy::never(), transport, call("get_profile", "/")).await.unwrap();
    assert_eq!(count(&sent), 1);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let (transport, sent) = wire(|_, _| answer(503, ""));
    let service = RetryLayer::new(RetryPolicy::default()).layer(transport);
    join_all((0..1_000).map(|_| service.clone().oneshot(call("get_profile", "/")))).await;
    // A fifth of 1,000 calls, and 10 a second for 10 seconds; without the budget there would be 3,000 retries.
    assert_eq!(count(&sent), 1_000 + 200 + 100);
    // The calls are forgotten after 10 seconds, and the reserve is there again.
    advance(seconds(30)).await;
    sent.lock().unwrap().clear();
    join_all((0..20).map(|_| service.clone().oneshot(call("get_profile", "/")))).await;
    assert_eq!(count(&sent), 20 * 4);
}

#[tokio::test(start_paused = true)]
async fn clones_share_the_budget_and_layers_do_not() {
    let (transport, sent) = wire(|_, _| answer(503, ""));
    let policy = RetryPolicy::default().budget(0, 1);
    let layer = RetryLayer::new(policy.clone());
    join_all((0..100).map(|_| layer.clone().layer(transport.clone()).oneshot(call("get_profile", "/")))).await;
    assert_eq!(count(&sent), 110);
    join_all((0..5).map(|_| send(policy.clone(), transport.clone(), call("get_profile", "/")))).await;
    assert_eq!(count(&sent), 110 + 5 * 4);
}

#[tokio::test(start_paused = true)]
async fn the_budget_does_not_stop_what_the_server_asks_for() {
    let (transport, sent) = once(429, "1");
    send(RetryPolicy::default().budget(0, 0), transport, call("get_profile", "/")).await.unwrap();
    assert_eq!(count(&sent), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_stops() {
    let (transport, sent) = wire(|_, _| answer(429, "3"));
    let cancelled = timeout(seconds(1), send(RetryPolicy::default(), transport, call("get_profile", "/"))).await;
    assert!(cancelled.is_err());
    sleep(seconds(600)).await;
    assert_eq!(count(&sent), 1);
}

#[tokio::test(start_paused = true)]
async fn an_observer_sees_each_retry() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let (transport, sent) = wire(|index, _| [answer(503, "2"), answer(429, "1"), answer(200, "")][index].clone());
    let policy = RetryPolicy::default().on_retry(move |retry| {
        let words = format!("{} {} {}", retry.operation.name, retry.attempt, retry.reason);
        log.lock().unwrap().push((words, retry.wait));
    });
    send(policy, transport, call("get_profile", "/")).await.unwrap();
    let seen = seen.lock().unwrap();
    let words: Vec<&str> = seen.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(words, ["get_profile 1 answered 503 Service Unavailable", "get_profile 2 rate limited"]);
    for ((_, wait), gap) in seen.iter().zip(gaps(&sent)) {
        assert!(gap >= *wait && gap - *wait <= Duration::from_millis(1), "{wait:?} {gap:?}");
    }
}
