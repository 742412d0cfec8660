//! The mails that the vendors would have sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::envelope::{Envelope, Recipient, RecipientState};
use crate::secret::Secret;
use crate::vendors::Vendor;

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

impl Desk<'_> {
    /// Mails one recipient, with a fresh link if there is something to do for them.
    pub(crate) fn mail(&mut self, env: &Envelope, to: &Recipient, kind: MailKind, message: Option<&str>) {
        let (address, channel) = match &to.phone {
            Some(phone) if to.email.is_empty() => {
                (format!("{}{}", phone.country_code, phone.number), Channel::Sms)
            }
            _ if to.email.is_empty() => return,
            _ => (to.email.clone(), Channel::Email),
        };
        let link = (kind != MailKind::Copy && to.state != RecipientState::Completed).then(|| {
            if env.policy.resend_kills_mail_links {
                self.links.kill_mail_links(&env.id, &to.guid);
            }
            let token = self.links.make_mail_link(self.now, env, to);
            Secret::new(format!("{}/sign/{token}", self.base_url))
        });
        let id = self.ids.guid();
        self.mails.push(Mail {
            id,
            at: self.now,
            to: address,
            channel,
            subject: subject(kind, &env.subject),
            message: message.unwrap_or(&env.message).to_owned(),
            kind,
            vendor: env.vendor,
            envelope: env.id.clone(),
            recipient: to.id.clone(),
            link,
        });
    }
}

fn subject(kind: MailKind, subject: &str) -> String {
    match kind {
        MailKind::Request | MailKind::Resend => format!("Please sign: {subject}"),
        MailKind::Reminder => format!("Reminder: {subject}"),
        MailKind::Correction => format!("Corrected: {subject}"),
        MailKind::Copy => format!("Copy: {subject}"),
    }
}
