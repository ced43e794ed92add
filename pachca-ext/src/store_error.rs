//! What an object store says when it refuses.

use std::fmt;

use serde::Deserialize;

/// An S3-like refusal: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
#[derive(Debug, Deserialize)]
pub(crate) struct StoreError {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}

impl StoreError {
    /// Reads a body, if it is such a refusal.
    pub(crate) fn read(body: &str) -> Option<Self> {
        quick_xml::de::from_str(body).ok()
    }

    /// Whether what was signed for a while was used too late. A store has a code of its own only for some of it; the
    /// rest is `AccessDenied` with words.
    pub(crate) fn expired(&self) -> bool {
        matches!(self.code.as_str(), "ExpiredToken" | "RequestTimeTooSkewed")
            || self.message.to_ascii_lowercase().contains("expired")
    }

    /// Whether the store gave up waiting for the next bytes, which it says with the status of a bad request.
    pub(crate) fn waited_in_vain(&self) -> bool {
        self.code == "RequestTimeout"
    }
}

/// The store's own text.
impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.message.is_empty() { &self.code } else { &self.message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_stores_own() {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
            <Message>&quot;a&amp;b&quot; is &lt;not&gt; for you</Message><RequestId>7</RequestId></Error>";
        let error = StoreError::read(body).map(|error| (error.to_string(), error.expired()));
        assert_eq!(error, Some(("\"a&b\" is <not> for you".to_owned(), false)));
        let bare = StoreError::read("<Error><Code>SlowDown</Code></Error>");
        assert_eq!(bare.map(|error| error.to_string()).as_deref(), Some("SlowDown"));
        for other in ["", "{}", "<html><body>Bad gateway</body></html>", "<Error>"] {
            assert!(StoreError::read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_has_expired_is_told_by_code_or_by_words() {
        for (code, message, expired) in [
            ("AccessDenied", "The policy has Expired", true),
            ("ExpiredToken", "", true),
            ("RequestTimeTooSkewed", "The clocks differ", true),
            ("AccessDenied", "No", false),
        ] {
            let error = StoreError { code: code.to_owned(), message: message.to_owned() };
            assert_eq!(error.expired(), expired, "{code} {message}");
        }
    }
}
