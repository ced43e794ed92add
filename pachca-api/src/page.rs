//! What all paginated operations have in common.

#[cfg(doc)]
use crate::ResponseValue;
use crate::{Correction, Error};

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What stands on the page; a page in the middle may be short or empty.
    pub items: Vec<T>,
    /// Where the page stands in the list.
    pub position: Position,
    /// The places of the answer that were put right, as in [`ResponseValue::corrections`].
    pub corrections: Vec<Correction>,
}

/// Where a page stands in its list.
///
/// Cursors are opaque and meant for the running session only: the vendor asks not to keep them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The cursor of the next page. It is there on the last page too, where it asks for what will be added.
    pub next_page: Option<String>,
    /// The cursor of the page before this one. On the first page it asks for what was added on top.
    pub prev_page: Option<String>,
    /// Whether there are more items after this page. Searches and older servers do not say.
    pub has_next: Option<bool>,
    /// Whether there are more items before this page. Searches and older servers do not say.
    pub has_prev: Option<bool>,
    /// How many items were found in all. Only searches say.
    pub total: Option<i64>,
}

/// The request of a paginated operation: it is implemented for the builder of every one of them.
pub trait Paginated: Clone + Send + Sized {
    /// What is listed.
    type Item: Send;

    /// The name of the operation.
    const OPERATION: &'static str;

    /// The same request for the page of a cursor.
    #[must_use]
    fn at(self, cursor: String) -> Self;

    /// Sends the request.
    ///
    /// # Errors
    /// As `send()` of the builder.
    fn page(self) -> impl Future<Output = Result<Page<Self::Item>, Error>> + Send;
}
