//! Exports: waited for, and fetched safely.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "export/broken.rs"]
mod broken;
#[path = "export/elsewhere.rs"]
mod elsewhere;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use pachca_ext::{ErrorKind, Export, Pachca, RetryPolicy, types};
use pachca_tests::{Fault, Server};
use serde_json::json;

/// A server with an export that was ordered.
async fn ordered() -> (Server, Pachca, i64) {
    let server = Server::start().await.unwrap();
    let policy = RetryPolicy::default().base_backoff(Duration::from_millis(5)).max_backoff(Duration::from_millis(20));
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).retry(policy).build().unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (first, last) = (day("2026-03-01"), day("2026-03-31"));
    let hook = format!("{}/hook", server.storage_url());
    let order = pachca.request_export().body_map(|body| body.start_at(first).end_at(last).webhook_url(hook));
    order.send().await.unwrap();
    let id = server.ids("/chats/exports").last().unwrap().as_i64().unwrap();
    (server, pachca, id)
}

/// Waits in a hurry.
fn export(pachca: &Pachca, id: i64) -> Export<'_> {
    pachca.export(id).poll_interval(Duration::from_millis(10)).max_wait(Duration::from_secs(10))
}

/// The bytes that the server has of an export.
fn archive(server: &Server, id: i64) -> Vec<u8> {
    server.stored(&format!("exports/{id}.json")).unwrap().to_vec()
}

/// What is in a folder.
fn listing(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// How often the export's address was asked for, and how often its file.
fn steps(server: &Server) -> (usize, usize) {
    let requests = server.requests();
    let count = |part: &str| requests.iter().filter(|request| request.path.contains(part)).count();
    (count("/chats/exports/"), count("/storage/exports/"))
}

fn not_ready() -> Fault {
    let item =
        json!({ "key": "id", "value": "5", "message": "Not yet", "code": "export_file_not_found", "payload": null });
    Fault::answer(404).json(&json!({ "errors": [item] })).on("download_export")
}

#[tokio::test]
async fn the_webhook_hands_over_the_export_which_is_fetched_without_the_token() {
    let (server, pachca, _) = ordered().await;
    let webhook = async {
        loop {
            match server.requests().into_iter().find(|request| request.path.ends_with("/hook")) {
                Some(webhook) => return webhook.body,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let webhook = tokio::time::timeout(Duration::from_secs(10), webhook).await.unwrap();
    let ready: types::ExportWebhookPayload = serde_json::from_slice(&webhook).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.zip");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let export = pachca.export(ready.export_id);
    let size =
        export.on_progress(move |got, total| log.lock().unwrap().push((got, total))).download(&path).await.unwrap();
    let archive = archive(&server, ready.export_id);
    assert_eq!((std::fs::read(&path).unwrap(), size), (archive.clone(), archive.len() as u64));
    // The server proposes a name outside of the folder, which nobody takes.
    assert_eq!(listing(folder.path()), ["messages.zip"]);
    assert_eq!(*seen.lock().unwrap(), [(0, size), (size, size)]);
    let fetched = server.requests().pop().unwrap();
    assert!(fetched.path.contains("/storage/exports/") && fetched.query.contains("X-Amz-Signature="), "{fetched:?}");
    assert!(!fetched.headers.contains_key("authorization"));
    assert_eq!(steps(&server), (1, 1));
}

#[tokio::test]
async fn an_export_is_waited_for_with_longer_and_longer_pauses() {
    let (server, pachca, id) = ordered().await;
    server.misbehave(not_ready().times(4));
    export(&pachca, id).wait().await.unwrap();
    let asked: Vec<_> =
        server.requests().into_iter().filter(|request| request.path.contains("/chats/exports/")).collect();
    let pauses: Vec<_> = asked.windows(2).map(|pair| pair[1].arrived.saturating_sub(pair[0].arrived)).collect();
    for (pause, least) in pauses.iter().zip([10, 20, 40, 80]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }
    assert_eq!(steps(&server), (5, 0));
}

#[tokio::test]
async fn waiting_has_an_end_and_other_failures_end_it_at_once() {
    let (server, pachca, id) = ordered().await;
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let waiting = export(&pachca, 7).max_wait(Duration::from_millis(200));
    let error = waiting.download(folder.path().join("a.zip")).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("download_export")));
    assert!(error.to_string().contains("export 7 was not ready after 0.2 s"), "{error}");
    assert!(
        (Duration::from_millis(200)..Duration::from_secs(8)).contains(&started.elapsed()),
        "{:?}",
        started.elapsed()
    );
    assert!(listing(folder.path()).is_empty());

    let (before, _) = steps(&server);
    server.misbehave(Fault::answer(403).on("download_export"));
    let error = export(&pachca, id).wait().await.unwrap_err();
    assert_eq!((error.kind(), steps(&server).0 - before), (ErrorKind::Permission, 1));
    server.behave();
    server.misbehave(Fault::answer(404).on("download_export"));
    let error = export(&pachca, id).wait().await.unwrap_err();
    assert_eq!((error.kind(), steps(&server).0 - before), (ErrorKind::NotFound, 2));
}

#[tokio::test]
async fn a_file_that_is_there_is_not_overwritten() {
    let (server, pachca, id) = ordered().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.zip");
    std::fs::write(&path, "precious").unwrap();
    let error = export(&pachca, id).download(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("messages.zip") && error.to_string().contains("choose another name"), "{error}");
    assert_eq!(steps(&server), (0, 0));

    // Not even if it comes while the download is going on.
    let late = folder.path().join("late.zip");
    let other = late.clone();
    let meddling = export(&pachca, id).on_progress(move |_, _| std::fs::write(&other, "precious").unwrap());
    let error = meddling.download(&late).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    for path in [path, late] {
        assert_eq!(std::fs::read_to_string(path).unwrap(), "precious");
    }
    assert_eq!(listing(folder.path()).len(), 2);

    let error = export(&pachca, id).download(folder.path().join("no folder/a.zip")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Io && error.to_string().contains("no folder/a.zip"), "{error}");
}

#[tokio::test]
async fn the_file_appears_only_when_it_is_complete() {
    let (server, pachca, id) = ordered().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.zip");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, place) = (seen.clone(), folder.path().to_owned());
    let export = export(&pachca, id).on_progress(move |_, _| log.lock().unwrap().extend(listing(&place)));
    export.download(&path).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert!(
        !seen.is_empty() && seen.iter().all(|name| name.starts_with(".export-") && name.ends_with(".part")),
        "{seen:?}"
    );

    // Whoever gives up leaves nothing behind.
    server.misbehave(Fault::silence().on_download());
    let given_up = export.download(folder.path().join("never.zip"));
    tokio::time::timeout(Duration::from_millis(300), given_up).await.unwrap_err();
    assert_eq!(listing(folder.path()), ["messages.zip"]);
}
