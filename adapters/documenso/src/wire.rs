//! Documenso's JSON, as far as it is used: members that a 2.17 server was measured to send.
//!
//! No logic. Everything is optional, and every enumeration is text. The signing token of a recipient is a secret.

use countersign_core::SecretString;
use countersign_core::json::LooseInstant;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer of `GET /envelope/{id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Envelope {
    /// A text; in webhooks the number of the document.
    pub(crate) id: Option<Value>,
    /// Templates are answered in the same form.
    pub(crate) r#type: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) deleted_at: LooseInstant,
    pub(crate) document_meta: Option<Meta>,
    pub(crate) auth_options: Option<Auth>,
    pub(crate) recipients: Option<Vec<Recipient>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Meta {
    pub(crate) signing_order: Option<String>,
    pub(crate) distribution_method: Option<String>,
    pub(crate) redirect_url: Option<String>,
    pub(crate) email_settings: Option<EmailSettings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EmailSettings {
    pub(crate) recipient_signing_request: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Recipient {
    pub(crate) id: Option<u64>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) role: Option<String>,
    /// Zero and negative numbers are accepted, and count.
    pub(crate) signing_order: Option<i64>,
    pub(crate) read_status: Option<String>,
    pub(crate) signing_status: Option<String>,
    pub(crate) send_status: Option<String>,
    pub(crate) signed_at: LooseInstant,
    pub(crate) expires_at: LooseInstant,
    pub(crate) rejection_reason: Option<String>,
    pub(crate) auth_options: Option<Auth>,
    /// Opens the documents, and signs.
    pub(crate) token: Option<SecretString>,
}

/// Of a recipient, or of the whole envelope.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Auth {
    #[serde(alias = "globalAccessAuth")]
    pub(crate) access_auth: Option<Vec<String>>,
    #[serde(alias = "globalActionAuth")]
    pub(crate) action_auth: Option<Vec<String>>,
}

/// The body of `POST /envelope/redistribute`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Redistribute<'a> {
    pub(crate) envelope_id: &'a str,
    pub(crate) recipients: &'a [u64],
}

/// Its answer, which is the same whether anything was done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Redistributed {
    pub(crate) success: Option<bool>,
}

/// The answer of `GET /envelope/{id}/audit-log`: the newest entry first.
#[derive(Debug, Deserialize)]
pub(crate) struct AuditLog {
    pub(crate) data: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Entry {
    pub(crate) id: Option<String>,
    pub(crate) created_at: LooseInstant,
    pub(crate) r#type: Option<String>,
    /// Its members depend on the type.
    pub(crate) data: Value,
}

/// The answer of `GET /envelope`.
#[derive(Deserialize)]
pub(crate) struct Listing {
    #[serde(rename = "data")]
    _data: Vec<IgnoredAny>,
}

/// A refusal, in any of the four shapes. Every member accepts any JSON, so that an odd one does not hide the others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    pub(crate) message: Value,
    pub(crate) code: Value,
    pub(crate) data: Value,
    pub(crate) issues: Value,
    /// A text, or a list of issues.
    pub(crate) error: Value,
}
