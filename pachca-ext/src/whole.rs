//! Answers whose body is read before they are handed on.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use pachca_api::reqwest::header::CONTENT_TYPE;
use pachca_api::reqwest::{self, ResponseBuilderExt as _, Url};

/// Whether an answer is JSON, which is small and about to be read anyway; a file may be neither.
pub(crate) fn is_json(response: &reqwest::Response) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.starts_with("application/json"))
}

/// Reads the whole body, and gives it back together with an answer that still has it.
pub(crate) async fn whole(response: reqwest::Response) -> reqwest::Result<(Bytes, reqwest::Response)> {
    let url = response.url().clone();
    let (head, body) = http::Response::from(response).into_parts();
    let body = body.collect().await?.to_bytes();
    Ok((body.clone(), with_url(http::Response::from_parts(head, body), &url)))
}

/// A response with its address, which reqwest takes from an extension that only its builder can set.
pub(crate) fn with_url(mut response: http::Response<Bytes>, url: &Url) -> reqwest::Response {
    if let Ok(mut marked) = http::Response::builder().url(url.clone()).body(()) {
        response.extensions_mut().extend(std::mem::take(marked.extensions_mut()));
    }
    reqwest::Response::from(response)
}
