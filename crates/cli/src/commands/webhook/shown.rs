//! The content of a webhook, as text and as JSON.

use countersign::webhook::{Dedup, Notification, Received, WebhookRefused};
use serde::Serialize;

use crate::render::table::{BAD, GOOD, STRONG, WARN, paint, safe, safe_or_dash};

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Told<'t> {
    Notification(&'t Notification),
    Notifications(&'t [Notification]),
    /// The vendor's address check.
    Check,
    Refused(Refused<'t>),
}

#[derive(Debug, Serialize)]
pub(super) struct Refused<'t> {
    #[serde(flatten)]
    refused: &'t WebhookRefused,
    status: u16,
    hint: &'static str,
}

impl<'t> Told<'t> {
    pub(super) fn of(result: &'t Result<Received, WebhookRefused>) -> Self {
        match result {
            Ok(Received::Notifications(told)) => Self::Notifications(told),
            Ok(_) => Self::Check,
            Err(refused) => Self::refused(refused),
        }
    }

    pub(super) fn refused(refused: &'t WebhookRefused) -> Self {
        Self::Refused(Refused { refused, status: refused.status(), hint: refused.hint() })
    }
}

pub(super) fn at_length(told: &Notification) -> String {
    let mut text = format!(
        "{} {} {} ({})\n",
        paint(GOOD, "taken:"),
        told.vendor,
        paint(STRONG, &told.event.to_string()),
        safe(&told.vendor_event)
    );
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("  {name:<12}{value}\n"));
        }
    };
    row("at", told.at.map(|at| at.to_string()));
    row("envelope", told.envelope.as_ref().map(|id| safe(id.as_str()).into_owned()));
    row("status", told.envelope_status.as_ref().map(ToString::to_string));
    let recipient = told.recipient.as_ref().map(|one| {
        let status = one.status.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        format!("id:{} {} {status}", safe(one.id.as_str()), safe_or_dash(one.email.as_deref()))
    });
    row("recipient", recipient);
    row("reason", told.reason.as_deref().map(|reason| safe(reason).into_owned()));
    row("account", told.account.as_deref().map(|account| safe(account).into_owned()));
    row("retries", told.retries.map(|retries| retries.to_string()));
    row("key", Some(told.key.to_string()));
    for person in told.recipients.iter().flat_map(|list| &list.recipients) {
        let (id, email) = (safe(person.id.as_str()), safe_or_dash(person.email.as_deref()));
        text.push_str(&format!("  {:<12}id:{id} {email} {}\n", "recipients", person.status));
    }
    text
}

/// The state of a delivery, for programs.
pub(super) fn word(seen: Dedup<()>) -> &'static str {
    match seen {
        Dedup::First(()) => "first",
        Dedup::Duplicate => "duplicate",
        Dedup::InProgress { .. } => "in_progress",
    }
}

pub(super) fn line(status: u16, seen: Option<Dedup<()>>, told: &Told<'_>) -> String {
    match told {
        Told::Notification(told) => notification(status, seen, told),
        Told::Refused(refused) => refusal(refused.refused),
        _ => format!("{status}  address check"),
    }
}

fn notification(status: u16, seen: Option<Dedup<()>>, told: &Notification) -> String {
    let style = if let Some(Dedup::First(())) = seen { GOOD } else { WARN };
    let word = seen.map_or("-", word).replace('_', " ");
    let first = paint(style, &format!("{word:<11}"));
    let recipient = told.recipient.as_ref().map_or_else(String::new, |one| {
        format!("  id:{} {}", safe(one.id.as_str()), safe_or_dash(one.email.as_deref()))
    });
    let envelope = told.envelope.as_ref().map_or("-", |id| id.as_str());
    format!("{status}  {first}  {:<31}  {}{recipient}", told.event.to_string(), safe(envelope))
}

fn refusal(refused: &WebhookRefused) -> String {
    format!(
        "{}  {}  {}; {}",
        refused.status(),
        paint(BAD, refused.reason.as_str()),
        refused.message,
        refused.hint()
    )
}
