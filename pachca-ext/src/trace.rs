//! One span for each call.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pachca_api::{Call, reqwest};
use tower::{Layer, Service};
use tracing::{Instrument as _, field};

/// Puts a span around a service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace { inner }
    }
}

/// The service with a span around it.
#[derive(Clone, Debug)]
pub(crate) struct Trace<S> {
    inner: S,
}

impl<S> Service<Call> for Trace<S>
where
    S: Service<Call, Response = reqwest::Response, Error = reqwest::Error>,
    S::Future: Send + 'static,
{
    type Response = reqwest::Response;
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        // The path is the template, because ids are nobody's business; the retry layer records what it did.
        let span = tracing::debug_span!(
            "pachca",
            operation = call.operation.name,
            method = call.operation.method,
            path = call.operation.path,
            status = field::Empty,
            attempts = field::Empty,
            waited_ms = field::Empty,
            request_id = field::Empty,
        );
        let answer = span.in_scope(|| self.inner.call(call));
        let recorded = span.clone();
        Box::pin(
            async move {
                let answer = answer.await;
                match &answer {
                    Ok(response) => {
                        recorded.record("status", response.status().as_u16());
                        if let Some(id) = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()) {
                            recorded.record("request_id", id);
                        }
                        tracing::debug!("answered");
                    }
                    Err(error) => tracing::debug!(timeout = error.is_timeout(), "not answered"),
                }
                answer
            }
            .instrument(span),
        )
    }
}
