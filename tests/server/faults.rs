//! What a test can make go wrong.

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use pachca_tests::{Fault, Recorded, Server};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{Conversation, Outcome, message, succeed};

impl Conversation {
    /// Sends a message that says which attempt it is.
    async fn post(&self) -> reqwest::Result<Response> {
        self.request(Method::POST, "/messages").json(&message(self.id("/chats"))).send().await
    }

    fn sent(&self) -> usize {
        self.server.items("/messages").iter().filter(|message| message["content"] == "Hello").count()
    }

    fn last(&self) -> Recorded {
        self.server.requests().pop().unwrap_or_default()
    }

    /// What comes back for a request that is written by hand, up to the end of the connection, and how that ends.
    async fn raw(&self, path: &str) -> Result<(Vec<u8>, Option<ErrorKind>), Box<dyn Error>> {
        let base = self.server.base_url();
        let (address, prefix) = base.trim_start_matches("http://").split_once('/').ok_or("no path")?;
        let (address, token) = (address.to_owned(), self.server.token());
        let head = format!("GET /{prefix}{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n");
        let talking = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            stream.write_all(head.as_bytes())?;
            let mut bytes = Vec::new();
            let ended = stream.read_to_end(&mut bytes);
            Ok::<_, std::io::Error>((bytes, ended.err().map(|error| error.kind())))
        });
        Ok(talking.await??)
    }
}

#[tokio::test]
async fn an_answer_of_choice_is_given_to_one_operation_some_times() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::answer(503).header("retry-after", "2").text("later").on("list_chats").times(2));
    talk.get("/profile").await?;
    for _ in 0..2 {
        let response = talk.request(Method::GET, "/chats").send().await?;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
        assert!(response.headers().contains_key("x-request-id"));
        assert_eq!(response.text().await?, "later");
        let record = talk.last();
        assert_eq!((record.status, record.processed, record.fault.as_deref()), (503, false, Some("answer 503")));
    }
    talk.get("/chats").await?;
    let record = talk.last();
    assert_eq!((record.status, record.processed, record.fault), (200, true, None));
    Ok(())
}

#[tokio::test]
async fn bodies_are_json_html_or_anything_and_the_first_fault_wins_until_all_are_taken_back() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::answer(502).html("<h1>Bad gateway</h1>").times(1));
    talk.server.misbehave(Fault::answer(409).json(&json!({ "errors": [] })));
    let page = talk.request(Method::GET, "/chats").send().await?;
    assert_eq!((page.status().as_u16(), page.text().await?.as_str()), (502, "<h1>Bad gateway</h1>"));
    let conflict = talk.request(Method::GET, "/nothing").send().await?;
    assert_eq!((conflict.status().as_u16(), conflict.json::<Value>().await?), (409, json!({ "errors": [] })));
    talk.server.behave();
    talk.get("/chats").await?;
    Ok(())
}

#[tokio::test]
async fn a_fault_after_processing_leaves_the_work_done() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::answer(500).after_processing().on("create_message").times(1));
    assert_eq!(talk.post().await?.status(), 500);
    assert_eq!((talk.sent(), talk.last().processed), (1, true));
    talk.server.misbehave(Fault::answer(500).on("create_message").times(1));
    assert_eq!(talk.post().await?.status(), 500);
    assert_eq!((talk.sent(), talk.last().processed), (1, false));
    Ok(())
}

#[tokio::test]
async fn a_connection_is_reset_before_or_after_the_work() -> Outcome {
    let talk = Conversation::start().await?;
    let cases = [
        (Fault::reset(), "reset", false),
        (Fault::reset().after_reading(), "reset after reading", false),
        (Fault::reset().after_processing(), "reset after processing", true),
    ];
    for (fault, words, processed) in cases {
        let (before, requests) = (talk.sent(), talk.server.requests().len());
        talk.server.misbehave(fault.on("create_message").times(1));
        let error = talk.post().await.err().ok_or("an answer came")?;
        assert!(error.is_request() && !error.is_connect() && !error.is_timeout(), "{error:?}");
        let record = talk.last();
        assert_eq!((record.status, record.processed, record.fault.as_deref()), (0, processed, Some(words)));
        assert_eq!(record.body.is_empty(), words == "reset", "{words}");
        assert_eq!(talk.sent() - before, usize::from(processed), "{words}");
        assert_eq!(talk.server.requests().len() - requests, 1, "{words}: sent once");
    }
    talk.server.misbehave(Fault::reset().times(1));
    let (bytes, ended) = talk.raw("/profile").await?;
    assert_eq!((bytes, ended), (Vec::new(), Some(ErrorKind::ConnectionReset)));
    succeed(talk.post().await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_new_connection_is_hung_up_on_before_anything_is_read() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::hang_up().times(1));
    assert!(talk.request(Method::GET, "/profile").send().await.is_err());
    assert_eq!((talk.server.requests().len(), talk.server.connections()), (0, 1));
    talk.get("/profile").await?;
    talk.get("/profile").await?;
    assert_eq!((talk.server.requests().len(), talk.server.connections()), (2, 2), "one connection for both");
    Ok(())
}

#[tokio::test]
async fn an_answer_waits_before_or_after_the_work() -> Outcome {
    let talk = Conversation::start().await?;
    let delay = Duration::from_millis(150);
    talk.server.misbehave(Fault::delay(delay).on("get_profile").times(1));
    talk.server.misbehave(Fault::answer(504).after(delay).on("get_profile").times(1));
    for status in [200, 504] {
        let start = Instant::now();
        assert_eq!(talk.request(Method::GET, "/profile").send().await?.status(), status);
        assert!(start.elapsed() >= delay);
    }
    // A client that goes away while it waits leaves a record all the same.
    for (fault, processed) in [(Fault::delay(delay), false), (Fault::delay(delay).after_processing(), true)] {
        let before = talk.sent();
        talk.server.misbehave(fault.on("create_message").times(1));
        let request = talk.request(Method::POST, "/messages").json(&message(talk.id("/chats")));
        let error = request.timeout(delay / 3).send().await.err().ok_or("an answer came")?;
        assert!(error.is_timeout());
        tokio::time::sleep(2 * delay).await;
        assert_eq!((talk.last().processed, talk.sent() - before), (processed, usize::from(processed)));
    }
    Ok(())
}

#[tokio::test]
async fn garbage_is_not_http() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::garbage().on("create_message").times(1));
    let error = talk.post().await.err().ok_or("an answer came")?;
    assert!(format!("{error:?}").contains("Parse"), "{error:?}");
    assert_eq!((talk.sent(), talk.last().status, talk.last().processed), (0, 0, false));
    talk.server.misbehave(Fault::garbage().times(1));
    let (bytes, _) = talk.raw("/profile").await?;
    assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP"));
    Ok(())
}

#[tokio::test]
async fn a_body_stops_half_way_or_is_cut_json() -> Outcome {
    let talk = Conversation::start().await?;
    let whole = talk.request(Method::GET, "/profile").send().await?.text().await?;
    talk.server.misbehave(Fault::half_body().times(1));
    let half = talk.request(Method::GET, "/profile").send().await?;
    assert_eq!((half.status().as_u16(), half.content_length()), (200, Some(whole.len() as u64)));
    assert!(half.headers().contains_key("x-request-id"));
    assert!(half.bytes().await.is_err());
    talk.server.misbehave(Fault::cut_body().times(1));
    let cut = talk.request(Method::GET, "/profile").send().await?;
    assert_eq!(cut.content_length(), Some(whole.len() as u64 / 2));
    let text = cut.text().await?;
    assert!(whole.starts_with(&text) && serde_json::from_str::<Value>(&text).is_err());
    assert!(talk.last().processed);
    talk.server.misbehave(Fault::half_body().on("delete_status").times(1));
    assert!(talk.request(Method::DELETE, "/profile/status").send().await.is_err(), "half a head");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_never_comes_holds_the_connection_until_the_server_stops() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::silence().on("create_message"));
    let start = Instant::now();
    let request = talk.request(Method::POST, "/messages").json(&message(talk.id("/chats")));
    let waiting = tokio::spawn(request.send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    assert_eq!((talk.last().status, talk.last().processed), (0, false));
    drop(talk);
    assert!(waiting.await?.is_err());
    assert!(start.elapsed() < Duration::from_secs(5));
    Ok(())
}

#[tokio::test]
async fn the_daily_cap_doubles_its_wait_with_every_attempt() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::daily_cap().on("create_message"));
    for wait in ["3600", "7200", "14400", "28800", "57600", "86400", "86400"] {
        let response = talk.post().await?;
        assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str()?), (429, wait));
        assert_eq!(response.json::<Value>().await?["errors"][0]["code"], "rate_limit");
    }
    assert_eq!(talk.sent(), 0);
    Ok(())
}

#[tokio::test]
async fn chance_is_decided_by_the_seed() -> Outcome {
    let mut runs = Vec::new();
    for seed in [3, 3, 4] {
        let mut talk = Conversation::start().await?;
        talk.server = Server::builder().seed(seed).start().await?;
        talk.server.misbehave(Fault::answer(500).chance(0.3));
        for _ in 0..60 {
            talk.request(Method::GET, "/profile").send().await?;
        }
        runs.push(talk.server.requests().iter().map(|record| record.status).collect::<Vec<_>>());
    }
    let failed = runs[0].iter().filter(|status| **status == 500).count();
    assert!((5..35).contains(&failed), "{failed} of 60");
    assert!(runs[0] == runs[1] && runs[1] != runs[2]);
    Ok(())
}

#[tokio::test]
async fn an_upload_to_the_object_store_can_fail_too() -> Outcome {
    let talk = Conversation::start().await?;
    talk.server.misbehave(Fault::answer(503).body("application/xml", "<Error/>").on("upload_file"));
    let response = talk.client.post(talk.server.storage_url()).body("x").send().await?;
    assert_eq!((response.status().as_u16(), response.text().await?.as_str()), (503, "<Error/>"));
    assert_eq!(talk.client.get(format!("{}/x", talk.server.storage_url())).send().await?.status(), 404);
    Ok(())
}

#[tokio::test]
#[should_panic(expected = "no operation is named `list_chat`")]
async fn a_fault_for_no_operation_is_a_mistake_of_the_test() {
    let Ok(talk) = Conversation::start().await else { return };
    talk.server.misbehave(Fault::reset().on("list_chat"));
}

#[tokio::test]
async fn requests_are_recorded_in_the_order_and_with_the_time_of_their_arrival() -> Outcome {
    let talk = Conversation::start().await?;
    for index in 0..3 {
        talk.get(&format!("/chats?limit={}", index + 1)).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let records = talk.server.requests();
    let gaps = records.windows(2).map(|pair| pair[1].arrived - pair[0].arrived);
    assert!(gaps.map(|gap| gap.as_millis()).all(|gap| (20..2000).contains(&gap)));
    let mut few = Conversation::start().await?;
    few.server = Server::builder().remember(2).start().await?;
    for index in 0..3 {
        few.get(&format!("/chats?limit={}", index + 1)).await?;
    }
    let queries: Vec<String> = few.server.requests().into_iter().map(|record| record.query).collect();
    assert_eq!(queries, ["limit=2", "limit=3"]);
    Ok(())
}
