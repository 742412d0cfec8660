//! A person on an envelope, as the vendor tells it now.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{FieldMap, RecipientId, Timestamp};
use crate::redact::escape_control;

/// A person (or seal, or group) on an envelope.
///
/// Names and addresses are the envelope's present ones, word for word: they can differ from those the envelope was
/// made with, since signers may correct their name while signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipient {
    /// Names the recipient within the envelope. Stable while the envelope lives.
    pub id: RecipientId,
    /// The name on the envelope.
    pub name: Option<String>,
    /// The address on the envelope, as the vendor wrote it; may be absent for people reached by phone.
    pub email: Option<String>,
    /// The phone number with country code, as digits behind a `+`.
    pub phone: Option<String>,
    /// What the recipient is there to do.
    pub role: Role,
    /// The place in the routing order, from 1. Recipients with the same place act at the same time.
    pub order: Option<u32>,
    /// Whether it is this recipient's turn, if the envelope is not over; `None` where the vendor does not tell.
    pub in_turn: Option<bool>,
    /// How far the recipient is.
    pub status: RecipientStatus,
    /// Whether the recipient signs within the sender's application (embedded signing); `None` where the vendor makes
    /// no such difference and any signer can be given a link.
    pub embedded: Option<bool>,
    /// The sender's own id for an embedded recipient, where the vendor has one.
    pub client_user_id: Option<String>,
    /// What is known of the recipient's access code. The code itself is never read.
    pub access_code: AccessCodeState,
    /// Further hurdles, such as one-time passwords and identity checks.
    #[serde(default)]
    pub other_checks: Vec<IdentityCheck>,
    /// When the request to sign went out.
    pub sent_at: Option<Timestamp>,
    /// When the recipient opened the documents.
    pub viewed_at: Option<Timestamp>,
    /// When the recipient finished.
    pub signed_at: Option<Timestamp>,
    /// When the recipient refused.
    pub declined_at: Option<Timestamp>,
    /// Why the recipient refused, in the recipient's words.
    pub decline_reason: Option<String>,
    /// The vendor's own words, for what has no place above.
    #[serde(default)]
    pub vendor: VendorFields,
}

/// By what addresses a recipient, not by how far they are: a request for a known recipient stays the same request
/// when the recipient has opened the documents in the meantime.
impl Hash for Recipient {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, name, email, phone, role, order, client_user_id, .. } = self;
        (id, name, email, phone, role, order, client_user_id).hash(state);
    }
}

impl Recipient {
    /// A recipient of whom nothing but the id and the vendor's kind is known; adapters fill in the rest.
    #[must_use]
    pub fn new(id: RecipientId, role: Role) -> Self {
        Self {
            id,
            name: None,
            email: None,
            phone: None,
            role,
            order: None,
            in_turn: None,
            status: RecipientStatus::Other(String::new()),
            embedded: None,
            client_user_id: None,
            access_code: AccessCodeState::NotRequired,
            other_checks: Vec::new(),
            sent_at: None,
            viewed_at: None,
            signed_at: None,
            declined_at: None,
            decline_reason: None,
            vendor: VendorFields::default(),
        }
    }

    /// Whether a failed access code keeps the recipient out.
    ///
    /// A recipient who is done is never locked, whatever attempts failed before.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.access_code == AccessCodeState::Failed && !self.status.is_done()
    }

    /// The further check that failed, if one did and the recipient is not done.
    #[must_use]
    pub fn failed_check(&self) -> Option<&IdentityCheck> {
        if self.status.is_done() { None } else { self.other_checks.iter().find(|check| check.failed) }
    }
}

/// What the vendor said, in its words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VendorFields {
    /// The kind of recipient in the vendor's vocabulary: an array name or a type.
    pub kind: Cow<'static, str>,
    /// The status in the vendor's vocabulary.
    pub status: Cow<'static, str>,
    /// Further facts that an adapter keeps, by the vendor's member name. Never secrets.
    pub extra: FieldMap,
}

/// What a recipient is there to do. Open: a vendor may have kinds that are not named here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Signs. DocuSign `signers`; BoldSign `Signer`.
    Signer,
    /// Signs on a device of a host. DocuSign `inPersonSigners`; BoldSign `InPersonSigner`.
    InPersonSigner,
    /// Reads and confirms without signing. DocuSign `certifiedDeliveries`; BoldSign `Reviewer`.
    Reviewer,
    /// Gets a copy. DocuSign `carbonCopies`; BoldSign `ccDetails`.
    CarbonCopy,
    /// May name later recipients. DocuSign `agents`.
    Agent,
    /// May change later recipients and documents. DocuSign `editors`.
    Editor,
    /// May name recipients behind them. DocuSign `intermediaries`.
    Intermediary,
    /// An electronic seal, no person. DocuSign `seals`.
    Seal,
    /// Witnesses a signature. DocuSign `witnesses`.
    Witness,
    /// A notary. DocuSign `notaries`.
    Notary,
    /// Witnesses a notarial act. DocuSign `notaryWitnesses`.
    NotaryWitness,
    /// Takes part without being named otherwise. DocuSign `participants`.
    Participant,
    /// Signs for an organisation. DocuSign `authorizedSignatories`.
    AuthorizedSignatory,
    /// A kind that this library does not know, in the vendor's word.
    Other(String),
}

impl Role {
    /// The stable word, or the vendor's for [`Role::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Role::Signer => "signer",
            Role::InPersonSigner => "in_person_signer",
            Role::Reviewer => "reviewer",
            Role::CarbonCopy => "carbon_copy",
            Role::Agent => "agent",
            Role::Editor => "editor",
            Role::Intermediary => "intermediary",
            Role::Seal => "seal",
            Role::Witness => "witness",
            Role::Notary => "notary",
            Role::NotaryWitness => "notary_witness",
            Role::Participant => "participant",
            Role::AuthorizedSignatory => "authorized_signatory",
            Role::Other(word) => word,
        }
    }
}

/// How far a recipient is. Open: an unknown word of a vendor survives as [`RecipientStatus::Other`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecipientStatus {
    /// Nothing was asked of them yet: a draft, or not their turn. DocuSign `created`; BoldSign `NotCompleted` while
    /// an earlier order is unfinished.
    Waiting,
    /// They were asked to sign. DocuSign `sent` (also after a failed access code); BoldSign `NotCompleted` on turn.
    Notified,
    /// They opened the documents. DocuSign `delivered`; BoldSign `NotCompleted` with `isViewed`.
    Viewed,
    /// They did their part. DocuSign `signed`, `completed`; BoldSign `Completed`.
    Signed,
    /// They refused. DocuSign `declined`; BoldSign `Declined`.
    Declined,
    /// The message did not reach them. DocuSign `autoresponded`; BoldSign `isDeliveryFailed`.
    DeliveryFailed,
    /// Their time ran out. BoldSign `Expired`; DocuSign voids the envelope instead.
    Expired,
    /// The sender took the envelope back. BoldSign `Revoked`; at DocuSign the envelope is `voided` and its
    /// recipients keep their last status.
    Revoked,
    /// A word that this library does not know, as the vendor wrote it. DocuSign's `faxpending` is one.
    Other(String),
}

impl RecipientStatus {
    /// Every status with a name of ours, in the order in which they come.
    pub const NAMED: [RecipientStatus; 8] = [
        RecipientStatus::Waiting,
        RecipientStatus::Notified,
        RecipientStatus::Viewed,
        RecipientStatus::Signed,
        RecipientStatus::Declined,
        RecipientStatus::DeliveryFailed,
        RecipientStatus::Expired,
        RecipientStatus::Revoked,
    ];

    /// The stable word, or the vendor's for [`RecipientStatus::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            RecipientStatus::Waiting => "waiting",
            RecipientStatus::Notified => "notified",
            RecipientStatus::Viewed => "viewed",
            RecipientStatus::Signed => "signed",
            RecipientStatus::Declined => "declined",
            RecipientStatus::DeliveryFailed => "delivery_failed",
            RecipientStatus::Expired => "expired",
            RecipientStatus::Revoked => "revoked",
            RecipientStatus::Other(word) => word,
        }
    }

    /// Whether nothing more is to be done by or for this recipient. An unknown word counts as not done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(
            self,
            RecipientStatus::Signed
                | RecipientStatus::Declined
                | RecipientStatus::Expired
                | RecipientStatus::Revoked
        )
    }
}

/// What is known of a recipient's access code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccessCodeState {
    /// The vendor's answer shows no access code.
    NotRequired,
    /// There is a code, and nothing was typed yet, or nothing that counts.
    Required,
    /// A wrong code was typed. DocuSign does not say publicly whether this shows after one wrong attempt or only
    /// when all are used up; BoldSign sets it when the signer is locked out.
    Failed,
    /// The right code was typed.
    Passed,
}

impl AccessCodeState {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AccessCodeState::NotRequired => "not_required",
            AccessCodeState::Required => "required",
            AccessCodeState::Failed => "failed",
            AccessCodeState::Passed => "passed",
        }
    }
}

macro_rules! open_word {
    ($name:ident, $($known:ident)*) => {
        impl<'de> Deserialize<'de> for $name {
            /// A word that is not ours is kept as a vendor's.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                let ours = [$($name::$known,)*].into_iter().find(|known| known.as_str() == word);
                Ok(ours.unwrap_or($name::Other(word)))
            }
        }
    };
}
open_word!(Role, Signer InPersonSigner Reviewer CarbonCopy Agent Editor Intermediary Seal Witness Notary NotaryWitness Participant AuthorizedSignatory);
open_word!(RecipientStatus, Waiting Notified Viewed Signed Declined DeliveryFailed Expired Revoked);

impl<'de> Deserialize<'de> for AccessCodeState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use AccessCodeState::{Failed, NotRequired, Passed, Required};
        let word = String::deserialize(deserializer)?;
        let known = [NotRequired, Required, Failed, Passed].into_iter().find(|known| known.as_str() == word);
        known.ok_or_else(|| {
            serde::de::Error::custom(
                "the access code's state is none of not_required, required, failed, passed",
            )
        })
    }
}

macro_rules! word {
    ($name:ident) => {
        /// A vendor's own word stands with its control characters escaped.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&escape_control(self.as_str()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
word!(Role);
word!(RecipientStatus);
word!(AccessCodeState);

/// A hurdle beside the access code: a one-time password, an identity check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdentityCheck {
    /// The vendor's word for the method.
    pub method: String,
    /// Whether the recipient failed it.
    pub failed: bool,
}

impl IdentityCheck {
    /// A check by the vendor's word.
    #[must_use]
    pub fn new(method: impl Into<String>, failed: bool) -> Self {
        Self { method: method.into(), failed }
    }
}
