//! What the world needs to know about DocuSign. `rules.toml` has the evidence.

use url::Url;

use crate::world::{Ending, IdForm, LinkLife, Policy, Traits, Vendor};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

impl Vendor {
    /// DocuSign eSignature v2.1.
    pub const DOCUSIGN: Self = Self::new(&TRAITS);
}

static TRAITS: Traits = Traits {
    id: "docusign",
    name: "DocuSign",
    policy: POLICY,
    knows_embedded: true,
    knows_codes: true,
    checks_identity: true,
    makes_in_background: false,
    offers_giving_up_the_code: true,
    return_url: |url, _, ending| Some(return_url(url, ending)),
    frame_message: |_| None,
    frame_failure: |_| None,
    tricks: &[("timeout", "Time out"), ("exception", "Server error"), ("fax", "Return by fax")],
};

const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: true,
    new_code_unlocks: false,
    resend_unlocks: true,
    order_always_enforced: true,
    view_link: LinkLife { seconds: 5 * MINUTE, openings: Some(1) },
    mail_link: LinkLife { seconds: 48 * HOUR, openings: Some(5) },
    resend_kills_mail_links: true,
    session_idle: 20 * MINUTE,
    copies_wait_their_turn: true,
    reminders_per_day: None,
    signers_may_reassign: false,
    ids: IdForm::Uuid8,
    one_link: false,
    view_token_length: 1_600,
    envelope_life: None,
};

/// The return URL with `event=...` added to its query.
fn return_url(url: &str, ending: Ending) -> String {
    let event = event(ending);
    match Url::parse(url) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair("event", event);
            url.into()
        }
        Err(_) => format!("{url}?event={event}"),
    }
}

/// The vendor's words (reference of the embedded signing view; the SOAP list for `access_code_failed`).
fn event(ending: Ending) -> &'static str {
    match ending {
        Ending::Signed => "signing_complete",
        Ending::OnlyViewed => "viewing_complete",
        Ending::FinishedLater => "cancel",
        Ending::Declined => "decline",
        Ending::LinkUsedUp => "ttl_expired",
        Ending::SessionTimeout => "session_timeout",
        Ending::CodeFailed => "access_code_failed",
        Ending::IdCheckFailed => "id_check_failed",
        Ending::FaxPending => "fax_pending",
        // No signer can be reassigned here, so this outcome does not occur.
        Ending::Exception | Ending::Reassigned => "exception",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_joins_an_existing_query_before_the_fragment() {
        let back = return_url("https://app.example/done?order=1#top", Ending::Signed);
        assert_eq!(back, "https://app.example/done?order=1&event=signing_complete#top");
        assert_eq!(return_url("https://app.example", Ending::Declined), "https://app.example/?event=decline");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_query_was_it_stays_and_the_event_is_last(query in "[a-z0-9=&%+.-]{0,20}") {
            let before = Url::parse(&format!("https://app.example/p?{query}")).unwrap();
            let after = Url::parse(&return_url(before.as_str(), Ending::FinishedLater)).unwrap();
            let mut pairs: Vec<_> = after.query_pairs().collect();
            assert_eq!(pairs.pop(), Some(("event".into(), "cancel".into())));
            assert_eq!(pairs, before.query_pairs().collect::<Vec<_>>());
        }
    }
}
