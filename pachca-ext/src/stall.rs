//! Transfers that take as long as they are big: they are watched for standing still.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio::time::timeout;

tokio::task_local! {
    static WATCHED: ();
}

/// Whether the call that is running is watched, so that no clock need cut it off.
pub(crate) fn watched() -> bool {
    WATCHED.try_with(|()| ()).is_ok()
}

/// Runs a transfer until it is over, or has not moved for so long after it first did; then there is nothing.
///
/// Before that, whoever makes the connection has a timeout of its own, and the wait for one's turn has none.
pub(crate) async fn watch<F: Future>(transfer: F, moved: &Notify, patience: Option<Duration>) -> Option<F::Output> {
    let mut transfer = pin!(WATCHED.scope((), transfer));
    let mut patient = Duration::MAX;
    loop {
        let next = pin!(moved.notified());
        match timeout(patient, select(&mut transfer, next)).await {
            Ok(Either::Left((outcome, _))) => return Some(outcome),
            Ok(Either::Right(_)) => patient = patience.unwrap_or(Duration::MAX),
            Err(_) => return None,
        }
    }
}
