//! Limits that a vendor counts for each group of its routes, or for each recipient.

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Deserializer, Serialize};

use super::value::{Limit, Show, duration, say};
use crate::vendor::conduct::Evidence;

/// How often a group of routes may be called. Routes without a limit of their own have none that is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RouteLimit {
    /// The group's name, which rows about calls refer to.
    pub name: String,
    /// The routes that are counted together.
    pub routes: Vec<Route>,
    /// How many calls are allowed.
    pub calls: u32,
    /// The time in which they are allowed. Any span of that length counts, not only the full minute.
    #[serde(deserialize_with = "duration")]
    pub within: Duration,
    /// How many are allowed to an account for trying out, if that differs. No request shows which it is: the account's
    /// settings say so.
    pub trial_calls: Option<u32>,
    /// The evidence.
    pub evidence: Evidence,
    /// The source. In the file, it can also be a key of `[sources]`.
    pub source: String,
}

impl RouteLimit {
    /// Whether a request counts here; `path` is below the base URL.
    pub(crate) fn covers(&self, method: &Method, path: &str) -> bool {
        self.routes.iter().any(|route| route.method == *method && is_like(&route.path, path))
    }

    /// The calls of an hour, if they are spread over it.
    pub fn per_hour(&self) -> u64 {
        u64::from(self.calls) * 3600 / self.within.as_secs().max(1)
    }

    /// In words: `600 within 1 minute (10 for trying out)`.
    pub fn shown(&self) -> String {
        let trial = self.trial_calls.map(|calls| format!(" ({calls} for trying out)")).unwrap_or_default();
        format!("{} within {}{trial}", self.calls, say(self.within))
    }
}

/// A method and a path below the base URL, in the file as `GET /documents/{id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; `{id}` is any one segment.
    pub path: String,
}

impl<'de> Deserialize<'de> for Route {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let route = text.split_once(' ').filter(|(_, path)| path.starts_with('/'));
        let route = route.and_then(|(method, path)| Some((method.parse().ok()?, path.to_owned())));
        route
            .map(|(method, path)| Self { method, path })
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a method and a path")))
    }
}

/// How often something may be resent in a day; in the file as a [`Limit`] for an envelope, or
/// `{ times = 1, per = "recipient" }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Resends")]
#[non_exhaustive]
pub struct ResendLimit {
    /// The maximum, or no documented one.
    pub times: Limit,
    /// Whether each recipient of an envelope is counted on their own.
    pub per_recipient: bool,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a number from 1, \"none\", or { times = 1, per = \"recipient\" }"
)]
enum Resends {
    OfEnvelope(Limit),
    Counted { times: Limit, per: Per },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Per {
    Recipient,
}

impl From<Resends> for ResendLimit {
    fn from(resends: Resends) -> Self {
        match resends {
            Resends::OfEnvelope(times) => Self { times, per_recipient: false },
            Resends::Counted { times, per: Per::Recipient } => Self { times, per_recipient: true },
        }
    }
}

impl Show for ResendLimit {
    fn show(&self) -> String {
        match self.times.0 {
            Some(times) if self.per_recipient => format!("{times} to each recipient"),
            Some(times) => format!("{times} of an envelope"),
            None => self.times.show(),
        }
    }
}

fn is_like(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("{id}"), Some(one)) if !one.is_empty() => {}
            (Some(word), Some(one)) if word == one => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_segment_stands_for_any_id() {
        for (path, is_covered) in [
            ("/v1/documents/abc/details", true),
            ("/v1/documents/%2F/details", true),
            ("/v1/documents//details", false),
            ("/v1/documents/abc/def/details", false),
            ("/v1/documents/abc", false),
            ("/v1/documents/abc/details/", false),
        ] {
            assert_eq!(is_like("/v1/documents/{id}/details", path), is_covered, "{path}");
        }
    }
}
