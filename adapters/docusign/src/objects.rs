//! Objects of DocuSign's JSON whose members are an open set: the list of recipients by kind, and the results of their
//! checks. What is known is read into types, what is not is kept or passed over.

use std::borrow::Cow;
use std::fmt;

use countersign_core::{Recipient, Timestamp};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::entry::Entry;
use crate::loose::{Loose, LooseText};
use crate::parsed::{Number, Parsed, as_instant};
use crate::people;

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

/// `GET …/recipients`: everybody of every array that holds recipients, also of arrays that are not in [`ARRAYS`].
#[derive(Debug, Default)]
pub(crate) struct RecipientList {
    pub(crate) people: Vec<Recipient>,
    /// Why the first entry that cannot be used cannot, without its values.
    pub(crate) flaw: Option<String>,
    pub(crate) current_routing_order: Option<u32>,
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
        while let Some(Name(array)) = members.next_key::<Name>()? {
            if let Cow::Borrowed(_) = array {
                members.next_value_seed(Everybody { array, list: &mut list })?;
            } else if array == "currentRoutingOrder" {
                list.current_routing_order = members.next_value::<Number>()?.0.and_then(Parsed::value);
            } else if let Value::Array(items) = members.next_value::<Value>()?
                && items.iter().any(|item| item.get("recipientId").is_some())
            {
                // A kind of recipient that is newer than this library.
                let everybody = Everybody { array, list: &mut list };
                everybody.deserialize(Value::Array(items)).map_err(A::Error::custom)?;
            }
        }
        Ok(list)
    }
}

/// One array's entries, each made a recipient as soon as it is read.
struct Everybody<'l> {
    array: Cow<'static, str>,
    list: &'l mut RecipientList,
}

impl<'de> DeserializeSeed<'de> for Everybody<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Everybody<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of recipients")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut place = 0_usize;
        while let Some(entry) = entries.next_element::<Entry>()? {
            match people::recipient(entry, self.array.clone(), place) {
                Ok(person) => self.list.people.push(person),
                Err(flaw) => drop(self.list.flaw.get_or_insert(flaw)),
            }
            place += 1;
        }
        Ok(())
    }
}

/// A member's name; borrowed when it is one of [`ARRAYS`], which saves a copy per recipient.
struct Name(Cow<'static, str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Known(&ARRAYS)).map(Self)
    }
}

/// A name; borrowed when it is one of these, whatever its letter case.
struct Known(&'static [&'static str]);

impl Visitor<'_> for Known {
    type Value = Cow<'static, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        // The usual spelling first: it is compared at once.
        let known = self.0.iter().find(|known| **known == name);
        let known = known.or_else(|| self.0.iter().find(|known| known.eq_ignore_ascii_case(name)));
        Ok(known.map_or_else(|| Cow::Owned(name.to_owned()), |known| Cow::Borrowed(*known)))
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

impl CheckResults {
    /// DocuSign's word for what became of the access code.
    pub(crate) fn access_code_word(&self) -> Option<Cow<'static, str>> {
        self.access_code.as_ref().and_then(|result| result.status.clone())
    }
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
                while let Some(Word(name)) = members.next_key::<Word>()? {
                    let Loose(Some(result)) = members.next_value::<Loose<CheckResult>>()? else { continue };
                    if name == ACCESS_CODE {
                        results.access_code = Some(result);
                    } else {
                        results.others.push((name.into_owned(), result));
                    }
                }
                Ok(results)
            }
        }

        from.deserialize_map(Results)
    }
}

const ACCESS_CODE: &str = "accessCodeResult";
const STATUS: &str = "status";
const TIME: &str = "eventTimestamp";

/// A member's name within the results; the frequent ones are not copied.
struct Word(Cow<'static, str>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Known(&[ACCESS_CODE, STATUS, TIME])).map(Self)
    }
}

/// What became of one check.
#[derive(Debug, Default)]
pub(crate) struct CheckResult {
    pub(crate) status: Option<Cow<'static, str>>,
    /// When it failed; for a check that was passed nobody asks.
    pub(crate) failed_at: Option<Timestamp>,
}

impl CheckResult {
    /// Whether it was passed or failed. The specification says `Pass` and `Fail`, its example and users say `Passed`
    /// and `Failed`.
    pub(crate) fn outcome(&self) -> Option<bool> {
        match self.status.as_deref()?.trim_start().get(..4) {
            Some(start) if start.eq_ignore_ascii_case("pass") => Some(true),
            Some(start) if start.eq_ignore_ascii_case("fail") => Some(false),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for CheckResult {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = CheckResult;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a result")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<CheckResult, A::Error> {
                let mut result = CheckResult::default();
                while let Some(Word(name)) = members.next_key::<Word>()? {
                    if name == STATUS {
                        result.status = members.next_value::<LooseText>()?.0;
                    } else if name == TIME && result.outcome() != Some(true) {
                        let at = members.next_value::<LooseText>()?.0;
                        result.failed_at = at.and_then(|text| as_instant(&text));
                    } else {
                        members.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(result)
            }
        }

        from.deserialize_map(Members)
    }
}
