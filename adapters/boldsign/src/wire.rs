//! BoldSign's JSON, field for field, as far as it is used (its OpenAPI document, `DocumentProperties` and around it).
//!
//! No logic. Everything is optional, since older documents lack members and the specification promises none. Every
//! enumeration is text. Members with values that signers typed (`formFields`) are not read at all.

use std::borrow::Cow;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// Unix seconds, as samples have it; the specification says date-time, so anything else is left unread.
    pub(crate) expiry_date: Option<serde_json::Value>,
    pub(crate) decline_message: Option<String>,
    pub(crate) recipient_notification_settings: Option<Notifications>,
}

/// `DocumentSignerDetails`: signers, reviewers and in-person signers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Signer {
    pub(crate) id: Option<String>,
    pub(crate) signer_name: Option<String>,
    pub(crate) signer_role: Option<String>,
    pub(crate) signer_email: Option<String>,
    pub(crate) phone_number: Option<Phone>,
    #[serde(deserialize_with = "word")]
    pub(crate) status: Option<Cow<'static, str>>,
    pub(crate) order: Option<i64>,
    #[serde(deserialize_with = "word")]
    pub(crate) signer_type: Option<Cow<'static, str>>,
    pub(crate) host_email: Option<String>,
    pub(crate) host_name: Option<String>,
    #[serde(deserialize_with = "word")]
    pub(crate) delivery_mode: Option<Cow<'static, str>>,
    #[serde(deserialize_with = "word")]
    pub(crate) authentication_type: Option<Cow<'static, str>>,
    pub(crate) enable_access_code: Option<bool>,
    #[serde(rename = "enableEmailOTP")]
    pub(crate) enable_email_otp: Option<bool>,
    /// `None`: no authentication; `false`: on and not failed; `true`: locked out.
    pub(crate) is_authentication_failed: Option<bool>,
    pub(crate) authentication_retry_count: Option<i64>,
    pub(crate) is_delivery_failed: Option<bool>,
    pub(crate) is_viewed: Option<bool>,
    pub(crate) is_reassigned: Option<bool>,
    #[serde(deserialize_with = "word")]
    pub(crate) sign_type: Option<Cow<'static, str>>,
    pub(crate) group_id: Option<String>,
    pub(crate) group_signers: Option<Vec<GroupSigner>>,
    pub(crate) recipient_notification_settings: Option<Notifications>,
}

/// `GroupSigner`: one of those who may sign for a group.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct GroupSigner {
    pub(crate) id: Option<String>,
    pub(crate) signer_email: Option<String>,
    pub(crate) signer_name: Option<String>,
    #[serde(deserialize_with = "word")]
    pub(crate) status: Option<Cow<'static, str>>,
    pub(crate) is_viewed: Option<bool>,
    pub(crate) is_delivery_failed: Option<bool>,
    pub(crate) is_authentication_failed: Option<bool>,
}

/// `DocumentCcDetails`: who gets a copy.
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
    #[serde(deserialize_with = "word")]
    pub(crate) action: Option<Cow<'static, str>>,
    pub(crate) email: Option<String>,
    /// Unix seconds. Anything else is left out: an odd entry of the audit trail must not hide the recipients.
    #[serde(deserialize_with = "seconds")]
    pub(crate) timestamp: Option<i64>,
}

/// `RecipientNotificationSettings`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Notifications {
    pub(crate) reminders: Option<bool>,
}

/// `PhoneNumber`, in answers and in requests.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Phone {
    pub(crate) country_code: Option<String>,
    pub(crate) number: Option<String>,
}

/// `EmbeddedSigningLink`: the answer of `GET /v1/document/getEmbeddedSignLink`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignLink {
    #[serde(default)]
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
    #[serde(skip_serializing_if = "<[Phone]>::is_empty")]
    pub(crate) reminder_phone_numbers: &'a [Phone],
}

/// `AccessCodeDetails`: the body of `PATCH /v1/document/changeAccessCode`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewAccessCode<'a> {
    pub(crate) access_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a Phone>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_behalf_of: Option<&'a str>,
}

/// A text word for word; those that nearly every signer has are not copied.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'static, str>>, D::Error> {
    const WORDS: [&str; 9] =
        ["Signer", "Email", "Single", "None", "AccessCode", "NotCompleted", "Completed", "Sent", "Viewed"];

    struct Word;

    impl<'de> Visitor<'de> for Word {
        type Value = Option<Cow<'static, str>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or null")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            let known = WORDS.into_iter().find(|known| *known == text);
            Ok(Some(known.map_or_else(|| Cow::Owned(text.to_owned()), Cow::Borrowed)))
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
            from.deserialize_str(self)
        }
    }

    deserializer.deserialize_option(Word)
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_i64())
}

/// A webhook's body (page of sample event data; schemas `WebhookEvent`, `WebhookEventMetadata`, `WebhookContext`).
///
/// `document` is a copy of `data` for older receivers and is not read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Webhook {
    pub(crate) event: Option<WebhookMetadata>,
    pub(crate) context: Option<WebhookContext>,
    /// Read on its own, so that an odd document does not hide the event.
    pub(crate) data: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WebhookMetadata {
    pub(crate) id: Option<String>,
    /// Unix seconds in the samples; the specification says a date and time.
    pub(crate) created: Option<serde_json::Value>,
    pub(crate) event_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WebhookContext {
    pub(crate) actor: Option<WebhookActor>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WebhookActor {
    pub(crate) user_type: Option<String>,
    pub(crate) id: Option<String>,
}

/// What of `data` is about the document alone.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WebhookDocument {
    pub(crate) object: Option<String>,
    pub(crate) document_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) revoke_message: Option<String>,
    pub(crate) error_message: Option<String>,
    /// Only for what a webhook tells of a signer and the properties do not.
    pub(crate) signer_details: Option<serde_json::Value>,
}
