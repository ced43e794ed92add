//! What late events leave in the log. The only test of its process, because what a process logs is decided for all of it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use pachca_ext::{Pachca, RetryPolicy};
use pachca_tests::{Fault, Server};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_failure_that_is_waited_out_is_a_warning() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::answer(503).times(2));
    let builder = Pachca::builder(server.token()).base_url(server.base_url()).retry(RetryPolicy::never());
    let mut events = builder.build().unwrap().events().backoff(Duration::ZERO, Duration::ZERO);
    events.try_next().await.unwrap().unwrap();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().map(|line| line.split_once("WARN ").unwrap().1).collect();
    for (line, attempt) in lines.iter().zip(1..) {
        let expected = format!(
            "pachca_ext::events::poller: the events are late attempt={attempt} wait_ms=0 \
             error=`get_webhook_events` was answered 503 Service Unavailable"
        );
        assert!(line.starts_with(&expected), "{line}");
    }
    assert_eq!(lines.len(), 2);
    assert!(!text.contains(server.token()), "{text}");
}
