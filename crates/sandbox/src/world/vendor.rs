//! What differs between vendors, as numbers, switches and a few functions. The state machine knows no vendor by name.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

/// The sender at every vendor.
pub(crate) const SENDER_NAME: &str = "Sandbox Sender";
pub(crate) const SENDER_EMAIL: &str = "sender@sandbox.example";

/// A vendor that the sandbox plays. [`Vendor::all`] lists them.
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

    /// The name that people know.
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

/// One vendor, as far as the world, the pages and the console have to know it.
pub(crate) struct Traits {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) policy: Policy,
    /// Tells embedded signers from others.
    pub(crate) knows_embedded: bool,
    /// Checks the identity of recipients who are to be checked.
    pub(crate) checks_identity: bool,
    /// Makes envelopes some time after it has accepted them.
    pub(crate) makes_in_background: bool,
    /// The page has a button for signers who were never told their code.
    pub(crate) offers_giving_up_the_code: bool,
    /// Where a browser goes when a visit ends: from the return URL and the envelope's id. None where the vendor keeps it.
    pub(crate) return_url: fn(&str, &str, Ending) -> Option<String>,
    /// What the signing page tells a page that frames it when a visit has ended.
    pub(crate) frame_message: fn(Ending) -> Option<&'static str>,
    /// The same when something did not work.
    pub(crate) frame_failure: fn(Attempt) -> Option<&'static str>,
    /// What no signer finds at the vendor: names and buttons that bring about rare endings.
    pub(crate) tricks: &'static [(&'static str, &'static str)],
}

/// How a visit to the signing page ended; vendors tell it to the return URL in their own words.
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
    /// Something went wrong on the vendor's side.
    Exception,
    /// The signer will fax the signed paper.
    FaxPending,
    /// Somebody else is to sign in their place.
    Reassigned,
}

/// What a signer tried on the page without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Sign,
    Decline,
    Reassign,
}

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
