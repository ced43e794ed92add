//! Every failure says what it was, where, and what to do.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse as _;
use pachca_api::Client;
use pachca_ext::{Error, ErrorKind};

const TOKEN: &str = "tkn-90c1d77e";

/// What `list_bots` fails with when the server answers so.
async fn failure(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Error {
    let headers: Vec<(HeaderName, HeaderValue)> =
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
    let router = Router::new().fallback(async move || {
        let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
        response.headers_mut().extend(headers);
        response
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let error = question_mark(&Client::builder(TOKEN).base_url(base).build().unwrap()).await.unwrap_err();
    serving.abort();
    error
}

/// `?` turns what a generated call fails with into the one error.
async fn question_mark(client: &Client) -> Result<(), Error> {
    client.list_bots().send().await?;
    Ok(())
}

#[tokio::test]
async fn statuses_have_their_kinds() {
    for (status, kind) in [
        (400, ErrorKind::Validation),
        (401, ErrorKind::Authentication),
        (402, ErrorKind::Payment),
        (403, ErrorKind::Permission),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (410, ErrorKind::NotFound),
        (413, ErrorKind::Validation),
        (422, ErrorKind::Validation),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
        (302, ErrorKind::Server),
    ] {
        let error = failure(status, &[("x-request-id", "r-5")], "").await;
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (kind, status));
        assert_eq!((error.operation(), error.request_id()), (Some("list_bots"), Some("r-5")));
        assert!(error.to_string().ends_with(" (request r-5)"), "{error}");
        assert_eq!(error.body(), "");
    }
}

#[tokio::test]
async fn a_missing_scope_is_named_wherever_it_stands() {
    for (headers, body) in [
        (vec![], r#"{"error": "insufficient_scope", "error_description": "More is needed. Required: bots:read"}"#),
        (
            vec![("www-authenticate", r#"Bearer error="insufficient_scope", scope="bots:read""#)],
            r#"{"error": "insufficient_scope", "error_description": "No."}"#,
        ),
        (vec![], r#"{"error": "insufficient_scope"}"#),
    ] {
        let error = failure(403, &headers, body).await;
        assert_eq!(error.to_string(), "`list_bots` needs scope `bots:read`");
        assert_eq!((error.missing_scope(), error.oauth_error()), (Some("bots:read"), Some("insufficient_scope")));
    }
}

#[tokio::test]
async fn the_other_shape_of_a_403_keeps_its_items() {
    let error =
        failure(403, &[], r#"{"errors": [{"key": "base", "message": "Not for guests", "code": "forbidden"}]}"#).await;
    assert_eq!(error.to_string(), "`list_bots` was answered 403 Forbidden: base Not for guests");
    assert_eq!(error.items()[0].code.as_ref().unwrap().as_str(), "forbidden");
    assert_eq!((error.kind(), error.missing_scope()), (ErrorKind::Permission, None));
}

#[tokio::test]
async fn every_problem_of_a_request_is_named() {
    let body = r#"{"errors": [{"key": "name", "message": "is too long", "code": "too_long"}, {"code": "wrong_params"}, {"brand": "new"}]}"#;
    let error = failure(422, &[], body).await;
    assert_eq!(error.to_string(), "`list_bots` was answered 422 Unprocessable Entity: name is too long; wrong_params");
    assert_eq!(error.items().len(), 3);
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let error = failure(429, &[("retry-after", "7")], "Retry later\n").await;
    assert_eq!(error.to_string(), "`list_bots` came too often; try again in 7 s: Retry later");
    assert_eq!((error.retry_after(), error.body()), (Some(Duration::from_secs(7)), "Retry later\n"));
    let past = failure(429, &[("retry-after", "Sun, 01 Mar 2020 09:30:00 GMT")], "").await;
    assert_eq!(past.retry_after(), Some(Duration::ZERO));
    assert_eq!(failure(429, &[("retry-after", "soon")], "").await.retry_after(), None);
}

#[tokio::test]
async fn other_bodies_keep_their_text() {
    let xml = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Policy is over</Message></Error>";
    let error = failure(403, &[], xml).await;
    assert_eq!(error.to_string(), "`list_bots` was answered 403 Forbidden: Policy is over");
    assert_eq!(error.body(), xml);
    let html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let error = failure(502, &[], html).await;
    assert_eq!((error.to_string().as_str(), error.body()), ("`list_bots` was answered 502 Bad Gateway", html));
}

#[tokio::test]
async fn a_message_is_one_line_and_not_too_long() {
    let error = failure(500, &[], "first\nsecond\u{7}\t third").await;
    assert_eq!(error.to_string(), "`list_bots` was answered 500 Internal Server Error: first second third");
    let long = failure(500, &[], Box::leak("word ".repeat(10_000).into_boxed_str())).await;
    assert!(long.to_string().chars().count() < 400);
    assert!(long.body().len() <= pachca_api::MAX_ERROR_BODY_BYTES);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_a_decoding_error() {
    let error = failure(200, &[], r#"{"data": 5, "token": "hush"}"#).await;
    assert_eq!(error.kind(), ErrorKind::Decoding);
    assert!(error.to_string().contains("`data`") && !error.body().contains("hush"), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_not_made_is_a_transport_error() {
    let error =
        question_mark(&Client::builder(TOKEN).base_url("http://127.0.0.1:1").build().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.status()), (ErrorKind::Transport, Some("list_bots"), None));
    assert!(std::error::Error::source(&error).is_some());
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(!shown.contains(TOKEN) && !shown.contains("127.0.0.1:1"), "{shown}");
}

#[tokio::test]
async fn what_was_not_set_is_an_invalid_request() {
    let client = Client::builder(TOKEN).build().unwrap();
    let error: Error = client.get_bot().send().await.unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("id"), "{error}");
}
