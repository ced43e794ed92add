//! Webhooks as requests: the extractor and the layer.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::response::IntoResponse as _;
use axum::routing::post;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full};
use pachca_ext::webhook::{FormReply, SIGNATURE_HEADER, Verified, VerifyLayer};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::*;

/// The state of a bot that needs more than a verifier.
#[derive(Clone)]
struct Bot {
    verifier: Verifier,
    name: &'static str,
}

impl FromRef<Bot> for Verifier {
    fn from_ref(bot: &Bot) -> Self {
        bot.verifier.clone()
    }
}

async fn receive(State(bot): State<Bot>, Verified(event): Verified<Event>) -> String {
    match event {
        Event::Button(click) => format!("{} got {}", bot.name, click.data),
        other => format!("{other:?}"),
    }
}

/// What a bot with the extractor answers.
async fn extracted(request: Request<Body>) -> (StatusCode, String) {
    let router = Router::new().route("/", post(receive)).with_state(Bot { verifier: verifier(), name: "boat-bot" });
    // The size is the verifier's own matter.
    read(router.layer(DefaultBodyLimit::disable()).oneshot(request).await.unwrap()).await
}

/// What a service behind the layer answers.
async fn layered<B>(request: Request<B>) -> (StatusCode, String)
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let bot = service_fn(async |request: Request<Full<Bytes>>| {
        let event = request.extensions().get::<Event>().cloned();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let Some(Event::Button(click)) = event else { panic!("{event:?}") };
        Ok::<_, Infallible>(Response::new(Body::from(format!("layer got {} in {} bytes", click.data, body.len()))))
    });
    read(VerifyLayer::new(verifier()).layer(bot).oneshot(request).await.unwrap()).await
}

async fn read(response: Response<Body>) -> (StatusCode, String) {
    let status = response.status();
    (status, String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
}

fn request<B>(signature: Option<String>, body: impl Into<B>) -> Request<B> {
    let mut request = Request::post("/");
    if let Some(signature) = signature {
        request = request.header(SIGNATURE_HEADER, signature);
    }
    request.body(body.into()).unwrap()
}

/// A body without end that counts how much of it was wanted.
struct Endless(Arc<AtomicUsize>);

const CHUNK: usize = 64 << 10;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.fetch_add(CHUNK, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; CHUNK])))))
    }
}

/// A body that breaks off.
struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}

#[tokio::test]
async fn a_handler_gets_the_event() {
    let body = click().to_string();
    let (status, text) = extracted(request(Some(sign(SECRET, body.as_bytes())), body)).await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, "boat-bot got vote=yes"));
}

#[tokio::test]
async fn a_service_behind_the_layer_gets_the_event_and_the_body() {
    let body = click().to_string();
    let expected = format!("layer got vote=yes in {} bytes", body.len());
    let signature = Some(sign(SECRET, body.as_bytes()));
    let answer = layered(request::<Full<Bytes>>(signature.clone(), body.clone())).await;
    assert_eq!(answer, (StatusCode::OK, expected.clone()));
    // Another kind of body, as another server has it.
    assert_eq!(layered(request::<String>(signature, body)).await, (StatusCode::OK, expected));
}

#[tokio::test]
async fn a_router_of_axum_can_stand_behind_the_layer() {
    let told = async |event: axum::Extension<Event>| matches!(event.0, Event::Button(_)).to_string();
    let router = Router::new().route("/", post(told));
    let body = click().to_string();
    let signature = Some(sign(SECRET, body.as_bytes()));
    let bot = VerifyLayer::new(verifier()).layer(router);
    let answer = read(bot.oneshot(request::<Body>(signature, body)).await.unwrap()).await;
    assert_eq!(answer, (StatusCode::OK, "true".to_owned()));
}

#[tokio::test]
async fn anything_else_is_answered_with_its_status_and_tells_no_secret() {
    let late = with(click(), "webhook_timestamp", json!(SENT - 61)).to_string();
    let broken = with(click(), "user_id", json!({})).to_string();
    let body = click().to_string();
    let right = sign(SECRET, body.as_bytes());
    for (signature, body, status, words) in [
        (None, body.clone(), 401, "no `Pachca-Signature` header"),
        (Some("abc".to_owned()), body.clone(), 401, "not 64 hexadecimal digits"),
        (Some(sign("other", body.as_bytes())), body, 401, "no signing secret"),
        (Some(sign(SECRET, late.as_bytes())), late, 401, "61 s ago"),
        (Some(sign(SECRET, broken.as_bytes())), broken, 400, "cannot be read"),
        (Some(right.clone()), " ".repeat((1 << 20) + 1), 413, "more than 1048576 bytes"),
    ] {
        let (given, text) = extracted(request(signature.clone(), body.clone())).await;
        assert_eq!(given, status, "{text}");
        assert!(text.contains(words) && !text.contains(SECRET) && !text.contains(&right), "{text}");
        let (given, text) = layered(request::<String>(signature, body)).await;
        assert_eq!((given.as_u16(), text.as_str()), (status, ""), "{words}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_read_no_further_than_allowed() {
    let wanted = Arc::new(AtomicUsize::new(0));
    let endless = || Endless(Arc::clone(&wanted));
    let signature = Some("0".repeat(64));
    assert_eq!(extracted(request(signature.clone(), Body::new(endless()))).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(wanted.swap(0, Ordering::Relaxed) <= (1 << 20) + CHUNK);
    assert_eq!(layered(request::<Endless>(signature, endless())).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(wanted.swap(0, Ordering::Relaxed) <= (1 << 20) + CHUNK);
    // Without a signature it is not read at all.
    assert_eq!(layered(request::<Endless>(None, endless())).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(wanted.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let signature = Some("0".repeat(64));
    assert_eq!(layered(request::<Broken>(signature.clone(), Broken)).await.0, StatusCode::BAD_REQUEST);
    let (status, text) = extracted(request(signature, Body::new(Broken))).await;
    assert_eq!((status, text.as_str()), (StatusCode::BAD_REQUEST, "the body did not arrive in full"));
}

#[tokio::test]
async fn a_form_is_closed_or_told_what_is_wrong_block_by_block() {
    let closed = FormReply::close();
    assert_eq!((closed.status(), closed.body()), (StatusCode::OK, String::new()));
    assert_eq!(read(closed.into_response()).await, (StatusCode::OK, String::new()));

    let wrong = FormReply::errors([("guests", "A \"number\", please"), ("from", "In the past")]);
    let expected = json!({ "errors": { "guests": "A \"number\", please", "from": "In the past" } });
    assert_eq!(serde_json::from_str::<Value>(&wrong.body()).unwrap(), expected);
    let response: Response<String> = wrong.clone().into();
    assert_eq!(response.headers()["content-type"], "application/json");
    let (status, text) = read(wrong.into_response()).await;
    assert_eq!((status, text.as_str()), (StatusCode::BAD_REQUEST, response.body().as_str()));
}
