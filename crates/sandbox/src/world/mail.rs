//! The mails that the vendors would have sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::vendor::Vendor;
use crate::secret::Secret;

/// Why a mail was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailKind {
    /// It is their turn.
    Request,
    /// The sender resent it.
    Resend,
    /// The sender reminded them.
    Reminder,
    /// Their address was corrected.
    Correction,
    /// A copy for a recipient who does not act.
    Copy,
}

/// How a message is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By text message, for recipients without an address.
    Sms,
}

/// One message that a vendor would have sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mail {
    /// Unique in this sandbox.
    pub id: String,
    /// When it was sent, in the world's time.
    pub at: Timestamp,
    /// Address, or phone number for a text message.
    pub to: String,
    /// How it was delivered.
    pub channel: Channel,
    /// Subject line.
    pub subject: String,
    /// The sender's message.
    pub message: String,
    /// Why it was sent.
    pub kind: MailKind,
    /// The vendor.
    pub vendor: Vendor,
    /// Envelope or document id.
    pub envelope: String,
    /// The recipient's id in that envelope.
    pub recipient: String,
    /// Its signing link; none for copies.
    pub link: Option<Secret>,
}

pub(super) fn subject(kind: MailKind, subject: &str) -> String {
    match kind {
        MailKind::Request | MailKind::Resend => format!("Please sign: {subject}"),
        MailKind::Reminder => format!("Reminder: {subject}"),
        MailKind::Correction => format!("Corrected: {subject}"),
        MailKind::Copy => format!("Copy: {subject}"),
    }
}
