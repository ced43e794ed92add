//! A Pachca of our own: an in-memory server that speaks the workspace's `openapi.yaml`.
//!
//! Routes, checks and answers follow by rule from the description; no operation is known here by its name.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! let server = pachca_tests::Server::start().await?;
//! println!("{} takes the token {}", server.base_url(), server.token());
//! # Ok(())
//! # }
//! ```

mod answer;
mod check;
mod collection;
mod document;
mod fit;
mod objects;
mod operation;
mod pages;
mod random;
mod record;
mod refusal;
mod resources;
mod router;
mod sample;
mod schema;
mod seed;
mod server;
mod service;
mod store;
mod webhook;
mod words;

pub use document::TEXT as DESCRIPTION;
pub use record::Recorded;
pub use server::{Builder, Server};
pub use webhook::{SIGNATURE_HEADER, SignedWebhook, sign};
