//! BoldSign's JSON, field for field, as far as it is used (from its OpenAPI document, `DocumentProperties` and
//! related types).
//!
//! No logic. Everything is optional, because older documents lack members and the specification guarantees none.
//! Every enumeration is text. Members with values that signers entered (`formFields`) are never read.

use countersign_core::json::{Frequent, LooseInstant};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The words that nearly every signer has.
#[derive(Debug, Clone)]
pub(crate) struct Usual;

impl Frequent for Usual {
    const WORDS: &'static [&'static str] =
        &["Signer", "Email", "Single", "None", "AccessCode", "NotCompleted", "Completed", "Sent", "Viewed"];
}

pub(crate) type Word = countersign_core::json::Word<Usual>;

/// `DocumentProperties`: the answer of `GET /v1/document/properties`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Properties {
    pub(crate) document_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) display_status: Option<String>,
    pub(crate) signer_details: Option<Vec<Signer>>,
    pub(crate) cc_details: Option<Vec<Copy>>,
    pub(crate) sender_detail: Option<Sender>,
    pub(crate) document_history: Option<Vec<Event>>,
    pub(crate) enable_signing_order: Option<bool>,
    pub(crate) disable_emails: Option<bool>,
    pub(crate) is_deleted: Option<bool>,
    /// Unix seconds, as in the samples; the specification says date-time.
    pub(crate) expiry_date: LooseInstant,
    pub(crate) decline_message: Option<String>,
    pub(crate) recipient_notification_settings: Option<Notifications>,
}

/// `DocumentSignerDetails`: signers, reviewers and in-person signers; and `GroupSigner`, which has few of the members.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Signer {
    pub(crate) id: Option<String>,
    pub(crate) signer_name: Option<String>,
    pub(crate) signer_role: Option<String>,
    pub(crate) signer_email: Option<String>,
    pub(crate) phone_number: Option<Phone>,
    pub(crate) status: Word,
    pub(crate) order: Option<i64>,
    pub(crate) signer_type: Word,
    pub(crate) host_email: Option<String>,
    pub(crate) host_name: Option<String>,
    pub(crate) delivery_mode: Word,
    pub(crate) authentication_type: Word,
    pub(crate) enable_access_code: Option<bool>,
    #[serde(rename = "enableEmailOTP")]
    pub(crate) enable_email_otp: Option<bool>,
    /// `None`: no authentication; `false`: enabled and not failed; `true`: locked.
    pub(crate) is_authentication_failed: Option<bool>,
    pub(crate) authentication_retry_count: Option<i64>,
    pub(crate) is_delivery_failed: Option<bool>,
    pub(crate) is_viewed: Option<bool>,
    pub(crate) is_reassigned: Option<bool>,
    pub(crate) sign_type: Word,
    pub(crate) group_id: Option<String>,
    /// The members who may sign for the group.
    pub(crate) group_signers: Option<Vec<Signer>>,
    /// In webhooks only.
    pub(crate) last_activity_date: LooseInstant,
    pub(crate) recipient_notification_settings: Option<Notifications>,
}

/// `DocumentCcDetails`: a recipient of a copy.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Copy {
    pub(crate) email_address: Option<String>,
    pub(crate) is_viewed: Option<bool>,
}

/// `DocumentSenderDetail`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Sender {
    pub(crate) email_address: Option<String>,
}

/// `AuditTrail`: one entry of `documentHistory`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event {
    pub(crate) action: Word,
    pub(crate) email: Option<String>,
    /// Unix seconds. Anything else is ignored: an invalid entry of the audit trail must not hide the recipients.
    pub(crate) timestamp: LooseInstant,
}

/// `RecipientNotificationSettings`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Notifications {
    pub(crate) reminders: Option<bool>,
}

/// `PhoneNumber` in answers.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Phone {
    pub(crate) country_code: Option<String>,
    pub(crate) number: Option<String>,
}

/// `PhoneNumber` in requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhoneNumber<'a> {
    pub(crate) country_code: Option<&'a str>,
    pub(crate) number: Option<&'a str>,
}

/// Shared by the lists of brands and of documents.
#[derive(Deserialize)]
pub(crate) struct Listing {
    #[serde(rename = "result")]
    _result: IgnoredAny,
}

/// `EmbeddedSigningLink`: the answer of `GET /v1/document/getEmbeddedSignLink`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SignLink {
    pub(crate) sign_link: Option<String>,
}

/// `ReminderMessage`: the body of `POST /v1/document/remind`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reminder<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_behalf_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reminder_phone_numbers: Vec<PhoneNumber<'a>>,
}

/// `AccessCodeDetails`: the body of `PATCH /v1/document/changeAccessCode`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewAccessCode<'a> {
    pub(crate) access_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<PhoneNumber<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_behalf_of: Option<&'a str>,
}

/// A refusal. Every member accepts any JSON, so that one of an unexpected form does not hide the others.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Refusal {
    pub(crate) error: Option<Value>,
    pub(crate) error_type: Option<Value>,
    pub(crate) errors: Option<Value>,
    pub(crate) title: Option<Value>,
    pub(crate) trace_id: Option<Value>,
    #[serde(rename = "error_description")]
    pub(crate) error_description: Option<Value>,
}
