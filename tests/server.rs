//! What the server of this crate promises, tried over HTTP.

use std::collections::BTreeSet;
use std::error::Error;

use pachca_tests::{DESCRIPTION, Server};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

#[path = "server/every.rs"]
mod every;
#[path = "server/faults.rs"]
mod faults;
#[path = "server/items.rs"]
mod items;
#[path = "server/limits.rs"]
mod limits;
#[path = "server/lists.rs"]
mod lists;
#[path = "server/paging.rs"]
mod paging;
#[path = "server/refusals.rs"]
mod refusals;
#[path = "server/service.rs"]
mod service;
#[path = "server/storage.rs"]
mod storage;

type Outcome = Result<(), Box<dyn Error>>;

/// A running server with a client that talks to it.
struct Conversation {
    server: Server,
    client: Client,
}

impl Conversation {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { server: Server::start().await?, client })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.base_url());
        self.client.request(method, url).bearer_auth(self.server.token())
    }

    async fn get(&self, path: &str) -> Result<Value, Box<dyn Error>> {
        succeed(self.request(Method::GET, path).send().await?).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Result<Value, Box<dyn Error>> {
        succeed(self.request(method, path).json(&body).send().await?).await
    }

    async fn delete(&self, path: &str) -> Result<Value, Box<dyn Error>> {
        succeed(self.request(Method::DELETE, path).send().await?).await
    }

    /// The id of something that is kept under a path from the start.
    fn id(&self, path: &str) -> i64 {
        self.server.ids(path).first().and_then(Value::as_i64).unwrap_or_else(|| panic!("nothing is kept at {path}"))
    }
}

async fn succeed(response: Response) -> Result<Value, Box<dyn Error>> {
    let (status, url) = (response.status(), response.url().path().to_owned());
    assert!(response.headers().contains_key("x-request-id"), "no X-Request-Id from {url}");
    let text = response.text().await?;
    assert!(status.is_success(), "{url}: {status} {text}");
    Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
}

/// Sends a request that must be refused, and gives the one broken rule that it tells.
async fn refused(request: RequestBuilder, status: u16, code: &str) -> Result<Value, Box<dyn Error>> {
    let response = request.send().await?;
    let url = response.url().clone();
    let (given, text) = (response.status().as_u16(), response.text().await?);
    assert_eq!(given, status, "{url}: {text}");
    let body: Value = serde_json::from_str(&text)?;
    let fault = body["errors"][0].clone();
    assert_eq!(fault["code"], code, "{url}: {text}");
    let known = description()?["components"]["schemas"]["ValidationErrorCode"]["enum"].clone();
    assert!(known.as_array().is_some_and(|known| known.contains(&json!(code))), "{code} is no code of the description");
    assert!(fault["message"].as_str().is_some_and(|message| !message.is_empty()));
    Ok(fault)
}

fn description() -> Result<Value, Box<dyn Error>> {
    Ok(pachca_tests::read_yaml(DESCRIPTION)?)
}

fn message(entity_id: i64) -> Value {
    json!({ "message": { "entity_id": entity_id, "content": "Hello" } })
}

/// All items of a list, page by page, each seen once.
async fn all(talk: &Conversation, path: &str, limit: usize) -> Result<Vec<Value>, Box<dyn Error>> {
    let join = if path.contains('?') { '&' } else { '?' };
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..200 {
        let mut request = talk.request(Method::GET, &format!("{path}{join}limit={limit}"));
        if let Some(cursor) = &cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let page = succeed(request.send().await?).await?;
        let paginate = &page["meta"]["paginate"];
        assert!(paginate["next_page"].is_string() && paginate["prev_page"].is_string(), "{path}: {paginate}");
        let data = page["data"].as_array().ok_or("no data")?;
        assert!(data.len() <= limit);
        items.extend(data.iter().cloned());
        if paginate["has_next"] != true {
            let distinct: BTreeSet<String> = items.iter().map(Value::to_string).collect();
            assert_eq!(distinct.len(), items.len(), "{path} gave something twice");
            return Ok(items);
        }
        cursor = paginate["next_page"].as_str().map(str::to_owned);
    }
    Err(format!("{path} has no end").into())
}
