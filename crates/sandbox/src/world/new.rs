//! Creates envelopes without a vendor's API, for tests and demos.

use serde::{Deserialize, Serialize};

use super::envelope::{Phone, Role};
use super::vendor::Vendor;
use crate::secret::Secret;

/// An envelope to create and send immediately, for tests and demos.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct NewEnvelope {
    /// The vendor.
    pub vendor: Vendor,
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// The sender's message to all recipients.
    #[serde(default)]
    pub message: String,
    /// The document as plain text; a sample text if absent.
    #[serde(default)]
    pub document: Option<String>,
    /// Whether the recipients' order is enforced. One of the vendors always enforces it.
    #[serde(default = "yes")]
    pub signing_order: bool,
    /// Whether the vendor's own mails are switched off.
    #[serde(default)]
    pub emails_disabled: bool,
    /// Where signers return to, at vendors that fix it for the envelope.
    #[serde(default)]
    pub return_url: Option<String>,
    /// The stage in which it is created.
    #[serde(default)]
    pub making: Making,
    /// All recipients; their ids are "1", "2", ... in this order.
    pub recipients: Vec<NewRecipient>,
}

/// The stage in which an envelope is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Making {
    /// Sent.
    #[default]
    Sent,
    /// A draft: no recipient was asked to sign.
    Draft,
    /// Accepted, and created in the background after this many seconds of the world's clock. One of the vendors
    /// does that.
    Background {
        /// Seconds.
        seconds: u32,
    },
}

pub(crate) fn yes() -> bool {
    true
}

impl NewEnvelope {
    /// An envelope without recipients, signed in order, with mails.
    pub fn new(vendor: Vendor, subject: impl Into<String>) -> Self {
        Self {
            vendor,
            subject: subject.into(),
            message: String::new(),
            document: None,
            signing_order: true,
            emails_disabled: false,
            return_url: None,
            making: Making::Sent,
            recipients: Vec::new(),
        }
    }

    /// Adds a recipient.
    pub fn with_recipient(mut self, recipient: NewRecipient) -> Self {
        self.recipients.push(recipient);
        self
    }
}

/// A recipient of a [`NewEnvelope`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct NewRecipient {
    /// Full name.
    pub name: String,
    /// Address; empty for recipients who are contacted by phone.
    #[serde(default)]
    pub email: String,
    /// For recipients who are contacted by phone.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Position in the order, from 1.
    #[serde(default = "crate::calls::one")]
    pub order: u32,
    /// The application's own id of the recipient; makes them embedded if the vendor supports that.
    #[serde(default)]
    pub embedded: Option<String>,
    /// The access code.
    #[serde(default)]
    pub access_code: Option<Secret>,
    /// Whether their identity is checked first, if the vendor supports that.
    #[serde(default)]
    pub identity_check: bool,
    /// The role.
    #[serde(default)]
    pub role: Role,
}

impl NewRecipient {
    /// A remote signer at the first position, without an access code.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            email: email.into(),
            phone: None,
            order: 1,
            embedded: None,
            access_code: None,
            identity_check: false,
            role: Role::Signer,
        }
    }

    /// Sets the position in the order.
    pub fn with_order(mut self, order: u32) -> Self {
        self.order = order;
        self
    }

    /// Makes them embedded.
    pub fn with_embedded(mut self, client_id: impl Into<String>) -> Self {
        self.embedded = Some(client_id.into());
        self
    }

    /// Sets the access code.
    pub fn with_access_code(mut self, code: impl Into<Secret>) -> Self {
        self.access_code = Some(code.into());
        self
    }

    /// Sets the role.
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }
}
