//! Counts calls against a vendor's limits, by the world's clock.

use std::collections::VecDeque;

use jiff::Timestamp;

/// The time to which a limit applies; in seconds.
#[derive(Clone, Copy)]
pub(crate) enum Window {
    /// The current hour or minute of the clock.
    OfTheClock(i64),
    /// The last seconds before the call.
    Last(i64),
}

/// The calls that count, in Unix seconds.
#[derive(Debug, Default)]
pub(crate) struct Meter(VecDeque<i64>);

/// A limit after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// When calls are possible again, Unix seconds.
    pub(crate) reset: i64,
    /// Whether it forbids the call.
    pub(crate) is_over: bool,
}

impl Meter {
    /// Counts one call, unless one of the limits forbids it.
    pub(crate) fn count<const N: usize>(
        &mut self,
        now: Timestamp,
        limits: [(Window, u32); N],
    ) -> [Reading; N] {
        let now = now.as_second();
        let oldest = limits.iter().map(|(window, _)| window.start(now)).min().unwrap_or(now);
        self.0.drain(..self.since(oldest));
        let mut readings = limits.map(|(window, limit)| self.read(window, limit, now));
        if !readings.iter().any(|reading| reading.is_over) {
            self.0.push_back(now);
            readings.iter_mut().for_each(|reading| reading.remaining -= 1);
        }
        readings
    }

    /// The place of the first call since then.
    fn since(&self, start: i64) -> usize {
        self.0.partition_point(|at| *at < start)
    }

    fn read(&self, window: Window, limit: u32, now: i64) -> Reading {
        let first = self.since(window.start(now));
        let used = u32::try_from(self.0.len() - first).unwrap_or(u32::MAX);
        let reset = match window {
            Window::OfTheClock(span) => window.start(now) + span,
            Window::Last(span) => self.0.get(first).unwrap_or(&now) + span,
        };
        let remaining = limit.saturating_sub(used);
        Reading { limit, remaining, reset, is_over: remaining == 0 }
    }
}

impl Window {
    /// The first second that belongs to it.
    fn start(self, now: i64) -> i64 {
        match self {
            Self::OfTheClock(span) => now.div_euclid(span) * span,
            Self::Last(span) => now - span + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_hour_is_refilled_at_the_top_of_the_hour() {
        let mut meter = Meter::default();
        let mut count = |second| meter.count(at(second), [(Window::OfTheClock(3_600), 2)])[0];
        let reading = count(7_199);
        assert_eq!((reading.remaining, reading.reset, reading.is_over), (1, 7_200, false));
        count(7_199);
        assert!(count(7_199).is_over);
        assert!(!count(7_200).is_over);
    }

    #[test]
    fn the_burst_window_slides() {
        let mut meter = Meter::default();
        let mut count = |second| meter.count(at(second), [(Window::Last(30), 1)])[0];
        assert!(!count(100).is_over);
        assert_eq!(count(129), Reading { limit: 1, remaining: 0, reset: 130, is_over: true });
        assert!(!count(130).is_over);
    }
}
