//! What the headers of answers told. Time is kept twice: as the vendor's instant for people, and on the clock that
//! only runs forward for waiting.

use std::time::Duration;

use countersign_core::Timestamp;
use http::HeaderMap;
use serde::Serialize;
use tokio::time::Instant;

const LIMIT: &str = "x-ratelimit-limit";
const REMAINING: &str = "x-ratelimit-remaining";
const RESET: &str = "x-ratelimit-reset";
const BURST_LIMIT: &str = "x-burstlimit-limit";
const BURST_REMAINING: &str = "x-burstlimit-remaining";

/// No header tells when a burst is over; DocuSign's resource-limits page says that its window is 30 seconds.
const BURST_WINDOW: Duration = Duration::from_secs(30);

/// No limit lasts longer; a reset beyond it is a mistake.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// One answer's headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<u64>,
    burst_limit: Option<u64>,
    burst_remaining: Option<u64>,
}

impl Told {
    /// `None` when the answer tells nothing; what is no number is not told.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let mut told = Self::default();
        // One pass: an answer has a dozen headers, and five look-ups cost more.
        for (name, value) in headers {
            let place = match name.as_str() {
                LIMIT => &mut told.limit,
                REMAINING => &mut told.remaining,
                RESET => &mut told.reset,
                BURST_LIMIT => &mut told.burst_limit,
                BURST_REMAINING => &mut told.burst_remaining,
                _ => continue,
            };
            // Of a header that comes twice the first counts.
            *place = place.or_else(|| value.to_str().ok()?.trim().parse().ok());
        }
        (told.limit.or(told.remaining).or(told.burst_limit).or(told.burst_remaining)).map(|_| told)
    }
}

/// What is known of an account's rate budget. As JSON: the same members always, `null` where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BudgetReport {
    /// The account's limit over the vendor's long window (an hour at both vendors). `None` until an answer told it,
    /// or when the window it told of is over.
    pub limit: Option<Window>,
    /// The limit on bursts (30 seconds at DocuSign), as the last answer told it.
    pub burst: Option<Window>,
    /// Requests under way now.
    pub in_flight: usize,
    /// Requests that wait for others, or for something to be left.
    pub waiting: usize,
    /// How many may be under way at the same time.
    pub max_in_flight: usize,
}

/// One limit, as the vendor told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Window {
    /// How many calls the window allows.
    pub limit: Option<u64>,
    /// How many are left of them.
    pub remaining: Option<u64>,
    /// When the window begins anew, where the vendor tells.
    pub reset_at: Option<Timestamp>,
}

/// What an answer told, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Learnt {
    pub(crate) remaining: Option<u64>,
    pub(crate) burst_remaining: Option<u64>,
}

/// All answers' headers together.
#[derive(Debug, Default)]
pub(super) struct Known {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<(u64, Instant)>,
    burst_limit: Option<u64>,
    burst_remaining: Option<u64>,
    burst_over: Option<Instant>,
}

impl Known {
    /// Answers overtake each other: within a window the smallest remainder counts, and an answer about a window
    /// that is over is no news.
    pub(super) fn learn(&mut self, told: &Told, now: Timestamp, at: Instant) {
        if told.remaining.is_some() || told.limit.is_some() {
            let present = self.reset.filter(|(_, over)| *over > at).map(|(reset, _)| reset);
            match (present, told.reset) {
                (Some(known), Some(reset)) if reset < known => {}
                (Some(known), Some(reset)) if reset == known => {
                    self.limit = told.limit.or(self.limit);
                    self.remaining = match (self.remaining, told.remaining) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                _ => {
                    self.limit = told.limit;
                    self.remaining = told.remaining;
                    self.reset = told.reset.map(|reset| (reset, at + until(reset, now)));
                }
            }
        }
        if told.burst_remaining.is_some() || told.burst_limit.is_some() {
            self.burst_limit = told.burst_limit.or(self.burst_limit);
            self.burst_remaining = told.burst_remaining;
            self.burst_over = (told.burst_remaining == Some(0)).then_some(at + BURST_WINDOW);
        }
    }

    /// Until when the vendor said that nothing is left, if that is still to come.
    pub(super) fn held(&self, at: Instant) -> Option<Instant> {
        let hour = self.reset.filter(|_| self.remaining == Some(0)).map(|(_, over)| over);
        hour.max(self.burst_over).filter(|until| *until > at)
    }

    pub(super) fn report(&self, at: Instant) -> (Option<Window>, Option<Window>) {
        let over = self.reset.is_some_and(|(_, over)| over <= at);
        let known = (self.limit.is_some() || self.remaining.is_some()) && !over;
        let limit = known.then(|| Window {
            limit: self.limit,
            remaining: self.remaining,
            reset_at: self
                .reset
                .and_then(|(reset, _)| Timestamp::from_second(i64::try_from(reset).ok()?).ok()),
        });
        let burst = (self.burst_limit.is_some() || self.burst_remaining.is_some()).then_some(Window {
            limit: self.burst_limit,
            remaining: self.burst_remaining,
            reset_at: None,
        });
        (limit, burst)
    }

    pub(super) fn learnt(&self) -> Learnt {
        Learnt { remaining: self.remaining, burst_remaining: self.burst_remaining }
    }
}

fn until(epoch_seconds: u64, now: Timestamp) -> Duration {
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    Duration::from_secs(epoch_seconds.saturating_sub(now)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(remaining: u64, reset: u64) -> Told {
        Told {
            limit: Some(100),
            remaining: Some(remaining),
            reset: Some(reset),
            burst_limit: None,
            burst_remaining: None,
        }
    }

    fn burst(remaining: u64) -> Told {
        Told {
            limit: None,
            remaining: None,
            reset: None,
            burst_limit: Some(200),
            burst_remaining: Some(remaining),
        }
    }

    /// Ten seconds after the epoch, so that resets are small numbers.
    fn now() -> (Timestamp, Instant) {
        (Timestamp::from_second(10).unwrap_or_default(), Instant::now())
    }

    #[test]
    fn answers_that_overtake_each_other_do_not_raise_what_is_left() {
        let ((now, at), mut known) = (now(), Known::default());
        known.learn(&told(4, 100), now, at);
        known.learn(&told(6, 100), now, at);
        assert_eq!(known.learnt().remaining, Some(4));
        // An answer about the next window counts, one about the window before it no longer does.
        known.learn(&told(99, 200), now, at);
        known.learn(&told(0, 100), now, at);
        assert_eq!((known.learnt().remaining, known.held(at)), (Some(99), None));
    }

    #[test]
    fn nothing_left_holds_until_the_reset_and_no_longer() {
        let ((now, at), mut known) = (now(), Known::default());
        known.learn(&told(0, 40), now, at);
        assert_eq!(known.held(at), Some(at + Duration::from_secs(30)));
        assert_eq!(known.held(at + Duration::from_secs(30)), None);
        // A reset in a thousand years is a mistake; no more than a day is believed.
        known.learn(&told(0, u64::MAX), now, at);
        assert_eq!(known.held(at), Some(at + LONGEST));
    }

    #[test]
    fn a_later_answer_eases_a_burst() {
        let ((now, at), mut known) = (now(), Known::default());
        known.learn(&burst(0), now, at);
        assert_eq!(known.held(at), Some(at + BURST_WINDOW));
        known.learn(&burst(3), now, at);
        assert_eq!(known.held(at), None);
    }
}
