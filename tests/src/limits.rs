//! The service's rate limits, by a rule that is exact.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::operation::{Operation, Segment};

/// How much too early a request may come: what is sent in time may still arrive a little closer together.
pub const SLACK: Duration = Duration::from_millis(50);

/// What a request counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Sending, editing or deleting a message, which counts for each chat.
    Write,
    /// Reading messages.
    Read,
    /// Reading the history of webhooks.
    History,
    /// Anything else.
    Other,
}

impl Class {
    /// What the calls of an operation count as; the description does not say it, the documentation does.
    pub fn of(operation: &Operation) -> Self {
        let words: Vec<Option<&str>> = operation
            .path
            .iter()
            .map(|segment| match segment {
                Segment::Literal(word) => Some(word.as_str()),
                Segment::Parameter(_) => None,
            })
            .collect();
        match (operation.method, words.as_slice()) {
            ("POST", [Some("messages")]) | ("PUT" | "DELETE", [Some("messages"), None]) => Self::Write,
            ("GET", [Some("messages")] | [Some("messages"), None]) => Self::Read,
            ("GET", [Some("webhooks"), Some("events")]) => Self::History,
            _ => Self::Other,
        }
    }

    /// The limit of the class: the documented figures, each read as a sliding window.
    fn figures(self) -> Figures {
        let second = Duration::from_secs(1);
        match self {
            Self::Write => Figures { most: 30, within: second, sustained: Some((4.0, 150.0)) },
            Self::Read => Figures { most: 10, within: second, sustained: None },
            Self::History => Figures { most: 5, within: 2 * second, sustained: None },
            Self::Other => Figures { most: 50, within: second, sustained: None },
        }
    }
}

/// One limit.
#[derive(Clone, Copy, Debug)]
struct Figures {
    /// How many requests are taken in any window of the next length.
    most: usize,
    within: Duration,
    /// `(rate, burst)`: in any window of any length W at most `rate * W + burst` are taken.
    sustained: Option<(f64, f64)>,
}

/// The requests that were taken already.
#[derive(Debug, Default)]
pub struct Limits {
    buckets: BTreeMap<(Class, String, String), Bucket>,
}

#[derive(Debug)]
struct Bucket {
    taken: VecDeque<Duration>,
    /// What is left of the burst, and when it was.
    left: f64,
    at: Duration,
}

impl Limits {
    /// Takes a request that arrives now, or says how long it must wait.
    ///
    /// A request that is refused counts for nothing.
    ///
    /// # Errors
    /// The whole seconds after which the request would be taken.
    pub fn take(&mut self, class: Class, token: &str, chat: &str, now: Duration) -> Result<(), u64> {
        let figures = class.figures();
        let key = (class, token.to_owned(), chat.to_owned());
        let full = figures.sustained.map_or(0.0, |(_, burst)| burst);
        let bucket = self.buckets.entry(key).or_insert_with(|| Bucket { taken: VecDeque::new(), left: full, at: now });
        bucket.take(figures, now)
    }
}

impl Bucket {
    fn take(&mut self, figures: Figures, now: Duration) -> Result<(), u64> {
        while self.taken.len() > figures.most {
            self.taken.pop_front();
        }
        let oldest = self.taken.len().checked_sub(figures.most).and_then(|index| self.taken.get(index));
        let mut wait = oldest.map_or(Duration::ZERO, |oldest| (*oldest + figures.within).saturating_sub(now));
        if let Some((rate, burst)) = figures.sustained {
            let passed = now.saturating_sub(self.at);
            self.left = (self.left + rate * passed.as_secs_f64()).min(burst);
            self.at = now;
            wait = wait.max(Duration::from_secs_f64((1.0 - self.left).max(0.0) / rate));
        }
        if wait > SLACK {
            return Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        }
        self.left -= 1.0;
        self.taken.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Limits};
    use std::time::Duration;

    /// How many of the requests that come every `step` milliseconds until `end` are taken.
    fn taken(limits: &mut Limits, class: Class, chat: &str, from: u64, end: u64, step: usize) -> usize {
        let times = (from..end).step_by(step).map(Duration::from_millis);
        times.filter(|now| limits.take(class, "t", chat, *now).is_ok()).count()
    }

    #[test]
    fn a_chat_takes_bursts_of_thirty_a_second_and_four_a_second_for_long() {
        let mut limits = Limits::default();
        assert_eq!(taken(&mut limits, Class::Write, "1", 0, 940, 5), 30, "in the first second");
        assert_eq!(taken(&mut limits, Class::Write, "2", 0, 940, 5), 30, "of another chat");
        let minute = 30 + taken(&mut limits, Class::Write, "1", 1000, 60_000, 10);
        assert!((385..=391).contains(&minute), "{minute} in a minute");
        let quiet = taken(&mut limits, Class::Write, "1", 120_000, 125_900, 5);
        assert!((170..=186).contains(&quiet), "{quiet} after a pause");
    }

    #[test]
    fn reading_and_the_rest_have_limits_of_their_own() {
        for (class, most) in [(Class::Read, 10), (Class::Other, 50), (Class::History, 5)] {
            let mut limits = Limits::default();
            assert_eq!(taken(&mut limits, class, "", 0, 900, 5), most, "{class:?}");
        }
        let mut limits = Limits::default();
        assert_eq!(taken(&mut limits, Class::History, "", 0, 1900, 5), 5, "in two seconds");
    }

    #[test]
    fn the_wait_is_in_whole_seconds_and_long_enough() {
        let mut limits = Limits::default();
        let mut now = Duration::ZERO;
        let mut refused = 0;
        for _ in 0..1000 {
            if let Err(wait) = limits.take(Class::Write, "t", "", now) {
                refused += 1;
                now += Duration::from_secs(wait);
                assert_eq!(limits.take(Class::Write, "t", "", now), Ok(()), "after {wait} s");
            }
        }
        assert!(refused > 10, "{refused}");
        assert_eq!(limits.take(Class::Write, "other", "", now), Ok(()), "another token");
    }
}
