//! What the world needs to know about PandaDoc. `rules.toml` has the evidence.

use crate::world::{Ending, IdForm, LinkLife, Policy, Traits, Vendor};

pub(super) const DAY: i64 = 86_400;

/// The only scope, with a plus sign or, as a decoded query has it, a space.
pub(super) const SCOPE: &str = "read+write";

impl Vendor {
    /// PandaDoc API v1.
    pub const PANDADOC: Self = Self::new(&TRAITS);
}

static TRAITS: Traits = Traits {
    id: "pandadoc",
    name: "PandaDoc",
    policy: POLICY,
    knows_embedded: false,
    knows_codes: true,
    checks_identity: true,
    makes_in_background: true,
    offers_giving_up_the_code: false,
    // Sessions do not redirect.
    return_url: |_, _, _| None,
    frame_message,
    frame_failure: |_| Some("session_view.document.exception"),
    tricks: &[("timeout", "Time out"), ("fail_sign", "Signing fails")],
};

const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: false,
    new_code_unlocks: true,
    resend_unlocks: false,
    order_always_enforced: false,
    // Each session has its own.
    view_link: LinkLife { seconds: 3_600, openings: None },
    mail_link: LinkLife { seconds: 365 * DAY, openings: None },
    resend_kills_mail_links: false,
    session_idle: DAY,
    copies_wait_their_turn: false,
    reminders_per_day: None,
    signers_may_reassign: false,
    ids: IdForm::Short,
    one_link: true,
    view_token_length: 0,
    envelope_life: Some(60 * DAY),
};

/// The message of the frame page, as the script `pandadoc-signing` expects it.
fn frame_message(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Signed | Ending::OnlyViewed => Some("session_view.document.completed"),
        Ending::Exception => Some("session_view.document.exception"),
        _ => None,
    }
}
