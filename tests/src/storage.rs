//! The object store as it is reached over HTTP.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, IF_RANGE, RANGE};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use sha2::{Digest as _, Sha256};

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
            Method::GET if !key.is_empty() => {
                let query = parts.uri.query().unwrap_or_default();
                self.state().world.objects.download(&parts.headers, &key, query)
            }
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
            Ok(content) if parts.method == Method::GET => response = sent(&parts.headers, content),
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

/// An object, or the rest of it from where the range begins that is asked for.
fn sent(headers: &HeaderMap, content: Bytes) -> Response {
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&content)[..16]));
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let start = text(RANGE).and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    // A range that belongs to other content is none.
    let start = start.filter(|_| text(IF_RANGE).is_none_or(|wanted| wanted == tag));
    let mut response = Response::new(Body::empty());
    let mut fields = vec![(CONTENT_TYPE, "application/octet-stream".to_owned()), (ETAG, tag)];
    // Whoever takes this for a path writes outside of the folder.
    fields.push((CONTENT_DISPOSITION, "attachment; filename=\"../../taken-from-the-server.zip\"".to_owned()));
    match start {
        Some(start) if start >= content.len() => {
            fields.push((CONTENT_RANGE, format!("bytes */{}", content.len())));
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        }
        Some(start) => {
            fields.push((CONTENT_RANGE, format!("bytes {start}-{}/{}", content.len() - 1, content.len())));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            *response.body_mut() = Body::from(content.slice(start..));
        }
        None => *response.body_mut() = Body::from(content),
    }
    for (name, value) in fields {
        response.headers_mut().extend(HeaderValue::from_str(&value).map(|value| (name, value)));
    }
    response
}
