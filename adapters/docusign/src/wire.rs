//! DocuSign's JSON, field for field. No logic; every enumeration stays text.
//!
//! Member names and arrays: the models of the Node package docusign-esign 10.0.0 and the OpenAPI file
//! `esignature.rest.swagger-v2.1.json` in github.com/docusign/OpenAPI-Specifications.

use std::borrow::Cow;

use countersign_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::lenient::{Object, Presence, flag, text};
use crate::objects::CheckResults;
use crate::parsed::{Parsed, instant, kind, number, status};

/// One recipient, of any kind: the members that are used, of all models together.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(default, deserialize_with = "text")]
    pub(crate) recipient_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) recipient_id_guid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) user_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) client_user_id: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(crate) routing_order: Option<Parsed<u32>>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) role_name: Option<String>,
    #[serde(default, deserialize_with = "kind")]
    pub(crate) recipient_type: Option<Cow<'static, str>>,
    #[serde(default, deserialize_with = "status")]
    pub(crate) status: Option<Cow<'static, str>>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) status_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) delivery_method: Option<String>,
    /// Comes in clear (reference example and Connect sample); whether it is there is all that is read.
    #[serde(default)]
    pub(crate) access_code: Presence,
    pub(crate) recipient_authentication_status: Option<CheckResults>,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) require_id_lookup: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) id_check_configuration_name: Option<String>,
    #[serde(default)]
    pub(crate) identity_verification: Presence,
    #[serde(default)]
    pub(crate) phone_authentication: Presence,
    #[serde(default)]
    pub(crate) sms_authentication: Presence,
    pub(crate) phone_number: Option<Object<PhoneNumber>>,
    #[serde(rename = "embeddedRecipientStartURL", default, deserialize_with = "text")]
    pub(crate) embedded_recipient_start_url: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) suppress_emails: Option<bool>,
    #[serde(default, deserialize_with = "instant")]
    pub(crate) sent_date_time: Option<Parsed<Timestamp>>,
    #[serde(default, deserialize_with = "instant")]
    pub(crate) delivered_date_time: Option<Parsed<Timestamp>>,
    #[serde(default, deserialize_with = "instant")]
    pub(crate) signed_date_time: Option<Parsed<Timestamp>>,
    #[serde(default, deserialize_with = "instant")]
    pub(crate) declined_date_time: Option<Parsed<Timestamp>>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) declined_reason: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) auto_responded_reason: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) host_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) host_email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) signer_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) signer_email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) signing_group_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) signing_group_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) witness_for: Option<String>,
    pub(crate) error_details: Option<Object<ErrorDetails>>,
}

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
