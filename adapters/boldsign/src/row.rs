//! One row of a document's signers, as the rest of the adapter wants to see it.

use std::borrow::Cow;

use crate::wire::{GroupSigner, Phone, Signer};

/// A signer of the document, or one of those who may sign for a group.
#[derive(Clone, Copy)]
pub(crate) struct Row<'p> {
    pub(crate) signer: &'p Signer,
    pub(crate) member: Option<&'p GroupSigner>,
}

impl<'p> Row<'p> {
    pub(crate) fn email(&self) -> Option<&'p str> {
        let email = match self.member {
            Some(member) => &member.signer_email,
            None => &self.signer.signer_email,
        };
        filled(email)
    }

    pub(crate) fn phone(&self) -> Option<String> {
        // A group's phone number is not known to be anybody's in particular.
        if self.member.is_some() { None } else { joined(self.signer.phone_number.as_ref()?) }
    }

    pub(crate) fn word(&self) -> &'p str {
        self.status().as_deref().unwrap_or_default()
    }

    pub(crate) fn status(&self) -> &'p Option<Cow<'static, str>> {
        match self.member {
            Some(member) => &member.status,
            None => &self.signer.status,
        }
    }

    pub(crate) fn viewed(&self) -> Option<bool> {
        self.member.map_or(self.signer.is_viewed, |member| member.is_viewed)
    }

    pub(crate) fn delivery_failed(&self) -> Option<bool> {
        self.member.map_or(self.signer.is_delivery_failed, |member| member.is_delivery_failed)
    }

    pub(crate) fn authentication_failed(&self) -> Option<bool> {
        self.member.map_or(self.signer.is_authentication_failed, |member| member.is_authentication_failed)
    }

    /// How BoldSign is told of this row, without the order; the first part of the row's id.
    pub(crate) fn address(&self) -> Option<Cow<'p, str>> {
        self.email().map(Cow::Borrowed).or_else(|| self.phone().map(Cow::Owned))
    }

    pub(crate) fn order(&self) -> i64 {
        self.signer.order.unwrap_or_default()
    }
}

/// Country and number as digits behind a `+`.
fn joined(phone: &Phone) -> Option<String> {
    let digits = |text: &Option<String>| -> String {
        text.iter().flat_map(|text| text.chars()).filter(char::is_ascii_digit).collect()
    };
    let (country, number) = (digits(&phone.country_code), digits(&phone.number));
    if number.is_empty() { None } else { Some(format!("+{country}{number}")) }
}

/// The text, if there is more than white space in it.
pub(crate) fn filled(text: &Option<impl AsRef<str>>) -> Option<&str> {
    text.as_ref().map(AsRef::as_ref).map(str::trim).filter(|text| !text.is_empty())
}
