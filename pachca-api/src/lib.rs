//! Typed client for the REST API of Pachca, generated from its OpenAPI description.
//!
//! Every operation is a method of [`Client`], named as in the description, that returns a builder:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = pachca_api::Client::builder("the token").build()?;
//! let chats = client.list_chats().limit(50).send().await?;
//! for chat in &chats.data {
//!     println!("{} {}", chat.id, chat.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Everything here but the client's settings, its errors and its answers is derived from `openapi.yaml` when the
//! crate is built. Waiting, paging, uploading and verifying are in the crate `pachca-ext`.

#[cfg(feature = "schemars")]
pub mod catalog;

mod client;
mod error;
mod location;
mod nullable;
mod open_enum;
mod operation;
mod optional;
mod page;
mod redact;
mod repair;
mod response;
mod time;
mod transport;
mod union;

/// What is generated from `openapi.yaml`.
#[allow(
    missing_docs,
    clippy::all,
    clippy::unwrap_used,
    unused_imports,
    unused_mut,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "generated"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

pub use client::{BuildError, ClientBuilder};
pub use error::{Error, MAX_ERROR_BODY_BYTES};
pub use generated::{BASE_URL, ByteStream, Client, builder, types};
pub use location::Location;
pub use nullable::Nullable;
pub use operation::Operation;
pub use optional::{Optional, Plain, Wrapped};
pub use page::{Page, Paginated, Position};
pub use repair::{Correction, DecodeError, Place, Repair, decode};
pub use reqwest;
pub use response::ResponseValue;
use transport::Session;
pub use transport::{Call, Transport};
