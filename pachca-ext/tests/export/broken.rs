//! Downloads that break off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pachca_ext::{ErrorKind, Pachca, RetryPolicy};
use pachca_tests::{Fault, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{archive, export, listing, ordered, steps};

/// Fetches the export into an empty folder, and gives what is then in its file.
async fn fetched(pachca: &Pachca, id: i64) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.zip");
    export(pachca, id).download(&path).await.unwrap();
    assert_eq!(listing(folder.path()), ["messages.zip"]);
    std::fs::read(path).unwrap()
}

/// The header of each request for the file.
fn headers(server: &Server, name: &str) -> Vec<Option<String>> {
    let requests = server.requests().into_iter().filter(|request| request.path.contains("/storage/exports/"));
    requests.map(|request| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_was() {
    let (server, pachca, id) = ordered().await;
    // Halves of what is left: as long as it gets further, it is not given up.
    server.misbehave(Fault::half_body().on_download().times(6));
    let content = fetched(&pachca, id).await;
    assert_eq!(content, archive(&server, id));
    let ranges = headers(&server, "range");
    let half = format!("bytes={}-", content.len() / 2);
    assert_eq!((ranges.len(), &ranges[0], ranges[1].as_deref()), (7, &None, Some(half.as_str())));
    let tags = headers(&server, "if-range");
    assert!(tags[0].is_none() && tags[1..].iter().all(|tag| tag.as_ref().is_some_and(|tag| tag.starts_with('"'))));
    assert!(headers(&server, "authorization").iter().all(Option::is_none));
}

#[tokio::test]
async fn what_has_changed_or_is_sent_whole_is_taken_from_the_start() {
    let (server, pachca, id) = ordered().await;
    server.misbehave(Fault::half_body().on_download().times(1));
    server.misbehave(Fault::answer(200).body("application/zip", "another archive").on_download().times(1));
    assert_eq!(fetched(&pachca, id).await, b"another archive");
    assert_eq!(steps(&server), (2, 2));
    server.behave();

    // A part that nobody asked for is not taken for the one that is missing.
    server.misbehave(Fault::half_body().on_download().times(1));
    let wrong = Fault::answer(206).header("content-range", "bytes 1-4/5").body("application/zip", "oops");
    server.misbehave(wrong.on_download().times(1));
    assert_eq!(fetched(&pachca, id).await, archive(&server, id));
    let ranges = headers(&server, "range");
    assert_eq!(ranges[ranges.len() - 1], None);
}

#[tokio::test]
async fn a_part_that_is_shorter_than_what_was_asked_for_is_not_the_rest() {
    let (server, pachca, id) = ordered().await;
    let content = String::from_utf8(fetched(&pachca, id).await).unwrap();
    let (half, before) = (content.len() / 2, steps(&server).1);
    server.misbehave(Fault::half_body().on_download().times(1));
    let range = format!("bytes {half}-{}/{}", half + 3, content.len());
    let part = Fault::answer(206).header("content-range", &range).body("application/zip", &content[half..half + 4]);
    server.misbehave(part.on_download().times(1));
    assert_eq!(fetched(&pachca, id).await, content.as_bytes());
    let last = headers(&server, "range").pop().unwrap();
    assert_eq!((steps(&server).1 - before, last), (3, Some(format!("bytes={}-", half + 4))));
}

#[tokio::test]
async fn an_address_that_has_expired_is_asked_for_again() {
    let (server, pachca, id) = ordered().await;
    server.misbehave(Fault::half_body().on_download().times(1));
    server.misbehave(Fault::expired().on_download().times(1));
    assert_eq!(fetched(&pachca, id).await, archive(&server, id));
    assert_eq!(steps(&server), (3, 3));

    server.misbehave(Fault::expired().on_download());
    let folder = tempfile::tempdir().unwrap();
    let error = export(&pachca, id).download(folder.path().join("a.zip")).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Permission, Some("download_export")));
    assert!(error.to_string().contains("403 Forbidden: Signed for a time that has expired"), "{error}");
    assert_eq!(steps(&server), (5, 5));
    assert!(listing(folder.path()).is_empty());
}

#[tokio::test]
async fn the_signature_of_an_address_is_good_for_a_while_only() {
    let (server, pachca, id) = ordered().await;
    let address = pachca.download_export().id(id).send().await.unwrap().into_inner().into_url();
    let get = |url| async { pachca.http().get::<pachca_api::reqwest::Url>(url).send().await.unwrap() };
    assert_eq!(get(address.clone()).await.status(), 200);
    let mut bare = address.clone();
    bare.set_query(None);
    assert_eq!(get(bare).await.status(), 403);
    server.expire_addresses();
    let refused = get(address).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.unwrap().contains("Request has expired"));
    assert_eq!(fetched(&pachca, id).await, archive(&server, id));
}

#[tokio::test]
async fn what_another_attempt_may_mend_is_tried_again_and_then_told() {
    let (server, pachca, id) = ordered().await;
    for fault in [Fault::reset(), Fault::garbage(), Fault::answer(503), Fault::answer(429).header("retry-after", "0")] {
        let before = steps(&server).1;
        let shown = fault.to_string();
        server.misbehave(fault.on_download().times(3));
        assert_eq!(fetched(&pachca, id).await, archive(&server, id), "{shown}");
        assert_eq!(steps(&server).1 - before, 4, "{shown}");
    }
}

#[tokio::test]
async fn getting_as_far_again_and_again_is_not_getting_further() {
    let (server, pachca, id) = ordered().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/a.zip", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let store = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let length = connection.read(&mut request).await.unwrap();
            // Without a tag nothing says that what is missing is still the same.
            assert!(!String::from_utf8_lossy(&request[..length]).to_lowercase().contains("range:"));
            count.fetch_add(1, Ordering::SeqCst);
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf").await.unwrap();
        }
    });
    server.misbehave(Fault::answer(302).header("location", &address).on("download_export"));
    let folder = tempfile::tempdir().unwrap();
    let error = export(&pachca, id).download(folder.path().join("a.zip")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("the download broke off"), "{error}");
    // The first to come so far counts as progress, and four come no further.
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert!(listing(folder.path()).is_empty());
    store.abort();
}

#[tokio::test]
async fn a_download_that_stands_still_is_given_up() {
    let (server, _, id) = ordered().await;
    server.misbehave(Fault::silence().on_download());
    let policy = RetryPolicy::never().attempt_timeout(Duration::from_millis(200));
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).retry(policy).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = export(&pachca, id).download(folder.path().join("a.zip")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("nothing has moved for 0.2 s"), "{error}");
}
