//! One recipient of DocuSign's JSON, of any kind. Members that have a place of their own in our recipient are kept
//! here; the others go straight among the vendor's words, under their names.
//!
//! Read by hand and not by `derive`: a list holds hundreds of entries, and the struct that a derived reader would
//! fill, with a place for each of the forty members of all models, is moved about several times per entry.
//!
//! Member names: the models of the Node package docusign-esign 10.0.0 and the OpenAPI file
//! `esignature.rest.swagger-v2.1.json` in github.com/docusign/OpenAPI-Specifications.

use std::borrow::Cow;
use std::fmt;

use countersign_core::{FieldMap, Timestamp};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::lenient::{Flag, Object, Presence, Text};
use crate::objects::CheckResults;
use crate::parsed::{Instant, Number, Parsed, Word};
use crate::wire::{ErrorDetails, PhoneNumber};

/// The members that are used, of all models together.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) recipient_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) client_user_id: Option<String>,
    pub(crate) routing_order: Option<u32>,
    pub(crate) recipient_type: Option<Cow<'static, str>>,
    pub(crate) status: Option<Cow<'static, str>>,
    /// Comes in clear (reference example and Connect sample); whether it is there is all that is read.
    pub(crate) access_code: bool,
    pub(crate) results: CheckResults,
    pub(crate) require_id_lookup: bool,
    pub(crate) identity_verification: bool,
    pub(crate) phone_authentication: bool,
    pub(crate) sms_authentication: bool,
    pub(crate) phone: Option<String>,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) signed_at: Option<Timestamp>,
    pub(crate) declined_at: Option<Timestamp>,
    pub(crate) declined_reason: Option<String>,
    pub(crate) signer_name: Option<String>,
    pub(crate) signer_email: Option<String>,
    /// By DocuSign's member names. Never the access code; of the start URL only that it is set, since it may carry
    /// data of the application.
    pub(crate) extra: FieldMap,
}

/// Members that are kept word for word under their own names.
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

/// The constant that makes DocuSign mail an embedded recipient a link of its own.
const SIGN_AT_DOCUSIGN: &str = "SIGN_AT_DOCUSIGN";

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entry, A::Error> {
        // Room for what usually comes, so that the list does not grow step by step.
        let mut entry = Entry { extra: FieldMap::with_capacity(4), ..Entry::default() };
        while let Some(member) = members.next_key::<Member>()? {
            match member {
                Member::RecipientId => entry.recipient_id = members.next_value::<Text>()?.0,
                Member::Name => entry.name = members.next_value::<Text>()?.0,
                Member::Email => entry.email = members.next_value::<Text>()?.0,
                Member::ClientUserId => entry.client_user_id = members.next_value::<Text>()?.0,
                Member::DeclinedReason => entry.declined_reason = members.next_value::<Text>()?.0,
                Member::SignerName => entry.signer_name = members.next_value::<Text>()?.0,
                Member::SignerEmail => entry.signer_email = members.next_value::<Text>()?.0,
                Member::Status => entry.status = members.next_value::<Word>()?.0,
                Member::RecipientType => entry.recipient_type = members.next_value::<Word>()?.0,
                Member::RoutingOrder => {
                    entry.routing_order = entry.value("routingOrder", members.next_value::<Number>()?.0);
                }
                Member::SentDateTime => {
                    entry.sent_at = entry.value("sentDateTime", members.next_value::<Instant>()?.0);
                }
                Member::DeliveredDateTime => {
                    entry.delivered_at = entry.value("deliveredDateTime", members.next_value::<Instant>()?.0);
                }
                Member::SignedDateTime => {
                    entry.signed_at = entry.value("signedDateTime", members.next_value::<Instant>()?.0);
                }
                Member::DeclinedDateTime => {
                    entry.declined_at = entry.value("declinedDateTime", members.next_value::<Instant>()?.0);
                }
                Member::AccessCode => entry.access_code = members.next_value::<Presence>()?.0,
                Member::RequireIdLookup => {
                    entry.require_id_lookup = members.next_value::<Flag>()?.0 == Some(true);
                }
                Member::IdentityVerification => {
                    entry.identity_verification = members.next_value::<Presence>()?.0;
                }
                Member::PhoneAuthentication => {
                    entry.phone_authentication = members.next_value::<Presence>()?.0;
                }
                Member::SmsAuthentication => entry.sms_authentication = members.next_value::<Presence>()?.0,
                Member::Results => {
                    entry.results = members.next_value::<Option<CheckResults>>()?.unwrap_or_default();
                    entry.keep("accessCodeResult", entry.results.access_code_word());
                }
                Member::PhoneNumber => {
                    if let Some(Object(number)) = members.next_value::<Option<Object<PhoneNumber>>>()? {
                        entry.phone = number.joined();
                        let unread = number.number.filter(|_| entry.phone.is_none());
                        entry.keep("phoneNumber", unread.map(Cow::Owned));
                    }
                }
                Member::StartUrl => {
                    let start = members.next_value::<Text>()?.0;
                    let told =
                        start.map(|url| if url == SIGN_AT_DOCUSIGN { SIGN_AT_DOCUSIGN } else { "set" });
                    entry.keep("embeddedRecipientStartURL", told.map(Cow::Borrowed));
                }
                Member::SuppressEmails => {
                    let muted = members.next_value::<Flag>()?.0;
                    let word = muted.map(|muted| if muted { "true" } else { "false" });
                    entry.keep("suppressEmails", word.map(Cow::Borrowed));
                }
                Member::ErrorDetails => {
                    let details = members.next_value::<Option<Object<ErrorDetails>>>()?;
                    let refusal = details.map(|Object(details)| details).filter(|told| !told.is_success());
                    entry.keep("errorCode", refusal.and_then(|told| told.error_code).map(Cow::Owned));
                }
                Member::Kept(name) => {
                    let word = members.next_value::<Word>()?.0;
                    entry.keep(name, word);
                }
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(entry)
    }
}

impl Entry {
    fn keep(&mut self, name: &'static str, word: Option<Cow<'static, str>>) {
        if let Some(word) = word {
            self.extra.insert(name, word);
        }
    }

    /// The value; a text that could not be read is kept as it came.
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

/// A member's name.
enum Member {
    RecipientId,
    Name,
    Email,
    ClientUserId,
    RoutingOrder,
    RecipientType,
    Status,
    AccessCode,
    Results,
    RequireIdLookup,
    IdentityVerification,
    PhoneAuthentication,
    SmsAuthentication,
    PhoneNumber,
    SentDateTime,
    DeliveredDateTime,
    SignedDateTime,
    DeclinedDateTime,
    DeclinedReason,
    SignerName,
    SignerEmail,
    StartUrl,
    SuppressEmails,
    ErrorDetails,
    Kept(&'static str),
    Other,
}

impl Member {
    fn named(name: &str) -> Self {
        match name {
            "recipientId" => Self::RecipientId,
            "name" => Self::Name,
            "email" => Self::Email,
            "clientUserId" => Self::ClientUserId,
            "routingOrder" => Self::RoutingOrder,
            "recipientType" => Self::RecipientType,
            "status" => Self::Status,
            "accessCode" => Self::AccessCode,
            "recipientAuthenticationStatus" => Self::Results,
            "requireIdLookup" => Self::RequireIdLookup,
            "identityVerification" => Self::IdentityVerification,
            "phoneAuthentication" => Self::PhoneAuthentication,
            "smsAuthentication" => Self::SmsAuthentication,
            "phoneNumber" => Self::PhoneNumber,
            "sentDateTime" => Self::SentDateTime,
            "deliveredDateTime" => Self::DeliveredDateTime,
            "signedDateTime" => Self::SignedDateTime,
            "declinedDateTime" => Self::DeclinedDateTime,
            "declinedReason" => Self::DeclinedReason,
            "signerName" => Self::SignerName,
            "signerEmail" => Self::SignerEmail,
            "embeddedRecipientStartURL" => Self::StartUrl,
            "suppressEmails" => Self::SuppressEmails,
            "errorDetails" => Self::ErrorDetails,
            _ => KEPT.iter().find(|kept| **kept == name).map_or(Self::Other, |kept| Self::Kept(kept)),
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Member;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Member, E> {
                Ok(Member::named(name))
            }
        }

        from.deserialize_identifier(Name)
    }
}
