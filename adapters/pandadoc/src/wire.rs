//! PandaDoc's JSON, as far as it is used: members of the vendor's OpenAPI document.
//!
//! No logic. Everything is optional, and every enumeration is text. `shared_link` and a passcode are secrets, and are
//! not read.

use std::collections::BTreeMap;

use countersign_core::SecretString;
use countersign_core::json::{Flag, LooseInstant, Text};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer of `GET /documents/{id}/details`, and the data of webhooks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Document {
    pub(crate) id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) date_sent: LooseInstant,
    pub(crate) expiration_date: LooseInstant,
    pub(crate) recipients: Option<Vec<Recipient>>,
}

/// A person, or a group, with `members`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Recipient {
    pub(crate) id: Option<String>,
    pub(crate) recipient_type: Option<String>,
    /// Of a group.
    pub(crate) name: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) signing_order: Text,
    pub(crate) has_completed: Flag,
    pub(crate) signature_date: LooseInstant,
    pub(crate) delivery_methods: Option<DeliveryMethods>,
    pub(crate) verification_settings: Option<Verification>,
    pub(crate) members: Option<Vec<Member>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Member {
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) email: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DeliveryMethods {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sms: Option<bool>,
}

/// How a recipient is identified: a place, and one kind of check by its name. What the checks contain is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Verification {
    pub(crate) verification_place: Option<String>,
    #[serde(flatten)]
    pub(crate) kinds: BTreeMap<String, Option<IgnoredAny>>,
}

/// The body of `POST /documents/{id}/session`.
#[derive(Serialize)]
pub(crate) struct NewSession<'a> {
    pub(crate) recipient: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lifetime: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    /// Opens the documents, and signs.
    pub(crate) id: Option<SecretString>,
    pub(crate) expires_at: LooseInstant,
}

/// The body of `POST /documents/{id}/send-reminder`.
#[derive(Serialize)]
pub(crate) struct Reminders<'a> {
    pub(crate) reminders: Vec<Reminder<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Reminder<'a> {
    pub(crate) recipient_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery_methods: Option<DeliveryMethods>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_customization: Option<Customization<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Customization<'a> {
    pub(crate) message: &'a str,
}

/// Its answer: 200, also if no message was sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Reminded {
    pub(crate) result: Vec<RemindedOne>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemindedOne {
    pub(crate) recipient_id: Option<String>,
    pub(crate) email: Option<Channel>,
    pub(crate) sms: Option<Channel>,
    /// All other members: the text of the mail, or a channel that is not documented.
    #[serde(flatten)]
    pub(crate) others: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Channel {
    pub(crate) status: Option<String>,
    pub(crate) sent_at: LooseInstant,
    pub(crate) detail: Option<String>,
}

/// The body of `PATCH /documents/{id}/recipients/recipient/{id}`. More members would change the contact book as well.
#[derive(Serialize)]
pub(crate) struct NewVerification<'a> {
    pub(crate) verification_settings: NewPasscode<'a>,
}

#[derive(Serialize)]
pub(crate) struct NewPasscode<'a> {
    pub(crate) verification_place: &'a str,
    pub(crate) passcode_verification: Passcode<'a>,
}

#[derive(Serialize)]
pub(crate) struct Passcode<'a> {
    pub(crate) passcode: &'a str,
}

/// The answer of `GET /members/current`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CurrentMember {
    pub(crate) user_id: Option<String>,
    pub(crate) workspace_name: Option<String>,
}

/// A refusal, in any of its forms. Every member accepts any JSON, so that an odd one does not hide the others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    pub(crate) r#type: Value,
    /// A text, or texts by field.
    pub(crate) detail: Value,
    pub(crate) info_message: Value,
    /// Of a document that is in the wrong state.
    pub(crate) status: Value,
    /// Of a sign-in.
    pub(crate) error: Value,
    pub(crate) error_description: Value,
    /// Of the second version's routes.
    pub(crate) code: Value,
    pub(crate) details: Value,
    /// When the lock of a document ends.
    pub(crate) expires_at: LooseInstant,
}
