//! Times that people type: `90s`, `15m`, `12h`, `2d`, and several in a row such as `1h30m`.
//!
//! Own rather than a crate: twenty lines, no months and years (which have no fixed length), and messages that say what
//! would be right.

use std::time::Duration;

const EXPECTED: &str = "a number and a unit: 90s, 15m, 12h, 2d, or several such as 1h30m";

/// Reads a time of at least one second.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let mut seconds: u64 = 0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(format!("is empty; expected {EXPECTED}"));
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        if number.is_empty() {
            return Err(format!("has no number where one is needed; expected {EXPECTED}"));
        }
        let mut letters = behind.chars();
        let unit = match letters.next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            Some(_) => return Err(format!("has an unknown unit; expected {EXPECTED}")),
            None => return Err(format!("has no unit; expected {EXPECTED}")),
        };
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        seconds = part
            .and_then(|part| seconds.checked_add(part))
            .ok_or_else(|| "is longer than can be counted".to_owned())?;
        rest = letters.as_str();
    }
    if seconds == 0 {
        return Err("is no time at all; expected at least 1s".to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_and_sums() {
        let seconds = |text| parse(text).map(|time| time.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("12h"), Ok(43_200));
        assert_eq!(seconds("2d"), Ok(172_800));
        assert_eq!(seconds("1h30m"), Ok(5_400));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, word) in [
            ("", "empty"),
            ("90", "no unit"),
            ("s", "no number"),
            ("-5m", "no number"),
            ("5 m", "unknown unit"),
            ("5w", "unknown unit"),
            ("5µs", "unknown unit"),
            ("0d", "no time"),
            ("99999999999999999999d", "longer"),
            ("18446744073709551615s1s", "longer"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(word), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,12}") {
            let _ = parse(&text);
        }

        #[test]
        fn days_hours_minutes_seconds_add_up(d in 0u64..1000, h in 0u64..1000, m in 0u64..1000, s in 1u64..1000) {
            let read = parse(&format!("{d}d{h}h{m}m{s}s")).expect("a time");
            prop_assert_eq!(read.as_secs(), d * 86_400 + h * 3_600 + m * 60 + s);
        }
    }
}
