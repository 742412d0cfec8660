//! The four replies. Each contains only what is known.

use serde::{Deserialize, Serialize, Serializer};

use crate::error::ErrorKind;
use crate::model::word::words;
use crate::model::{EnvelopeStatus, Recipient, RecipientId, ReturnUrl, SigningLink, Timestamp};

/// The recipients of an envelope, in routing order. It can be stored as JSON and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipients {
    /// All recipients that the vendor listed.
    pub recipients: Vec<Recipient>,
    /// The current position in the routing order, if the vendor reports it or it can be derived. Without
    /// [`envelope_status`](Self::envelope_status) it is valid only if the envelope has not ended.
    pub current_order: Option<u32>,
    /// The envelope's status, if it is included in the list or was requested
    /// ([`ListRecipients::with_envelope_status`](crate::ListRecipients::with_envelope_status)).
    pub envelope_status: Option<EnvelopeStatus>,
    /// When the envelope expires if it is not finished, if the vendor includes it in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Recipients {
    /// Sorts by order, then by id, and keeps all recipients.
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

    /// Sets when the envelope expires.
    #[must_use]
    pub fn with_expires_at(mut self, at: Option<Timestamp>) -> Self {
        self.expires_at = at;
        self
    }

    /// Finds a recipient by id.
    pub fn get(&self, id: &RecipientId) -> Option<&Recipient> {
        self.recipients.iter().find(|recipient| recipient.id == *id)
    }
}

/// A signing link for one recipient.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SigningView {
    /// The link, a secret. Redirect the signer to it immediately.
    pub link: SigningLink,
    /// When the link stops working, if known.
    pub expires_at: Option<Timestamp>,
    /// Whether the link works only once; `None` if the vendor does not document it.
    pub single_use: Option<bool>,
    /// The recipient of the link.
    pub recipient: RecipientId,
    /// Where the browser goes after signing.
    pub returns_to: ReturnsTo,
}

/// Where the browser goes after signing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReturnsTo {
    /// To the requested return URL.
    Requested,
    /// To another URL, which was fixed when the envelope was made: the requested one is not used.
    Fixed(ReturnUrl),
    /// Nowhere: the signer stays on the vendor's page, and the requested return URL is not used.
    Vendor,
}

impl SigningView {
    /// A link for a recipient, with nothing else known.
    #[must_use]
    pub fn new(link: SigningLink, recipient: RecipientId) -> Self {
        Self { link, expires_at: None, single_use: None, recipient, returns_to: ReturnsTo::Requested }
    }
}

/// The result of a resend that the vendor accepted; each recipient states whether to expect a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Resent {
    /// The selected recipients, in routing order.
    pub to: Vec<ResentTo>,
}

impl Resent {
    /// The result for these recipients.
    #[must_use]
    pub fn new(to: Vec<ResentTo>) -> Self {
        Self { to }
    }

    /// Whether to expect a mail for at least one recipient.
    pub fn expects_mail(&self) -> bool {
        self.to.iter().any(|one| one.mail.is_expected())
    }
}

/// The result of a resend for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResentTo {
    /// The recipient.
    pub recipient: RecipientId,
    /// Whether to expect a message.
    pub mail: MailExpectation,
    /// Whether it gives a locked signer new attempts.
    pub unlocking: Unlocking,
    /// Whether a message contains the access code ([`Recipient::code_in_mail`]).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code_in_mail: bool,
    /// When the vendor's mail server accepted the message, by the vendor's own log; `None` if the vendor has no such
    /// log, or it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailed_at: Option<Timestamp>,
}

impl ResentTo {
    /// The result for one recipient.
    #[must_use]
    pub fn new(recipient: RecipientId, mail: MailExpectation, unlocking: Unlocking) -> Self {
        Self { recipient, mail, unlocking, code_in_mail: false, mailed_at: None }
    }

    /// Sets whether a message contains the access code. One that does not leave contains none.
    #[must_use]
    pub fn with_code_in_mail(mut self, code_in_mail: bool) -> Self {
        self.code_in_mail = code_in_mail && self.mail.may_leave();
        self
    }

    /// Sets when the vendor's log shows the message.
    #[must_use]
    pub fn with_mailed_at(mut self, at: Timestamp) -> Self {
        self.mailed_at = Some(at);
        self
    }
}

/// Whether to expect a message (mail, or SMS if the recipient uses it).
///
/// Few vendors report whom they mailed ([`ResentTo::mailed_at`]); elsewhere this is derived from the recipient's state
/// before the call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailExpectation {
    /// Yes.
    Expected,
    /// Yes, but not by this channel of the recipient's two, and why.
    Partly(Channel, NoMail),
    /// No, and why.
    NotExpected(NoMail),
    /// Not known: the vendor does not document this case, or its answer got lost.
    Unknown,
}

impl MailExpectation {
    /// Whether a message is to be expected, by at least one channel.
    pub fn is_expected(&self) -> bool {
        matches!(self, Self::Expected | Self::Partly(..))
    }

    fn may_leave(&self) -> bool {
        !matches!(self, Self::NotExpected(_))
    }
}

words! {
    /// A way in which messages reach a recipient.
    Channel {
        /// By e-mail.
        Email = "email";
        /// By SMS.
        Sms = "sms";
    }
}

/// Why no message is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoMail {
    /// No message was requested.
    NotAsked,
    /// The recipient signs within the application, so the vendor sends them no mail.
    Embedded,
    /// Other recipients have to act first.
    NotInTurn,
    /// The recipient has finished.
    Done,
    /// The recipient has no address, or is not a person.
    NoAddress,
    /// The vendor's mails are switched off for this envelope or recipient.
    Muted,
    /// The previous message could not be delivered; the address has to be corrected first.
    DeliveryFailed,
    /// The change was made, but the vendor refused to send, for this reason.
    Refused(ErrorKind),
    /// The vendor accepted the request, but its log shows that no message was sent.
    NotSent,
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
            NoMail::NotSent => "not_sent",
        }
    }

    /// The kind of the vendor's refusal, if it is one.
    #[must_use]
    pub fn refused_as(self) -> Option<ErrorKind> {
        match self {
            NoMail::Refused(kind) => Some(kind),
            _ => None,
        }
    }
}

impl Serialize for MailExpectation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            expected: Option<bool>,
            /// The channel that failed, although a message left by the other.
            #[serde(skip_serializing_if = "Option::is_none")]
            not_by: Option<Channel>,
            #[serde(skip_serializing_if = "Option::is_none")]
            why_not: Option<&'static str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            refused_as: Option<ErrorKind>,
        }
        let (expected, not_by, why) = match self {
            MailExpectation::Expected => (Some(true), None, None),
            MailExpectation::Partly(channel, why) => (Some(true), Some(*channel), Some(*why)),
            MailExpectation::NotExpected(why) => (Some(false), None, Some(*why)),
            MailExpectation::Unknown => (None, None, None),
        };
        let refused_as = why.and_then(NoMail::refused_as);
        Shown { expected, not_by, why_not: why.map(NoMail::as_str), refused_as }.serialize(serializer)
    }
}

words! {
    /// The effect of a call on a signer who was locked by wrong access codes.
    Unlocking {
        /// The signer was not locked.
        NotNeeded = "not_needed";
        /// The signer has new attempts.
        Unlocked = "unlocked";
        /// The signer is still locked: this vendor unlocks another way.
        StillLocked = "still_locked";
        /// It is not known whether this unlocked a signer: not documented, or no call tells who is locked.
        Unverified = "unverified";
    }
}

/// The result of a change of the access code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessCodeChanged {
    /// The recipient.
    pub recipient: RecipientId,
    /// Whether to expect a message.
    pub mail: MailExpectation,
    /// The effect on a locked signer.
    pub unlocking: Unlocking,
    /// Whether a message contains the new code ([`Recipient::code_in_mail`]); otherwise the caller has to pass it
    /// on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code_in_mail: bool,
}

impl AccessCodeChanged {
    /// The result.
    #[must_use]
    pub fn new(recipient: RecipientId, mail: MailExpectation, unlocking: Unlocking) -> Self {
        Self { recipient, mail, unlocking, code_in_mail: false }
    }

    /// Sets whether a message contains the new code. One that does not leave contains none.
    #[must_use]
    pub fn with_code_in_mail(mut self, code_in_mail: bool) -> Self {
        self.code_in_mail = code_in_mail && self.mail.may_leave();
        self
    }
}
