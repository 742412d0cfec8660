//! Renders pages, and the labels for the world's states.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use askama::{DynTemplate, Template};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calls::FaultKind;
use crate::vendors::Query;
use crate::webhooks::WebhookFaultKind;
use crate::world::{
    Attempt, Ending, Envelope, EnvelopeStatus, Framing, Recipient, RecipientState, Refused, Terms, What,
};

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

/// How many entries a page of a long list shows.
const PER_PAGE: usize = 50;

/// One page of a long list: the links to its neighbours.
pub(crate) struct Pager {
    pub(crate) newer: Option<String>,
    pub(crate) older: Option<String>,
    pub(crate) shown: String,
}

impl Pager {
    /// The page of the list at this path that the query's `page` selects, and its entries.
    pub(crate) fn cut<T>(query: Option<&str>, path: &str, mut list: Vec<T>) -> (Self, Vec<T>) {
        let total = list.len();
        let last = total.saturating_sub(1) / PER_PAGE + 1;
        let wanted = Query::parse(query).get("page").and_then(|page| page.parse().ok());
        let page = wanted.unwrap_or(1).clamp(1, last);
        let link = |page: usize| format!("{path}?page={page}");
        let skip = (page - 1) * PER_PAGE;
        let entries: Vec<T> = list.drain(skip..(skip + PER_PAGE).min(total)).collect();
        let pager = Self {
            newer: (page > 1).then(|| link(page - 1)),
            older: (page < last).then(|| link(page + 1)),
            shown: format!("{} to {} of {total}", skip + 1, skip + entries.len()),
        };
        (pager, entries)
    }
}

/// What the frame of the console's pages shows: the world's time, and which entry of the menu is open.
pub(crate) struct Frame {
    pub(crate) now: Timestamp,
    pub(crate) here: &'static str,
}

/// An envelope's subject, as a heading.
pub(crate) fn title(env: &Envelope) -> &str {
    if env.subject.is_empty() { "(no subject)" } else { &env.subject }
}

/// The colour of a status is only an aid; the word is sufficient.
pub(crate) fn colour(status: &EnvelopeStatus) -> &'static str {
    match status {
        EnvelopeStatus::Completed => "good",
        EnvelopeStatus::Declined | EnvelopeStatus::Voided | EnvelopeStatus::Expired => "bad",
        EnvelopeStatus::Sent | EnvelopeStatus::Viewed => "now",
        EnvelopeStatus::Draft => "",
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
pub(crate) fn time(at: &Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// "1 attempt", "2 attempts".
pub(crate) fn count(number: impl Display, one: &str) -> String {
    let number = number.to_string();
    let end = if number == "1" { "" } else { "s" };
    format!("{number} {one}{end}")
}

/// A part of a path.
pub(crate) fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

/// A recipient's status, in readable form.
pub(crate) fn state(of: &Recipient) -> &'static str {
    match of.state {
        RecipientState::Waiting => "waiting for others",
        RecipientState::InTurn => "asked to act",
        RecipientState::Viewed => "has opened it",
        RecipientState::Completed if of.role.signs() => "signed",
        RecipientState::Completed => "done",
        RecipientState::Declined => "declined",
        RecipientState::Reassigned => "handed over to another signer",
    }
}

/// What the pages offer, and what they say about an outcome, a status or an event.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    /// The faults to choose from: name, label and fault.
    pub(crate) faults: Vec<(String, String, FaultKind)>,
    pub(crate) webhook_faults: Vec<(String, String, WebhookFaultKind)>,
    pub(crate) endings: HashMap<Ending, PageText>,
    pub(crate) failed: HashMap<Attempt, PageText>,
    pub(crate) closed: HashMap<EnvelopeStatus, PageText>,
    pub(crate) unknown: PageText,
    pub(crate) over: PageText,
    pub(crate) waiting: PageText,
    pub(crate) done: PageText,
    pub(crate) done_declined: PageText,
    pub(crate) done_reassigned: PageText,
    pub(crate) unidentified: PageText,
    pub(crate) locked_until_new_code: PageText,
    pub(crate) locked_until_resent: PageText,
    happenings: HashMap<What, String>,
}

/// A page for a signer who cannot do anything here.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PageText {
    /// 200 if it is 0.
    pub(crate) status: u16,
    pub(crate) heading: String,
    pub(crate) lines: Vec<String>,
    /// The next steps, as a list.
    pub(crate) steps: Vec<String>,
    /// The line of an old tab of a visit that ended like this.
    pub(crate) over: String,
}

// A file that cannot be read fails the test below.
pub(crate) static TEXTS: LazyLock<Texts> = LazyLock::new(|| toml::from_str(TOML).unwrap_or_default());
const TOML: &str = include_str!("pages/texts.toml");

/// An event of an envelope, in readable form.
pub(crate) fn happening(what: &What) -> &'static str {
    TEXTS.happenings.get(what).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_and_event_has_its_text() {
        let texts: Texts = toml::from_str(TOML).unwrap();
        let counts = (texts.endings.len(), texts.failed.len(), texts.closed.len(), texts.happenings.len());
        assert_eq!(counts, (11, 3, 5, 18));
        for (ending, text) in &texts.endings {
            let has_page = !matches!(ending, Ending::CodeFailed | Ending::IdCheckFailed);
            assert!(!text.over.is_empty() && has_page != text.heading.is_empty(), "{ending:?}");
        }
        let others = [&texts.unknown, &texts.over, &texts.waiting, &texts.done, &texts.done_declined];
        let more = [&texts.done_reassigned, &texts.unidentified, &texts.locked_until_new_code];
        let pages = texts.failed.values().chain(texts.closed.values()).chain(others).chain(more);
        for text in pages.chain([&texts.locked_until_resent]) {
            assert!(!text.heading.is_empty() && !text.lines.is_empty(), "{text:?}");
        }
        assert!(
            texts.locked_until_resent.steps.len() == 2
                && texts.happenings.values().all(|text| !text.is_empty())
        );
        let labels = texts.faults.iter().map(|(_, label, _)| label);
        let labels = labels.chain(texts.webhook_faults.iter().map(|(_, label, _)| label));
        assert_eq!(labels.filter(|label| !label.is_empty()).count(), 16);
    }
}
