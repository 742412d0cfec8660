//! A recipient of an envelope, with the vendor's current values.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::model::word::{open_words, open_words_in_json, words};
use crate::model::{FieldMap, RecipientId, Timestamp};

/// A recipient (person, seal or group) of an envelope.
///
/// Names and addresses are the envelope's current ones, unchanged. They can differ from those that the envelope was
/// created with, because signers may correct their name while signing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipient {
    /// Identifies the recipient within the envelope. Stable for the lifetime of the envelope.
    pub id: RecipientId,
    /// The name on the envelope.
    pub name: Option<String>,
    /// The address on the envelope, as the vendor wrote it; may be absent for recipients who are contacted by
    /// phone.
    pub email: Option<String>,
    /// The phone number with country code: `+` and digits.
    pub phone: Option<String>,
    /// The recipient's role.
    pub role: Role,
    /// The position in the routing order, from 1. Recipients with the same position act at the same time.
    pub order: Option<u32>,
    /// Whether it is this recipient's turn, if the envelope has not ended; `None` if the vendor does not report it.
    pub in_turn: Option<bool>,
    /// The recipient's status.
    pub status: RecipientStatus,
    /// Whether the recipient signs within the sender's application (embedded signing); `None` if the vendor does
    /// not distinguish this and any signer can be given a link.
    pub embedded: Option<bool>,
    /// The sender's own id of an embedded recipient, if the vendor has one.
    pub client_user_id: Option<String>,
    /// The state of the recipient's access code. The code itself is never read.
    pub access_code: AccessCodeState,
    /// Other identity checks, such as one-time passwords.
    #[serde(default)]
    pub other_checks: Vec<IdentityCheck>,
    /// Whether the vendor's messages to the recipient contain the access code, because the envelope was created
    /// that way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub code_in_mail: bool,
    /// The members of a group who may act for it, if the vendor lists them; `None` for a single recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<GroupMember>>,
    /// When the signing request was sent.
    pub sent_at: Option<Timestamp>,
    /// When the recipient opened the documents.
    pub viewed_at: Option<Timestamp>,
    /// When the recipient finished.
    pub signed_at: Option<Timestamp>,
    /// When the recipient declined.
    pub declined_at: Option<Timestamp>,
    /// Why the recipient declined, in the recipient's words.
    pub decline_reason: Option<String>,
    /// The vendor's own values that have no field above.
    #[serde(default)]
    pub vendor: VendorFields,
}

/// Compares what identifies a recipient, not the status: a request for a known recipient stays equal after the
/// recipient has opened the documents.
impl Hash for Recipient {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, name, email, phone, role, order, client_user_id, .. } = self;
        (id, name, email, phone, role, order, client_user_id).hash(state);
    }
}

impl Recipient {
    /// A recipient with only an id and the vendor's kind; adapters set the rest.
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
            code_in_mail: false,
            members: None,
            sent_at: None,
            viewed_at: None,
            signed_at: None,
            declined_at: None,
            decline_reason: None,
            vendor: VendorFields::default(),
        }
    }

    /// Whether the recipient is locked by a failed access code.
    ///
    /// A recipient who has finished is never locked, even after failed attempts.
    pub fn is_locked(&self) -> bool {
        self.access_code == AccessCodeState::Failed && !self.status.is_done()
    }

    /// The other identity check that failed, if one did and the recipient has not finished.
    pub fn failed_check(&self) -> Option<&IdentityCheck> {
        if self.status.is_done() { None } else { self.other_checks.iter().find(|check| check.failed) }
    }
}

/// The vendor's own values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VendorFields {
    /// The kind of recipient in the vendor's words: an array name or a type.
    pub kind: Cow<'static, str>,
    /// The status in the vendor's words.
    pub status: Cow<'static, str>,
    /// Other values that an adapter keeps, by the vendor's member name. Never secrets.
    pub extra: FieldMap,
}

open_words! {
    /// A recipient's role. Open: a vendor may have roles that are not listed here.
    Role {
        /// Signs.
        Signer = "signer";
        /// Signs on a host's device.
        InPersonSigner = "in_person_signer";
        /// Reads and confirms without signing.
        Reviewer = "reviewer";
        /// Gets a copy.
        CarbonCopy = "carbon_copy";
        /// May add later recipients.
        Agent = "agent";
        /// May change later recipients and documents.
        Editor = "editor";
        /// May add recipients after them.
        Intermediary = "intermediary";
        /// An electronic seal, not a person.
        Seal = "seal";
        /// Witnesses a signature.
        Witness = "witness";
        /// A notary.
        Notary = "notary";
        /// Witnesses a notarial act.
        NotaryWitness = "notary_witness";
        /// Takes part in an unspecified role.
        Participant = "participant";
        /// Signs for an organisation.
        AuthorizedSignatory = "authorized_signatory";
    }
    /// A role that this library does not know, as the vendor wrote it.
    Other
}
open_words_in_json!(Role);

open_words! {
    /// A recipient's status. Open: an unknown vendor status is kept as [`RecipientStatus::Other`].
    RecipientStatus {
        /// Not asked yet: a draft, or not their turn.
        Waiting = "waiting";
        /// Asked to sign.
        Notified = "notified";
        /// Has opened the documents.
        Viewed = "viewed";
        /// Has finished.
        Signed = "signed";
        /// Has declined.
        Declined = "declined";
        /// The message could not be delivered.
        DeliveryFailed = "delivery_failed";
        /// The time expired. Some vendors void the envelope instead.
        Expired = "expired";
        /// The sender voided the envelope. At some vendors its recipients keep their last status instead.
        Revoked = "revoked";
    }
    /// A status that this library does not know, as the vendor wrote it.
    Other
}
open_words_in_json!(RecipientStatus);

impl RecipientStatus {
    /// Whether the recipient has finished. An unknown status counts as not finished.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Signed | Self::Declined | Self::Expired | Self::Revoked)
    }
}

words! {
    /// The state of a recipient's access code.
    AccessCodeState {
        /// The vendor's answer shows no access code.
        NotRequired = "not_required";
        /// There is a code, and no attempt has counted yet.
        Required = "required";
        /// A wrong code was entered: one, or all that the vendor allows.
        Failed = "failed";
        /// The right code was entered.
        Passed = "passed";
    }
}

/// A member who may act for a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupMember {
    /// The name, as the vendor wrote it.
    pub name: Option<String>,
    /// The address, as the vendor wrote it.
    pub email: Option<String>,
}

impl GroupMember {
    /// A member by name and address.
    #[must_use]
    pub fn new(name: Option<String>, email: Option<String>) -> Self {
        Self { name, email }
    }
}

/// An identity check other than the access code, such as a one-time password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IdentityCheck {
    /// The vendor's word for the method.
    pub method: String,
    /// Whether the recipient failed it.
    pub failed: bool,
}

impl IdentityCheck {
    /// A check with the vendor's word for it.
    #[must_use]
    pub fn new(method: impl Into<String>, failed: bool) -> Self {
        Self { method: method.into(), failed }
    }
}
