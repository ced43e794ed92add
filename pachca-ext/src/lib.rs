//! What no API description can say about Pachca: waiting, paging, uploading, verifying.
//!
//! So far this is the generated client alone, under its own name.

pub use pachca_api as api;
