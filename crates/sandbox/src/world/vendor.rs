//! The differences between vendors, as numbers, switches and a few functions. The state machine is vendor-neutral.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

/// The sender at every vendor.
pub(crate) const SENDER_NAME: &str = "Sandbox Sender";
pub(crate) const SENDER_EMAIL: &str = "sender@sandbox.example";

/// A vendor that the sandbox simulates. [`Vendor::all`] lists them.
#[derive(Clone, Copy)]
pub struct Vendor(&'static Traits);

impl Vendor {
    pub(crate) const fn new(traits: &'static Traits) -> Self {
        Self(traits)
    }

    /// The name in the control API and in configurations: lower case.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The display name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub(crate) fn traits(self) -> &'static Traits {
        self.0
    }
}

impl PartialEq for Vendor {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Vendor {}

impl Hash for Vendor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Vendor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// One vendor, as far as the world, the pages and the console need it.
pub(crate) struct Traits {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) policy: Policy,
    /// Distinguishes embedded signers from others.
    pub(crate) knows_embedded: bool,
    /// Has access codes.
    pub(crate) knows_codes: bool,
    /// Supports identity checks of recipients.
    pub(crate) checks_identity: bool,
    /// Creates envelopes some time after accepting them.
    pub(crate) makes_in_background: bool,
    /// The page has a button for signers who never received their code.
    pub(crate) offers_giving_up_the_code: bool,
    /// Where a browser goes when a visit ends: from the return URL and the envelope's id. None if it stays at the
    /// vendor.
    pub(crate) return_url: fn(&str, &str, Ending) -> Option<String>,
    /// The message of the signing page to its framing page when a visit has ended.
    pub(crate) frame_message: fn(Ending) -> Option<&'static str>,
    /// The same for failed actions.
    pub(crate) frame_failure: fn(Attempt) -> Option<&'static str>,
    /// Not available at the real vendor: names and labels of buttons that trigger rare outcomes.
    pub(crate) tricks: &'static [(&'static str, &'static str)],
}

/// The outcome of a visit to the signing page; vendors report it in the return URL in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Signed,
    OnlyViewed,
    FinishedLater,
    Declined,
    LinkUsedUp,
    SessionTimeout,
    CodeFailed,
    IdCheckFailed,
    /// An error at the vendor.
    Exception,
    /// The signer will fax the signed paper.
    FaxPending,
    /// Another signer was named.
    Reassigned,
}

/// A failed action of a signer on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Sign,
    Decline,
    Reassign,
}

/// The lifetime of a link, and how often it can be opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkLife {
    pub(crate) seconds: i64,
    pub(crate) openings: Option<u32>,
}

/// The form of the ids of envelopes and recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdForm {
    /// UUIDs of version 4.
    Uuid,
    /// UUIDs of version 8.
    Uuid8,
    /// Envelopes have 16 letters after this, recipients UUIDs.
    Prefixed(&'static str),
    /// 22 letters and digits, whose case matters.
    Short,
}

/// The rules of one vendor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// The number of wrong codes until the signer is locked, unless the recipient has another limit.
    pub(crate) attempts: u32,
    pub(crate) code_ignores_case: bool,
    pub(crate) new_code_unlocks: bool,
    pub(crate) resend_unlocks: bool,
    pub(crate) order_always_enforced: bool,
    pub(crate) view_link: LinkLife,
    pub(crate) mail_link: LinkLife,
    /// A new mail invalidates the links in earlier mails.
    pub(crate) resend_kills_mail_links: bool,
    /// Idle seconds after which a signing session ends.
    pub(crate) session_idle: i64,
    /// Copies are sent when their position in the order is reached; otherwise immediately.
    pub(crate) copies_wait_their_turn: bool,
    /// Manual reminders per envelope and UTC day.
    pub(crate) reminders_per_day: Option<u32>,
    /// A signer may name another signer in their place.
    pub(crate) signers_may_reassign: bool,
    pub(crate) ids: IdForm,
    /// Each recipient has one link, in mails and through the API. A mail renews its lifetime.
    pub(crate) one_link: bool,
    /// The length of a link's token; at least as long as needed to be unguessable.
    pub(crate) view_token_length: usize,
    /// Seconds from sending until the envelope expires.
    pub(crate) envelope_life: Option<i64>,
}
