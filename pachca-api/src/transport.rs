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

/// The service behind a client: plain reqwest, or whatever was put around it.
///
/// It is a [`tower::Service`] itself, so that layers take it.
#[derive(Clone)]
pub struct Transport(BoxCloneSyncService<Call, reqwest::Response, reqwest::Error>);

impl Transport {
    /// Sends calls with reqwest and nothing else.
    pub fn direct(http: reqwest::Client) -> Self {
        Self::new(tower::service_fn(move |call: Call| http.execute(call.request)))
    }

    /// Sends calls through a service.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self(BoxCloneSyncService::new(service))
    }
}

impl Service<Call> for Transport {
    type Response = reqwest::Response;
    type Error = reqwest::Error;
    type Future = <BoxCloneSyncService<Call, reqwest::Response, reqwest::Error> as Service<Call>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        self.0.call(call)
    }
}

// The service may hold anything, a token among it.
impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Transport").finish_non_exhaustive()
    }
}

/// What the generated client holds beside reqwest's.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) transport: Transport,
    /// Marked as sensitive, so that no `Debug` prints it.
    pub(crate) authorization: HeaderValue,
}

impl ClientHooks<Session> for Client {
    async fn exec(&self, mut request: reqwest::Request, info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        // progenitor sends the version of the description, which says nothing and is not part of the API.
        request.headers_mut().remove("api-version");
        let Some(operation) = Operation::by_name(info.operation_id) else {
            // The table is generated with the operations, so this is only for the compiler.
            return self.client().execute(request).await;
        };
        let Session { transport, authorization } = self.inner();
        if operation.authenticated {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        transport.clone().oneshot(Call { request, operation }).await
    }
}
