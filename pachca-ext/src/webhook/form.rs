//! Answers to submitted forms.

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::Serialize;

/// The answer to a submitted form, which Pachca waits 3 seconds for.
///
/// With the feature `axum` it is a response; otherwise it becomes a [`Response`] of the crate `http` by `into()`, or is
/// taken apart into [`status`](Self::status) and [`body`](Self::body).
///
/// ```
/// use pachca_ext::webhook::FormReply;
///
/// let reply = FormReply::errors([("guests", "A number, please")]);
/// assert_eq!(reply.status(), 400);
/// assert_eq!(reply.body(), r#"{"errors":{"guests":"A number, please"}}"#);
/// assert_eq!(FormReply::close().status(), 200);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormReply(Option<Errors>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Errors {
    errors: BTreeMap<String, String>,
}

impl FormReply {
    /// Closes the form.
    pub fn close() -> Self {
        Self(None)
    }

    /// Leaves the form open and shows what is wrong: the `name` of a block, and the text that stands beside it.
    pub fn errors<N: Into<String>, T: Into<String>>(errors: impl IntoIterator<Item = (N, T)>) -> Self {
        let errors = errors.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        Self(Some(Errors { errors }))
    }

    /// The HTTP status: 200 closes the form, 400 leaves it open.
    pub fn status(&self) -> StatusCode {
        if self.0.is_none() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    }

    /// The body, which is JSON; empty when the form is closed.
    pub fn body(&self) -> String {
        // A map of strings can always be written.
        self.0.as_ref().and_then(|errors| serde_json::to_string(errors).ok()).unwrap_or_default()
    }
}

impl<B: From<String>> From<FormReply> for Response<B> {
    fn from(reply: FormReply) -> Self {
        let mut response = Response::new(B::from(reply.body()));
        *response.status_mut() = reply.status();
        if reply.0.is_some() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}
