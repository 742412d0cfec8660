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

/// The combined headers of all answers.
#[derive(Debug, Default)]
pub(super) struct Known {
    limit: Window,
    /// When its window ends, as `reset_at` on the monotonic clock.
    over: Option<Instant>,
    burst: Window,
    burst_over: Option<Instant>,
    pub(super) routes: Routes,
}

impl Known {
    /// Answers may arrive out of order: within a window the smallest remainder counts, and an answer about an
    /// earlier window is ignored. No header reports when a burst window ends, so its window starts with the answer.
    pub(super) fn learn(&mut self, told: &RateReading, burst: Duration, now: Timestamp, at: Instant) {
        if told.remaining.is_some() || told.limit.is_some() {
            let present = self.limit.reset_at.filter(|_| self.over.is_some_and(|over| over > at));
            match (present, told.reset) {
                (Some(known), Some(reset)) if reset < known => {}
                (Some(known), Some(reset)) if reset == known => {
                    self.limit.limit = told.limit.or(self.limit.limit);
                    let both = self.limit.remaining.into_iter().chain(told.remaining);
                    self.limit.remaining = both.min();
                }
                _ => {
                    let Window { limit, remaining, reset_at } = &mut self.limit;
                    (*limit, *remaining, *reset_at) = (told.limit, told.remaining, told.reset);
                    self.over = told.reset.map(|_| at + told.until_reset(now).unwrap_or_default());
                }
            }
        }
        if told.burst_remaining.is_some() || told.burst_limit.is_some() {
            self.burst.limit = told.burst_limit.or(self.burst.limit);
            self.burst.remaining = told.burst_remaining;
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
        let hour = self.over.filter(|_| self.limit.remaining == Some(0));
        hour.max(self.burst_over).filter(|until| *until > at)
    }

    /// The limit of the long window and that of the short one.
    pub(super) fn report(&self, at: Instant) -> (Option<Window>, Option<Window>) {
        let known = |window: Window| (window.limit.is_some() || window.remaining.is_some()).then_some(window);
        (known(self.limit).filter(|_| self.over.is_none_or(|over| over > at)), known(self.burst))
    }

    /// What is left of both limits, as last reported.
    pub(super) fn remaining(&self) -> (Option<u64>, Option<u64>) {
        (self.limit.remaining, self.burst.remaining)
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
        assert_eq!(known.remaining().0, Some(4));
        // An answer about the next window counts; an answer about the previous one no longer does.
        known.learn(&told(99, 200), BURST, now, at);
        known.learn(&told(0, 100), BURST, now, at);
        assert_eq!((known.remaining().0, known.account_held(at)), (Some(99), None));
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
