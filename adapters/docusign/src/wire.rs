//! DocuSign's JSON, field for field. Every enumeration stays text.
//!
//! Member names: the models of the Node package docusign-esign 10.0.0 and the OpenAPI file
//! `esignature.rest.swagger-v2.1.json` in github.com/docusign/OpenAPI-Specifications.

use std::borrow::Cow;

use countersign_core::json::{
    Each, Flag, Frequent, Instant, Loose, LooseInstant, LooseWord, Number, Object, Open, OpenObject, Parsed,
    Presence, Text,
};
use countersign_core::{FieldMap, GroupMember, Phone, Recipient, Timestamp, members};
use serde::de::{DeserializeSeed, Error as _, MapAccess};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorDetails;
use crate::{DESCRIPTOR, map};

/// The words of statuses, types, delivery methods and results that nearly every recipient has.
#[derive(Debug)]
pub(crate) struct Usual;

impl Frequent for Usual {
    const WORDS: &'static [&'static str] = &[
        "sent",
        "completed",
        "created",
        "delivered",
        "signed",
        "declined",
        "autoresponded",
        "signer",
        "email",
        "Passed",
        "Failed",
        ACCESS_CODE,
    ];
}

type Word = countersign_core::json::Word<Usual>;

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
    pub(crate) client_user_id: Option<&'a str>,
    pub(crate) recipient_id: &'a str,
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

/// The answer to it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ViewUrl {
    pub(crate) url: Text,
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
    pub(crate) status: Text,
}

/// `GET /oauth/userinfo`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserInfo {
    pub(crate) sub: Text,
    pub(crate) email: Text,
    pub(crate) accounts: Vec<Object<UserAccount>>,
}

/// An account that the user belongs to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserAccount {
    pub(crate) account_id: Text,
    pub(crate) account_name: Text,
    pub(crate) is_default: Flag,
    pub(crate) base_uri: Text,
}

/// `GET …/recipients`: the recipients of every array, including arrays that `vendor.toml` does not name.
#[derive(Debug, Default)]
pub(crate) struct RecipientList {
    pub(crate) people: Vec<Recipient>,
    /// Why the first unusable entry is unusable, without its values.
    pub(crate) flaw: Option<String>,
    pub(crate) current_routing_order: Option<u32>,
}

/// The arrays that `vendor.toml` names, in any letter case.
pub(crate) struct Arrays;

impl Frequent for Arrays {
    const WORDS: &'static [&'static str] = &[];

    fn known(name: &str) -> Option<&'static str> {
        DESCRIPTOR.facts.words.role.spelled(name)
    }
}

impl<'de> OpenObject<'de> for RecipientList {
    type Names = Arrays;

    fn take<A: MapAccess<'de>>(&mut self, name: Cow<'static, str>, members: &mut A) -> Result<(), A::Error> {
        if name == "currentRoutingOrder" {
            self.current_routing_order = members.next_value::<Number>()?.0.and_then(Parsed::value);
            return Ok(());
        }
        let known = matches!(name, Cow::Borrowed(_));
        let mut place = 0_usize;
        // Each entry becomes a recipient as soon as it is read.
        let entries = Each::new(|entry: Entry| {
            match map::recipient(entry, name.clone(), place) {
                Ok(person) => self.people.push(person),
                Err(flaw) => drop(self.flaw.get_or_insert(flaw)),
            }
            place += 1;
        });
        if known {
            return members.next_value_seed(entries);
        }
        match members.next_value::<Value>()? {
            // A kind of recipient that is newer than this library.
            Value::Array(items) if items.iter().any(|item| item.get("recipientId").is_some()) => {
                entries.deserialize(Value::Array(items)).map_err(A::Error::custom)
            }
            _ => Ok(()),
        }
    }
}

/// One recipient of any kind. Members with a field in our recipient are stored here; the others go directly to the
/// vendor's fields, under their names.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) recipient_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) client_user_id: Option<String>,
    pub(crate) routing_order: Option<u32>,
    pub(crate) recipient_type: Option<Cow<'static, str>>,
    pub(crate) status: Option<Cow<'static, str>>,
    /// Returned in clear (reference example and Connect sample); only its presence is read.
    pub(crate) access_code: bool,
    pub(crate) results: CheckResults,
    pub(crate) require_id_lookup: bool,
    pub(crate) identity_verification: bool,
    pub(crate) phone_authentication: bool,
    pub(crate) sms_authentication: bool,
    pub(crate) code_in_mail: bool,
    pub(crate) members: Option<Vec<GroupMember>>,
    pub(crate) phone: Option<String>,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) signed_at: Option<Timestamp>,
    pub(crate) declined_at: Option<Timestamp>,
    pub(crate) declined_reason: Option<String>,
    pub(crate) signer_name: Option<String>,
    pub(crate) signer_email: Option<String>,
    /// By DocuSign's member names. Never the access code; of the start URL only its presence, because it may
    /// contain data of the application.
    pub(crate) extra: FieldMap,
}

/// Members that are stored unchanged under their own names.
const KEPT: [&str; 12] = [
    "recipientIdGuid",
    "userId",
    "deliveryMethod",
    "roleName",
    "statusCode",
    "autoRespondedReason",
    "idCheckConfigurationName",
    "hostName",
    "hostEmail",
    "signingGroupId",
    "signingGroupName",
    "witnessFor",
];

/// The constant that makes DocuSign mail an embedded recipient its own link.
const SIGN_AT_DOCUSIGN: &str = "SIGN_AT_DOCUSIGN";

members! {
    // With capacity for the usual members, so that the list does not grow step by step.
    Entry, "an object", Entry { extra: FieldMap::with_capacity(4), ..Entry::default() }, |entry, value| {
        "recipientId" recipient_id: Text => entry.recipient_id = value.0;
        "name" name: Text => entry.name = value.0;
        "email" email: Text => entry.email = value.0;
        "clientUserId" client_user_id: Text => entry.client_user_id = value.0;
        "declinedReason" declined_reason: Text => entry.declined_reason = value.0;
        "signerName" signer_name: Text => entry.signer_name = value.0;
        "signerEmail" signer_email: Text => entry.signer_email = value.0;
        "status" status: Word => entry.status = value.0;
        "recipientType" recipient_type: Word => entry.recipient_type = value.0;
        "routingOrder" routing_order: Number => entry.routing_order = entry.value("routingOrder", value.0);
        "sentDateTime" sent: Instant => entry.sent_at = entry.value("sentDateTime", value.0);
        "deliveredDateTime" delivered: Instant => entry.delivered_at = entry.value("deliveredDateTime", value.0);
        "signedDateTime" signed: Instant => entry.signed_at = entry.value("signedDateTime", value.0);
        "declinedDateTime" declined: Instant => entry.declined_at = entry.value("declinedDateTime", value.0);
        "accessCode" access_code: Presence => entry.access_code = value.0;
        "addAccessCodeToEmail" code_in_mail: Flag => entry.code_in_mail = value.0 == Some(true);
        "requireIdLookup" require_id_lookup: Flag => entry.require_id_lookup = value.0 == Some(true);
        "identityVerification" identity_verification: Presence => entry.identity_verification = value.0;
        "phoneAuthentication" phone_authentication: Presence => entry.phone_authentication = value.0;
        "smsAuthentication" sms_authentication: Presence => entry.sms_authentication = value.0;
        "recipientAuthenticationStatus" results: Option<Open<CheckResults>> => {
            Open(entry.results) = value.unwrap_or_default();
            entry.keep(ACCESS_CODE, entry.results.access_code.as_ref().and_then(|result| result.status.clone()));
        };
        "phoneNumber" phone: Option<Object<PhoneNumber>> => {
            let Object(number) = value.unwrap_or_default();
            entry.phone = Phone::joined(number.country_code.0.as_deref(), number.number.0.as_deref());
            let unread = number.number.0.filter(|_| entry.phone.is_none());
            entry.keep("phoneNumber", unread.map(Cow::Owned));
        };
        "signingGroupUsers" members: Option<Vec<Object<GroupUser>>> => entry.members = value.map(|users| {
            users.into_iter().map(|Object(user)| GroupMember::new(user.user_name.0, user.email.0)).collect()
        });
        "recipientSignatureProviders" providers: Option<Vec<Object<SignatureProvider>>> => {
            let seal = value.into_iter().flatten().find_map(|Object(provider)| provider.seal_name.0);
            entry.keep("sealName", seal.map(Cow::Owned));
        };
        "embeddedRecipientStartURL" start_url: Text => {
            let told = value.0.map(|url| if url == SIGN_AT_DOCUSIGN { SIGN_AT_DOCUSIGN } else { "set" });
            entry.keep("embeddedRecipientStartURL", told.map(Cow::Borrowed));
        };
        "suppressEmails" suppress_emails: Flag => {
            let word = value.0.map(|muted| if muted { "true" } else { "false" });
            entry.keep("suppressEmails", word.map(Cow::Borrowed));
        };
        "errorDetails" error_details: Option<Object<ErrorDetails>> => {
            let refusal = value.map(|Object(details)| details).filter(|told| !told.is_success());
            entry.keep("errorCode", refusal.and_then(|told| told.error_code.0).map(Cow::Owned));
        };
        [KEPT] |name|: Word => entry.keep(name, value.0);
    }
}

impl Entry {
    fn keep(&mut self, name: &'static str, word: Option<Cow<'static, str>>) {
        if let Some(word) = word {
            self.extra.insert(name, word);
        }
    }

    /// The value; a text that could not be read is kept unchanged.
    fn value<T>(&mut self, name: &'static str, read: Option<Parsed<T>>) -> Option<T> {
        match read? {
            Parsed::Value(value) => Some(value),
            Parsed::Text(text) => {
                self.keep(name, Some(Cow::Owned(text)));
                None
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PhoneNumber {
    country_code: Text,
    number: Text,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupUser {
    user_name: Text,
    email: Text,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SignatureProvider {
    seal_name: Text,
}

/// `recipientAuthenticationStatus`: the result of each check. The object has members of several kinds, and new ones
/// are added; members that are not a result with a status are skipped.
#[derive(Debug, Default)]
pub(crate) struct CheckResults {
    pub(crate) access_code: Option<CheckResult>,
    /// By member name.
    pub(crate) others: Vec<(Cow<'static, str>, CheckResult)>,
}

const ACCESS_CODE: &str = "accessCodeResult";

impl<'de> OpenObject<'de> for CheckResults {
    type Names = Usual;

    fn take<A: MapAccess<'de>>(&mut self, name: Cow<'static, str>, members: &mut A) -> Result<(), A::Error> {
        match members.next_value::<Loose<CheckResult>>()? {
            Loose(Some(result)) if name == ACCESS_CODE => self.access_code = Some(result),
            Loose(Some(result)) => self.others.push((name, result)),
            Loose(None) => {}
        }
        Ok(())
    }
}

/// The result of one check.
#[derive(Debug, Default)]
pub(crate) struct CheckResult {
    pub(crate) status: Option<Cow<'static, str>>,
    pub(crate) at: Option<Timestamp>,
}

members! {
    CheckResult, "a result", CheckResult::default(), |result, value| {
        "status" status: LooseWord<Usual> => result.status = value.0;
        "eventTimestamp" at: LooseInstant => result.at = value.0;
    }
}

impl CheckResult {
    /// Whether it was passed or failed. The specification says `Pass` and `Fail`, its example and users say
    /// `Passed` and `Failed`.
    pub(crate) fn outcome(&self) -> Option<bool> {
        match self.status.as_deref()?.trim_start().get(..4) {
            Some(start) if start.eq_ignore_ascii_case("pass") => Some(true),
            Some(start) if start.eq_ignore_ascii_case("fail") => Some(false),
            _ => None,
        }
    }

    /// Whether it failed, and not before the last sending: a resend gives new attempts, and it is not documented
    /// whether DocuSign also clears the result.
    pub(crate) fn failed_after(&self, sent: Option<Timestamp>) -> bool {
        let renewed = matches!((self.at, sent), (Some(failed), Some(sent)) if sent > failed);
        self.outcome() == Some(false) && !renewed
    }
}
