//! Calls of the API: from a route to an answer in the ordinary way.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use http::request::Parts;
use serde_json::{Value, json};

use crate::answer::{Answer, act, body_of};
use crate::check::{Asked, Incoming, check};
use crate::fault::PageFault;
use crate::limits::Class;
use crate::mishap::{spoil, too_fast};
use crate::operation::{Operation, Place};
use crate::refusal::{BrokenRule, Refusal};
use crate::router::Route;
use crate::service::{Answered, Service};
use crate::webhook::{SignedWebhook, deliver};

impl Service {
    /// Answers a call, with a fault in the paging of its list if that is asked for.
    pub async fn call(&self, route: Route<'static>, parts: &Parts, body: &Bytes, page: Option<PageFault>) -> Answered {
        let path = parts.uri.path();
        let refusal = match route {
            Route::Found(operation, values) => {
                let query = parts.uri.query().unwrap_or_default();
                let incoming = Incoming { query, headers: &parts.headers, body, path: values };
                if let Err(wait) = self.admit(operation, &incoming) {
                    return Answered { response: too_fast(wait), processed: false };
                }
                match self.operate(operation, incoming, page).await {
                    Ok(response) => return Answered { response, processed: true },
                    Err(refusal) => refusal,
                }
            }
            Route::WrongMethod(methods) => {
                let methods: Vec<&str> = methods.into_iter().collect();
                let allowed = methods.join(", ");
                let message = format!("{path} takes {allowed} and not {}", parts.method);
                let rule = BrokenRule::new("wrong_params", "method", Value::Null, message);
                let allow = HeaderValue::from_str(&allowed).unwrap_or(HeaderValue::from_static(""));
                Refusal::fault(405, rule).header(ALLOW, allow)
            }
            Route::Unknown => {
                let message = format!("There is no path {path} in the description");
                Refusal::not_found("path", Value::Null, message)
            }
        };
        Answered { response: refusal.into_response(), processed: false }
    }

    /// Counts a call against its rate limit.
    fn admit(&self, operation: &Operation, incoming: &Incoming<'_>) -> Result<(), u64> {
        let mut state = self.state();
        if state.limits.is_none() {
            return Ok(());
        }
        let class = Class::of(operation);
        let chat = match class {
            Class::Write => state.world.chat_of(operation, incoming),
            _ => String::new(),
        };
        let token = incoming.headers.get(AUTHORIZATION).and_then(|token| token.to_str().ok()).unwrap_or_default();
        let now = self.elapsed();
        state.limits.as_mut().map_or(Ok(()), |limits| limits.take(class, token, &chat, now))
    }

    async fn operate(
        &self,
        operation: &'static Operation,
        incoming: Incoming<'_>,
        page: Option<PageFault>,
    ) -> Result<Response, Refusal> {
        let mut asked = check(operation, incoming, &self.token).await?;
        if page == Some(PageFault::Short) {
            halve(operation, &mut asked);
        }
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
        if let Some(mut body) = body_of(operation, answer, &state.world.store)? {
            if let Some(page) = page {
                let list = state.world.store.list_name(operation);
                spoil(&mut body, page, &list, asked.query.get("cursor").and_then(Value::as_str));
            }
            let kind = HeaderValue::from_static("application/json; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            *response.body_mut() = Body::from(body.to_string());
        }
        *response.status_mut() = StatusCode::from_u16(status).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(response)
    }
}

/// Asks for half a page.
fn halve(operation: &Operation, asked: &mut Asked) {
    let limit = asked.query.get("limit").or_else(|| operation.parameter(Place::Query, "limit")?.default());
    let limit = limit.and_then(Value::as_i64).unwrap_or(50);
    asked.query.insert("limit".to_owned(), json!((limit / 2).max(1)));
}
