//! How long a vendor asks to wait.

use std::time::Duration;

use http::HeaderMap;

use crate::model::Timestamp;

/// The wait that an answer's headers ask for: `Retry-After` in seconds or as an HTTP date, else a rate-limit reset in
/// Unix seconds where nothing remains of the budget.
///
/// Both vendors send `X-RateLimit-Reset` as Unix seconds (DocuSign rules-and-limits page; BoldSign knowledge base
/// 18976). A moment that is already past gives zero; values beyond a day are capped there, as no limit lasts longer.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(after) = text("retry-after") {
        if let Ok(seconds) = after.parse::<u64>() {
            return Some(Duration::from_secs(seconds).min(DAY));
        }
        if let Ok(date) = httpdate::parse_http_date(after) {
            let at = date.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            return Some(until(at.as_secs(), now).min(DAY));
        }
    }
    let remaining = text("x-ratelimit-remaining").and_then(|n| n.parse::<u64>().ok());
    let reset = text("x-ratelimit-reset").and_then(|n| n.parse::<u64>().ok())?;
    (remaining == Some(0)).then(|| until(reset, now).min(DAY))
}

/// When the vendor answered, by its own clock.
pub(crate) fn answered_at(headers: &HeaderMap) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?.trim()).ok()?;
    let seconds = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

fn until(epoch_seconds: u64, now: Timestamp) -> Duration {
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    Duration::from_secs(epoch_seconds.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(pairs: &[(&'static str, &str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        retry_after(&headers, Timestamp::from_second(784_111_770).unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_dates_and_epochs_are_read() {
        assert_eq!(wait(&[("retry-after", "30")]), Some(30));
        assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(7));
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111800")]), Some(30));
    }

    #[test]
    fn what_is_no_wait_gives_none_or_zero() {
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("x-ratelimit-remaining", "12"), ("x-ratelimit-reset", "784111800")]), None);
        assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:40:00 GMT")]), Some(0));
        assert_eq!(wait(&[("retry-after", "99999999999")]), Some(86_400));
    }
}
