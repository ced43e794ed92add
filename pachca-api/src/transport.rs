//! The one way every request takes.

use std::fmt;
use std::task::{Context, Poll};

use progenitor_client::{ClientHooks, ClientInfo as _, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt as _};

use crate::{Client, Operation};

/// A request on its way, with the operation that it is for.
#[derive(Debug)]
pub struct Call {
    /// The request, ready to be sent.
    pub request: reqwest::Request,
    /// What the description says about it.
    pub operation: &'static Operation,
}

/// The service behind a client: by default plain reqwest, and anything that wraps it.
#[derive(Clone)]
pub struct Transport {
    service: BoxCloneSyncService<Call, reqwest::Response, reqwest::Error>,
    authorization: Option<HeaderValue>,
}

impl Transport {
    /// Sends calls through `service`.
    pub(crate) fn new<S>(service: S, authorization: Option<HeaderValue>) -> Self
    where
        S: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self { service: BoxCloneSyncService::new(service), authorization }
    }
}

// The service may hold anything, the token among it.
impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

/// Sends a call with reqwest and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Direct(pub(crate) reqwest::Client);

impl Service<Call> for Direct {
    type Response = reqwest::Response;
    type Error = reqwest::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        Box::pin(self.0.execute(call.request))
    }
}

impl ClientHooks<Transport> for Client {
    async fn exec(
        &self,
        mut request: reqwest::Request,
        info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        // progenitor sends the version of the description, which says nothing and is not part of the API.
        request.headers_mut().remove("api-version");
        let Some(operation) = Operation::by_name(info.operation_id) else {
            return self.client().execute(request).await;
        };
        let Transport { service, authorization } = self.inner();
        if let Some(token) = authorization.as_ref().filter(|_| operation.authenticated) {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        service.clone().oneshot(Call { request, operation }).await
    }
}
