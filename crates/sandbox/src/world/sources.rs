//! The world's clock, and identifiers that are repeatable if they are compared.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Builder;

use super::vendor::IdForm;

/// The real clock plus an offset, or a fixed time plus an offset.
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

    /// Whether it advances by itself.
    pub(crate) fn runs(&self) -> bool {
        self.frozen_at.is_none()
    }

    pub(crate) fn machine_time(&self) -> Timestamp {
        if self.runs() { Timestamp::now() } else { self.now() }
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.moved = self.moved.saturating_add(by);
    }
}

/// The seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// `at` plus some seconds, limited to the last representable time.
pub(crate) fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Creates GUID-shaped ids from a seed, so that two runs of the same scenario show the same ids.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    next: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, next: 0 }
    }

    /// A UUID that looks random.
    pub(crate) fn guid(&mut self) -> String {
        self.versioned(false)
    }

    /// An envelope's id.
    pub(crate) fn envelope(&mut self, form: &IdForm) -> String {
        match form {
            IdForm::Prefixed(prefix) => format!("{prefix}{}", self.letters()),
            other => self.recipient(other),
        }
    }

    /// A recipient's id.
    pub(crate) fn recipient(&mut self, form: &IdForm) -> String {
        match form {
            IdForm::Short => self.short(),
            other => self.versioned(*other == IdForm::Uuid8),
        }
    }

    /// The id of a recipient as a user of the vendor.
    pub(crate) fn user(&mut self, form: &IdForm) -> String {
        if *form == IdForm::Short { self.short() } else { self.guid() }
    }

    /// Sixteen small letters.
    fn letters(&mut self) -> String {
        self.random(16, b'a'..=b'z')
    }

    /// Twenty-two letters and digits.
    fn short(&mut self) -> String {
        self.random(22, (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z'))
    }

    fn random(&mut self, length: usize, from: impl Iterator<Item = u8>) -> String {
        let from: Vec<char> = from.map(char::from).collect();
        self.next += 1;
        let mut bits = mix(self.seed.wrapping_add(self.next));
        let mut letter = || {
            let at = usize::try_from(bits % from.len() as u64).unwrap_or_default();
            bits = mix(bits);
            from.get(at).copied()
        };
        (0..length).filter_map(|_| letter()).collect()
    }

    /// Of version 8 or 4.
    fn versioned(&mut self, version_8: bool) -> String {
        self.next += 1;
        let high = mix(self.seed.wrapping_add(self.next));
        let low = mix(high ^ self.next.rotate_left(17));
        // `Builder` sets version and variant, so that strict readers accept the id.
        let bytes = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
        let id =
            if version_8 { Builder::from_custom_bytes(bytes) } else { Builder::from_random_bytes(bytes) };
        id.into_uuid().to_string()
    }
}

/// One step of splitmix64: spreads a counter over all bits.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
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

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut a, mut b, mut other) = (Ids::new(1), Ids::new(1), Ids::new(2));
        let first = a.guid();
        assert_eq!(first, b.guid());
        assert_ne!(first, a.guid());
        assert_ne!(first, other.guid());
        assert_eq!(first.len(), 36);
    }
}
