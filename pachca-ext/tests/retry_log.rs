//! What retries leave in the log. The only test of its process, because what a process logs is decided for all of it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod scripted;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use pachca_ext::{RetryLayer, RetryPolicy};
use tracing::field::{Empty, Field, Visit};
use tracing::span::{Id, Record};
use tracing::{Event, Instrument as _, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use scripted::{answer, call, wire};
use tower::{Layer as _, ServiceExt as _};

/// Writes down our events, and what is recorded on spans.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber> tracing_subscriber::Layer<S> for Log {
    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut line = Line("span".to_owned());
        values.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("pachca_ext") {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_retry_is_a_debug_event_and_the_span_is_told_the_sum() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(Registry::default().with(log.clone()));
    let (transport, _) = wire(|index, _| [answer(503, "2"), answer(429, "30"), answer(200, "")][index].clone());
    let waits = Arc::new(Mutex::new(Vec::new()));
    let seen = waits.clone();
    let policy = RetryPolicy::default().on_retry(move |retry| seen.lock().unwrap().push(retry.wait));
    let span = tracing::debug_span!("call", attempts = Empty, waited_ms = Empty);
    RetryLayer::new(policy).layer(transport).oneshot(call("get_profile", "/")).instrument(span).await.unwrap();

    let waits = waits.lock().unwrap();
    let total = waits.iter().sum::<std::time::Duration>();
    assert!(total >= std::time::Duration::from_secs(32));
    let lines = log.0.lock().unwrap();
    let event = |attempt: usize, reason: &str| {
        let wait = waits[attempt - 1].as_millis();
        format!("DEBUG message=trying again operation=\"get_profile\" attempt={attempt} reason={reason} wait_ms={wait}")
    };
    assert_eq!(lines[0], event(1, "answered 503 Service Unavailable"));
    assert_eq!(lines[1], event(2, "rate limited"));
    assert_eq!(lines[2..], ["span attempts=3".to_owned(), format!("span waited_ms={}", total.as_millis())]);
}
