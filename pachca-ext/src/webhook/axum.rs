//! Webhooks for bots on axum.

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};

use super::{Event, FormReply, Verifier, VerifyError};

/// An extractor of the event of a webhook that is from Pachca and recent. The [`Verifier`] is the router's state or,
/// by [`FromRef`], a part of it. Anything else is answered 401, 413 or 400, as [`VerifyError::status`] says, with one
/// line that says why, and the handler does not run.
///
/// ```
/// use axum::Router;
/// use axum::routing::post;
/// use pachca_ext::webhook::{Event, Verified, Verifier};
///
/// async fn receive(Verified(event): Verified<Event>) {
///     println!("{event:?}");
/// }
///
/// # fn example() -> Result<Router, pachca_ext::Error> {
/// let verifier = Verifier::new("the bot's signing secret")?;
/// Ok(Router::new().route("/pachca", post(receive)).with_state(verifier))
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verified<T>(pub T);

impl<S> FromRequest<S> for Verified<Event>
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = VerifyError;

    async fn from_request(request: Request, state: &S) -> Result<Self, VerifyError> {
        let (head, body) = request.into_parts();
        let (event, _body) = Verifier::from_ref(state).receive(&head.headers, body).await?;
        Ok(Self(event))
    }
}

impl IntoResponse for VerifyError {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}

impl IntoResponse for FormReply {
    fn into_response(self) -> Response {
        http::Response::<Body>::from(self)
    }
}
