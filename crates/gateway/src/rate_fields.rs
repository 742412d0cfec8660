//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): what is left of a vendor account's
//! allowance, as far as the vendor's answers told this process.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use countersign::budget::Window;
use countersign::{Client, Timestamp};

/// The client that a request used, for the fields of its answer.
pub(crate) type Used = Arc<OnceLock<Client>>;

const LEFT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Adds the fields, if anything is known.
pub(crate) fn add(client: &Client, headers: &mut HeaderMap) {
    let report = client.budget();
    let facts = &client.descriptor().facts;
    let rate = facts.rate.as_ref();
    let burst_seconds = rate.and_then(|rate| rate.burst.as_ref()).map(|burst| burst.window.as_secs());
    let (mut left, mut policy) = (String::new(), String::new());
    for (name, window, seconds) in [("account", report.limit, None), ("burst", report.burst, burst_seconds)] {
        if let Some(window) = window {
            write(&mut left, &mut policy, name, window, seconds);
        }
    }
    for route in report.routes {
        let within = facts.limits.iter().find(|limit| limit.name == route.name).map(|limit| limit.within);
        write(&mut left, &mut policy, route.name, route.window, within.map(|within| within.as_secs()));
    }
    for (field, text) in [(LEFT, left), (POLICY, policy)] {
        if let Some(value) =
            Some(text).filter(|text| !text.is_empty()).and_then(|text| HeaderValue::try_from(text).ok())
        {
            headers.insert(field, value);
        }
    }
}

/// Appends one limit. Writing to a text cannot fail.
fn write(left: &mut String, policy: &mut String, name: &str, window: Window, seconds: Option<u64>) {
    let next = |text: &str| if text.is_empty() { "" } else { ", " };
    if let Some(remaining) = window.remaining {
        let _ = write!(left, "{}\"{name}\";r={remaining}", next(left));
        let wait = window.reset_at.map(|reset| reset.as_second() - Timestamp::now().as_second());
        if let Some(wait) = wait.filter(|wait| *wait >= 0) {
            let _ = write!(left, ";t={wait}");
        }
    }
    if let Some(limit) = window.limit {
        let _ = write!(policy, "{}\"{name}\";q={limit}", next(policy));
        if let Some(seconds) = seconds {
            let _ = write!(policy, ";w={seconds}");
        }
    }
}
