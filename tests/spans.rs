//! What a call tells to whoever listens.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pachca_ext::{Pachca, RetryPolicy};
use pachca_tests::{Fault, Server};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::test]
async fn a_span_tells_of_each_call_and_nothing_is_logged_above_debug() {
    let log = Log::default();
    let writer = log.clone();
    // The only test of its process, because what a process logs is decided for all of it at once.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let server = Server::start().await.unwrap();
    server.misbehave(Fault::answer(503).on("get_chat").times(1));
    let chat = server.ids("/chats")[0].as_i64().unwrap();
    let pachca = Pachca::builder(server.token())
        .base_url(server.base_url())
        .retry(RetryPolicy::default().base_backoff(Duration::from_millis(5)))
        .build()
        .unwrap();
    pachca.get_chat().id(chat).send().await.unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let close = text.lines().find(|line| line.contains("close") && line.contains("operation=\"get_chat\""));
    let close = close.unwrap_or_else(|| panic!("no span was closed in\n{text}"));
    for field in ["method=\"GET\"", "path=\"/chats/{id}\"", "status=200", "attempts=2", "waited_ms=", "request_id="] {
        assert!(close.contains(field), "{field} is missing in {close}");
    }
    let ours = text.lines().filter(|line| line.contains("pachca"));
    assert!(ours.clone().count() > 1 && !text.contains(&chat.to_string()), "{text}");
    assert!(!ours.clone().any(|line| line.contains("INFO") || line.contains("WARN") || line.contains("ERROR")));
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
