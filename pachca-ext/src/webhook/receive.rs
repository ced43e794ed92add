//! Webhooks as an HTTP server has them: headers, and a body that is still to be read.

use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::{Event, SIGNATURE_HEADER, Verifier, VerifyError};

impl Verifier {
    /// Reads a body, though no further than is allowed, and checks it. The body is given back beside the event.
    pub(super) async fn receive<B>(&self, headers: &HeaderMap, body: B) -> Result<(Event, Bytes), VerifyError>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let received = async {
            let signature = headers.get(SIGNATURE_HEADER).ok_or(VerifyError::MissingSignature)?;
            let limit = self.max_body();
            let body = match Limited::new(body, limit).collect().await {
                Ok(body) => body.to_bytes(),
                Err(error) if error.is::<LengthLimitError>() => return Err(VerifyError::TooLarge { limit }),
                Err(_) => return Err(VerifyError::Incomplete),
            };
            Ok((self.verify(signature, &body)?, body))
        };
        received.await.inspect_err(|error| tracing::warn!(%error, "a webhook was refused"))
    }
}
