//! Renders pages, and the labels for the world's states.

use std::collections::HashMap;
use std::sync::LazyLock;

use askama::{DynTemplate, Template};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vendors::Query;
use crate::world::{Ending, EnvelopeStatus, Framing, RecipientState, Refused, Role, Terms, What};

/// What may be loaded: only the sandbox's own files. Form targets are not restricted, because a signing page
/// returns to the application.
const OWN_FILES: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'";

/// A form field with an invalid value.
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }

    /// What the world refused, as a sentence.
    pub(crate) fn of(field: &str, refused: &Refused) -> Self {
        Self::new(field, format!("{}.", refused.message))
    }
}

/// A page that no other page may frame.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    let framing = Framing { ancestors: Some(Vec::new()), x_frame_options: None };
    framed_page(status, template, &Terms { framing, ..Terms::default() }, "same-origin")
}

/// A page that may be framed as the application requested.
pub(crate) fn framed_page(
    status: StatusCode,
    template: &dyn DynTemplate,
    terms: &Terms,
    referrer: &'static str,
) -> Response {
    let html = match template.dyn_render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut policy = OWN_FILES.to_owned();
    if let Some(origin) = terms.ping.as_ref().and_then(|ping| origin(&ping.url)) {
        policy.push_str(&format!("; connect-src {origin}"));
    }
    if let Some(ancestors) = &terms.framing.ancestors {
        let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
        policy.push_str(&format!("; frame-ancestors {ancestors}"));
    }
    // Pages contain links and names, so they must not be cached.
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response();
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    set(&mut response, header::REFERRER_POLICY, referrer);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(value) = &terms.framing.x_frame_options {
        set(&mut response, header::X_FRAME_OPTIONS, value);
    }
    response
}

/// Scheme, host and port of a web address, so that no other text gets into a header.
pub(crate) fn origin(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // Hosts may contain characters with a meaning in the header.
    let plain =
        |origin: &String| origin.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_[]".contains(&b));
    Some(url.origin().ascii_serialization()).filter(plain)
}

/// How many entries a page shows.
pub(crate) const PER_PAGE: usize = 50;

/// One page of a long list: its offset, and the links to its neighbours.
pub(crate) struct Pager {
    pub(crate) skip: usize,
    pub(crate) newer: Option<String>,
    pub(crate) older: Option<String>,
    pub(crate) shown: String,
}

impl Pager {
    /// The page that the query's `page` selects, for a list of this many entries at this path.
    pub(crate) fn new(query: &Query, path: &str, total: usize) -> Self {
        let last = total.saturating_sub(1) / PER_PAGE + 1;
        let page = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, last);
        let link = |page: usize| format!("{path}?page={page}");
        let skip = (page - 1) * PER_PAGE;
        let end = (skip + PER_PAGE).min(total);
        Self {
            skip,
            newer: (page > 1).then(|| link(page - 1)),
            older: (page < last).then(|| link(page + 1)),
            shown: format!("{} to {end} of {total}", skip + 1),
        }
    }
}

/// Sets a header, if the text can be the value of one.
pub(crate) fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A word as in the control API's JSON, so that page and API agree.
pub(crate) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

/// The world's time, in readable form.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// "1 attempt", "2 attempts".
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// A recipient's status, in readable form.
pub(crate) fn state(state: RecipientState, role: Role) -> &'static str {
    match state {
        RecipientState::Waiting => "waiting for others",
        RecipientState::InTurn => "asked to act",
        RecipientState::Viewed => "has opened it",
        RecipientState::Completed if role.signs() => "signed",
        RecipientState::Completed => "done",
        RecipientState::Declined => "declined",
        RecipientState::Reassigned => "handed over to another signer",
    }
}

/// What the pages say about an outcome, a status or an event.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    endings: HashMap<Ending, EndingText>,
    /// Heading and line.
    closed: HashMap<EnvelopeStatus, [String; 2]>,
    happenings: HashMap<What, String>,
}

/// How a visit ended: the page that explains it, and the line of an old tab.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EndingText {
    /// 200 if it is 0.
    pub(crate) status: u16,
    pub(crate) heading: String,
    pub(crate) lines: Vec<String>,
    pub(crate) over: String,
}

// A file that cannot be read fails the test below.
static TEXTS: LazyLock<Texts> = LazyLock::new(|| toml::from_str(TOML).unwrap_or_default());
const TOML: &str = include_str!("pages/texts.toml");

pub(crate) fn ending(ending: Ending) -> Option<&'static EndingText> {
    TEXTS.endings.get(&ending)
}

/// Heading and line of the page of an envelope in which nothing can be done.
pub(crate) fn closed(status: EnvelopeStatus) -> Option<&'static [String; 2]> {
    TEXTS.closed.get(&status)
}

/// An event of an envelope, in readable form.
pub(crate) fn happening(what: What) -> &'static str {
    TEXTS.happenings.get(&what).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_and_event_has_its_text() {
        let texts: Texts = toml::from_str(TOML).unwrap();
        assert_eq!((texts.endings.len(), texts.closed.len(), texts.happenings.len()), (11, 5, 18));
    }
}
