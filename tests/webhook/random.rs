//! A thousand of everything that nobody would send: none passes, and none is a panic.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use pachca_ext::webhook::{SIGNATURE_HEADER, VerifyLayer};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::*;

fn thousand() -> ProptestConfig {
    ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// The fields of webhooks.
const NAMES: [&str; 10] =
    ["type", "event", "webhook_timestamp", "id", "message_id", "chat_id", "user_id", "data", "created_at", "export_id"];

/// Bytes, texts, and JSON that looks like a webhook.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let scalar =
        prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from)];
    let value = prop_oneof![scalar, ".{0,20}".prop_map(Value::from), "[0-9.:TZ-]{0,24}".prop_map(Value::from)];
    let fields = prop::collection::hash_map(select(NAMES.as_slice()), value, 0..10);
    let kinds = select([["button", "click"], ["export", "ready"], ["message", "new"], ["view", "submit"]].as_slice());
    let object = (fields, kinds, any::<bool>()).prop_map(|(fields, [kind, event], known)| {
        let mut object = json!(fields);
        if known {
            (object["type"], object["event"]) = (json!(kind), json!(event));
        }
        object.to_string().into_bytes()
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), ".{0,100}".prop_map(String::into_bytes), object]
}

/// Anything that a header may hold, and much that looks like a signature.
fn signature() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        "[0-9a-fA-F]{60,68}".prop_map(String::into_bytes),
        "[0-9a-f]{64}".prop_map(String::into_bytes),
        ".{0,64}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(thousand())]

    #[test]
    fn no_random_signature_passes(body in body(), signature in signature()) {
        prop_assert!(verifier().verify(signature, &body).is_err());
    }

    #[test]
    fn no_signature_passes_that_is_off_by_a_digit(body in body(), place in any::<Index>(), digit in "[0-9a-f]") {
        let right = sign(SECRET, &body);
        let place = place.index(right.len());
        let mut wrong = right.clone();
        wrong.replace_range(place..=place, &digit);
        prop_assume!(wrong != right);
        prop_assert!(matches!(verifier().verify(&wrong, &body), Err(VerifyError::WrongSignature)));
        prop_assert!(matches!(verifier().verify(&right[..place], &body), Err(VerifyError::MalformedSignature)));
    }

    #[test]
    fn no_body_passes_that_was_changed(place in any::<Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let body = click().to_string().into_bytes();
        let signature = sign(SECRET, &body);
        let place = place.index(body.len());
        let mut changed = body.clone();
        if cut { changed.truncate(place) } else { changed[place] = byte }
        prop_assume!(changed != body);
        prop_assert!(matches!(verifier().verify(&signature, &changed), Err(VerifyError::WrongSignature)));
    }

    #[test]
    fn what_is_signed_is_read_or_refused_whatever_it_is(body in body(), now in any::<i32>()) {
        let now = UNIX_EPOCH + Duration::from_secs(u64::from(now.unsigned_abs()));
        let document: Option<Value> = serde_json::from_slice(&body).ok();
        match verifier().verify_at(sign(SECRET, &body), &body, now) {
            // The one kind that may come without a time, and says so.
            Ok(event) => prop_assert!(matches!(event, Event::Export(_)), "{event:?}"),
            Err(VerifyError::Unreadable(_)) => {}
            Err(VerifyError::NoTimestamp | VerifyError::Stale { .. }) => prop_assert!(document.is_some()),
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn no_request_passes_whatever_its_headers_are(
        body in body(),
        headers in prop::collection::vec(("[!#-'*+.0-9A-Z^-z|~-]{1,12}", prop::collection::vec(any::<u8>(), 0..40)), 0..6),
        signature in prop::option::of(signature()),
    ) {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value)) {
                request.headers_mut().append(name, value);
            }
        }
        if let Some(signature) = signature.and_then(|signature| HeaderValue::from_bytes(&signature).ok()) {
            request.headers_mut().append(SIGNATURE_HEADER, signature);
        }
        let bot = service_fn(|_| async { Ok::<_, Infallible>(Response::new(String::from("passed"))) });
        let answer = VerifyLayer::new(verifier()).layer(bot).oneshot(request).now_or_never();
        let answer = answer.unwrap().unwrap();
        prop_assert_eq!((answer.status(), answer.body().as_str()), (StatusCode::UNAUTHORIZED, ""));
    }
}
