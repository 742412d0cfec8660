//! The limits that the headers of answers reported. Times are stored twice: as the vendor's time for display, and
//! on the monotonic clock for waiting.

use std::time::Duration;

use countersign_core::Timestamp;
use countersign_core::vendor::{RateReading, RouteLimit};
use serde::Serialize;
use tokio::time::Instant;

use super::routes::{RouteWindow, Routes, Window};

/// What is known of an account's rate budget. In JSON: always the same members, `null` for unknown values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BudgetReport {
    /// The account's limit over the vendor's long window (an hour, or a minute). `None` until an answer reports
    /// it, or after the reported window has ended.
    pub limit: Option<Window>,
    /// The burst limit over the vendor's short window, as last reported.
    pub burst: Option<Window>,
    /// The limits of groups of routes that were called, at a vendor that has those instead.
    pub routes: Vec<RouteWindow>,
    /// Requests in progress.
    pub in_flight: usize,
    /// Requests that wait for other requests, or for the limit.
    pub waiting: usize,
    /// The maximum number of simultaneous requests.
    pub max_in_flight: usize,
}

/// The values that an answer reported, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Learnt {
    pub(crate) remaining: Option<u64>,
    pub(crate) burst_remaining: Option<u64>,
}

/// The combined headers of all answers.
#[derive(Debug, Default)]
pub(super) struct Known {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<(Timestamp, Instant)>,
    burst_limit: Option<u64>,
    burst_remaining: Option<u64>,
    burst_over: Option<Instant>,
    pub(super) routes: Routes,
}

impl Known {
    /// Answers may arrive out of order: within a window the smallest remainder counts, and an answer about an
    /// earlier window is ignored. No header reports when a burst window ends, so its window starts with the answer.
    pub(super) fn learn(&mut self, told: &RateReading, burst: Duration, now: Timestamp, at: Instant) {
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
                    self.reset =
                        told.reset.map(|reset| (reset, at + told.until_reset(now).unwrap_or_default()));
                }
            }
        }
        if told.burst_remaining.is_some() || told.burst_limit.is_some() {
            self.burst_limit = told.burst_limit.or(self.burst_limit);
            self.burst_remaining = told.burst_remaining;
            self.burst_over = (told.burst_remaining == Some(0)).then_some(at + burst);
        }
    }

    /// Until when nothing is left of the account's limit or of that of a route, if that time is in the future.
    pub(super) fn held(&self, limit: Option<&'static RouteLimit>, at: Instant) -> Option<Instant> {
        let route = limit.and_then(|limit| self.routes.held(limit, at));
        self.account_held(at).max(route)
    }

    /// Until when the vendor reported that nothing is left of the account's limit.
    pub(super) fn account_held(&self, at: Instant) -> Option<Instant> {
        let hour = self.reset.filter(|_| self.remaining == Some(0)).map(|(_, over)| over);
        hour.max(self.burst_over).filter(|until| *until > at)
    }

    pub(super) fn report(&self, at: Instant) -> (Option<Window>, Option<Window>) {
        let over = self.reset.is_some_and(|(_, over)| over <= at);
        let known = (self.limit.is_some() || self.remaining.is_some()) && !over;
        let limit = known.then(|| Window {
            limit: self.limit,
            remaining: self.remaining,
            reset_at: self.reset.map(|(reset, _)| reset),
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

#[cfg(test)]
mod tests {
    use super::*;

    const BURST: Duration = Duration::from_secs(30);

    fn told(remaining: u64, reset: i64) -> RateReading {
        let mut told = RateReading::default();
        (told.limit, told.remaining) = (Some(100), Some(remaining));
        told.reset = Timestamp::from_second(reset).ok();
        told
    }

    fn burst(remaining: u64) -> RateReading {
        let mut told = RateReading::default();
        (told.burst_limit, told.burst_remaining) = (Some(200), Some(remaining));
        told
    }

    /// Ten seconds after the epoch, so that resets are small numbers.
    fn now() -> (Timestamp, Instant) {
        (Timestamp::from_second(10).unwrap_or_default(), Instant::now())
    }

    #[test]
    fn answers_that_overtake_each_other_do_not_raise_what_is_left() {
        let ((now, at), mut known) = (now(), Known::default());
        known.learn(&told(4, 100), BURST, now, at);
        known.learn(&told(6, 100), BURST, now, at);
        assert_eq!(known.learnt().remaining, Some(4));
        // An answer about the next window counts; an answer about the previous one no longer does.
        known.learn(&told(99, 200), BURST, now, at);
        known.learn(&told(0, 100), BURST, now, at);
        assert_eq!((known.learnt().remaining, known.account_held(at)), (Some(99), None));
    }

    #[test]
    fn nothing_left_holds_until_the_reset_and_no_longer() {
        let ((now, at), mut known) = (now(), Known::default());
        known.learn(&told(0, 40), BURST, now, at);
        assert_eq!(known.account_held(at), Some(at + Duration::from_secs(30)));
        assert_eq!(known.account_held(at + Duration::from_secs(30)), None);
        // A reset in a thousand years is a mistake; at most a day is accepted.
        known.learn(&told(0, 9_999_999_999), BURST, now, at);
        assert_eq!(known.account_held(at), Some(at + Duration::from_secs(24 * 60 * 60)));
    }

    #[test]
    fn a_later_answer_eases_a_burst() {
        let ((now, at), mut known) = (now(), Known::default());
        known.learn(&burst(0), BURST, now, at);
        assert_eq!(known.account_held(at), Some(at + BURST));
        known.learn(&burst(3), BURST, now, at);
        assert_eq!(known.account_held(at), None);
    }
}
