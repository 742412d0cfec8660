//! Dates: in which form they stand, how far they are from the moment of the recording, and how they are put back.
//!
//! A date becomes `{date:1}` if it is about that moment, or not long before it; else the distance stands behind it:
//! `{date:1+12h}`, `{date:2-3d}`. Hours are rounded up and days to the nearest, so that a story told again a second later
//! or earlier gives the same file, and a link that was good for half a day is so again when it is played.

use std::time::{Duration, UNIX_EPOCH};

use countersign_core::Timestamp;

use crate::labels::Kind;

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// ISO 8601.
    Iso,
    /// A day of ISO 8601.
    Day,
    /// As headers have it.
    Http,
    /// A number of seconds since 1970.
    Unix,
    /// A number of milliseconds since 1970.
    Millis,
    /// A number of seconds since 1970 in a text.
    Seconds,
}

impl Form {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Form::Iso | Form::Day => Kind::Date,
            Form::Http => Kind::HttpDate,
            Form::Unix => Kind::Unix,
            Form::Millis => Kind::Millis,
            Form::Seconds => Kind::Seconds,
        }
    }
}

/// A number that is a date of our time.
pub(crate) fn of_number(number: i64) -> Option<(Form, Timestamp)> {
    const YEARS: std::ops::Range<i64> = 946_684_800..4_102_444_800;
    if YEARS.contains(&number) {
        return Some((Form::Unix, Timestamp::from_second(number).ok()?));
    }
    if YEARS.contains(&(number / 1000)) {
        return Some((Form::Millis, Timestamp::from_millisecond(number).ok()?));
    }
    None
}

/// A text that looks like a date.
pub(crate) fn of_text(text: &str) -> Option<(Form, Timestamp)> {
    if let Ok(at) = httpdate::parse_http_date(text) {
        let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
        return Some((Form::Http, Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?));
    }
    if text.len() == 10 {
        return Some((Form::Day, format!("{text}T00:00:00Z").parse().ok()?));
    }
    if let Ok(at) = text.parse() {
        return Some((Form::Iso, at));
    }
    // Without a zone, or with one that has no colon.
    let zoned = text.rsplit_once(['+', '-']).filter(|(_, zone)| zone.len() == 4);
    let text = match zoned {
        Some((before, zone)) => {
            let sign = text.get(before.len()..=before.len())?;
            format!("{before}{sign}{}:{}", zone.get(..2)?, zone.get(2..)?)
        }
        None => format!("{text}Z"),
    };
    Some((Form::Iso, text.parse().ok()?))
}

/// How far a date is from now; empty if that is about now or not long ago.
pub(crate) fn suffix(form: Form, at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    let rounded = |number: i64, unit: i64| (number + unit.signum() * unit / 2).div_euclid(unit);
    let minutes = rounded(seconds, 60);
    let days = match form {
        // A day begins at midnight.
        Form::Day => at.as_second().div_euclid(86_400) - now.as_second().div_euclid(86_400),
        _ => rounded(seconds, 86_400),
    };
    match minutes {
        _ if form == Form::Day && days == 0 => String::new(),
        _ if form == Form::Day => format!("{days:+}d"),
        -1440..=1 => String::new(),
        2..=1440 => format!("+{}h", (minutes + 59) / 60),
        _ => format!("{days:+}d"),
    }
}

/// The instant for a placeholder: `number` keeps those that are about now apart.
pub(crate) fn instant(number: usize, suffix: &str, now: Timestamp) -> Timestamp {
    let hours = |text: &str| -> Option<i64> {
        match text.strip_suffix('h') {
            Some(hours) => hours.parse().ok(),
            None => text.strip_suffix('d')?.parse::<i64>().ok()?.checked_mul(24),
        }
    };
    let seconds = match hours(suffix) {
        Some(hours) => hours.saturating_mul(3600),
        None => i64::try_from(number.min(3000)).unwrap_or(0) - 3600,
    };
    now.as_second().checked_add(seconds).and_then(|at| Timestamp::from_second(at).ok()).unwrap_or(now)
}

/// An instant in a form.
pub(crate) fn written(kind: Kind, at: Timestamp) -> String {
    let seconds = at.as_second();
    match kind {
        Kind::HttpDate => {
            let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            httpdate::fmt_http_date(UNIX_EPOCH + since)
        }
        Kind::Unix | Kind::Seconds => seconds.to_string(),
        Kind::Millis => (seconds * 1000).to_string(),
        _ => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_told_in_steps_that_do_not_tremble() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let told = |text: &str| {
            let (form, at) = of_text(text).unwrap();
            suffix(form, at, now)
        };
        for (text, suffix) in [
            ("2026-11-22T10:00:00.1234567Z", ""),
            ("2026-11-22T09:00:00", ""),
            ("2026-11-22T10:59:40Z", "+1h"),
            ("2026-11-22T11:00:20+0000", "+1h"),
            ("2026-11-23T10:00:00Z", "+24h"),
            ("2027-05-21T10:00:01+00:00", "+180d"),
            ("2026-11-19T10:00:00Z", "-3d"),
            ("Sun, 22 Nov 2026 12:00:00 GMT", "+2h"),
            ("2026-11-22", ""),
            ("2026-11-24", "+2d"),
        ] {
            assert_eq!(told(text), suffix, "{text}");
        }
        assert_eq!(of_number(1_795_000_000).map(|(form, _)| form), Some(Form::Unix));
        assert_eq!(of_number(1_795_000_000_000).map(|(form, _)| form), Some(Form::Millis));
        assert_eq!(of_number(77), None);
    }

    #[test]
    fn a_placeholder_becomes_an_instant_that_fits() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(instant(1, "+12h", now).to_string(), "2026-11-22T22:00:00Z");
        assert_eq!(instant(1, "-2d", now).to_string(), "2026-11-20T10:00:00Z");
        assert!(instant(1, "", now) < instant(2, "", now) && instant(2, "", now) < now);
        assert_eq!(written(Kind::HttpDate, now), "Sun, 22 Nov 2026 10:00:00 GMT");
    }
}
