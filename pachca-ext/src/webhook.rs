//! Webhooks: whether they come from Pachca, what they say, and how forms are answered.
//!
//! Pachca signs the body of every webhook with the bot's signing secret. A [`Verifier`] checks the signature and the
//! time, and only then reads the [`Event`]:
//!
//! ```
//! use pachca_ext::webhook::{Event, Verifier, VerifyError};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::new("the bot's signing secret")?;
//!
//! fn receive(verifier: &Verifier, signature: &str, body: &[u8]) -> Result<(), VerifyError> {
//!     match verifier.verify(signature, body)? {
//!         Event::Message(message) => println!("{}: {}", message.user_id, message.content),
//!         Event::Button(click) => println!("{} clicked {}", click.user_id, click.data),
//!         other => println!("{other:?}"),
//!     }
//!     Ok(())
//! }
//! # let body = br#"{"type":"message","event":"new"}"#;
//! # assert!(receive(&verifier, &"0".repeat(64), body).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `axum` there is an extractor, `Verified<Event>`, and [`FormReply`] is a response. For other servers
//! there is a [`VerifyLayer`]. Pachca waits 5 seconds for an answer, 30 for that to a click, and 3 for that to a form.

#[cfg(feature = "axum")]
mod axum;
mod deduplicator;
mod error;
mod form;
mod layer;
mod receive;
mod signature;
mod source;
mod verifier;

#[cfg(feature = "axum")]
pub use axum::Verified;
pub use deduplicator::Deduplicator;
pub use error::VerifyError;
pub use form::FormReply;
pub use layer::{VerifyLayer, VerifyService};
/// What a webhook says; a kind that the description does not have is `Unknown`, with the JSON as it was received.
pub use pachca_api::types::WebhookPayloadUnion as Event;
pub use signature::{SIGNATURE_HEADER, sign};
pub use source::{SOURCES, is_source};
pub use verifier::{Verifier, VerifierBuilder};
