//! What differs between vendors, as numbers and switches. The state machine knows no vendor by name.

/// How long a link lives and how often it may be opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkLife {
    pub(crate) seconds: i64,
    pub(crate) openings: Option<u32>,
}

/// The rules of one vendor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Wrong codes until the signer is locked, unless the recipient says otherwise.
    pub(crate) attempts: u32,
    pub(crate) code_ignores_case: bool,
    pub(crate) new_code_unlocks: bool,
    pub(crate) resend_unlocks: bool,
    pub(crate) order_always_enforced: bool,
    pub(crate) view_link: LinkLife,
    pub(crate) mail_link: LinkLife,
    /// A new mail makes the links in earlier mails useless.
    pub(crate) resend_kills_mail_links: bool,
    /// Idle seconds after which a signing session ends.
    pub(crate) session_idle: i64,
    /// Copies go out when their place in the order is reached; otherwise at once.
    pub(crate) copies_wait_their_turn: bool,
    /// Manual reminders per envelope and UTC day.
    pub(crate) reminders_per_day: Option<u32>,
    /// A signer may name somebody else to sign in their place.
    pub(crate) signers_may_reassign: bool,
    /// Seconds from sending until the envelope expires.
    pub(crate) envelope_life: Option<i64>,
}
