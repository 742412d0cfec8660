//! DocuSign's JSON, field for field. No logic; every enumeration stays text. Recipients are in `entry.rs`.
//!
//! Member names and arrays: the models of the Node package docusign-esign 10.0.0 and the OpenAPI file
//! `esignature.rest.swagger-v2.1.json` in github.com/docusign/OpenAPI-Specifications.

use serde::{Deserialize, Serialize};

use crate::lenient::{Object, flag, text};
use crate::parsed::{Instant, Number};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PhoneNumber {
    #[serde(deserialize_with = "text")]
    pub(crate) country_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) number: Option<String>,
}

/// A refusal, as a whole answer or inside a success.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ErrorDetails {
    #[serde(deserialize_with = "text")]
    pub(crate) error_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) message: Option<String>,
}

/// `POST …/views/recipient`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecipientViewRequest<'a> {
    pub(crate) return_url: &'a str,
    pub(crate) authentication_method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recipient_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assertion_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ping_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ping_frequency: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) frame_ancestors: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) message_origins: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ViewUrl {
    #[serde(deserialize_with = "text")]
    pub(crate) url: Option<String>,
}

/// One recipient within `PUT …/recipients`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecipientUpdate<'a> {
    pub(crate) recipient_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_code: Option<&'a str>,
}

/// `GET …/envelopes/{id}`, as far as it is read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct EnvelopeItself {
    #[serde(deserialize_with = "text")]
    pub(crate) status: Option<String>,
}

/// The answer to `PUT …/recipients` and to `PUT …/envelopes/{id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct UpdateSummary {
    pub(crate) error_details: Option<Object<ErrorDetails>>,
    pub(crate) recipient_update_results: Option<Vec<Object<UpdateResult>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct UpdateResult {
    #[serde(deserialize_with = "text")]
    pub(crate) recipient_id: Option<String>,
    pub(crate) error_details: Option<Object<ErrorDetails>>,
}

/// `GET /oauth/userinfo`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserInfo {
    #[serde(deserialize_with = "text")]
    pub(crate) sub: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) email: Option<String>,
    pub(crate) accounts: Vec<Object<UserAccount>>,
}

impl UserInfo {
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &UserAccount> {
        self.accounts.iter().map(|Object(account)| account)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserAccount {
    #[serde(deserialize_with = "text")]
    pub(crate) account_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) account_name: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub(crate) is_default: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub(crate) base_uri: Option<String>,
}

/// A Connect message in the JSON SIM format (`connect.schema-v2.json` in github.com/docusign/OpenAPI-Specifications).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ConnectMessage {
    #[serde(deserialize_with = "text")]
    pub(crate) event: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) uri: Option<String>,
    pub(crate) retry_count: Option<Number>,
    pub(crate) generated_date_time: Option<Instant>,
    pub(crate) data: Option<Object<ConnectData>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ConnectData {
    #[serde(deserialize_with = "text")]
    pub(crate) account_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) envelope_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) recipient_id: Option<String>,
    pub(crate) envelope_summary: Option<Object<ConnectEnvelope>>,
}

/// The envelope that comes with an event where the configuration includes data; a whole message of the older
/// aggregate format is one as well.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ConnectEnvelope {
    #[serde(deserialize_with = "text")]
    pub(crate) envelope_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) status: Option<String>,
    pub(crate) status_changed_date_time: Option<Instant>,
    #[serde(deserialize_with = "text")]
    pub(crate) voided_reason: Option<String>,
    /// Read on its own, so that an odd recipient does not hide the event.
    pub(crate) recipients: Option<serde_json::Value>,
}
