//! What the world needs to know about BoldSign. `rules.toml` has the evidence.

use crate::world::{Attempt, Ending, IdForm, LinkLife, Policy, Traits, Vendor};

pub(super) const DAY: i64 = 86_400;

impl Vendor {
    /// BoldSign v1.
    pub const BOLDSIGN: Self = Self::new(&TRAITS);
}

static TRAITS: Traits = Traits {
    id: "boldsign",
    name: "BoldSign",
    policy: POLICY,
    knows_embedded: false,
    knows_codes: true,
    checks_identity: false,
    makes_in_background: true,
    offers_giving_up_the_code: false,
    return_url,
    frame_message,
    frame_failure: |attempt| Some(frame_failure(attempt)),
    tricks: &[
        ("timeout", "Time out"),
        ("fail_sign", "Signing fails"),
        ("fail_decline", "Declining fails"),
        ("fail_reassign", "Reassigning fails"),
    ],
};

const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: false,
    new_code_unlocks: true,
    resend_unlocks: false,
    order_always_enforced: false,
    view_link: LinkLife { seconds: 180 * DAY, openings: None },
    mail_link: LinkLife { seconds: 180 * DAY, openings: None },
    resend_kills_mail_links: false,
    session_idle: DAY,
    copies_wait_their_turn: false,
    reminders_per_day: Some(1),
    signers_may_reassign: true,
    ids: IdForm::Uuid,
    one_link: false,
    view_token_length: 0,
    envelope_life: Some(60 * DAY),
};

/// Where the browser goes after signing or declining: the document's id is appended with a question mark, even if
/// there already is one (observed by integrators). After any other outcome the page stays open.
fn return_url(url: &str, document: &str, ending: Ending) -> Option<String> {
    matches!(ending, Ending::Signed | Ending::OnlyViewed | Ending::Declined)
        .then(|| format!("{url}?documentId={document}"))
}

/// The vendor's word for the framing page, if it has one for this outcome (documentation on embedding a signing
/// link in an iframe).
fn frame_message(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Signed | Ending::OnlyViewed => Some("onDocumentSigned"),
        Ending::Declined => Some("onDocumentDeclined"),
        Ending::Reassigned => Some("onDocumentReassigned"),
        Ending::FinishedLater
        | Ending::LinkUsedUp
        | Ending::SessionTimeout
        | Ending::CodeFailed
        | Ending::IdCheckFailed
        | Ending::Exception
        | Ending::FaxPending => None,
    }
}

/// The same for failed actions.
fn frame_failure(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::Sign => "onDocumentSigningFailed",
        Attempt::Decline => "onDocumentDecliningFailed",
        Attempt::Reassign => "onDocumentReassigningFailed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_id_is_added_with_a_second_question_mark() {
        let back = |ending| return_url("https://app.example/?a=1", "d", ending);
        assert_eq!(back(Ending::Signed).as_deref(), Some("https://app.example/?a=1?documentId=d"));
        assert_eq!(back(Ending::FinishedLater), None);
    }
}
