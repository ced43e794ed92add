//! A wire in memory that answers as a function says and remembers when it was asked.

use std::sync::{Arc, Mutex};

use pachca_ext::api::reqwest::{self, Method, Url};
use pachca_ext::api::{Call, Operation, Transport};
use tokio::time::Instant;

/// What reached the wire, in the order in which it did.
pub type Sent = Arc<Mutex<Vec<Arrival>>>;

#[allow(dead_code, reason = "each test target looks at a part")]
pub struct Arrival {
    pub at: Instant,
    /// What tests tell calls apart by, if they need to.
    pub path: String,
}

/// A wire whose answer depends on how many calls came before, and on the path.
pub fn wire(answer: impl Fn(usize, &str) -> http::Response<String> + Send + Sync + 'static) -> (Transport, Sent) {
    let (answer, sent) = (Arc::new(answer), Sent::default());
    let log = sent.clone();
    let transport = Transport::new(tower::service_fn(move |call: Call| {
        let path = call.request.url().path().to_owned();
        let mut log = log.lock().unwrap();
        let answer = reqwest::Response::from(answer(log.len(), &path));
        log.push(Arrival { at: Instant::now(), path });
        async move { Ok(answer) }
    }));
    (transport, sent)
}

/// An answer with a status, and with `Retry-After` if it is not empty.
pub fn answer(status: u16, retry_after: &str) -> http::Response<String> {
    let mut response = http::Response::builder().status(status);
    if !retry_after.is_empty() {
        response = response.header("retry-after", retry_after);
    }
    response.body(String::new()).unwrap()
}

/// A call of an operation, to an address that is not there.
pub fn call(operation: &str, path: &str) -> Call {
    call_at("http://pachca.test", operation, path)
}

pub fn call_at(base: &str, operation: &str, path: &str) -> Call {
    let operation = Operation::by_name(operation).unwrap();
    let method: Method = operation.method.parse().unwrap();
    Call { request: reqwest::Request::new(method, Url::parse(base).unwrap().join(path).unwrap()), operation }
}
