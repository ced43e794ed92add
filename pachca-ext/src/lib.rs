//! What no API description can say about Pachca.
pub use pachca_api as api;
