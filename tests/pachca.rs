//! The configured client, from its settings to the wire.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pachca_api::{Call, Transport};
use pachca_ext::{Error, ErrorKind, Pachca, RetryPolicy, types};
use pachca_tests::{Fault, Server};
use tower::ServiceExt as _;

fn quick() -> RetryPolicy {
    RetryPolicy::default().base_backoff(Duration::from_millis(5)).max_backoff(Duration::from_millis(20))
}

#[tokio::test]
async fn a_users_layer_sees_every_attempt_with_its_operation() {
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::answer(503).on("list_chats").times(2));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let layer = tower::layer::layer_fn(move |inner: Transport| {
        let log = Arc::clone(&log);
        tower::service_fn(move |call: Call| {
            log.lock().unwrap().push((call.operation.name, call.operation.path));
            inner.clone().oneshot(call)
        })
    });
    let builder = Pachca::builder(server.token()).base_url(server.base_url()).user_agent("kitchen-bot/2");
    let pachca = builder.retry(quick()).layer(layer).build().unwrap();
    pachca.clone().list_chats().limit(50).send().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [("list_chats", "/chats"); 3]);
    let agent = server.requests()[0].headers["user-agent"].to_str().unwrap().to_owned();
    assert!(agent.starts_with("kitchen-bot/2 pachca-api/"), "{agent}");
}

#[tokio::test]
async fn an_attempt_and_all_attempts_have_their_timeouts() {
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::silence());
    let started = Instant::now();
    let policy = quick().total_time(Duration::from_millis(500));
    let builder = Pachca::builder(server.token()).base_url(server.base_url()).timeout(Duration::from_millis(150));
    let pachca = builder.retry(policy).build().unwrap();
    let error: Error = pachca.get_profile().send().await.unwrap_err().into();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("get_profile")));
    let attempts = server.requests().len();
    assert!((2..=4).contains(&attempts), "{attempts} attempts");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());

    let message = types::MessageCreate::builder().entity_id(1).content("Hi");
    let error: Error = pachca.create_message().body_map(|body| body.message(message)).send().await.unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(server.requests().len(), attempts + 1, "a message that may have arrived is not sent again");
}

#[tokio::test]
async fn a_long_wait_is_given_to_the_caller_with_its_length() {
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::daily_cap());
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build().unwrap();
    let started = Instant::now();
    let message = types::MessageCreate::builder().entity_id(1).content("Hi");
    let error: Error = pachca.create_message().body_map(|body| body.message(message)).send().await.unwrap_err().into();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(3600))));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(server.requests().len(), 1);
}

/// The variables are those of a process, so each case runs this test in a process of its own.
#[test]
fn the_environment_gives_token_and_address() {
    const CASE: &str = "PACHCA_TEST_CASE";
    if std::env::var_os(CASE).is_some() {
        match Pachca::from_env() {
            Ok(_) => println!("built"),
            Err(error) => println!("refused: {error}"),
        }
        return;
    }
    for (token, url, expected) in [
        (None, None, "refused: set PACHCA_TOKEN to the token"),
        (Some(" "), None, "refused: set PACHCA_TOKEN to the token"),
        (Some("tkn-5"), None, "built"),
        (Some("tkn-5"), Some("https://pachca.example/api/shared/v1/"), "built"),
        (Some("tkn-5"), Some("pachca.example"), "refused: the base URL must be an absolute http(s) address"),
    ] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "the_environment_gives_token_and_address", "--nocapture"]).env(CASE, "1");
        for (name, value) in [("PACHCA_TOKEN", token), ("PACHCA_API_URL", url)] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(output.contains(expected), "{token:?} {url:?}: {output}");
    }
}
