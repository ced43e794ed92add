//! A Pachca of our own: an in-memory server that speaks the workspace's `openapi.yaml`.
//!
//! Routes, checks and answers follow by rule from the description; no operation is known here by its name. Only the
//! rate limits, which are off unless asked for, go by paths, because the description does not tell them. What is to
//! go wrong, a test says with [`Server::misbehave`].
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! let server = pachca_tests::Server::start().await?;
//! println!("{} takes the token {}", server.base_url(), server.token());
//! # Ok(())
//! # }
//! ```

mod answer;
mod call;
mod check;
mod collection;
mod crowd;
mod document;
mod fault;
mod fit;
mod forms;
mod limits;
mod memory;
mod mishap;
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
mod script;
mod seed;
mod server;
mod service;
mod storage;
mod store;
mod webhook;
mod wire;
mod words;

pub use document::{TEXT as DESCRIPTION, read_yaml};
pub use fault::{Fault, PageFault};
pub use memory::memory;
pub use record::Recorded;
pub use server::{Builder, Server};
pub use webhook::{SIGNATURE_HEADER, SignedWebhook, sign};

/// The code in the README is tested like any other.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
