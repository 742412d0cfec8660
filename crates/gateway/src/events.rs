//! Events, in one vocabulary for all vendors and for what the gateway itself does.

use countersign::webhook::WebhookEvent;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::person::name;

/// What happened. It proves only what it contains: ask for the recipients before an important decision.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct EventShown {
    /// The same in every delivery of the event.
    #[schema(example = "evt_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    pub(crate) id: String,
    /// `recipient.signed`, `envelope.completed`, …; `vendor.other` for a word that is known only to the vendor.
    #[serde(rename = "type")]
    #[schema(example = "recipient.signed")]
    pub(crate) event: String,
    /// The id of the account.
    pub(crate) account: Option<String>,
    pub(crate) vendor: Option<String>,
    /// The event in the vendor's word.
    pub(crate) vendor_event: Option<String>,
    /// When it happened, if the vendor says so.
    pub(crate) at: Option<String>,
    /// When the gateway got it.
    pub(crate) received_at: String,
    /// The vendor's id of the envelope.
    pub(crate) envelope: Option<String>,
    /// Counts the events of the envelope, so that the order of arrival does not matter.
    pub(crate) version: Option<i64>,
    /// The newest known status of the envelope.
    pub(crate) envelope_status: Option<String>,
    /// The id of the recipient that the event is about, as in a list of recipients.
    pub(crate) recipient: Option<String>,
    /// The newest known status of the recipient.
    pub(crate) recipient_status: Option<String>,
    /// The vendor did not sign what the event says about statuses, so there are none: list the recipients.
    pub(crate) stale: bool,
    /// Why it was declined, voided or failed, in the user's or the vendor's words.
    pub(crate) reason: Option<String>,
    /// The outcome of a visit to the signing page, as the returning browser claims: no proof.
    pub(crate) claimed_outcome: Option<String>,
    /// The call that the event is about: see `/v1/calls/{call}`.
    pub(crate) call: Option<String>,
    /// The endpoint that the event is about.
    pub(crate) endpoint: Option<String>,
}

/// An event as it is kept: what is shown, and whom it is about.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    #[serde(flatten)]
    pub(crate) shown: EventShown,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// The beginning of a webhook that could not be read, on its way to a place of its own. It is in no list and goes
    /// to no endpoint.
    #[serde(skip)]
    pub(crate) text: Option<String>,
}

impl Event {
    /// An event of the gateway itself.
    pub(crate) fn of_gateway(event: &str) -> Self {
        Self { shown: EventShown { event: event.to_owned(), ..EventShown::default() }, ..Self::default() }
    }

    /// The names of the recipient that it is about.
    pub(crate) fn names(&self) -> Vec<String> {
        let id = self.shown.recipient.as_ref().map(|id| format!("id:{id}"));
        id.into_iter().chain(self.email.as_ref().map(|email| name(&format!("email:{email}")))).collect()
    }

    /// Erases whom it is about, and what they may have written; whether there was anything.
    pub(crate) fn forget_person(&mut self) -> bool {
        let Self { shown, name, email, text: _ } = self;
        let EventShown { recipient, recipient_status, reason, claimed_outcome, .. } = shown;
        let erased = [recipient, recipient_status, reason, claimed_outcome, name, email].map(Option::take);
        erased.iter().any(Option::is_some)
    }

    /// What is sent to an endpoint: without free text, names and addresses unless the endpoint wants them.
    pub(crate) fn message(self, people: bool) -> Vec<u8> {
        let Self { mut shown, name, email, text: _ } = self;
        if !people {
            shown.reason = None;
        }
        let at = shown.at.as_ref().unwrap_or(&shown.received_at);
        let mut message = json!({ "type": shown.event, "timestamp": at, "data": shown });
        if let (true, Some(Value::Object(data))) = (people, message.get_mut("data")) {
            data.insert("recipient_name".to_owned(), name.into());
            data.insert("recipient_email".to_owned(), email.into());
        }
        message.to_string().into_bytes()
    }
}

/// The type of a vendor's event.
pub(crate) fn event_type(event: &WebhookEvent) -> String {
    match event {
        // Where the library knows of a failed check, the recipient may be kept out by it.
        WebhookEvent::RecipientAuthenticationFailed => "recipient.locked".to_owned(),
        WebhookEvent::Other(_) => "vendor.other".to_owned(),
        named => named.as_str().replacen('_', ".", 1),
    }
}

/// Whether an endpoint may ask for this type.
pub(crate) fn is_type(word: &str) -> bool {
    ["vendor.other", "browser.returned", "call.unknown", "call.resolved", "endpoint.disabled"].contains(&word)
        || WebhookEvent::NAMED.iter().any(|event| event_type(event) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_a_thing_and_what_happened_to_it() {
        for (event, word) in [
            (WebhookEvent::RecipientDeliveryFailed, "recipient.delivery_failed"),
            (WebhookEvent::RecipientAuthenticationFailed, "recipient.locked"),
            (WebhookEvent::EnvelopeCompleted, "envelope.completed"),
            (WebhookEvent::Other("x_y".into()), "vendor.other"),
        ] {
            assert_eq!(event_type(&event), word);
            assert!(is_type(word), "{word}");
        }
        assert!(!is_type("envelope_completed") && !is_type("") && !is_type("recipient.signed "));
    }

    #[test]
    fn messages_have_people_only_if_asked_for() {
        let mut event = Event::of_gateway("recipient.declined");
        event.shown.reason = Some("too dear".to_owned());
        (event.name, event.email) = (Some("Anna".to_owned()), Some("anna@example.com".to_owned()));
        let mut erased = event.clone();
        assert!(erased.forget_person() && !erased.forget_person());
        let thin = String::from_utf8(event.clone().message(false)).unwrap();
        let full = String::from_utf8(event.message(true)).unwrap();
        let erased = String::from_utf8(erased.message(true)).unwrap();
        for word in ["too dear", "Anna", "anna@example.com"] {
            assert!(!thin.contains(word) && full.contains(word), "{word}: {thin} {full}");
            assert!(!erased.contains(word), "{word}: {erased}");
        }
    }
}
