//! Counts calls against a vendor's limits, by the world's clock.

use std::collections::VecDeque;

use jiff::Timestamp;

const HOUR: i64 = 3_600;
const BURST_WINDOW: i64 = 30;

/// Calls of the current clock hour and of the last 30 seconds.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    hour: i64,
    used: u32,
    burst: VecDeque<i64>,
}

/// The limits after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Start of the next hour, Unix seconds.
    pub(crate) reset: i64,
    pub(crate) burst_limit: u32,
    pub(crate) burst_remaining: u32,
    pub(crate) verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    HourUsedUp,
    BurstUsedUp,
}

impl Meter {
    /// Counts one call, unless a limit forbids it.
    pub(crate) fn count(&mut self, now: Timestamp, limit: u32, burst_limit: u32) -> Reading {
        let second = now.as_second();
        let hour = second.div_euclid(HOUR);
        if hour != self.hour {
            self.hour = hour;
            self.used = 0;
        }
        while self.burst.front().is_some_and(|at| *at <= second - BURST_WINDOW) {
            self.burst.pop_front();
        }
        let in_burst = u32::try_from(self.burst.len()).unwrap_or(u32::MAX);
        let verdict = if self.used >= limit {
            Verdict::HourUsedUp
        } else if in_burst >= burst_limit {
            Verdict::BurstUsedUp
        } else {
            self.used += 1;
            self.burst.push_back(second);
            Verdict::Fine
        };
        let in_burst = u32::try_from(self.burst.len()).unwrap_or(u32::MAX);
        Reading {
            limit,
            remaining: limit.saturating_sub(self.used),
            reset: (hour + 1) * HOUR,
            burst_limit,
            burst_remaining: burst_limit.saturating_sub(in_burst),
            verdict,
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
        let reading = meter.count(at(7_199), 2, 100);
        assert_eq!((reading.remaining, reading.reset, reading.verdict), (1, 7_200, Verdict::Fine));
        meter.count(at(7_199), 2, 100);
        assert_eq!(meter.count(at(7_199), 2, 100).verdict, Verdict::HourUsedUp);
        assert_eq!(meter.count(at(7_200), 2, 100).verdict, Verdict::Fine);
    }

    #[test]
    fn the_burst_window_slides() {
        let mut meter = Meter::default();
        assert_eq!(meter.count(at(100), 100, 1).verdict, Verdict::Fine);
        assert_eq!(meter.count(at(129), 100, 1).verdict, Verdict::BurstUsedUp);
        assert_eq!(meter.count(at(130), 100, 1).verdict, Verdict::Fine);
    }
}
