//! The mails that the vendors would have sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::vendor::Vendor;
use crate::secret::Secret;

/// Why a mail went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailKind {
    /// Their turn has come.
    Request,
    /// The sender had it sent again.
    Resend,
    /// The sender reminded them.
    Reminder,
    /// Their address was set anew.
    Correction,
    /// A copy for somebody who does not act.
    Copy,
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By text message, for people without an address.
    Sms,
}

/// One message that a vendor would have sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mail {
    /// Unique in this sandbox.
    pub id: String,
    /// The world's time of sending.
    pub at: Timestamp,
    /// Address, or phone number for a text message.
    pub to: String,
    /// How it travelled.
    pub channel: Channel,
    /// Subject line.
    pub subject: String,
    /// The sender's message.
    pub message: String,
    /// Why it went out.
    pub kind: MailKind,
    /// Whose mail it is.
    pub vendor: Vendor,
    /// Envelope or document id.
    pub envelope: String,
    /// The recipient's id in that envelope.
    pub recipient: String,
    /// The signing link in it; none for copies.
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
