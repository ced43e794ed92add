//! Limits and retries together.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use pachca_ext::api::{Call, Transport, reqwest};
use pachca_ext::{Limit, RateLimitLayer, RateLimits, RetryLayer, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tower::{Layer as _, ServiceExt as _};

use crate::scripted::{Arrival, answer, call, call_at, wire};
use crate::{most_within, seconds, times, to_chat};

#[tokio::test(start_paused = true)]
async fn each_attempt_of_a_retried_call_takes_a_permit() {
    let (transport, sent) = wire(|_, _| answer(503, ""));
    let policy = RetryPolicy::default().base_backoff(Duration::ZERO);
    let limits = RateLimits::default().other(Limit::new(1, seconds(10)));
    let service = RetryLayer::new(policy).layer(RateLimitLayer::new(limits).layer(transport));
    let started = Instant::now();
    service.oneshot(call("get_profile", "/")).await.unwrap();
    assert_eq!(times(&sent, ""), [0, 10, 20, 30].map(|at| started + seconds(at)));
}

#[tokio::test(start_paused = true)]
async fn the_queue_does_not_use_up_the_time_for_attempts() {
    let given = Arc::new(Mutex::new(Vec::new()));
    let log = given.clone();
    let transport = Transport::new(tower::service_fn(move |call: Call| {
        log.lock().unwrap().push(call.request.timeout().copied());
        async move { Ok(reqwest::Response::from(answer(503, ""))) }
    }));
    let policy = RetryPolicy::default().base_backoff(Duration::ZERO).total_time(seconds(5));
    let limits = RateLimits::default().other(Limit::new(1, seconds(60)));
    let service = RetryLayer::new(policy).layer(RateLimitLayer::new(limits).layer(transport));
    service.oneshot(call("get_profile", "/")).await.unwrap();
    assert_eq!(*given.lock().unwrap(), [Some(seconds(5)); 4]);
}

#[tokio::test(start_paused = true)]
async fn retries_and_limits_together_deliver_each_message_of_a_refused_broadcast_once() {
    // The server refuses every seventh call, and asks for a second.
    let (transport, sent) = wire(|index, _| if index % 7 == 0 { answer(429, "1") } else { answer(201, "") });
    let layers = (RetryLayer::new(RetryPolicy::default()), RateLimitLayer::new(RateLimits::default()));
    let service = layers.layer(transport);
    let answers = join_all((0..400).map(|label| service.clone().oneshot(to_chat(label % 20, label)))).await;
    let delivered = answers.into_iter().filter(|answer| answer.as_ref().unwrap().status() == 201).count();
    let refused = sent.lock().unwrap().len() - delivered;
    assert!(delivered >= 396 && refused >= 60, "{delivered} {refused}");
    let carried_out = |(index, arrival): (usize, &Arrival)| (index % 7 != 0).then(|| arrival.path.clone());
    let carried_out: Vec<String> = sent.lock().unwrap().iter().enumerate().filter_map(carried_out).collect();
    let once: HashSet<&String> = carried_out.iter().collect();
    assert_eq!((once.len(), carried_out.len()), (delivered, delivered), "none arrived twice");
    for chat in 0..20 {
        assert!(most_within(&times(&sent, &format!("/{chat}/")), seconds(1)) <= 30);
    }
}

#[tokio::test]
async fn a_sending_whose_answer_breaks_off_is_an_error_and_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(Mutex::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            *counter.lock().unwrap() += 1;
            let _read = socket.read(&mut [0; 4096]).await;
            let _written = socket.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{\"data\"").await;
        }
    });
    let layers = (RetryLayer::new(RetryPolicy::default()), RateLimitLayer::new(RateLimits::default()));
    let service = layers.layer(Transport::direct(reqwest::Client::new()));
    assert!(service.oneshot(call_at(&base, "create_message", "/messages")).await.is_err());
    assert_eq!(*connections.lock().unwrap(), 1);
}
