//! When a delivery is attempted again.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The example schedule of Standard Webhooks 1.0, in seconds: the first attempt at once, and the pauses before the
/// others.
const PAUSES: [u64; 10] =
    [0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// An endpoint that accepts nothing for this long is switched off.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(5 * 24 * HOUR);

/// The pause after this many attempts, up to 10 % longer or shorter so that deliveries which failed together do not
/// come back together. `None` if no attempt is left. What the receiver asked for counts if it is longer.
pub(crate) fn pause(attempts: u32, asked: Option<Duration>, random: u16) -> Option<Duration> {
    let seconds = *PAUSES.get(attempts as usize)?;
    // 900 to 1100 thousandths.
    let share = 900 + u64::from(random) % 201;
    let pause = Duration::from_millis(seconds * share);
    Some(asked.map_or(pause, |asked| asked.max(pause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_within_four_days_with_ten_per_cent_of_jitter() {
        assert_eq!(pause(1, None, 0), Some(Duration::from_millis(4_500)));
        assert_eq!(pause(1, None, 200), Some(Duration::from_millis(5_500)));
        assert_eq!(pause(9, None, 100), Some(Duration::from_secs(24 * HOUR)));
        assert_eq!(pause(10, None, 100), None);
        let whole: Duration = (1..10).filter_map(|attempts| pause(attempts, None, 200)).sum();
        assert!(whole < GIVE_UP_AFTER, "{whole:?}");
        let asked = Some(Duration::from_secs(60));
        assert_eq!(pause(1, asked, 0), asked);
        assert_eq!(pause(2, asked, 0), Some(Duration::from_secs(270)));
    }
}
