//! Envelopes and recipients, as the world stores them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::Document;
use super::mail::Channel;
use super::vendor::{Policy, Vendor};
use super::words::{EnvelopeStatus, What};
use crate::secret::Secret;

/// What a recipient has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Signs.
    #[default]
    Signer,
    /// Signs on a host's device.
    InPersonSigner,
    /// Gets a copy and does nothing.
    CarbonCopy,
    /// Must open it, signs nothing.
    CertifiedDelivery,
    /// Reviews and approves.
    Reviewer,
    /// Adds later recipients.
    Agent,
    /// May edit the envelope.
    Editor,
    /// Like an agent, for certain later recipients.
    Intermediary,
    /// Witnesses a signature.
    Witness,
    /// Notarises.
    Notary,
    /// Witnesses for a notary.
    NotaryWitness,
    /// Takes part in a notarised session.
    Participant,
    /// An electronic seal, not a person.
    Seal,
    /// Signs for an organisation.
    AuthorizedSignatory,
}

impl Role {
    /// Copies and seals finish automatically.
    pub(crate) fn acts(self) -> bool {
        !matches!(self, Self::CarbonCopy | Self::Seal)
    }

    /// Has something to sign; the others finish by viewing.
    pub(crate) fn signs(self) -> bool {
        matches!(
            self,
            Self::Signer
                | Self::InPersonSigner
                | Self::Witness
                | Self::Notary
                | Self::NotaryWitness
                | Self::AuthorizedSignatory
        )
    }
}

/// The status of a recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecipientState {
    /// Not their turn yet.
    #[default]
    Waiting,
    /// Their turn; notified, or would be if not embedded.
    InTurn,
    /// Opened the documents.
    Viewed,
    /// Finished.
    Completed,
    /// Declined.
    Declined,
    /// Has named another signer in their place.
    Reassigned,
}

/// The state of the access code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CodeResult {
    #[default]
    None,
    Failed(Timestamp),
    Passed(Timestamp),
}

/// The state of a recipient's identity check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Identity {
    #[default]
    NotAsked,
    Pending,
    Passed(Timestamp),
    Failed(Timestamp),
}

impl Identity {
    /// Before the check, if there is to be one.
    pub(crate) fn asked(is_asked: bool) -> Self {
        if is_asked { Self::Pending } else { Self::NotAsked }
    }
}

/// A phone number in two parts, as vendors write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// With the plus sign, such as `+49`.
    pub country_code: String,
    /// The rest.
    pub number: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Recipient {
    pub(crate) id: String,
    pub(crate) guid: String,
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: Option<Phone>,
    pub(crate) role: Role,
    pub(crate) order: u32,
    /// The application's own id of the recipient; present for embedded signers.
    pub(crate) client_id: Option<String>,
    /// An embedded signer who still gets mail.
    pub(crate) mailed_though_embedded: bool,
    /// The sender wants no mail to be sent to them.
    pub(crate) mails_suppressed: bool,
    /// They get text messages only, even if they have an address.
    pub(crate) by_sms: bool,
    pub(crate) code: Option<Secret>,
    pub(crate) wrong_codes: u32,
    /// In what a route has read, 0 for as many as the vendor's policy says.
    pub(crate) max_attempts: u32,
    pub(crate) locked: bool,
    /// The last mail to their current address bounced.
    pub(crate) bounced: bool,
    pub(crate) code_result: CodeResult,
    pub(crate) identity: Identity,
    pub(crate) state: RecipientState,
    pub(crate) told_at: Option<Timestamp>,
    pub(crate) viewed_at: Option<Timestamp>,
    pub(crate) done_at: Option<Timestamp>,
    pub(crate) declined_at: Option<Timestamp>,
    pub(crate) decline_reason: Option<String>,
    /// The token of their link, if they have one for good.
    pub(crate) own_link: Option<Secret>,
    /// The return URL of the last link that they used.
    pub(crate) visiting_from: Option<String>,
    /// Whether the last link that they used was created by the application, and not sent in a mail.
    pub(crate) came_embedded: bool,
    /// Fields that only the vendor interprets; returned unchanged.
    pub(crate) extra: Map<String, Value>,
}

impl Recipient {
    pub(crate) fn finished(&self) -> bool {
        matches!(
            self.state,
            RecipientState::Completed | RecipientState::Declined | RecipientState::Reassigned
        )
    }

    pub(crate) fn in_turn(&self) -> bool {
        matches!(self.state, RecipientState::InTurn | RecipientState::Viewed)
    }

    pub(crate) fn code_pending(&self) -> bool {
        self.code.is_some() && !matches!(self.code_result, CodeResult::Passed(_))
    }

    pub(crate) fn gets_mail(&self) -> bool {
        !self.mails_suppressed && (self.client_id.is_none() || self.mailed_though_embedded)
    }

    pub(crate) fn attempts_left(&self) -> u32 {
        self.max_attempts.saturating_sub(self.wrong_codes)
    }

    /// Where messages to them go; empty if they have no address.
    pub(crate) fn address(&self) -> (String, Channel) {
        match &self.phone {
            Some(phone) if self.email.is_empty() || self.by_sms => {
                (format!("{}{}", phone.country_code, phone.number), Channel::Sms)
            }
            _ => (self.email.clone(), Channel::Email),
        }
    }

    /// Clears wrong attempts and a failed identity check. An accepted code stays accepted.
    pub(crate) fn unlock(&mut self) {
        if matches!(self.identity, Identity::Failed(_)) {
            self.identity = Identity::Pending;
        }
        self.locked = false;
        self.wrong_codes = 0;
        if matches!(self.code_result, CodeResult::Failed(_)) {
            self.code_result = CodeResult::None;
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) at: Timestamp,
    pub(crate) what: What,
    pub(crate) id: String,
    /// Name and address of the acting recipient; none for the sender.
    pub(crate) who: Option<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    pub(crate) vendor: Vendor,
    pub(crate) policy: Policy,
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) documents: Vec<Document>,
    pub(crate) status: EnvelopeStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) viewed_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) close_reason: Option<String>,
    /// The sender has deleted it.
    pub(crate) deleted: bool,
    /// Reads fail until then; `None` means that its creation failed in the background.
    pub(crate) ready_at: Option<Timestamp>,
    /// It is not sent when it is ready.
    pub(crate) stays_draft: bool,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) ordered: bool,
    pub(crate) emails_disabled: bool,
    /// The subject of its mails, if the sender has chosen one.
    pub(crate) mail_subject: Option<String>,
    /// Where signers return to, if that is fixed for the envelope.
    pub(crate) return_url: Option<String>,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) history: Vec<Happening>,
    pub(crate) reminded_at: Vec<Timestamp>,
    /// It is being edited, so that no one else may change it.
    pub(crate) edited_elsewhere: bool,
    pub(crate) extra: Map<String, Value>,
}

impl Envelope {
    /// A draft of this vendor, with nothing in it yet.
    pub(crate) fn new(vendor: Vendor, subject: String) -> Self {
        Self {
            id: String::new(),
            vendor,
            policy: vendor.traits().policy.clone(),
            subject,
            message: String::new(),
            documents: Vec::new(),
            status: EnvelopeStatus::Draft,
            created_at: Timestamp::default(),
            changed_at: Timestamp::default(),
            sent_at: None,
            viewed_at: None,
            closed_at: None,
            close_reason: None,
            deleted: false,
            ready_at: None,
            stays_draft: true,
            expires_at: None,
            ordered: false,
            emails_disabled: false,
            mail_subject: None,
            return_url: None,
            recipients: Vec::new(),
            history: Vec::new(),
            reminded_at: Vec::new(),
            edited_elsewhere: false,
            extra: Map::new(),
        }
    }

    /// The lowest position in the order with an unfinished recipient.
    pub(crate) fn current_order(&self) -> u32 {
        self.recipients
            .iter()
            .filter(|r| !r.finished() && r.role.acts())
            .map(|r| r.order)
            .min()
            .or_else(|| self.recipients.iter().map(|r| r.order).max())
            .unwrap_or(1)
    }

    /// Its status, in the vendor's word.
    pub(crate) fn word(&self) -> &'static str {
        self.vendor.traits().status(self.status)
    }

    pub(crate) fn is_ready(&self, now: Timestamp) -> bool {
        self.ready_at.is_some_and(|at| at <= now)
    }
}
