//! From a request to its answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::answer::{Answer, World, act, body_of};
use crate::check::{Incoming, check};
use crate::document::Document;
use crate::objects::{Denied, FORM_LIMIT, read};
use crate::operation::Operation;
use crate::record::{Recorded, Records};
use crate::refusal::{Fault, Refusal};
use crate::router::{Route, decode, find};
use crate::webhook::{SignedWebhook, deliver};

/// The greatest body that the API takes.
pub const BODY_LIMIT: usize = 16 << 20;

/// Where the object store is, outside of the API.
pub const STORAGE_PATH: &str = "/storage";

/// Everything that the connections share.
#[derive(Debug)]
pub struct Service {
    /// The description.
    pub document: &'static Document,
    /// The token that is accepted.
    pub token: String,
    /// The secret with which webhooks are signed.
    pub webhook_secret: String,
    state: Mutex<State>,
}

/// What changes.
#[derive(Debug)]
pub struct State {
    /// What the service keeps.
    pub world: World,
    /// What it was asked.
    pub records: Records,
    answered: u64,
}

impl Service {
    /// A service for what is kept already.
    pub fn new(document: &'static Document, token: String, webhook_secret: String, world: World) -> Self {
        Self {
            document,
            token,
            webhook_secret,
            state: Mutex::new(State { world, records: Records::default(), answered: 0 }),
        }
    }

    /// The state, even if a request panicked: what it left behind is still worth looking at.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers any request and remembers it.
    pub async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let stored =
            parts.uri.path().strip_prefix(STORAGE_PATH).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let limit = if stored.is_some() { FORM_LIMIT } else { BODY_LIMIT };
        // The body is read before anything is refused: a client that still writes would not see the refusal.
        let body = to_bytes(body, limit).await;
        let (operation, mut response, body) = match (stored, body) {
            (Some(key), Ok(body)) => (None, self.store(&parts, key, body.clone()).await, body),
            (None, Ok(body)) => {
                let (operation, response) = self.call(&parts, &body).await;
                (operation, response, body)
            }
            (_, Err(error)) => (None, unread(&error, limit), Bytes::new()),
        };
        let mut state = self.state();
        state.answered += 1;
        let request_id = format!("mock-{:08}", state.answered);
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
        state.records.push(Recorded {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            operation: operation.map(|operation| operation.id.clone()),
            status: response.status().as_u16(),
            request_id,
        });
        response
    }

    async fn call(&self, parts: &Parts, body: &Bytes) -> (Option<&'static Operation>, Response) {
        let path = parts.uri.path();
        let route = match path.strip_prefix(&self.document.base_path) {
            Some(path) => find(self.document, parts.method.as_str(), path),
            None => Route::Unknown,
        };
        match route {
            Route::Found(operation, values) => {
                let query = parts.uri.query().unwrap_or_default();
                let incoming = Incoming { query, headers: &parts.headers, body, path: values };
                let response = self.operate(operation, incoming).await.unwrap_or_else(Refusal::into_response);
                (Some(operation), response)
            }
            Route::WrongMethod(methods) => {
                let methods: Vec<&str> = methods.into_iter().collect();
                let allowed = methods.join(", ");
                let message = format!("{path} takes {allowed} and not {}", parts.method);
                let fault = Fault::new("wrong_params", "method", Value::Null, message);
                let allow = HeaderValue::from_str(&allowed).unwrap_or(HeaderValue::from_static(""));
                (None, Refusal::fault(405, fault).header(ALLOW, allow).into_response())
            }
            Route::Unknown => {
                let message = format!("There is no path {path} in the description");
                (None, Refusal::not_found("path", Value::Null, message).into_response())
            }
        }
    }

    async fn operate(&self, operation: &'static Operation, incoming: Incoming<'_>) -> Result<Response, Refusal> {
        let asked = check(operation, incoming, &self.token).await?;
        let mut state = self.state();
        let answer = act(&mut state.world, operation, &asked)?;
        for (url, payload) in std::mem::take(&mut state.world.outbox) {
            let webhook = SignedWebhook::new(&payload, &self.webhook_secret);
            // An address that does not answer, or is not of this machine, is nobody's loss.
            tokio::spawn(async move { deliver(&url, &webhook).await });
        }
        let status = operation.success.status;
        let mut response = Response::new(Body::empty());
        if let Answer::Redirect(url) = &answer {
            let location = HeaderValue::from_str(url).map_err(|error| Refusal::internal(error.to_string()))?;
            response.headers_mut().insert(LOCATION, location);
        }
        if let Some(body) = body_of(operation, answer, &state.world.store)? {
            let kind = HeaderValue::from_static("application/json; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            *response.body_mut() = Body::from(body.to_string());
        }
        *response.status_mut() = StatusCode::from_u16(status).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(response)
    }

    /// Answers for the object store.
    async fn store(&self, parts: &Parts, key: &str, body: Bytes) -> Response {
        let key = decode(key.trim_start_matches('/')).unwrap_or_default();
        let result = match parts.method {
            Method::GET if !key.is_empty() => self.state().world.objects.download(&parts.headers, &key),
            Method::POST if key.is_empty() => match read(&parts.headers, body).await {
                Ok(form) => self.state().world.objects.upload(form).map(|()| Bytes::new()),
                Err(denied) => Err(denied),
            },
            _ => Err(Denied {
                status: 405,
                code: "MethodNotAllowed",
                message: format!("{} is not allowed against this resource", parts.method),
            }),
        };
        let mut response = Response::new(Body::empty());
        match result {
            Ok(content) if parts.method == Method::GET => {
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
                *response.body_mut() = Body::from(content);
            }
            Ok(_) => *response.status_mut() = StatusCode::NO_CONTENT,
            Err(denied) => {
                *response.status_mut() = StatusCode::from_u16(denied.status).unwrap_or(StatusCode::BAD_REQUEST);
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                *response.body_mut() = Body::from(denied.xml());
            }
        }
        response
    }
}

/// The answer to a body that could not be read to its end.
fn unread(error: &axum::Error, limit: usize) -> Response {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("length limit exceeded") {
            let message = format!("The body has more than {limit} bytes");
            return Refusal::fault(413, Fault::new("too_long", "base", Value::Null, message)).into_response();
        }
        source = error.source();
    }
    let message = format!("The body could not be read: {error}");
    Refusal::fault(400, Fault::new("wrong_params", "base", Value::Null, message)).into_response()
}
