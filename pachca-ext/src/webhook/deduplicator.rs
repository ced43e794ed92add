//! Webhooks that come again.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::Event;

/// Much longer than Pachca tries to deliver a webhook, and than a repeated one is taken for a recent one.
const MEMORY: Duration = Duration::from_secs(60 * 60);

/// The fingerprints of so many events take about a megabyte.
const MOST: usize = 10_000;

/// What tells two events apart.
type Fingerprint = [u8; 32];

/// Notices events that were seen before.
///
/// A webhook has no id of its own. What tells one from another are all of its fields together: `type` and `event`, which
/// are its kind, the ids of what it is about, `trigger_id`, the times at which things happened, and `webhook_timestamp`.
/// The same form that is submitted twice differs by the last of them alone, so none is left out. An event that comes by a
/// webhook and once more in the history of events is the same one.
///
/// It remembers no longer than it is told to, and no more events than it is told to, the latest ones.
///
/// ```
/// use pachca_ext::webhook::{Deduplicator, Event};
///
/// let seen = Deduplicator::default();
/// let event: Event = serde_json::from_str(r#"{"type": "weather", "event": "rain", "webhook_timestamp": 1790000000}"#)?;
/// assert!(seen.is_new(&event));
/// assert!(!seen.is_new(&event));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Deduplicator {
    memory: Duration,
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    known: HashSet<Fingerprint>,
    /// The same, oldest first.
    order: VecDeque<(Instant, Fingerprint)>,
}

impl Default for Deduplicator {
    /// Remembers for an hour, and 10,000 events at most.
    fn default() -> Self {
        Self::new(MEMORY, MOST)
    }
}

impl Deduplicator {
    /// Remembers for so long, and so many events at most. 0 events count as 1.
    pub fn new(memory: Duration, most: usize) -> Self {
        Self { memory, most: most.max(1), seen: Mutex::default() }
    }

    /// Whether an event was not seen before. From now on it was.
    pub fn is_new(&self, event: &Event) -> bool {
        self.is_new_at(event, Instant::now())
    }

    fn is_new_at(&self, event: &Event, now: Instant) -> bool {
        let fingerprint = fingerprint(event);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(|at| now.saturating_duration_since(at) > self.memory, usize::MAX);
        if !seen.known.insert(fingerprint) {
            return false;
        }
        seen.order.push_back((now, fingerprint));
        seen.forget(|_| false, self.most);
        true
    }
}

impl Seen {
    /// Forgets the oldest, as long as they are over or there are too many.
    fn forget(&mut self, over: impl Fn(Instant) -> bool, most: usize) {
        while let Some((at, fingerprint)) = self.order.front()
            && (over(*at) || self.order.len() > most)
        {
            self.known.remove(fingerprint);
            self.order.pop_front();
        }
    }
}

fn fingerprint(event: &Event) -> Fingerprint {
    // What is JSON in it has the same order of fields however it was received.
    let mut document = serde_json::to_value(event).unwrap_or_default();
    document.sort_all_objects();
    Sha256::digest(document.to_string()).into()
}

impl fmt::Debug for Deduplicator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Deduplicator")
            .field("memory", &self.memory)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn event(number: i64) -> Event {
        Event::Unknown(
            json!({ "type": "weather", "event": "rain", "drop": number, "webhook_timestamp": 1_790_000_000 }),
        )
    }

    #[test]
    fn an_event_is_remembered_for_as_long_as_asked() {
        let (seen, start) = (Deduplicator::new(10 * SECOND, 100), Instant::now());
        assert!(seen.is_new_at(&event(1), start));
        assert!(!seen.is_new_at(&event(1), start + 10 * SECOND));
        assert!(seen.is_new_at(&event(1), start + 11 * SECOND));
    }

    #[test]
    fn no_more_events_are_remembered_than_asked_and_the_latest_are() {
        let (seen, start) = (Deduplicator::new(3_600 * SECOND, 100), Instant::now());
        for number in 0..5_000 {
            assert!(seen.is_new_at(&event(number), start));
        }
        let kept = seen.seen.lock().unwrap();
        assert_eq!((kept.known.len(), kept.order.len()), (100, 100));
        drop(kept);
        assert!(!seen.is_new_at(&event(4_900), start));
        assert!(seen.is_new_at(&event(4_899), start));
    }

    #[test]
    fn the_order_of_fields_makes_no_difference() {
        let seen = Deduplicator::default();
        let one = serde_json::from_str(r#"{"type": "weather", "sky": {"a": 1, "b": 2}}"#).unwrap();
        let other = serde_json::from_str(r#"{"sky": {"b": 2, "a": 1}, "type": "weather"}"#).unwrap();
        assert!(seen.is_new(&one) && !seen.is_new(&other));
    }
}
