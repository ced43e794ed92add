//! How the client speaks HTTP, seen by a server that writes down what arrives.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use pachca_api::reqwest::multipart::Part;
use pachca_api::{BuildError, Call, Client, Error, types};
use tower::ServiceExt as _;

const TOKEN: &str = "tkn-5f0c1d7e9b";

#[derive(Clone, Debug)]
struct Seen {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// Answers everything alike and remembers what it was asked.
#[derive(Clone)]
struct Recorder {
    seen: Arc<Mutex<Vec<Seen>>>,
    status: StatusCode,
    headers: HeaderMap,
    body: &'static str,
    delay: Duration,
}

impl Recorder {
    fn answering(status: u16, body: &'static str) -> Self {
        let status = StatusCode::from_u16(status).unwrap();
        Self { seen: Arc::default(), status, headers: HeaderMap::new(), body, delay: Duration::ZERO }
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(record).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/api/shared/v1")
    }

    fn only(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

async fn record(
    State(recorder): State<Recorder>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    recorder.seen.lock().unwrap().push(Seen { method, uri, headers, body });
    tokio::time::sleep(recorder.delay).await;
    (recorder.status, recorder.headers.clone(), recorder.body).into_response()
}

const EMPTY_PAGE: &str = r#"{"data": [], "meta": {"paginate": {"next_page": "Kyt=", "has_next": false}}}"#;

#[tokio::test]
async fn a_request_carries_the_token_and_our_name_and_nothing_of_the_generator() {
    let server = Recorder::answering(200, EMPTY_PAGE);
    let base = server.start().await;
    let client = Client::builder(TOKEN).base_url(format!("{base}/")).user_agent("kitchen-bot/2").build().unwrap();
    client.list_chats().limit(50).send().await.unwrap();
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.uri.to_string().as_str()), ("GET", "/api/shared/v1/chats?limit=50"));
    assert_eq!(seen.headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(seen.headers["accept"], "application/json");
    let agent = seen.headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("kitchen-bot/2 pachca-api/"), "{agent}");
    assert!(!seen.headers.contains_key("api-version"));
}

#[tokio::test]
async fn arrays_in_a_query_have_brackets_and_times_have_milliseconds() {
    let server = Recorder::answering(200, r#"{"data": [], "meta": {"total": 0, "paginate": {"next_page": "Kyt="}}}"#);
    let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
    let from: chrono::DateTime<chrono::Utc> = "2026-03-01T12:30:00+03:00".parse().unwrap();
    client.search_messages().query("a b&c").chat_ids(vec![7, 3_000_000_001]).created_from(from).send().await.unwrap();
    let uri = server.only().uri;
    let mut pairs: Vec<&str> = uri.query().unwrap().split('&').collect();
    pairs.sort_unstable();
    let expected =
        ["chat_ids%5B%5D=3000000001", "chat_ids%5B%5D=7", "created_from=2026-03-01T09%3A30%3A00.000Z", "query=a+b%26c"];
    assert_eq!(pairs, expected);
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_set_and_an_empty_list_is_sent() {
    for (change, expected) in [
        (types::MessageUpdate::builder().content("Hi".to_owned()), r#"{"message":{"content":"Hi"}}"#),
        (types::MessageUpdate::builder().files(Vec::new()), r#"{"message":{"files":[]}}"#),
    ] {
        let server = Recorder::answering(404, "");
        let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
        client.update_message().id(5).body_map(|body| body.message(change)).send().await.unwrap_err();
        assert_eq!(server.only().body, expected);
    }
}

#[tokio::test]
async fn a_path_parameter_is_one_segment() {
    let server = Recorder::answering(204, "");
    let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
    client.delete_webhook_event().id("a/../b?c#d").send().await.unwrap();
    assert_eq!(server.only().uri.path(), "/api/shared/v1/webhooks/events/a%2F..%2Fb%3Fc%23d");
}

#[tokio::test]
async fn the_address_of_an_upload_never_sees_the_token() {
    let server = Recorder::answering(204, "");
    let base = server.start().await;
    let client = Client::builder(TOKEN).base_url("http://127.0.0.1:1/never").build().unwrap();
    let upload = |address: &str| {
        client
            .upload_file()
            .direct_url(address)
            .content_disposition("attachment")
            .acl("private")
            .policy("pol1cy")
            .x_amz_credential("cred")
            .x_amz_algorithm("alg")
            .x_amz_date("date")
            .x_amz_signature("s1gnature")
            .key("k/a.txt")
            .file(Part::bytes(b"soup".as_slice()).file_name("a.txt"))
    };
    let builder = upload(&base);
    let shown = format!("{builder:?}");
    assert!(!shown.contains("s1gnature") && !shown.contains("pol1cy"), "{shown}");
    builder.send().await.unwrap();
    let seen = server.only();
    assert!(!seen.headers.contains_key("authorization"));
    let form = String::from_utf8(seen.body.to_vec()).unwrap();
    let names: Vec<&str> = form.split("name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let expected = [
        "Content-Disposition",
        "acl",
        "policy",
        "x-amz-credential",
        "x-amz-algorithm",
        "x-amz-date",
        "x-amz-signature",
        "key",
        "file",
        "a.txt",
    ];
    assert_eq!(names, expected);

    let error = upload("/relative").send().await.unwrap_err();
    assert!(matches!(&error, Error::InvalidRequest(reason) if reason.contains("direct_url")), "{error}");
}

#[tokio::test]
async fn a_redirect_gives_its_address_and_is_not_followed() {
    let server = Recorder::answering(302, "").header("location", "https://files.example/1?signature=s3cret");
    let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
    let location = client.download_export().id(9).send().await.unwrap();
    assert_eq!(location.url().as_str(), "https://files.example/1?signature=s3cret");
    let shown = format!("{location:?}");
    assert!(shown.contains("files.example") && !shown.contains("s3cret"), "{shown}");
    server.only();
}

#[tokio::test]
async fn a_refusal_keeps_status_words_and_headers() {
    let body = r#"{"errors": [{"key": "name", "message": "is taken", "code": "brand_new"}]}"#;
    let server = Recorder::answering(422, body).header("x-request-id", "req-7").header("retry-after", "3");
    let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
    let error = client.get_profile().send().await.unwrap_err();
    assert_eq!(error.to_string(), "`get_profile` was answered 422 Unprocessable Entity: name is taken");
    assert_eq!((error.status().unwrap().as_u16(), error.request_id()), (422, Some("req-7")));
    let Error::Refused { error, headers, body: text, .. } = error else { panic!("{error:?}") };
    assert_eq!(error.errors[0].code, Some(types::ValidationErrorCode::Unknown("brand_new".to_owned())));
    assert_eq!((headers["retry-after"].to_str().unwrap(), text.as_str()), ("3", body));
}

#[tokio::test]
async fn a_refusal_that_is_not_json_keeps_its_text() {
    for (status, text) in [(429, "Retry later\n"), (502, "<html>Bad gateway</html>"), (503, "")] {
        let server = Recorder::answering(status, text);
        let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
        let error = client.get_profile().send().await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert!(matches!(&error, Error::Refused { body, .. } if body == text), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_says_where() {
    let body = r#"{"data": {"id": "seven", "access_token": "t0psecret"}}"#;
    let server = Recorder::answering(200, body).header("x-request-id", "req-8");
    let client = Client::builder(TOKEN).base_url(server.start().await).build().unwrap();
    let error = client.recreate_bot_token().id(7).send().await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`recreate_bot_token`") && text.contains("200") && text.contains("`data.id`"), "{text}");
    assert_eq!(error.request_id(), Some("req-8"));
    let Error::Undecodable { body, .. } = &error else { panic!("{error:?}") };
    assert!(body.contains("seven") && !body.contains("t0psecret"), "{body}");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let mut server = Recorder::answering(200, EMPTY_PAGE);
    server.delay = Duration::from_secs(30);
    let client =
        Client::builder(TOKEN).base_url(server.start().await).timeout(Duration::from_millis(100)).build().unwrap();
    let error = client.list_chats().send().await.unwrap_err();
    assert!(matches!(&error, Error::Transport { source, .. } if source.is_timeout()), "{error:?}");
}

#[tokio::test]
async fn no_debug_and_no_error_shows_the_token() {
    let server = Recorder::answering(200, r#"{"data": {"id": 1, "access_token": "t0psecret", "webhook": {}}}"#);
    let base = server.start().await;
    let settings = Client::builder(TOKEN).base_url(&base);
    let mut shown = format!("{settings:?} {settings:#?}");
    let client = settings.build().unwrap();
    shown.push_str(&format!("{client:?} {:?} {:?}", client.list_chats(), client.create_message()));
    let answer = client.recreate_bot_token().id(1).send().await.unwrap();
    assert_eq!(answer.data.access_token, "t0psecret");
    shown.push_str(&format!("{answer:?}"));
    let away = Client::builder(TOKEN).base_url("http://127.0.0.1:1").build().unwrap();
    let error = away.get_profile().send().await.unwrap_err();
    shown.push_str(&format!("{error} {error:?} {error:#?}"));
    assert!(!shown.contains(TOKEN) && !shown.contains("t0psecret"), "{shown}");
}

#[tokio::test]
async fn a_layer_sees_every_call_with_its_operation() {
    let server = Recorder::answering(204, "");
    let names = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&names);
    let layer = tower::layer::layer_fn(move |inner: pachca_api::Transport| {
        let log = Arc::clone(&log);
        tower::service_fn(move |call: Call| {
            log.lock().unwrap().push((call.operation.name, call.operation.path, call.operation.scope));
            inner.clone().oneshot(call)
        })
    });
    let client = Client::builder(TOKEN).base_url(server.start().await).layered(layer).unwrap();
    client.archive_chat().id(5).send().await.unwrap();
    assert_eq!(*names.lock().unwrap(), [("archive_chat", "/chats/{id}/archive", Some("chats:archive"))]);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for token in ["", "  ", "a\nb", "ключ\u{0}"] {
        assert!(matches!(Client::builder(token).build(), Err(BuildError::Token)), "{token:?}");
    }
    for url in
        ["", "api.pachca.com", "ftp://api.pachca.com", "http://", "https://a.example/?x=1", "https://a.example/#x"]
    {
        assert!(matches!(Client::builder(TOKEN).base_url(url).build(), Err(BuildError::BaseUrl)), "{url:?}");
    }
}

#[test]
fn the_futures_can_be_sent_to_another_thread() {
    fn is_send(_: impl Send) {}
    let client = Client::builder(TOKEN).build().unwrap();
    is_send(client.list_chats().limit(50).send());
    is_send(client.upload_file().send());
    is_send(client.download_export().send());
}
