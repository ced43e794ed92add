//! Why a webhook is refused.

use std::time::Duration;

use http::StatusCode;
use pachca_api::DecodeError;

/// Why a webhook is refused. No variant holds or shows a signature or a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The request has no signature.
    #[error("the request has no `Pachca-Signature` header")]
    MissingSignature,
    /// The signature can be none.
    #[error("the signature is not 64 hexadecimal digits")]
    MalformedSignature,
    /// The signature is that of another body, or made with another secret.
    #[error("no signing secret gives this signature for this body; compare the secrets with the bot's settings")]
    WrongSignature,
    /// The body is longer than is taken.
    #[error("the body has more than {limit} bytes")]
    TooLarge {
        /// The most bytes that are taken.
        limit: usize,
    },
    /// The body broke off.
    #[error("the body did not arrive in full")]
    Incomplete,
    /// The signature is right, but the body is not the JSON of a webhook.
    #[error("the webhook cannot be read: {0}")]
    Unreadable(DecodeError),
    /// The webhook does not say when it was sent, although its kind does, or although nobody knows its kind.
    #[error("the webhook has no `webhook_timestamp` in UNIX seconds")]
    NoTimestamp,
    /// The webhook was sent too long ago, and may be one that was sent before and is repeated by someone; or it is ahead
    /// of this machine's clock.
    #[error(
        "the webhook was sent {} s {}, and {} s are allowed; is this machine's clock right?",
        .offset.unsigned_abs(),
        if *.offset < 0 { "ago" } else { "ahead" },
        .window.as_secs_f64()
    )]
    Stale {
        /// How many seconds after now it was sent: less than nothing when it was before.
        offset: i64,
        /// How far it may be from now.
        window: Duration,
    },
}

impl VerifyError {
    /// The status that a server should answer: 413 for a body that is too long, 400 for one that cannot be read, and 401
    /// for everything that does not prove where it comes from and when it was sent.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Incomplete | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::MissingSignature
            | Self::MalformedSignature
            | Self::WrongSignature
            | Self::NoTimestamp
            | Self::Stale { .. } => StatusCode::UNAUTHORIZED,
        }
    }
}
