//! Dates: in which form they stand, how far they are from the moment of the recording, and how they are put back.
//!
//! A date becomes `{date}` if it is about that moment, or not long before it; else the distance stands with it:
//! `{date+12h}`, `{date-3d}`. Hours are rounded up and days to the nearest, so that a story told again a second later
//! or earlier gives the same file, and a link that was good for half a day is so again when it is played. For the same
//! reason dates have no numbers: which of two things was a second before the other is not kept.

use std::time::{Duration, UNIX_EPOCH};

use countersign_core::{Timestamp, words};

words! {
    /// How a date is written.
    Form {
        /// ISO 8601.
        Iso = "date";
        /// A day of ISO 8601.
        Day = "day";
        /// As headers have it.
        Http = "httpdate";
        /// A number of seconds since 1970.
        Unix = "unix";
        /// A number of milliseconds since 1970.
        Millis = "millis";
        /// A number of seconds since 1970 in a text.
        Seconds = "seconds";
    }
}

/// The placeholder of a date.
pub(crate) fn label(form: Form, at: Timestamp, now: Timestamp) -> String {
    format!("{{{form}{}}}", suffix(form, at, now))
}

/// The placeholder of a date at the end of this hour.
pub(crate) fn within_an_hour(form: Form) -> String {
    format!("{{{form}+1h}}")
}

/// A header that is a date, or seconds since 1970.
pub(crate) fn of_header(text: &str) -> Option<(Form, Timestamp)> {
    match text.parse() {
        Ok(seconds) => Some((Form::Seconds, Timestamp::from_second(seconds).ok()?)),
        Err(_) => of_text(text),
    }
}

/// The form and the distance of a placeholder.
pub(crate) fn read(label: &str) -> Option<(Form, &str)> {
    let inside = label.strip_prefix('{')?.strip_suffix('}')?;
    let end = inside.find(['+', '-']).unwrap_or(inside.len());
    let (word, distance) = inside.split_at(end);
    let form = Form::ALL.iter().copied().find(|form| form.as_str() == word)?;
    (distance.is_empty() || hours(distance).is_some()).then_some((form, distance))
}

fn hours(distance: &str) -> Option<i64> {
    match distance.strip_suffix('h') {
        Some(hours) => hours.parse().ok(),
        None => distance.strip_suffix('d')?.parse::<i64>().ok()?.checked_mul(24),
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
        -1439..=1 => String::new(),
        // More than 23 hours are a day: as 24 hours they would come back as the same instant in another form.
        2..=1380 => format!("+{}h", (minutes + 59) / 60),
        _ => format!("{days:+}d"),
    }
}

/// The date for a placeholder, as a vendor would write it now.
pub(crate) fn filled(form: Form, distance: &str, now: Timestamp) -> String {
    // Without a distance: a moment ago, since a date without one is in the past.
    let seconds = hours(distance).map_or(-60, |hours| hours.saturating_mul(3600));
    let at =
        now.as_second().checked_add(seconds).and_then(|at| Timestamp::from_second(at).ok()).unwrap_or(now);
    let seconds = at.as_second();
    match form {
        Form::Http => {
            let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            httpdate::fmt_http_date(UNIX_EPOCH + since)
        }
        Form::Unix | Form::Seconds => seconds.to_string(),
        Form::Millis => seconds.saturating_mul(1000).to_string(),
        Form::Iso => at.to_string(),
        Form::Day => at.to_string().chars().take(10).collect(),
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
            ("2026-11-23T09:00:00Z", "+23h"),
            ("2026-11-23T10:00:00Z", "+1d"),
            ("2026-11-23T10:00:30Z", "+1d"),
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
        assert_eq!(filled(Form::Iso, "+12h", now), "2026-11-22T22:00:00Z");
        assert_eq!(filled(Form::Day, "-2d", now), "2026-11-20");
        assert_eq!(filled(Form::Iso, "", now), "2026-11-22T09:59:00Z");
        assert_eq!(filled(Form::Http, "+1h", now), "Sun, 22 Nov 2026 11:00:00 GMT");
        assert_eq!(filled(Form::Unix, "", now), (now.as_second() - 60).to_string());
        assert_eq!(read("{date-3d}"), Some((Form::Iso, "-3d")));
        assert_eq!((read("{date:1}"), read("{date+x}"), read("{id}")), (None, None, None));
    }
}
