//! Lengths of time: as a calls file writes them, and as a report says them.

use std::time::Duration;

const UNITS: [(&str, u64, &str); 4] =
    [("d", 86_400, "day"), ("h", 3_600, "hour"), ("m", 60, "minute"), ("s", 1, "second")];

/// `90s`, `5m`, `2h` or `180d`.
pub(super) fn read(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (_, (number, seconds)) = UNITS
        .iter()
        .find_map(|(unit, seconds, _)| text.strip_suffix(unit).map(|number| (unit, (number, seconds))))?;
    let number: u64 = number.trim().parse().ok()?;
    Some(Duration::from_secs(number.checked_mul(*seconds)?)).filter(|life| !life.is_zero())
}

/// `5 minutes`, `180 days`: in the largest unit that fits without a rest.
pub(super) fn say(life: Duration) -> String {
    let seconds = life.as_secs();
    let fits = UNITS.iter().find(|(_, unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (_, unit, word) = fits.unwrap_or(&("s", 1, "second"));
    let count = seconds / unit;
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_largest_unit_without_a_rest() {
        for (text, said) in [
            ("300s", "5 minutes"),
            ("90s", "90 seconds"),
            ("24h", "1 day"),
            ("180d", "180 days"),
            ("1 m", "1 minute"),
        ] {
            assert_eq!(say(read(text).unwrap()), said);
        }
        for bad in
            ["", "5", "m", "0s", "-1d", "1.5h", "99999999999999999999d", "999999999999999999d", "5 weeks"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_stops_the_reading(text in ".*") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_written_is_read(number in 1u64..10_000, unit in 0usize..4) {
            let (word, seconds, _) = UNITS[unit];
            prop_assert_eq!(read(&format!("{number}{word}")), Some(Duration::from_secs(number * seconds)));
        }
    }
}
