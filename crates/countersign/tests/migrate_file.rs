//! Files of calls: what is read, and what is wrong with a file, by line and with what is allowed.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use countersign::migrate::{Argument, Calls, Reliance, TEMPLATE};
use countersign::provider::{EnvelopePart, EnvelopeStage, RecipientField, RefKind};
use countersign::webhook::WebhookEvent;
use countersign::{ErrorKind, RecipientStatus};
use proptest::prelude::*;

#[test]
fn the_template_is_read_and_shows_every_word() {
    let calls = Calls::read(TEMPLATE, "template").unwrap();
    assert_eq!((calls.calls.len(), calls.envelopes.len()), (4, 1));
    let (statuses, events) = (RecipientStatus::NAMED, WebhookEvent::NAMED);
    let words = Argument::ALL.iter().map(|word| word.as_str());
    let words = words.chain(Reliance::ALL.iter().map(|word| word.as_str()));
    let words = words.chain(RefKind::ALL.iter().map(|word| word.as_str()));
    let words = words.chain(RecipientField::ALL.iter().map(|word| word.as_str()));
    let words = words.chain(statuses.iter().map(countersign::RecipientStatus::as_str));
    let words = words.chain(events.iter().map(countersign::webhook::WebhookEvent::as_str));
    let words = words.chain(EnvelopePart::ALL.iter().map(|word| word.as_str()));
    for word in words.chain(EnvelopeStage::ALL.iter().map(|word| word.as_str())) {
        assert!(TEMPLATE.contains(word), "the template does not show {word}");
    }
}

#[test]
fn json_lines_say_the_same() {
    let toml = "[[call]]\nname = \"a\"\noperation = \"resend_recipient\"\nrecipient = \"email\"\n\
                relies_on = [\"unlocks\"]\nresends_per_day = 2\n[[envelope]]\nuses = [\"signer\"]\n";
    let json = "{\"name\": \"a\", \"operation\": \"resend_recipient\", \"recipient\": \"email\", \
                \"relies_on\": [\"unlocks\"], \"resends_per_day\": 2}\n\n{\"uses\": [\"signer\"]}\n";
    assert_eq!(Calls::read(toml, "a").unwrap(), Calls::read(json, "b").unwrap());
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_what_is_allowed() {
    let mut shown = Vec::new();
    for text in [
        "",
        "# nothing\n",
        "[[call]]\noperation = \"creat_view\"",
        "[[call]]\nname = \"x\"",
        "[[call]]\noperation = \"create_view\"\nrelies = [\"return_outcome\"]",
        "[[call]]\noperation = \"create_view\"\nrelies_on = [\n  \"single_use\",\n  \"return_outcom\",\n]",
        "[[call]]\noperation = \"resend_recipient\"\narguments = [\"expires_in\"]",
        "[[call]]\noperation = \"create_view\"\nlink_dies_within = \"5 minutes\"",
        "[[call]]\noperation = \"create_view\"\nresends_per_day = 2",
        "[[call]]\noperation = \"create_view\"\ncalls_per_hour = -1",
        "[[call]]\noperation = \"list_recipients\"\nrecipient = \"id\"",
        "[[call]]\noperation = \"list_recipients\"\narguments = [\"notify\"]",
        "[[call]]\noperation = \"list_recipients\"\nreads = [\"colour\"]",
        "[[call]]\noperation = \"list_recipients\"\nstatuses = [\"sent\"]",
        "[[call]]\noperation = \"list_recipients\"\nerrors = [\"not_found\"]",
        "[[envelope]]\nuses = [\"clientUserId\"]",
        "[[envelope]]\nevents = [\"envelope_signed\"]",
        "[[call]]\noperation = \"sign_in\"",
        "[[envelopes]]\nuses = []",
        "[[call]\n",
        "{\"operation\": \"create_view\"}\n{\"operation\": \"create_view\", \"relies\": []}",
        "{\"operation\": \"create_view\"\n",
        "{\"uses\": [\"signer\"], \"color\": 1}",
    ] {
        let error = Calls::read(text, "calls.toml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        shown.push(error.message().to_owned());
    }
    insta::assert_snapshot!("wrong_files_of_calls", shown.join("\n"));
}

proptest! {
    #[test]
    fn nothing_stops_the_reading(text in ".*") {
        let _ = Calls::read(&text, "x");
        let _ = Calls::read(&format!("[[call]]\noperation = \"{text}\""), "x");
        let _ = Calls::read(&format!("{{\"operation\": \"create_view\", \"x\": \"{text}\"}}"), "x");
    }
}
