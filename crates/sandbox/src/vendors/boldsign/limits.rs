//! How BoldSign reports its limits, in the recorded and in the documented form.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::account::RateLimits;
use super::call::ApiError;
use crate::vendors::meter::Reading;

/// Reports the limits after a call.
pub(super) fn tell(form: RateLimits, reading: &Reading, response: &mut Response) {
    let remaining = reading.remaining.to_string();
    let (names, values) = match form {
        RateLimits::Recorded => (
            ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
            ["1h".to_owned(), remaining, iso(reading.reset)],
        ),
        RateLimits::Documented => (
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
            [reading.limit.to_string(), remaining, reading.reset.to_string()],
        ),
        RateLimits::Untold => return,
    };
    for (name, value) in names.into_iter().zip(values) {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}

/// The answer to a call beyond the limit.
pub(super) fn refused(form: RateLimits, reading: &Reading, now: Timestamp) -> Response {
    let text = |per: &str| format!("API calls quota exceeded! maximum admitted {} per {per}.", reading.limit);
    let status = StatusCode::TOO_MANY_REQUESTS;
    if form == RateLimits::Recorded {
        let wait = (reading.reset - now.as_second()).max(1).to_string();
        return (
            status,
            [(header::RETRY_AFTER, wait), (header::CONTENT_TYPE, "text/plain".to_owned())],
            text("1h"),
        )
            .into_response();
    }
    let mut response = ApiError::plain(status, text("Hour")).into_response();
    tell(form, reading, &mut response);
    response
}

/// With seven digits of a second, as .NET writes them.
fn iso(second: i64) -> String {
    let at = Timestamp::from_second(second).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z").to_string()
}
