//! Every word with which DocuSign sends a browser back.

use countersign_core::{ReturnOutcome as O, SigningReturn};
use countersign_docusign::DESCRIPTOR;

fn outcome(url: &str) -> Option<O> {
    SigningReturn::read(&DESCRIPTOR, url).outcome
}

#[test]
fn every_word_of_the_reference_in_any_case() {
    let fax = O::Other("fax_pending".to_owned());
    let words = [
        ("signing_complete", O::Signed),
        ("viewing_complete", O::Viewed),
        ("cancel", O::Cancelled),
        ("decline", O::Declined),
        ("exception", O::Failed),
        ("fax_pending", fax),
        ("session_timeout", O::SessionTimedOut),
        ("ttl_expired", O::LinkExpired),
        ("access_code_failed", O::AccessCodeFailed),
        ("id_check_failed", O::IdentityCheckFailed),
    ];
    assert_eq!(DESCRIPTOR.facts.returns.words.iter().count(), words.len(), "a word without a test");
    for (word, meaning) in words {
        for url in [
            format!("https://app.example.com/back?event={word}"),
            format!("/back?order=1&event={word}#top"),
            format!("/back?Event=%20{}", word.replace('_', "%5F")),
        ] {
            assert_eq!(outcome(&url), Some(meaning.clone()), "{url}");
        }
        assert_eq!(SigningReturn::message(&DESCRIPTOR, word).outcome, Some(meaning), "DocuSign JS: {word}");
    }
    assert_eq!(outcome("/back?EVENT=Signing_Complete"), Some(O::Signed));
}

#[test]
fn docusign_appends_so_the_last_event_counts() {
    assert_eq!(outcome("/back?event=my-party&event=signing_complete"), Some(O::Signed));
    assert_eq!(outcome("/back?event=decline&event="), Some(O::Declined));
}

#[test]
fn what_docusign_never_said_is_not_made_up() {
    for url in [
        "/back",
        "/back?",
        "/back?event",
        "/back?event=",
        "/back?events=cancel",
        "/back#?event=cancel",
        "?",
        "",
    ] {
        assert_eq!(outcome(url), None, "{url}");
    }
    assert_eq!(outcome("/back?event=signed"), Some(O::Other("signed".to_owned())));
}

#[test]
fn the_polling_rule_is_a_quarter_of_an_hour() {
    assert_eq!(DESCRIPTOR.facts.behavior.polling.as_ref().map(|rule| rule.value.0.as_secs()), Some(900));
}
