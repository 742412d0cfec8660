//! A status is taken only from a body that the signature covers.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

use std::path::Path;

use countersign::secrecy::SecretString;
use countersign::webhook::{EnvelopeState, Notification, Webhook, WebhookEvent};
use countersign_testkit::Fixture;
use http::HeaderMap;

const SECRET: &str = "hook-secret-1";

/// A webhook of a vendor that shows the secret itself and signs nothing.
fn received(name: &str) -> Notification {
    let vendor = *countersign::vendors().iter().find(|vendor| vendor.name == "documenso").unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/documenso/webhooks");
    let body = Fixture::load(&folder.join(format!("{name}.json"))).bytes();
    let headers = HeaderMap::from_iter([("x-documenso-secret".parse().unwrap(), SECRET.parse().unwrap())]);
    let received =
        Webhook::new(vendor, vec![SecretString::from(SECRET)]).unwrap().receive("", &headers, &body).unwrap();
    received.notifications().pop().unwrap()
}

#[test]
fn what_is_not_covered_says_what_happened_and_proves_no_status() {
    for (name, event) in [
        ("recipient_completed", WebhookEvent::RecipientSigned),
        ("completed", WebhookEvent::EnvelopeCompleted),
        ("rejected", WebhookEvent::EnvelopeDeclined),
        ("cancelled", WebhookEvent::EnvelopeVoided),
    ] {
        let told = received(name);
        assert_eq!(told.event, event);
        assert!(told.envelope.is_some(), "which envelope to ask the vendor for");
        assert_eq!((&told.envelope_status, &told.recipients), (&None, &None), "{name}");
        assert!(told.recipient.as_ref().is_none_or(|one| one.status.is_none()), "{name}");
        let mut state = EnvelopeState::default();
        assert!(state.apply(&told).is_empty() && state.envelope.is_none(), "{name}");
    }
    // To whom it happened is kept, as a reason to ask.
    assert!(received("recipient_completed").recipient_ref().is_some());
}
