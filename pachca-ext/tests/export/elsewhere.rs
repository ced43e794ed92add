//! Where a download is led to.

use std::fmt::Write as _;

use pachca_ext::{ErrorKind, Pachca};
use pachca_tests::{Fault, Server};

use super::{export, listing, ordered};

/// What the download ends with when the server says that the export is at this address.
async fn led_to(server: &Server, pachca: &Pachca, id: i64, location: &str) -> Result<Vec<u8>, pachca_ext::Error> {
    server.misbehave(Fault::answer(302).header("location", location).on("download_export"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.zip");
    let outcome = export(pachca, id).download(&path).await;
    server.behave();
    match outcome {
        Ok(_) => Ok(std::fs::read(path).unwrap()),
        Err(error) => {
            assert!(listing(folder.path()).is_empty());
            Err(error)
        }
    }
}

#[tokio::test]
async fn redirects_are_followed_without_the_token() {
    let (server, pachca, id) = ordered().await;
    let elsewhere = Server::start().await.unwrap();
    let second = format!("{}/second?sig=5", elsewhere.storage_url());
    elsewhere.misbehave(Fault::answer(307).header("location", "third").on_download().times(1));
    elsewhere.misbehave(Fault::answer(302).header("location", &second).on_download().times(1));
    elsewhere.misbehave(Fault::answer(200).body("application/zip", "archive").on_download().times(1));
    let first = format!("{}/first", elsewhere.storage_url());
    assert_eq!(led_to(&server, &pachca, id, &first).await.unwrap(), b"archive");
    let requests = elsewhere.requests();
    let paths: Vec<_> = requests.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(paths, ["/storage/first", "/storage/third", "/storage/second"]);
    assert!(requests.iter().all(|request| !request.headers.contains_key("authorization")));
}

#[tokio::test]
async fn redirects_end_and_lead_to_http_only() {
    let (server, pachca, id) = ordered().await;
    let elsewhere = Server::start().await.unwrap();
    elsewhere.misbehave(Fault::answer(302).header("location", "again").on_download().times(20));
    let error = led_to(&server, &pachca, id, &format!("{}/first", elsewhere.storage_url())).await.unwrap_err();
    assert!(error.to_string().contains("redirected more than 5 times"), "{error}");
    assert_eq!((error.kind(), elsewhere.requests().len()), (ErrorKind::Server, 6));
    elsewhere.behave();

    for (location, words) in
        [("file:///etc/passwd", "at a `file` address"), ("ftp://127.0.0.1/a", "at a `ftp` address")]
    {
        let error = led_to(&server, &pachca, id, location).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        elsewhere.misbehave(Fault::answer(302).header("location", location).on_download().times(1));
        let error = led_to(&server, &pachca, id, &format!("{}/first", elsewhere.storage_url())).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    elsewhere.misbehave(Fault::answer(302).on_download().times(1));
    let error = led_to(&server, &pachca, id, &format!("{}/first", elsewhere.storage_url())).await.unwrap_err();
    assert!(error.to_string().contains("led nowhere"), "{error}");
}

#[tokio::test]
async fn no_failure_shows_the_address() {
    let (server, pachca, id) = ordered().await;
    let elsewhere = Server::start().await.unwrap();
    let address = format!("{}/a?X-Amz-Signature=s3cr3t", elsewhere.storage_url());
    let echo = format!("<Error><Code>AccessDenied</Code><Message>No {address}</Message></Error>");
    let mut shown = format!("{:?}", pachca.export(id));
    for fault in
        [Fault::answer(403).body("application/xml", &echo), Fault::reset(), Fault::answer(503), Fault::garbage()]
    {
        elsewhere.misbehave(fault.on_download());
        let error = led_to(&server, &pachca, id, &address).await.unwrap_err();
        elsewhere.behave();
        write!(shown, "{error}{error:?}{}", error.body()).unwrap();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(next) = cause.source() {
            write!(shown, "{next}{next:?}").unwrap();
            cause = next;
        }
    }
    let closed = "http://127.0.0.1:1/a?X-Amz-Signature=s3cr3t";
    write!(shown, "{:?}", led_to(&server, &pachca, id, closed).await.unwrap_err()).unwrap();
    assert!(shown.contains("[redacted]") && shown.contains("the download broke off"), "{shown}");
    assert!(!shown.contains("s3cr3t") && !shown.contains(server.token()), "{shown}");
}
