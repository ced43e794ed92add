//! How long a call has waited for its turn, told from the limiter to the retries around it.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

tokio::task_local! {
    static QUEUED: Cell<Duration>;
}

/// Runs a call whose waits are counted.
pub(crate) fn counted<F: Future>(call: F) -> impl Future<Output = F::Output> {
    QUEUED.scope(Cell::new(Duration::ZERO), call)
}

/// Adds a wait to the call that is running, if somebody counts.
pub(crate) fn add(wait: Duration) {
    // An error only says that nobody counts.
    let _ = QUEUED.try_with(|queued| queued.set(queued.get() + wait));
}

/// All waits of the call that is running.
pub(crate) fn total() -> Duration {
    QUEUED.try_with(Cell::get).unwrap_or_default()
}
