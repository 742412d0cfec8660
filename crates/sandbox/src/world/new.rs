//! Envelopes to be made without a vendor's API: what tests and demonstrations start from.

use serde::{Deserialize, Serialize};

use super::envelope::{Phone, Role};
use super::vendor::Vendor;
use crate::secret::Secret;

/// An envelope to be made and sent at once, for tests and demonstrations.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewEnvelope {
    /// Whose envelope it is.
    pub vendor: Vendor,
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// The sender's words to everybody.
    #[serde(default)]
    pub message: String,
    /// What is to be signed, as plain text; a sample text if absent.
    #[serde(default)]
    pub document: Option<String>,
    /// Whether the recipients' order counts. One of the vendors enforces it always.
    #[serde(default = "yes")]
    pub signing_order: bool,
    /// Whether the vendor keeps its own mails back.
    #[serde(default)]
    pub emails_disabled: bool,
    /// How far it is when it is made.
    #[serde(default)]
    pub making: Making,
    /// Everybody in it; their ids are "1", "2", ... in this sequence.
    pub recipients: Vec<NewRecipient>,
}

/// How far an envelope is when it is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Making {
    /// Sent.
    #[default]
    Sent,
    /// A draft: nobody was asked to sign.
    Draft,
    /// Accepted, and made in the background after so many seconds of the world's clock. One of the vendors has that.
    Background {
        /// Seconds.
        seconds: u32,
    },
}

fn yes() -> bool {
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
            making: Making::Sent,
            recipients: Vec::new(),
        }
    }

    /// Sets the sender's words to everybody.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets the plain text that is to be signed.
    #[must_use]
    pub fn with_document(mut self, text: impl Into<String>) -> Self {
        self.document = Some(text.into());
        self
    }

    /// Adds a recipient.
    #[must_use]
    pub fn with_recipient(mut self, recipient: NewRecipient) -> Self {
        self.recipients.push(recipient);
        self
    }

    /// Lets everybody act at once, where the vendor can do that.
    #[must_use]
    pub fn without_order(mut self) -> Self {
        self.signing_order = false;
        self
    }

    /// Makes it only as far as this.
    #[must_use]
    pub fn with_making(mut self, making: Making) -> Self {
        self.making = making;
        self
    }

    /// Keeps the vendor's own mails back.
    #[must_use]
    pub fn without_mails(mut self) -> Self {
        self.emails_disabled = true;
        self
    }
}

/// Somebody in a [`NewEnvelope`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewRecipient {
    /// Full name.
    pub name: String,
    /// Address; empty for people reached by phone.
    #[serde(default)]
    pub email: String,
    /// For people reached by phone.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Place in the order, from 1.
    #[serde(default = "first")]
    pub order: u32,
    /// The application's own id of the person; makes them embedded where the vendor knows that.
    #[serde(default)]
    pub embedded: Option<String>,
    /// The code they are asked for.
    #[serde(default)]
    pub access_code: Option<Secret>,
    /// Whether their identity is checked before they see anything, where the vendor can do that.
    #[serde(default)]
    pub identity_check: bool,
    /// What they have to do.
    #[serde(default)]
    pub role: Role,
}

fn first() -> u32 {
    1
}

impl NewRecipient {
    /// A remote signer at the first place, without an access code.
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

    /// Sets the place in the order.
    #[must_use]
    pub fn with_order(mut self, order: u32) -> Self {
        self.order = order;
        self
    }

    /// Makes them embedded.
    #[must_use]
    pub fn with_embedded(mut self, client_id: impl Into<String>) -> Self {
        self.embedded = Some(client_id.into());
        self
    }

    /// Asks them for a code.
    #[must_use]
    pub fn with_access_code(mut self, code: impl Into<Secret>) -> Self {
        self.access_code = Some(code.into());
        self
    }

    /// Has their identity checked.
    #[must_use]
    pub fn with_identity_check(mut self) -> Self {
        self.identity_check = true;
        self
    }

    /// Sets what they have to do.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Reaches them by phone.
    #[must_use]
    pub fn with_phone(mut self, phone: Phone) -> Self {
        self.phone = Some(phone);
        self
    }
}
