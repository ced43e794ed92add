//! The object store as it is reached over HTTP.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};

use crate::objects::{Denied, read};
use crate::router::decode;
use crate::service::{Answered, Service};

/// Where the object store is, outside of the API.
pub const STORAGE_PATH: &str = "/storage";

impl Service {
    /// Answers for the object store.
    pub async fn store(&self, parts: &Parts, key: &str, body: Bytes) -> Answered {
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
        let processed = result.is_ok();
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
        Answered { response, processed }
    }
}
