//! Snapshots of the world for tests and display. They contain no access code and no link.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::envelope::{CodeResult, Envelope, Identity, Phone, Recipient, RecipientState, Role};
use super::vendor::Vendor;
use super::words::EnvelopeStatus;

/// An envelope at one point in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EnvelopeView {
    /// Envelope or document id.
    pub id: String,
    /// The vendor.
    pub vendor: Vendor,
    /// Subject line.
    pub subject: String,
    /// Its status.
    pub status: EnvelopeStatus,
    /// Whether the vendor shows that it exists; false while it is being created in the background.
    pub ready: bool,
    /// Whether the order is enforced.
    pub signing_order: bool,
    /// Whether the vendor's own mails are switched off.
    pub emails_disabled: bool,
    /// The current position in the order.
    pub current_order: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When it was completed, declined, voided, or expired.
    pub closed_at: Option<Timestamp>,
    /// Why it was declined or voided.
    pub close_reason: Option<String>,
    /// All recipients.
    pub recipients: Vec<RecipientView>,
}

/// A recipient at one point in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecipientView {
    /// Id within the envelope.
    pub id: String,
    /// The current name on the envelope.
    pub name: String,
    /// Address; empty for recipients who are contacted by phone.
    pub email: String,
    /// For recipients who are contacted by phone.
    pub phone: Option<Phone>,
    /// The role.
    pub role: Role,
    /// Position in the order.
    pub order: u32,
    /// The application's own id, if embedded.
    pub embedded: Option<String>,
    /// The status.
    pub state: RecipientState,
    /// Whether there is an access code.
    pub has_access_code: bool,
    /// Whether the code was accepted.
    pub code_accepted: bool,
    /// The state of the identity check.
    #[serde(default)]
    pub identity_check: IdentityCheck,
    /// Whether wrong codes have locked them.
    pub locked: bool,
    /// Remaining attempts; none without a code.
    pub attempts_left: Option<u32>,
    /// When it became their turn.
    pub sent_at: Option<Timestamp>,
    /// When they first opened the documents.
    pub viewed_at: Option<Timestamp>,
    /// When they finished.
    pub signed_at: Option<Timestamp>,
    /// When they declined.
    pub declined_at: Option<Timestamp>,
    /// Why they declined.
    pub decline_reason: Option<String>,
}

/// The state of a recipient's identity check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentityCheck {
    /// There is none.
    #[default]
    None,
    /// Not passed yet.
    Pending,
    /// Passed.
    Passed,
    /// Failed; the sender has to resend.
    Failed,
}

impl From<Identity> for IdentityCheck {
    fn from(identity: Identity) -> Self {
        match identity {
            Identity::NotAsked => Self::None,
            Identity::Pending => Self::Pending,
            Identity::Passed(_) => Self::Passed,
            Identity::Failed(_) => Self::Failed,
        }
    }
}

impl EnvelopeView {
    pub(crate) fn of(env: &Envelope, now: Timestamp) -> Self {
        Self {
            id: env.id.clone(),
            vendor: env.vendor,
            subject: env.subject.clone(),
            status: env.status,
            ready: env.is_ready(now),
            signing_order: env.ordered,
            emails_disabled: env.emails_disabled,
            current_order: env.current_order(),
            created_at: env.created_at,
            sent_at: env.sent_at,
            closed_at: env.closed_at,
            close_reason: env.close_reason.clone(),
            recipients: env.recipients.iter().map(RecipientView::of).collect(),
        }
    }

    /// The recipient with this id.
    pub fn recipient(&self, id: &str) -> Option<&RecipientView> {
        self.recipients.iter().find(|r| r.id == id)
    }
}

impl RecipientView {
    pub(crate) fn of(r: &Recipient) -> Self {
        Self {
            id: r.id.clone(),
            name: r.name.clone(),
            email: r.email.clone(),
            phone: r.phone.clone(),
            role: r.role,
            order: r.order,
            embedded: r.client_id.clone(),
            state: r.state,
            has_access_code: r.code.is_some(),
            code_accepted: matches!(r.code_result, CodeResult::Passed(_)),
            identity_check: r.identity.into(),
            locked: r.locked,
            attempts_left: r.code.is_some().then(|| r.attempts_left()),
            sent_at: r.told_at,
            viewed_at: r.viewed_at,
            signed_at: r.done_at,
            declined_at: r.declined_at,
            decline_reason: r.decline_reason.clone(),
        }
    }
}
