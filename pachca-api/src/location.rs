//! The address that an answer leads to.

use std::fmt;

/// A temporary address, which works for whoever has it.
///
/// Its `Debug` leaves out the query, which holds the signature. The token must not be sent there.
#[derive(Clone, PartialEq, Eq)]
pub struct Location(pub(crate) reqwest::Url);

impl Location {
    /// The whole address.
    pub fn url(&self) -> &reqwest::Url {
        &self.0
    }

    /// The whole address.
    pub fn into_url(self) -> reqwest::Url {
        self.0
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(self.0.query().map(|_| "[redacted]"));
        // An address may hold a name and a password too; where they cannot be set, there are none.
        let _ = shown.set_username("").and_then(|()| shown.set_password(None));
        formatter.debug_tuple("Location").field(&shown.as_str()).finish()
    }
}
