//! What the world needs to know about Documenso. `rules.toml` has the evidence.

use crate::world::{Ending, IdForm, LinkLife, Policy, Traits, Vendor};

pub(super) const DAY: i64 = 86_400;

/// Three months.
pub(super) const RECIPIENT_LIFE: i64 = 90 * DAY;

/// For recipients whose time does not expire.
pub(super) const NEVER: i64 = 36_500 * DAY;

impl Vendor {
    /// Documenso API v2.
    pub const DOCUMENSO: Self = Self::new(&TRAITS);
}

static TRAITS: Traits = Traits {
    id: "documenso",
    name: "Documenso",
    policy: POLICY,
    knows_embedded: false,
    knows_codes: false,
    checks_identity: false,
    makes_in_background: false,
    offers_giving_up_the_code: false,
    return_url: |url, _, ending| {
        matches!(ending, Ending::Signed | Ending::OnlyViewed).then(|| url.to_owned())
    },
    frame_message,
    frame_failure: |_| Some("document-error"),
    tricks: &[("timeout", "Time out")],
};

const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: false,
    new_code_unlocks: false,
    resend_unlocks: false,
    order_always_enforced: false,
    view_link: LinkLife { seconds: RECIPIENT_LIFE, openings: None },
    mail_link: LinkLife { seconds: RECIPIENT_LIFE, openings: None },
    resend_kills_mail_links: false,
    session_idle: DAY,
    copies_wait_their_turn: true,
    reminders_per_day: None,
    signers_may_reassign: false,
    ids: IdForm::Prefixed("envelope_"),
    one_link: true,
    view_token_length: 0,
    envelope_life: None,
};

/// The message of the frame page.
fn frame_message(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Signed | Ending::OnlyViewed => Some("document-completed"),
        Ending::Declined => Some("document-rejected"),
        Ending::LinkUsedUp => Some("recipient-expired"),
        _ => None,
    }
}
