//! Webhooks for any server that is made of tower services.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower::{Layer, Service, ServiceExt as _};

use super::Verifier;

/// Lets only webhooks through that are from Pachca and recent, each with its [`Event`](super::Event) in the extensions
/// of the request and with its body whole again.
///
/// Anything else is answered by the layer itself, without a body and with the status that
/// [`VerifyError::status`](super::VerifyError::status) gives.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use pachca_ext::webhook::{Event, Verifier, VerifyLayer};
/// use tower::{Layer as _, service_fn};
///
/// # fn example() -> Result<(), pachca_ext::Error> {
/// let layer = VerifyLayer::new(Verifier::new("the bot's signing secret")?);
/// let bot = layer.layer(service_fn(async |request: Request<Full<Bytes>>| {
///     println!("{:?}", request.extensions().get::<Event>());
///     Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::default()))
/// }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct VerifyLayer {
    verifier: Verifier,
}

impl VerifyLayer {
    /// A layer that asks this verifier.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier }
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = VerifyService<S>;

    fn layer(&self, inner: S) -> VerifyService<S> {
        VerifyService { inner, verifier: self.verifier.clone() }
    }
}

/// A service that is called for webhooks only.
#[derive(Clone, Debug)]
pub struct VerifyService<S> {
    inner: S,
    verifier: Verifier,
}

impl<S, B, R> Service<Request<B>> for VerifyService<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    // The inner service is asked once there is something for it.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (inner, verifier) = (self.inner.clone(), self.verifier.clone());
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            match verifier.receive(&head.headers, body).await {
                Ok((event, body)) => {
                    head.extensions.insert(event);
                    inner.oneshot(Request::from_parts(head, Full::new(body))).await
                }
                Err(error) => {
                    let mut refusal = Response::new(R::default());
                    *refusal.status_mut() = error.status();
                    Ok(refusal)
                }
            }
        })
    }
}
