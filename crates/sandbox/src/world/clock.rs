//! The world's clock: the real one plus what it was moved by, or a fixed instant plus that.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

#[derive(Debug)]
pub(crate) struct Clock {
    frozen_at: Option<Timestamp>,
    moved: SignedDuration,
}

impl Clock {
    pub(crate) fn new(frozen_at: Option<Timestamp>) -> Self {
        Self { frozen_at, moved: SignedDuration::ZERO }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let base = self.frozen_at.unwrap_or_else(Timestamp::now);
        base.saturating_add(self.moved).unwrap_or(base)
    }

    /// Whether it moves by itself.
    pub(crate) fn runs(&self) -> bool {
        self.frozen_at.is_none()
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.moved = self.moved.saturating_add(by);
    }
}

/// `at` plus some seconds, staying at the last representable instant instead of failing.
pub(crate) fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let start: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut clock = Clock::new(Some(start));
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-01-02T03:05:35Z");
        clock.advance(Duration::MAX);
        assert!(clock.now() >= start);
    }
}
