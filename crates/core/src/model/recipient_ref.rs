//! Refers to one recipient and finds them in a list, without guessing.

use std::fmt;
use std::str::FromStr;

use crate::error::{Detail, Error, ErrorKind, Result};
use crate::model::{Email, InvalidValue, Phone, Recipient, RecipientId, Recipients};
use crate::redact::escape_control;

/// A reference to one recipient of an envelope.
///
/// In text: `id:2`, `email:a@b.c`, `email:a@b.c#2` (the occurrence with order 2), `client:77`, `phone:+4912345678`.
#[derive(Debug, Clone, Hash)]
#[non_exhaustive]
pub enum RecipientRef {
    /// By an id from a list.
    Id(RecipientId),
    /// By address, which must occur only once.
    Email(Email),
    /// By address and position in the routing order, for recipients who sign more than once.
    EmailAndOrder(Email, u32),
    /// By the sender's own id of an embedded recipient.
    ClientUserId(String),
    /// By phone number, which must occur only once.
    Phone(Phone),
    /// A recipient from an earlier list: no list is read unless the vendor rejects the recipient.
    Known(Box<Recipient>),
}

impl From<Recipient> for RecipientRef {
    fn from(recipient: Recipient) -> Self {
        RecipientRef::Known(Box::new(recipient))
    }
}

impl FromStr for RecipientRef {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "`id:2`, `email:a@b.c`, `email:a@b.c#2`, `client:77` or `phone:+4912345678`";
        let Some((kind, rest)) = text.split_once(':') else {
            let problem = if text.contains('@') {
                "has no kind; write an address as `email:` and the address"
            } else {
                "has no kind in front"
            };
            return Err(InvalidValue::new("recipient", problem, EXPECTED));
        };
        match kind {
            "id" => RecipientId::new(rest).map(RecipientRef::Id),
            "phone" => Phone::new(rest).map(RecipientRef::Phone),
            "client" if rest.is_empty() => {
                Err(InvalidValue::new("recipient", "has an empty client user id", EXPECTED))
            }
            "client" => Ok(RecipientRef::ClientUserId(rest.to_owned())),
            "email" => match rest.rsplit_once('#') {
                // A `#` may occur before the `@`; only one after the domain starts an order.
                Some((address, order)) if !order.contains('@') => match order.parse::<u32>() {
                    Ok(order) => Ok(RecipientRef::EmailAndOrder(Email::new(address)?, order)),
                    Err(_) => Err(InvalidValue::new(
                        "recipient",
                        "has something other than a number after `#`",
                        EXPECTED,
                    )),
                },
                _ => Email::new(rest).map(RecipientRef::Email),
            },
            _ => Err(InvalidValue::new("recipient", "has an unknown kind in front", EXPECTED)),
        }
    }
}

impl fmt::Display for RecipientRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecipientRef::Id(id) => write!(f, "id:{id}"),
            RecipientRef::Email(email) => write!(f, "email:{email}"),
            RecipientRef::EmailAndOrder(email, order) => write!(f, "email:{email}#{order}"),
            // The only part that may contain any text.
            RecipientRef::ClientUserId(id) => write!(f, "client:{}", escape_control(id)),
            RecipientRef::Phone(phone) => write!(f, "phone:{phone}"),
            RecipientRef::Known(recipient) => write!(f, "id:{}", recipient.id),
        }
    }
}

impl RecipientRef {
    /// Finds the matching recipient.
    ///
    /// # Errors
    /// `RecipientNotFound` with the closest candidates, `RecipientAmbiguous` with all matching ones.
    pub fn find<'r>(&self, list: &'r Recipients) -> Result<&'r Recipient> {
        let found = || list.recipients.iter().filter(|recipient| self.names(recipient));
        let mut first = found();
        match (first.next(), first.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(self.not_found(list)),
            _ => Err(self.ambiguous(&found().collect::<Vec<_>>())),
        }
    }

    fn names(&self, recipient: &Recipient) -> bool {
        match self {
            RecipientRef::Id(id) => recipient.id == *id,
            RecipientRef::Email(email) => recipient.email.as_deref() == Some(email.as_str()),
            RecipientRef::EmailAndOrder(email, order) => {
                recipient.email.as_deref() == Some(email.as_str()) && recipient.order == Some(*order)
            }
            RecipientRef::ClientUserId(id) => recipient.client_user_id.as_deref() == Some(id.as_str()),
            RecipientRef::Phone(phone) => recipient.phone.as_deref() == Some(phone.as_str()),
            RecipientRef::Known(known) => recipient.id == known.id,
        }
    }

    fn what(&self) -> &'static str {
        match self {
            RecipientRef::Id(_) | RecipientRef::Known(_) => "id",
            RecipientRef::Email(_) => "e-mail address",
            RecipientRef::EmailAndOrder(..) => "e-mail address and order",
            RecipientRef::ClientUserId(_) => "client user id",
            RecipientRef::Phone(_) => "phone number",
        }
    }

    fn not_found(&self, list: &Recipients) -> Error {
        let what = self.what();
        if list.recipients.is_empty() {
            return Error::new(ErrorKind::RecipientNotFound, "the envelope has no recipients");
        }
        let near = self.near(list);
        let message = match near.first() {
            Some((difference, _)) => {
                format!("no recipient has this {what}; the closest differs in {difference}")
            }
            None => format!("no recipient of the envelope has this {what}"),
        };
        Error::new(ErrorKind::RecipientNotFound, message)
            .with_details(near.into_iter().map(|(_, detail)| detail).collect())
    }

    /// The closest candidates, best first, with their differences.
    fn near(&self, list: &Recipients) -> Vec<(&'static str, Detail)> {
        let mut near: Vec<(usize, &'static str, Detail)> = Vec::new();
        for recipient in &list.recipients {
            let Some((rank, difference, present)) = self.nearness(recipient) else { continue };
            let name = recipient.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
            let sent = self.to_string().split_once(':').map(|(_, sent)| sent.to_owned());
            near.push((rank, difference, Detail::new(difference, sent, Some(present + &name))));
        }
        near.sort_by_key(|(rank, ..)| *rank);
        near.into_iter().map(|(_, difference, detail)| (difference, detail)).collect()
    }

    /// The distance of a recipient from the reference, the differences, and the recipient's values.
    fn nearness(&self, recipient: &Recipient) -> Option<(usize, &'static str, String)> {
        const SPELLING: &str = "spelling";
        let alike = |wanted: &str, present: Option<&str>| {
            let present = present?;
            Some((distance(wanted, present)?, SPELLING, present.to_owned()))
        };
        let (RecipientRef::Email(wanted) | RecipientRef::EmailAndOrder(wanted, _)) = self else {
            return match self {
                RecipientRef::ClientUserId(id) => alike(id, recipient.client_user_id.as_deref()),
                RecipientRef::Phone(phone) => alike(phone.as_str(), recipient.phone.as_deref()),
                RecipientRef::Id(id) => alike(id.as_str(), Some(recipient.id.as_str())),
                _ => None,
            };
        };
        let (wanted, present) = (wanted.as_str(), recipient.email.as_deref()?);
        let (rank, difference) = if present == wanted {
            (0, "the order")
        } else if present.eq_ignore_ascii_case(wanted) {
            (1, "letter case")
        } else if without_tag(present).eq_ignore_ascii_case(&without_tag(wanted)) {
            (2, "a `+tag`")
        } else {
            // Both sides of the `@` must be similar, because many addresses share one side.
            let ((local, domain), (here, there)) = (wanted.rsplit_once('@')?, present.rsplit_once('@')?);
            (2 + distance(local, here)? + distance(domain, there)?, SPELLING)
        };
        let order = recipient.order.map(|order| format!("#{order}")).unwrap_or_default();
        Some((rank, difference, format!("{present}{order}")))
    }

    fn ambiguous(&self, found: &[&Recipient]) -> Error {
        let details = found
            .iter()
            .map(|recipient| {
                let order =
                    recipient.order.map_or_else(|| "no order".to_owned(), |order| format!("order {order}"));
                let name = recipient.name.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
                Detail::new("candidate", None, Some(format!("id:{} ({order}{name})", recipient.id)))
            })
            .collect();
        let message = format!("{} recipients have this {}", found.len(), self.what());
        Error::new(ErrorKind::RecipientAmbiguous, message).with_details(details)
    }
}

/// The address without a `+tag` before the `@`.
fn without_tag(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local.split_once('+').map_or(local, |(plain, _)| plain);
            format!("{local}@{domain}")
        }
        None => address.to_owned(),
    }
}

/// The number of typing errors between two texts, ignoring letter case; `None` for more than one in three
/// characters.
fn distance(wanted: &str, present: &str) -> Option<usize> {
    let (wanted, present) = (wanted.to_lowercase(), present.to_lowercase());
    let (length, other) = (wanted.chars().count(), present.chars().count());
    let most = length.max(other) / 3;
    // Texts of very different length need not be compared.
    (length.abs_diff(other) <= most)
        .then(|| strsim::osa_distance(&wanted, &present))
        .filter(|slips| *slips <= most)
}
