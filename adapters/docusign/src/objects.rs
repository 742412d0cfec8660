//! Objects of DocuSign's JSON whose members are an open set: the list of recipients by kind, and the results of their
//! checks. What is known is read into types, what is not is kept or passed over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::lenient::Object;
use crate::loose::Loose;
use crate::parsed::{Parsed, number};
use crate::wire::{CheckResult, Entry};

/// The arrays of recipients that the reference names. `authorizedSignatories` is new in version 26.2.
pub(crate) const ARRAYS: [&str; 13] = [
    "signers",
    "agents",
    "editors",
    "intermediaries",
    "carbonCopies",
    "certifiedDeliveries",
    "inPersonSigners",
    "seals",
    "witnesses",
    "notaries",
    "participants",
    "notaryWitnesses",
    "authorizedSignatories",
];

/// `GET …/recipients`: every array that holds recipients, with its name, also arrays that are not in [`ARRAYS`].
#[derive(Debug, Default)]
pub(crate) struct RecipientList {
    pub(crate) arrays: Vec<(Cow<'static, str>, Vec<Object<Entry>>)>,
    pub(crate) current_routing_order: Option<Parsed<u32>>,
}

impl<'de> Deserialize<'de> for RecipientList {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = RecipientList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of recipient arrays")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RecipientList, A::Error> {
        let mut list = RecipientList::default();
        while let Some(Name(name)) = members.next_key::<Name>()? {
            if let Cow::Borrowed(_) = name {
                let entries = members.next_value::<Option<Vec<_>>>()?.unwrap_or_default();
                list.arrays.push((name, entries));
            } else if name == "currentRoutingOrder" {
                list.current_routing_order = members.next_value::<Order>()?.0;
            } else if let Value::Array(items) = members.next_value::<Value>()?
                && items.iter().any(|item| item.get("recipientId").is_some())
            {
                // A kind of recipient that is newer than this library.
                let entries = items.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
                list.arrays.push((name, entries.map_err(A::Error::custom)?));
            }
        }
        Ok(list)
    }
}

#[derive(Deserialize)]
struct Order(#[serde(deserialize_with = "number")] Option<Parsed<u32>>);

/// A member's name; borrowed when it is one of [`ARRAYS`], which saves a copy per recipient.
struct Name(Cow<'static, str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                let known = ARRAYS.iter().find(|known| known.eq_ignore_ascii_case(name));
                Ok(Name(known.map_or_else(|| Cow::Owned(name.to_owned()), |known| Cow::Borrowed(*known))))
            }
        }

        from.deserialize_str(NameVisitor)
    }
}

/// `recipientAuthenticationStatus`: what became of each check. The object has members of several kinds and grows;
/// what is no result with a status is passed over.
#[derive(Debug, Default)]
pub(crate) struct CheckResults {
    pub(crate) access_code: Option<CheckResult>,
    /// By member name.
    pub(crate) others: Vec<(String, CheckResult)>,
}

impl<'de> Deserialize<'de> for CheckResults {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Results;

        impl<'de> Visitor<'de> for Results {
            type Value = CheckResults;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of results")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<CheckResults, A::Error> {
                let mut results = CheckResults::default();
                while let Some(name) = members.next_key::<String>()? {
                    let Loose(Some(result)) = members.next_value::<Loose<CheckResult>>()? else { continue };
                    if name == "accessCodeResult" {
                        results.access_code = Some(result);
                    } else {
                        results.others.push((name, result));
                    }
                }
                Ok(results)
            }
        }

        from.deserialize_map(Results)
    }
}
