//! The headers that report a vendor's rate limits, in any spelling and format.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize};

use super::value::duration;
use crate::model::{Timestamp, read_instant};
use crate::vendor::conduct::Evidence;

/// No limit lasts longer; a later reset is a mistake.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Header names by meaning; one meaning may have several spellings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RateHeaders {
    /// How many calls a window allows. A period (`1h`) in it is not a number and is skipped.
    #[serde(deserialize_with = "header_names")]
    pub limit: Vec<HeaderName>,
    /// How many are left.
    #[serde(deserialize_with = "header_names")]
    pub remaining: Vec<HeaderName>,
    /// When the next window starts: epoch seconds, or an ISO 8601 time.
    #[serde(deserialize_with = "header_names")]
    pub reset: Vec<HeaderName>,
}

/// Headers of a burst window. None of them reports its end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BurstHeaders {
    /// How many calls the window allows.
    #[serde(default, deserialize_with = "header_names")]
    pub limit: Vec<HeaderName>,
    /// How many are left.
    #[serde(default, deserialize_with = "header_names")]
    pub remaining: Vec<HeaderName>,
    /// How long the window is.
    #[serde(deserialize_with = "duration")]
    pub window: Duration,
}

/// How a vendor reports its limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rate {
    /// The headers of the long window.
    pub headers: RateHeaders,
    /// The headers of the burst window, if there are any.
    pub burst: Option<BurstHeaders>,
    /// Whether the long window ends at the full hour (UTC). After a rate-limit refusal, the wait then lasts until
    /// the full hour, if neither its headers nor its row name a wait.
    #[serde(default)]
    pub full_hour: bool,
    /// The evidence for the names.
    pub evidence: Evidence,
    /// The source.
    pub source: String,
}

/// The limits reported by the headers of one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RateReading {
    /// How many calls the long window allows.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// When the next long window starts.
    pub reset: Option<Timestamp>,
    /// How many calls a burst allows.
    pub burst_limit: Option<u64>,
    /// How many of them are left.
    pub burst_remaining: Option<u64>,
}

impl Rate {
    /// All known headers, for recorders that keep only these headers of an answer.
    pub fn names(&self) -> impl Iterator<Item = &HeaderName> {
        let RateHeaders { limit, remaining, reset } = &self.headers;
        let burst = self.burst.iter().flat_map(|burst| burst.limit.iter().chain(&burst.remaining));
        limit.iter().chain(remaining).chain(reset).chain(burst)
    }

    /// Reads an answer's headers; `None` if none of them is a number. Of several spellings, the first readable one
    /// counts. Of two limits in one header, the first does: it is that of all calls.
    pub fn read(&self, headers: &HeaderMap) -> Option<RateReading> {
        self.read_part(headers, |text| text.split(',').next())
    }

    fn read_part(&self, headers: &HeaderMap, part: Part) -> Option<RateReading> {
        let of = |name: &HeaderName| headers.get(name).and_then(text).and_then(part).map(str::trim);
        let number = |names: &[HeaderName]| names.iter().find_map(|name| of(name)?.parse().ok());
        let mut reading = RateReading {
            limit: number(&self.headers.limit),
            remaining: number(&self.headers.remaining),
            reset: self.headers.reset.iter().find_map(|name| instant(of(name)?)),
            ..RateReading::default()
        };
        if let Some(burst) = &self.burst {
            reading.burst_limit = number(&burst.limit);
            reading.burst_remaining = number(&burst.remaining);
        }
        let told = reading.limit.or(reading.remaining).or(reading.burst_limit).or(reading.burst_remaining);
        told.map(|_| reading)
    }

    /// The time until the next full hour (UTC), if the long window ends there.
    pub(crate) fn until_full_hour(&self, now: Timestamp) -> Option<Duration> {
        let into_hour = now.as_second().rem_euclid(3600);
        self.full_hour.then(|| Duration::from_secs(u64::try_from(3600 - into_hour).unwrap_or(3600)))
    }
}

impl RateReading {
    /// The time until the next long window; zero if it has started, and at most a day.
    pub fn until_reset(&self, now: Timestamp) -> Option<Duration> {
        self.reset.map(|reset| until(reset, now))
    }
}

fn header_names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<HeaderName>, D::Error> {
    let read = |name: String| {
        name.parse().map_err(|_| serde::de::Error::custom(format!("`{name}` is not a header name")))
    };
    Vec::<String>::deserialize(from)?.into_iter().map(read).collect()
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().map(str::trim)
}

/// One limit of a list: a server that refuses by a limit of its own appends it to that of the system in front of it.
type Part = fn(&str) -> Option<&str>;

/// Epoch seconds, or a time, also with seven fractional digits. A number out of range is the latest possible time.
fn instant(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Some(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)),
        Err(_) if is_number(text) => Some(Timestamp::MAX),
        Err(_) => read_instant(text),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The wait for a `Retry-After` that is neither a number of seconds nor a date, and for a reset in the past, which
/// means that one of the two clocks is wrong.
const UNCLEAR: Duration = Duration::from_secs(60);

/// The wait that an answer's headers request: `Retry-After` in seconds (`60`, `60.5`, `60s`) or as an HTTP date,
/// otherwise until the reset if no calls are left. A past date gives zero, more than a day is a day because no
/// limit lasts longer. An unreadable `Retry-After` is a minute; so is a reset in the past. Of two limits in one header,
/// the last counts: it is the one that refused.
#[must_use]
pub fn retry_after(rate: Option<&Rate>, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let after = headers.get(http::header::RETRY_AFTER);
    let told = after.and_then(text).and_then(|after| seconds(after).or_else(|| date(after, now)));
    let reset = || {
        let reading = rate?.read_part(headers, |text| text.rsplit(',').next())?;
        let until = (reading.remaining == Some(0)).then(|| reading.until_reset(now))??;
        Some(if until.is_zero() { UNCLEAR } else { until })
    };
    told.or_else(reset).or_else(|| after.map(|_| UNCLEAR))
}

/// A fraction of a second counts as a whole one.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.strip_suffix(['s', 'S']).unwrap_or(text).trim_end();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    let more = u64::from(part.bytes().any(|digit| digit != b'0'));
    let seconds = whole.parse::<u64>().unwrap_or(u64::MAX).saturating_add(more);
    Some(Duration::from_secs(seconds).min(LONGEST))
}

fn date(text: &str, now: Timestamp) -> Option<Duration> {
    let at = httpdate::parse_http_date(text).ok()?;
    Some(until(Timestamp::try_from(at).ok()?, now))
}

/// The time until an instant, at most a day.
pub(crate) fn until(at: Timestamp, now: Timestamp) -> Duration {
    let seconds = at.as_second().saturating_sub(now.as_second());
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate() -> Rate {
        let names = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect();
        Rate {
            headers: RateHeaders {
                limit: names(&["x-ratelimit-limit", "x-rate-limit-limit"]),
                remaining: names(&["x-ratelimit-remaining", "x-rate-limit-remaining"]),
                reset: names(&["x-ratelimit-reset", "x-rate-limit-reset"]),
            },
            burst: None,
            full_hour: true,
            evidence: Evidence::Documented,
            source: String::new(),
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        pairs.collect()
    }

    fn wait(pairs: &[(&'static str, &str)]) -> Option<u64> {
        let now = Timestamp::from_second(784_111_770).unwrap();
        retry_after(Some(&rate()), &headers(pairs), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_dates_epochs_and_instants_are_read() {
        assert_eq!(wait(&[("retry-after", "30")]), Some(30));
        assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(7));
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111800")]), Some(30));
        let iso = ("x-rate-limit-reset", "1994-11-06T08:50:00.0000000Z");
        assert_eq!(wait(&[("x-rate-limit-remaining", "0"), iso]), Some(30));
    }

    #[test]
    fn a_retry_after_of_any_form_is_a_wait() {
        for (text, seconds) in [
            ("60.5", 61),
            ("60.0", 60),
            ("7s", 7),
            ("90 S", 90),
            ("99999999999", 86_400),
            ("99999999999999999999", 86_400),
            ("soon", 60),
            ("-5", 60),
            ("1e9", 60),
            ("", 60),
        ] {
            assert_eq!(wait(&[("retry-after", text)]), Some(seconds), "{text:?}");
        }
        let reset =
            [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111800"), ("retry-after", "?")];
        assert_eq!(wait(&reset), Some(30), "the reset says more than a text that cannot be read");
        assert_eq!(wait(&[reset[0], ("x-ratelimit-reset", "99999999999999999999")]), Some(86_400));
        assert_eq!(wait(&[reset[0], ("x-ratelimit-reset", "784111769")]), Some(60), "a clock is wrong");
    }

    #[test]
    fn what_is_no_wait_gives_none_or_zero() {
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("x-ratelimit-remaining", "12"), ("x-ratelimit-reset", "784111800")]), None);
        assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:40:00 GMT")]), Some(0));
    }

    #[test]
    fn of_two_limits_in_one_header_the_last_is_waited_for_and_the_first_is_that_of_all_calls() {
        let doubled = [
            ("x-ratelimit-limit", "1000, 2"),
            ("x-ratelimit-remaining", "988, 0"),
            ("x-ratelimit-reset", "784111830, 784112001"),
        ];
        let read = rate().read(&headers(&doubled)).unwrap();
        assert_eq!((read.limit, read.remaining), (Some(1000), Some(988)));
        assert_eq!(read.reset, Timestamp::from_second(784_111_830).ok());
        assert_eq!(wait(&doubled), Some(231));
    }

    #[test]
    fn a_limit_that_is_a_period_is_no_number() {
        let read = rate().read(&headers(&[("x-rate-limit-limit", "1h"), ("x-rate-limit-remaining", "46")]));
        let read = read.unwrap();
        assert_eq!((read.limit, read.remaining, read.reset), (None, Some(46), None));
        assert_eq!(rate().read(&headers(&[("x-rate-limit-limit", "1h")])), None);
        let both = [("x-ratelimit-limit", "1h"), ("x-rate-limit-limit", "50")];
        assert_eq!(rate().read(&headers(&both)).unwrap().limit, Some(50), "the spelling that can be read");
    }
}
