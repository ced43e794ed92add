//! Forms of several parts, as the API and the object store take them.

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

/// One part of a form.
#[derive(Debug)]
pub struct Part {
    /// The name of its field.
    pub name: String,
    /// The name of its file, if it is one.
    pub file_name: Option<String>,
    /// Its content.
    pub content: Bytes,
}

/// Takes a `multipart/form-data` body apart.
///
/// # Errors
/// Says what is wrong with the body.
pub async fn parts(headers: &HeaderMap, body: Bytes) -> Result<Vec<Part>, String> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|error| error.to_string())?;
    let stream = stream::iter([Ok::<_, std::io::Error>(body)]);
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| error.to_string())? {
        let name = field.name().ok_or("a part has no name")?.to_owned();
        let extended = field.headers().get(CONTENT_DISPOSITION).and_then(|value| extended_name(value.as_bytes()));
        let file_name = extended.or_else(|| field.file_name().map(str::to_owned));
        let content = field.bytes().await.map_err(|error| error.to_string())?;
        parts.push(Part { name, file_name, content });
    }
    Ok(parts)
}

/// The `filename*` of a part (RFC 8187), in which some clients send names that are not ASCII.
fn extended_name(disposition: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(disposition).ok()?;
    let (_, rest) = text.split_once("filename*=")?;
    let encoded = rest.split(';').next()?.trim();
    let (charset, encoded) = encoded.split_once('\'')?;
    let (_, encoded) = encoded.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    crate::router::decode(encoded)
}

#[cfg(test)]
mod tests {
    use super::extended_name;

    #[test]
    fn a_name_that_is_not_ascii_is_decoded() {
        let disposition = "form-data; name=\"file\"; filename*=utf-8''%D0%BF%20%24.pdf";
        assert_eq!(extended_name(disposition.as_bytes()).as_deref(), Some("п $.pdf"));
        assert_eq!(extended_name(b"form-data; name=\"file\"; filename=\"a.pdf\""), None);
    }
}
