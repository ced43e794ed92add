//! The cursors of a walk over a list.

use pachca_api::{Page, Paginated, Position};

/// Where a walk over a list is, and how it notices that it comes round again.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    cursor: Option<String>,
    backwards: bool,
    /// How many items were seen, for searches, which say how many there are in all.
    seen: i64,
    /// An earlier cursor and how long it is looked out for: a list that comes round again meets it, and keeping one
    /// cursor takes no memory (Brent's algorithm).
    marker: Option<String>,
    steps: u64,
    patience: u64,
}

impl Trail {
    /// Begins at the first page.
    pub(crate) fn new() -> Self {
        Self { cursor: None, backwards: false, seen: 0, marker: None, steps: 0, patience: 1 }
    }

    /// Goes from each page to the one before it.
    pub(crate) fn backwards(self) -> Self {
        Self { backwards: true, ..self }
    }

    /// Begins at a cursor instead.
    pub(crate) fn at(self, cursor: String) -> Self {
        Self { cursor: Some(cursor), ..self }
    }

    /// The cursor of the page that the walk stands before; none of the first page.
    pub(crate) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Fetches the page that the walk stands before; the filters are those of the request.
    pub(crate) async fn page<R: Paginated>(&self, request: R) -> Result<Page<R::Item>, pachca_api::Error> {
        match &self.cursor {
            Some(cursor) => request.at(cursor.clone()).page().await,
            None => request.page().await,
        }
    }

    /// Moves on from a page that was read, if there is one after it.
    ///
    /// # Errors
    /// Says why it cannot go on although more is promised. The walk then stands where it stood.
    pub(crate) fn advance(&mut self, position: &Position, items: usize) -> Result<bool, &'static str> {
        let seen = self.seen.saturating_add(i64::try_from(items).unwrap_or(i64::MAX));
        let (more, next) = match self.backwards {
            true => (position.has_prev, &position.prev_page),
            false => (position.has_next, &position.next_page),
        };
        let promised = match (more, position.total) {
            (Some(more), _) => more,
            (None, Some(total)) => items > 0 && seen < total,
            (None, None) => items > 0,
        };
        if !promised {
            return Ok(false);
        }
        let sure = more == Some(true) || position.total.is_some();
        let next = next.clone().filter(|cursor| !cursor.is_empty());
        let repeated = next.is_some() && (next == self.cursor || next == self.marker);
        match next {
            Some(_) if repeated && sure => Err("the server gives a cursor again that was used already"),
            None if sure => Err("the server says that there is more, but gives no cursor"),
            // Without a word about more, a cursor that leads nowhere is the end.
            Some(_) if repeated => Ok(false),
            None => Ok(false),
            Some(cursor) => {
                self.seen = seen;
                self.steps += 1;
                if self.steps >= self.patience {
                    self.marker.clone_from(&self.cursor);
                    (self.steps, self.patience) = (0, self.patience.saturating_mul(2));
                }
                self.cursor = Some(cursor);
                Ok(true)
            }
        }
    }
}
