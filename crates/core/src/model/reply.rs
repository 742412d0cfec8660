//! The four replies. Each says what is known and no more.

use serde::{Deserialize, Serialize, Serializer};

use crate::error::ErrorKind;
use crate::model::{EnvelopeStatus, Recipient, RecipientId, SigningLink, Timestamp};

/// Who is on an envelope, in routing order. As JSON it can be kept and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipients {
    /// Everybody the vendor told of.
    pub recipients: Vec<Recipient>,
    /// The place in the routing order that is being served, where the vendor tells or it can be derived. Without
    /// [`envelope_status`](Self::envelope_status) it holds only if the envelope is not over.
    pub current_order: Option<u32>,
    /// The envelope's status, where it comes with the recipients or was asked for
    /// ([`ListRecipients::with_envelope_status`](crate::ListRecipients::with_envelope_status)).
    pub envelope_status: Option<EnvelopeStatus>,
    /// When the envelope runs out by itself if nobody finishes it, where the vendor tells it with the recipients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Recipients {
    /// Sorts by order, then by id, and keeps everybody.
    #[must_use]
    pub fn new(
        mut recipients: Vec<Recipient>,
        current_order: Option<u32>,
        envelope_status: Option<EnvelopeStatus>,
    ) -> Self {
        recipients
            .sort_by(|a, b| (a.order.unwrap_or(u32::MAX), &a.id).cmp(&(b.order.unwrap_or(u32::MAX), &b.id)));
        Self { recipients, current_order, envelope_status, expires_at: None }
    }

    /// With the instant at which the envelope runs out by itself.
    #[must_use]
    pub fn with_expires_at(mut self, at: Option<Timestamp>) -> Self {
        self.expires_at = at;
        self
    }

    /// Looks somebody up by id.
    #[must_use]
    pub fn get(&self, id: &RecipientId) -> Option<&Recipient> {
        self.recipients.iter().find(|recipient| recipient.id == *id)
    }
}

/// A link under which one recipient signs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SigningView {
    /// The link, a secret. Redirect the signer to it at once.
    pub link: SigningLink,
    /// When the link stops working, where that is known.
    pub expires_at: Option<Timestamp>,
    /// Whether the link works once only; `None` where the vendor does not say.
    pub single_use: Option<bool>,
    /// For whom it is.
    pub recipient: RecipientId,
}

impl SigningView {
    /// A link for a recipient, of which nothing further is known.
    #[must_use]
    pub fn new(link: SigningLink, recipient: RecipientId) -> Self {
        Self { link, expires_at: None, single_use: None, recipient }
    }
}

/// What a resend did. The vendor accepted it; whether a mail goes out is told per recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Resent {
    /// The recipients that were meant, in routing order.
    pub to: Vec<ResentTo>,
}

impl Resent {
    /// For these recipients.
    #[must_use]
    pub fn new(to: Vec<ResentTo>) -> Self {
        Self { to }
    }

    /// Whether a mail is to be expected for anybody.
    #[must_use]
    pub fn mails_anybody(&self) -> bool {
        self.to.iter().any(|one| one.mail == MailExpectation::Expected)
    }
}

/// What a resend did for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResentTo {
    /// The recipient.
    pub recipient: RecipientId,
    /// Whether a message is to be expected.
    pub mail: MailExpectation,
    /// Whether it gives a locked signer new attempts.
    pub unlocking: Unlocking,
}

impl ResentTo {
    /// What happened for one recipient.
    #[must_use]
    pub fn new(recipient: RecipientId, mail: MailExpectation, unlocking: Unlocking) -> Self {
        Self { recipient, mail, unlocking }
    }
}

/// Whether a message (mail, or SMS where that is the recipient's way) is to be expected.
///
/// Vendors do not say whom they mailed; this is derived from the recipient's state before the call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailExpectation {
    /// Yes.
    Expected,
    /// No, and why.
    NotExpected(NoMail),
    /// The vendor's rules for this case are not public.
    Unknown,
}

/// Why no message is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoMail {
    /// None was asked for.
    NotAsked,
    /// The recipient signs within the application; the vendor does not mail them.
    Embedded,
    /// Others have to act first.
    NotInTurn,
    /// The recipient is done.
    Done,
    /// The recipient has no address to which anything could go, or is no person.
    NoAddress,
    /// The vendor's mails are switched off for this envelope or recipient.
    Muted,
    /// The message before did not arrive; the address has to be corrected first.
    DeliveryFailed,
    /// The change was made, but the vendor refused to send, for this reason.
    Refused(ErrorKind),
}

impl NoMail {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            NoMail::NotAsked => "not_asked",
            NoMail::Embedded => "embedded",
            NoMail::NotInTurn => "not_in_turn",
            NoMail::Done => "done",
            NoMail::NoAddress => "no_address",
            NoMail::Muted => "muted",
            NoMail::DeliveryFailed => "delivery_failed",
            NoMail::Refused(_) => "refused",
        }
    }
}

impl Serialize for MailExpectation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            expected: Option<bool>,
            #[serde(skip_serializing_if = "Option::is_none")]
            why_not: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            refused_as: Option<ErrorKind>,
        }
        let shown = match self {
            MailExpectation::Expected => Shown { expected: Some(true), why_not: None, refused_as: None },
            MailExpectation::Unknown => Shown { expected: None, why_not: None, refused_as: None },
            MailExpectation::NotExpected(why) => Shown {
                expected: Some(false),
                why_not: Some(why.as_str()),
                refused_as: if let NoMail::Refused(kind) = why { Some(*kind) } else { None },
            },
        };
        shown.serialize(serializer)
    }
}

/// What a call did for a signer who was locked by wrong access codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unlocking {
    /// The signer was not locked.
    NotNeeded,
    /// The signer has new attempts.
    Unlocked,
    /// The signer is still locked: this vendor unlocks in another way.
    StillLocked,
    /// Whether this vendor unlocks so is not publicly documented.
    Unverified,
}

/// What a change of the access code did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessCodeChanged {
    /// The recipient.
    pub recipient: RecipientId,
    /// Whether a message is to be expected. It does not contain the code.
    pub mail: MailExpectation,
    /// What it did for a locked signer.
    pub unlocking: Unlocking,
}

impl AccessCodeChanged {
    /// What happened.
    #[must_use]
    pub fn new(recipient: RecipientId, mail: MailExpectation, unlocking: Unlocking) -> Self {
        Self { recipient, mail, unlocking }
    }
}
