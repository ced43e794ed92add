//! What no API description can say about Pachca: waiting, paging, explaining errors, uploading,
//! verifying webhooks, and other jobs that take several calls.
//!
//! [`Pachca`] derefs to the generated [`Client`](pachca_api::Client), so that every operation is one dot away:
//!
//! ```no_run
//! use futures_util::TryStreamExt as _;
//! use pachca_ext::{ErrorKind, Pachca, Paginate as _, Recipient};
//!
//! # async fn example() -> Result<(), pachca_ext::Error> {
//! let pachca = Pachca::from_env()?;
//!
//! match pachca.send_to(Recipient::Chat(334), |message| message.content("Hello!")).await {
//!     Ok(sent) => println!("sent {}", sent.id),
//!     Err(error) if error.kind() == ErrorKind::Permission => println!("ask for a scope: {error}"),
//!     Err(error) => return Err(error),
//! }
//!
//! let mut users = pachca.list_users().items();
//! while let Some(user) = users.try_next().await? {
//!     println!("@{}", user.nickname);
//! }
//! # Ok(())
//! # }
//! ```

mod avatar;
mod broadcast;
mod client;
mod error;
pub mod events;
mod export;
mod lookup;
mod message;
mod message_files;
mod paginate;
mod rate_limit;
mod retry;
mod retry_after;
mod source;
mod stall;
mod store_error;
mod trace;
mod upload;
pub mod webhook;
mod whole;

pub use avatar::AvatarUpload;
pub use broadcast::{Broadcast, Delivery, Outcome};
pub use client::{Pachca, PachcaBuilder};
pub use error::{Error, ErrorKind};
pub use export::Export;
pub use message::{Recipient, button, link};
pub use pachca_api as api;
pub use pachca_api::{Page, Position, types};
pub use paginate::{Items, Pages, Paginate};
pub use rate_limit::{Limit, RateLimitLayer, RateLimitService, RateLimits};
pub use retry::{Retry, RetryLayer, RetryPolicy, RetryReason, RetryService};
pub use source::Source;
pub use upload::{Upload, UploadAll, UploadedFile};
