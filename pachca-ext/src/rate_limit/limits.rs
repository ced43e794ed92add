//! The limits as values.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;

const SECOND: Duration = Duration::from_secs(1);

/// The vendor's documentation: per token and chat about 4 messages a second are sent, edited or deleted, and 30 a
/// second for 5 seconds are tolerated.
///
/// As two buckets: one for the rate in the long run, with a burst, and one for the peak. The peak of 29 a second
/// without a burst is at most 30 in any second, whichever of its ends counts. The burst of 129 is at most
/// 129 + 4 × 5 = 149 in any 5 seconds by the times at which calls get through this bucket, and at most 150 by the times
/// at which they are sent, because one call at a time may be between the two buckets.
const SENDING: Limit = Limit::per_second(4).burst(129).peak(29);

/// The vendor's documentation: about 10 a second per token.
const READING: Limit = Limit::per_second(10);

/// The vendor's documentation: 5 in 2 seconds per token.
const WEBHOOK_EVENTS: Limit = Limit::new(5, Duration::from_secs(2));

/// The vendor's documentation: about 50 a second per token.
const OTHER: Limit = Limit::per_second(50);

/// As long as a retry waits by default.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Longer than any wait that is meant, and short enough to be added to any time.
pub(super) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// So many calls in so much time.
///
/// Calls are let through evenly: of 10 a second, one every 100 ms. A burst lets that many through at once after a time of
/// quiet, beside the rate, so that in any time `t` there are at most `burst + quota × t / period` calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    quota: u32,
    period: Duration,
    burst: u32,
    peak: Option<u32>,
}

impl Limit {
    /// A number of calls in each period, evenly and without a burst. 0 calls count as 1, and a period of no time is no
    /// limit.
    #[must_use]
    pub const fn new(quota: u32, period: Duration) -> Self {
        Self { quota, period, burst: 1, peak: None }
    }

    /// A number of calls in each second, evenly and without a burst. 0 counts as 1.
    #[must_use]
    pub const fn per_second(quota: u32) -> Self {
        Self::new(quota, SECOND)
    }

    /// How many calls may be let through at once after a time of quiet; 1 unless set, and 0 counts as 1.
    #[must_use]
    pub const fn burst(mut self, calls: u32) -> Self {
        self.burst = calls;
        self
    }

    /// How many calls a second a burst is spread to; a burst goes out at once unless set. 0 counts as 1.
    #[must_use]
    pub const fn peak(mut self, per_second: u32) -> Self {
        self.peak = Some(per_second);
        self
    }

    /// What the calls have to get through, one after the other.
    pub(super) fn quotas(&self) -> Vec<Quota> {
        let steady = quota(self.quota, self.period, self.burst);
        let peak = self.peak.and_then(|calls| quota(calls, SECOND, 1));
        steady.into_iter().chain(peak).collect()
    }
}

fn quota(calls: u32, period: Duration, burst: u32) -> Option<Quota> {
    let at_least_one = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
    // Longer times than these would not fit the arithmetic.
    let interval = period.min(FOREVER) / at_least_one(calls).get();
    let longest_burst = FOREVER.as_nanos().checked_div(interval.as_nanos())?;
    let burst = burst.min(u32::try_from(longest_burst).unwrap_or(u32::MAX));
    Some(Quota::with_period(interval)?.allow_burst(at_least_one(burst)))
}

/// How many calls one token may make. The default is what the vendor documents.
///
/// ```
/// use std::time::Duration;
/// use pachca_ext::{Limit, RateLimits};
///
/// // Another program uses the same token, so that this one takes half.
/// let limits = RateLimits::default().reading(Limit::per_second(5)).other(Limit::per_second(25)).webhook_events(None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimits {
    pub(super) sending: Option<Limit>,
    pub(super) reading: Option<Limit>,
    pub(super) webhook_events: Option<Limit>,
    pub(super) other: Option<Limit>,
    pub(super) max_pause: Duration,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            sending: Some(SENDING),
            reading: Some(READING),
            webhook_events: Some(WEBHOOK_EVENTS),
            other: Some(OTHER),
            max_pause: MAX_PAUSE,
        }
    }
}

impl RateLimits {
    /// No limits at all, and no pauses after 429 either.
    #[must_use]
    pub fn off() -> Self {
        Self { sending: None, reading: None, webhook_events: None, other: None, max_pause: MAX_PAUSE }
    }

    /// For sending, editing and deleting messages, for each chat by itself; unless set, 4 a second after a burst of 129
    /// at no more than 29 a second. `None` turns it off, and the pauses with it.
    ///
    /// Which chat a message is in is known for the 10,000 messages that were sent last; editing and deleting any others
    /// share one limit.
    #[must_use]
    pub fn sending(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.sending = limit.into();
        self
    }

    /// For reading messages, `list_chat_messages` and `get_message` together; 10 a second unless set. `None` turns it
    /// off, and the pauses with it.
    #[must_use]
    pub fn reading(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.reading = limit.into();
        self
    }

    /// For `get_webhook_events`; 5 in 2 seconds unless set. `None` turns it off, and the pauses with it.
    #[must_use]
    pub fn webhook_events(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.webhook_events = limit.into();
        self
    }

    /// For all other operations together; 50 a second unless set. `None` turns it off, and the pauses with it.
    #[must_use]
    pub fn other(mut self, limit: impl Into<Option<Limit>>) -> Self {
        self.other = limit.into();
        self
    }

    /// The longest `Retry-After` of a 429 that the calls after it wait for; 60 s unless set. After a longer one, calls of
    /// the same operation to the same chat, or with the same token, are answered 429 without being sent.
    #[must_use]
    pub fn max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }
}
