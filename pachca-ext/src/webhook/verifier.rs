//! The check of a webhook, from its bytes to its event.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{Event, VerifyError, signature};
use crate::error::{Error, ErrorKind};

/// How far `webhook_timestamp` may be from now, as the vendor's documentation asks.
const WINDOW: Duration = Duration::from_secs(60);

/// The longest body that is taken. Messages, the longest webhooks, are a small part of it.
const MAX_BODY: usize = 1 << 20;

/// The field that says when a webhook was sent.
const TIMESTAMP: &str = "webhook_timestamp";

type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Tells webhooks that Pachca has just sent from anything else. Clones are cheap.
///
/// ```no_run
/// use pachca_ext::webhook::Verifier;
///
/// # fn example(old_secret: String, new_secret: String) -> Result<(), pachca_ext::Error> {
/// // While the signing secret is changed, both are good.
/// let verifier = Verifier::builder().secret(old_secret).secret(new_secret).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<VerifierBuilder>);

/// The settings of a [`Verifier`].
#[derive(Clone)]
#[must_use = "nothing is verified until the verifier is built"]
pub struct VerifierBuilder {
    secrets: Vec<SecretString>,
    window: Duration,
    max_body: usize,
    clock: Clock,
}

impl Verifier {
    /// A verifier for one signing secret, which the bot's settings in Pachca show.
    ///
    /// # Errors
    /// When the secret is empty.
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder().secret(secret).build()
    }

    /// Starts without a secret.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder { secrets: Vec::new(), window: WINDOW, max_body: MAX_BODY, clock: Arc::new(SystemTime::now) }
    }

    /// Checks a webhook and reads it: `signature` is the value of [`SIGNATURE_HEADER`](super::SIGNATURE_HEADER), and
    /// `body` the body as it was received, byte for byte.
    ///
    /// What is missing or null against the description is put right, as in answers. A webhook of a kind that the
    /// description does not have is [`Event::Unknown`]; it needs a signature and a time like any other. Only the kinds
    /// that have no `webhook_timestamp` in the description may come without one. They can be repeated by someone who has
    /// seen them, which a [`Deduplicator`](super::Deduplicator) notices.
    ///
    /// # Errors
    /// Says what is wrong; [`VerifyError::status`] is what to answer then.
    pub fn verify(&self, signature: impl AsRef<[u8]>, body: &[u8]) -> Result<Event, VerifyError> {
        self.verify_at(signature, body, (self.0.clock)())
    }

    /// The same at another time, for tests and for webhooks that were recorded.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_at(&self, signature: impl AsRef<[u8]>, body: &[u8], now: SystemTime) -> Result<Event, VerifyError> {
        if body.len() > self.0.max_body {
            return Err(VerifyError::TooLarge { limit: self.0.max_body });
        }
        let signature = signature::parse(signature.as_ref()).ok_or(VerifyError::MalformedSignature)?;
        // Every secret is tried, so that the time does not tell which one it was either.
        let genuine = self
            .0
            .secrets
            .iter()
            .fold(false, |genuine, secret| signature::matches(secret.expose_secret(), body, &signature) | genuine);
        if !genuine {
            return Err(VerifyError::WrongSignature);
        }
        let (event, corrections) = pachca_api::decode::<Event>(body).map_err(VerifyError::Unreadable)?;
        if !corrections.is_empty() {
            tracing::debug!(?corrections, "a webhook was put right");
        }
        match sent(body)? {
            Some(sent) => self.check_time(sent, now)?,
            None if has_timestamp(&event) => return Err(VerifyError::NoTimestamp),
            None => {}
        }
        Ok(event)
    }

    pub(super) fn max_body(&self) -> usize {
        self.0.max_body
    }

    fn check_time(&self, sent: i64, now: SystemTime) -> Result<(), VerifyError> {
        let window = self.0.window;
        let sent = i128::from(sent) * 1_000_000_000;
        let now = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => nanoseconds(since),
            Err(before) => -nanoseconds(before.duration()),
        };
        let offset = sent.saturating_sub(now);
        if offset.saturating_abs() <= nanoseconds(window) {
            return Ok(());
        }
        // Away from zero, so that a part of a second too much does not look like the window itself.
        let seconds = (offset.saturating_abs().saturating_add(999_999_999) / 1_000_000_000) * offset.signum();
        let furthest = if offset < 0 { i64::MIN } else { i64::MAX };
        Err(VerifyError::Stale { offset: i64::try_from(seconds).unwrap_or(furthest), window })
    }
}

/// When a webhook says that it was sent, in UNIX seconds. The JSON is looked at itself, because what is missing in it is
/// made up in the event.
fn sent(body: &[u8]) -> Result<Option<i64>, VerifyError> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|source| VerifyError::Unreadable(pachca_api::DecodeError { path: String::new(), source }))?;
    match document.get(TIMESTAMP) {
        None | Some(Value::Null) => Ok(None),
        Some(sent) => sent.as_i64().map(Some).ok_or(VerifyError::NoTimestamp),
    }
}

/// Whether a kind says when it was sent: a required field of its type is always written. Nobody knows that of an unknown
/// kind, so that it has to.
fn has_timestamp(event: &Event) -> bool {
    let written = |event| serde_json::to_value(event).is_ok_and(|event| event.get(TIMESTAMP).is_some());
    matches!(event, Event::Unknown(_)) || written(event)
}

fn nanoseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

impl VerifierBuilder {
    /// Adds a signing secret. A webhook is good if it is signed with any of them.
    pub fn secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// How far `webhook_timestamp` may be from now, before or after; 60 seconds unless set, as the vendor's documentation
    /// asks.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// The longest body in bytes that is looked at; 1 MiB (1,048,576) unless set.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Where the time comes from; the system's clock unless set.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the verifier up.
    ///
    /// # Errors
    /// When there is no secret, or one of them is empty: anyone could sign with that.
    pub fn build(self) -> Result<Verifier, Error> {
        let refused = |message| Err(Error::new(ErrorKind::InvalidRequest, message));
        if self.secrets.is_empty() {
            return refused("a verifier needs the bot's signing secret");
        }
        if self.secrets.iter().any(|secret| secret.expose_secret().trim().is_empty()) {
            return refused("the bot's signing secret is empty");
        }
        Ok(Verifier(Arc::new(self)))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Verifier").field(&self.0).finish()
    }
}

// The secrets stay out of logs.
impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifierBuilder")
            .field("secrets", &format_args!("[redacted]"))
            .field("window", &self.window)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
