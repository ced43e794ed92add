//! What is let through and what is not.

use std::net::IpAddr;

use pachca_ext::ErrorKind;
use pachca_ext::webhook::{Deduplicator, SOURCES, is_source};

use super::*;

/// The longest body, as the verifier documents it.
const MIB: usize = 1 << 20;

#[test]
fn a_webhook_that_was_just_sent_is_read() {
    let Event::Button(click) = verify(&click()).unwrap() else { panic!("another kind") };
    assert_eq!((click.message_id, click.data.as_str(), click.user_id), (4_811_223_907, "vote=yes", 611));
}

#[test]
fn the_signature_is_hmac_sha256_of_the_bytes_as_they_are() {
    // Worked out by another program: `printf 'ping' | openssl dgst -sha256 -hmac pong`.
    assert_eq!(sign("pong", b"ping"), "a01f02ee28eec7a736341b747a2872229365db41c65fb74021a8111f76e02756");
    let body = click().to_string();
    let signature = sign(SECRET, body.as_bytes());
    for other in [body.replace(':', ": "), format!("{body}\n"), body.replace("yes", "no")] {
        assert!(matches!(verifier().verify(&signature, other.as_bytes()), Err(VerifyError::WrongSignature)), "{other}");
    }
}

#[test]
fn the_digits_of_a_signature_are_in_either_case() {
    let body = click().to_string();
    let lower = sign(SECRET, body.as_bytes());
    assert_eq!(lower, lower.to_lowercase());
    let mixed: String = lower
        .char_indices()
        .map(|(index, digit)| if index % 2 == 0 { digit.to_ascii_uppercase() } else { digit })
        .collect();
    for signature in [lower.to_uppercase(), mixed] {
        verifier().verify(signature, body.as_bytes()).unwrap();
    }
}

#[test]
fn what_is_no_signature_is_told_from_a_wrong_one() {
    let body = click().to_string();
    let right = sign(SECRET, body.as_bytes());
    for malformed in
        ["", " ", "sha256", &right[1..], &format!("{right}0"), &format!(" {}", &right[1..]), &"g".repeat(64)]
    {
        let error = verifier().verify(malformed, body.as_bytes()).unwrap_err();
        assert!(matches!(error, VerifyError::MalformedSignature), "{malformed:?}: {error}");
    }
    for wrong in [sign("another secret", body.as_bytes()), "0".repeat(64)] {
        assert!(matches!(verifier().verify(wrong, body.as_bytes()), Err(VerifyError::WrongSignature)));
    }
}

#[test]
fn each_of_several_secrets_is_good_and_no_other() {
    let body = click().to_string();
    let both = Verifier::builder().secret("the old one").secret("the new one").clock(|| at(SENT)).build().unwrap();
    for (secret, good) in [("the old one", true), ("the new one", true), ("the next one", false)] {
        assert_eq!(both.verify(sign(secret, body.as_bytes()), body.as_bytes()).is_ok(), good, "{secret}");
    }
}

#[test]
fn a_verifier_without_a_secret_is_not_built() {
    for builder in
        [Verifier::builder(), Verifier::builder().secret(""), Verifier::builder().secret(SECRET).secret(" \n")]
    {
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert!(Verifier::new("").is_err());
}

#[test]
fn a_webhook_is_recent_for_a_minute_in_both_directions() {
    let body = click().to_string();
    let signature = sign(SECRET, body.as_bytes());
    let tick = Duration::from_nanos(1);
    let minute = Duration::from_secs(60);
    let verifier = Verifier::new(SECRET).unwrap();
    for (now, recent) in [
        (at(SENT) + minute, true),
        (at(SENT) - minute, true),
        (at(SENT) + minute + tick, false),
        (at(SENT) - minute - tick, false),
        (UNIX_EPOCH - minute, false),
    ] {
        match verifier.verify_at(&signature, body.as_bytes(), now) {
            Ok(_) => assert!(recent, "{now:?}"),
            Err(VerifyError::Stale { .. }) => assert!(!recent, "{now:?}"),
            Err(error) => panic!("{error}"),
        }
    }
    let late = verifier.verify_at(&signature, body.as_bytes(), at(SENT) + 90 * Duration::from_secs(1)).unwrap_err();
    assert_eq!(late.to_string(), "the webhook was sent 90 s ago, and 60 s are allowed; is this machine's clock right?");
    let early = verifier.verify_at(&signature, body.as_bytes(), at(SENT) - minute - tick).unwrap_err();
    assert_eq!(
        early.to_string(),
        "the webhook was sent 61 s ahead, and 60 s are allowed; is this machine's clock right?"
    );
}

#[test]
fn the_window_can_be_another_and_the_clock_too() {
    let body = click().to_string();
    let signature = sign(SECRET, body.as_bytes());
    for (now, recent) in [(SENT + 5, true), (SENT + 6, false), (SENT - 5, true), (SENT - 6, false)] {
        let builder = Verifier::builder().secret(SECRET).window(Duration::from_secs(5));
        let verifier = builder.clock(move || at(now)).build().unwrap();
        assert_eq!(verifier.verify(&signature, body.as_bytes()).is_ok(), recent, "{now}");
    }
    // Without a clock of its own it is today, and not 1970.
    let body = with(click(), "webhook_timestamp", json!(1_000)).to_string();
    let today = Verifier::new(SECRET).unwrap().verify(sign(SECRET, body.as_bytes()), body.as_bytes());
    assert!(matches!(today, Err(VerifyError::Stale { offset: ..-1_000_000_000, .. })), "{today:?}");
}

#[test]
fn times_at_the_ends_of_the_numbers_are_refused_without_a_panic() {
    for sent in [json!(i64::MAX), json!(i64::MIN), json!(0), json!(-1)] {
        let error = verify(&with(click(), "webhook_timestamp", sent.clone())).unwrap_err();
        assert!(matches!(error, VerifyError::Stale { .. }), "{sent}: {error}");
    }
    for sent in [json!(u64::MAX), json!(1.79e9), json!("1790000000"), json!([SENT]), json!(true)] {
        let error = verify(&with(click(), "webhook_timestamp", sent.clone())).unwrap_err();
        assert!(matches!(error, VerifyError::Unreadable(_)), "{sent}: {error}");
        let unknown = json!({ "type": "weather", "webhook_timestamp": sent });
        assert!(matches!(verify(&unknown), Err(VerifyError::NoTimestamp)), "{unknown}");
    }
}

#[test]
fn a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not_even_looked_at() {
    let mut body = json!({ "type": "weather", "webhook_timestamp": SENT }).to_string();
    body.push_str(&" ".repeat(MIB - body.len()));
    verifier().verify(sign(SECRET, body.as_bytes()), body.as_bytes()).unwrap();
    body.push(' ');
    let error = verifier().verify(sign(SECRET, body.as_bytes()), body.as_bytes()).unwrap_err();
    assert!(matches!(error, VerifyError::TooLarge { limit: MIB }), "{error}");
    // Before the signature is looked at, and before anything is parsed.
    let error = verifier().verify("no signature", &vec![b'['; MIB + 1]).unwrap_err();
    assert!(matches!(error, VerifyError::TooLarge { .. }), "{error}");
    let small = Verifier::builder().secret(SECRET).max_body(10).build().unwrap();
    assert!(matches!(small.verify("", &[b' '; 11]), Err(VerifyError::TooLarge { limit: 10 })));
}

#[test]
fn nothing_is_parsed_or_timed_before_the_signature_is_right() {
    for body in ["{", "", "null", &with(click(), "webhook_timestamp", json!(0)).to_string()] {
        let error = verifier().verify(sign("another secret", body.as_bytes()), body.as_bytes()).unwrap_err();
        assert!(matches!(error, VerifyError::WrongSignature), "{body}: {error}");
    }
    for body in ["", "{", "\u{feff}{}", &"[".repeat(100_000)] {
        let error = verifier().verify(sign(SECRET, body.as_bytes()), body.as_bytes()).unwrap_err();
        assert!(matches!(error, VerifyError::Unreadable(_)), "{error}");
    }
}

#[test]
fn only_a_kind_without_a_time_of_sending_may_lack_it() {
    let export =
        json!({ "type": "export", "event": "ready", "export_id": 73, "created_at": "2026-05-04T08:15:00.000Z" });
    let Event::Export(ready) = verify(&export).unwrap() else { panic!("another kind") };
    assert_eq!(ready.export_id, 73);
    // If it has one after all, it counts.
    let error = verify(&with(export.clone(), "webhook_timestamp", json!(SENT - 61))).unwrap_err();
    assert!(matches!(error, VerifyError::Stale { offset: -61, .. }), "{error}");
    verify(&with(export, "webhook_timestamp", json!(SENT))).unwrap();

    for payload in [without(click(), "webhook_timestamp"), with(click(), "webhook_timestamp", Value::Null)] {
        assert!(matches!(verify(&payload), Err(VerifyError::NoTimestamp)), "{payload}");
    }
    for unknown in [json!({ "type": "weather" }), json!({ "type": "export", "event": "begun" }), json!([]), json!(5)] {
        assert!(matches!(verify(&unknown), Err(VerifyError::NoTimestamp)), "{unknown}");
    }
}

#[test]
fn an_unknown_kind_is_verified_and_given_back_as_it_was() {
    let unknown = json!({ "type": "weather", "event": "rain", "drops": [1, 2.5, null], "webhook_timestamp": SENT });
    let Event::Unknown(raw) = verify(&unknown).unwrap() else { panic!("a known kind") };
    assert_eq!(raw, unknown);
    // A known type with an event that is new is no known kind either.
    let pinned = with(click(), "event", json!("held"));
    assert!(matches!(verify(&pinned).unwrap(), Event::Unknown(raw) if raw == pinned));
    let late = with(unknown, "webhook_timestamp", json!(SENT - 61));
    assert!(matches!(verify(&late), Err(VerifyError::Stale { .. })));
}

#[test]
fn what_is_missing_against_the_description_is_put_right() {
    let Event::Button(click) = verify(&without(click(), "data")).unwrap() else { panic!("another kind") };
    assert_eq!(click.data, "");
    // Not what it is about, which nobody can make up.
    let message = json!({ "type": "message", "event": "new", "webhook_timestamp": SENT });
    assert!(matches!(verify(&message), Err(VerifyError::Unreadable(_))));
}

#[test]
fn no_error_and_no_debug_shows_a_secret_or_a_signature() {
    let verifier = Verifier::builder().secret(SECRET).max_body(400).clock(|| at(SENT)).build().unwrap();
    let mut kinds = Vec::new();
    for payload in [
        click(),
        with(click(), "message_id", json!("no number")),
        with(click(), "webhook_timestamp", json!(5)),
        without(click(), "webhook_timestamp"),
        with(click(), "data", json!("x".repeat(400))),
    ] {
        let body = payload.to_string();
        let right = sign(SECRET, body.as_bytes());
        let wrong = sign("another secret", body.as_bytes());
        for given in [right.clone(), right.to_uppercase(), wrong, right[..63].to_owned()] {
            let Err(error) = verifier.verify(&given, body.as_bytes()) else { continue };
            let shown = format!("{error} {error:?}");
            for secret in [SECRET, &right, &right.to_uppercase(), &given, &right[..16]] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
            kinds.push(std::mem::discriminant(&error));
        }
    }
    kinds.dedup();
    assert!(kinds.len() >= 6, "{kinds:?}");
    let shown = format!("{verifier:?} {:?}", Verifier::builder().secret(SECRET));
    assert!(!shown.contains(SECRET) && shown.contains("[redacted]"), "{shown}");
}

#[test]
fn every_error_has_the_status_to_answer() {
    let body = click().to_string();
    let right = sign(SECRET, body.as_bytes());
    let late = at(SENT + 1_000);
    for (error, status) in [
        (VerifyError::MissingSignature, 401),
        (verifier().verify("", body.as_bytes()).unwrap_err(), 401),
        (verifier().verify("0".repeat(64), body.as_bytes()).unwrap_err(), 401),
        (verifier().verify_at(right, body.as_bytes(), late).unwrap_err(), 401),
        (verify(&json!({})).unwrap_err(), 401),
        (verify(&with(click(), "user_id", json!({}))).unwrap_err(), 400),
        (VerifyError::Incomplete, 400),
        (verifier().verify("", &vec![0; MIB + 1]).unwrap_err(), 413),
    ] {
        assert_eq!(error.status(), status, "{error}");
    }
}

#[test]
fn the_documented_sources_are_recognised_in_both_forms() {
    for source in SOURCES {
        assert!(is_source(source, &SOURCES));
    }
    let parse = |address: &str| address.parse::<IpAddr>().unwrap();
    for (address, known) in [
        ("37.200.70.177", true),
        ("185.209.115.174", true),
        ("135.106.159.61", true),
        ("::ffff:135.106.159.61", true),
        ("37.200.70.178", false),
        ("127.0.0.1", false),
        ("::1", false),
        ("2001:db8::7", false),
    ] {
        assert_eq!(is_source(parse(address), &SOURCES), known, "{address}");
    }
    // A Pachca on one's own premises.
    assert!(is_source(parse("::ffff:10.1.2.3"), &[parse("10.1.2.3")]));
}

#[test]
fn an_event_is_the_same_only_if_all_of_its_fields_are() {
    let seen = Deduplicator::default();
    let is_new = |payload: &Value| seen.is_new(&serde_json::from_value(payload.clone()).unwrap());
    assert!(is_new(&click()));
    assert!(!is_new(&click()), "it was repeated");
    let fields = ["message_id", "user_id", "chat_id", "webhook_timestamp"].map(|field| (field, json!(SENT + 1)));
    for (field, value) in fields.into_iter().chain([("trigger_id", json!("trg-58b1")), ("data", json!("vote=no"))]) {
        let other = with(click(), field, value);
        assert!(is_new(&other) && !is_new(&other), "{field}");
    }
    // A form may be submitted twice with the same values.
    let form = json!({
        "type": "view", "event": "submit", "callback_id": null, "private_metadata": null, "chat_id": 5, "user_id": 6,
        "data": { "guests": "many" }, "webhook_timestamp": SENT,
    });
    assert!(is_new(&form) && is_new(&with(form.clone(), "webhook_timestamp", json!(SENT + 4))));
    // A reaction that is taken back is another event than the one that was added.
    let reaction = json!({
        "type": "reaction", "event": "new", "message_id": 1, "chat_id": 2, "user_id": 3, "code": "🌧", "name": "rain",
        "created_at": "2026-05-04T08:15:00.000Z", "webhook_timestamp": SENT,
    });
    assert!(is_new(&reaction) && is_new(&with(reaction.clone(), "event", json!("delete"))) && !is_new(&reaction));
}
