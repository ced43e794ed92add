//! The history of events, read from its oldest new event upwards.

use pachca_api::types::WebhookEvent;
use pachca_api::{Page, builder};

use super::mark::Seen;
use super::poller::Failure;
use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::paginate::Trail;

/// The most events on one page, by the description.
const PAGE: i64 = 50;

/// The operation that is called, as it is named in errors.
const OPERATION: &str = <builder::GetWebhookEvents<'static> as pachca_api::Paginated>::OPERATION;

/// The history, whose list has the newest event first.
///
/// It is walked down by `next_page` to what was seen already, and then up by `prev_page`, so that the oldest new event
/// comes first. Of all the pages on the way only the lowest is kept. From the top on, `prev_page` asks for what is new.
/// Cursors only say where to read next: what is new is decided by the events themselves. So a server that forgets its
/// cursors costs another walk down, and no event.
pub(super) struct History {
    pachca: Pachca,
    place: Place,
}

enum Place {
    /// On the way down, with the lowest page so far that has anything new.
    Down { trail: Trail, lowest: Option<Lowest> },
    /// On the way up, or at the top.
    Up(Trail),
}

struct Lowest {
    events: Vec<WebhookEvent>,
    /// The cursor of what is above.
    above: Option<String>,
}

/// What one request gave.
pub(super) struct Found {
    /// New events, oldest first.
    pub(super) events: Vec<WebhookEvent>,
    /// Whether that was all for now.
    pub(super) all: bool,
}

impl History {
    pub(super) fn new(pachca: Pachca) -> Self {
        Self { pachca, place: Place::top() }
    }

    /// Makes one request. The events that it gives must be in `seen` when the next one is made.
    ///
    /// # Errors
    /// As the request. The next one tries the same again, or begins from the top if the cursor was refused.
    pub(super) async fn read(&mut self, seen: &Seen) -> Result<Found, Failure> {
        let mut trail = self.place.trail().clone();
        let request = self.pachca.get_webhook_events().limit(PAGE);
        let page = match trail.page(request).await.map_err(Error::from) {
            Ok(page) => page,
            Err(error)
                if trail.cursor().is_some() && matches!(error.kind(), ErrorKind::Validation | ErrorKind::NotFound) =>
            {
                self.place = Place::top();
                return Err(Failure::Passing(error));
            }
            Err(error) => return Err(error.into()),
        };
        let (all_items, above) = (page.items.len(), cursor_above(&page));
        let more = trail.advance(&page.position, all_items).map_err(broken)?;
        let mut events: Vec<WebhookEvent> = page.items.into_iter().filter(|event| !seen.has(event)).collect();
        events.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        match &mut self.place {
            Place::Down { lowest, .. } => {
                let reached = events.len() < all_items;
                let lowest = match events.is_empty() {
                    true => lowest.take(),
                    false => Some(Lowest { events, above: above.clone() }),
                };
                if more && !reached {
                    self.place = Place::Down { trail, lowest };
                    return Ok(Found { events: Vec::new(), all: false });
                }
                let (events, above, all) = match lowest {
                    Some(lowest) => (lowest.events, lowest.above, false),
                    None => (Vec::new(), above, true),
                };
                self.place = Place::above(above);
                Ok(Found { events, all })
            }
            Place::Up(_) => {
                if more {
                    self.place = Place::Up(trail);
                } else if all_items > 0 {
                    self.place = Place::above(above);
                }
                Ok(Found { events, all: !more })
            }
        }
    }
}

impl Place {
    fn top() -> Self {
        Self::Down { trail: Trail::new(), lowest: None }
    }

    /// Where to read what is above a page. An older server does not say; it is walked down again then.
    fn above(cursor: Option<String>) -> Self {
        cursor.map_or_else(Self::top, |cursor| Self::Up(Trail::new().backwards().at(cursor)))
    }

    fn trail(&self) -> &Trail {
        match self {
            Self::Down { trail, .. } | Self::Up(trail) => trail,
        }
    }
}

fn cursor_above(page: &Page<WebhookEvent>) -> Option<String> {
    page.position.prev_page.clone().filter(|cursor| !cursor.is_empty())
}

fn broken(reason: &str) -> Error {
    Error::of(OPERATION, ErrorKind::Decoding, reason)
}
