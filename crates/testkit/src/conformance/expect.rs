//! What must be true after a call, without a vendor's words.

use std::str::FromStr;

use countersign_core::{ErrorKind, Operation};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// What must be true: a reply or an error, and what became of the world. A table in a scenario or in a patch.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Expect {
    /// The call fails, in this way.
    pub error: Option<ExpectError>,
    /// Everybody on the list, in routing order; for `list_recipients`.
    pub recipients: Option<Vec<ExpectRecipient>>,
    /// The link; for `create_view`.
    pub view: Option<ExpectView>,
    /// Those who were meant; for `resend_recipient`.
    pub resent: Option<Vec<ExpectResent>>,
    /// What was done; for `change_access_code`.
    pub changed: Option<ExpectChanged>,
    /// Who gets a mail because of the call; once for each mail.
    pub mails: Vec<String>,
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectError {
    /// What kind of failure it is.
    #[serde(deserialize_with = "kind")]
    pub kind: ErrorKind,
    /// Did it happen?
    pub outcome: Outcome,
    /// May the same call be made again?
    #[serde(default)]
    pub retry: Retry,
    /// How long to wait, where the vendor said.
    #[serde(default)]
    pub wait_seconds: Option<u64>,
    /// Fields that the error's details must name.
    #[serde(default)]
    pub details: Vec<String>,
}

/// Did it happen?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing happened.
    NoEffect,
    /// The vendor refused; nothing happened.
    Refused,
    /// It may have happened or not.
    Unknown,
}

/// May the same call be made again?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Not as it stands.
    #[default]
    Never,
    /// Yes, later.
    Later,
}

/// One row of a list. What is not given is not looked at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectRecipient {
    /// The key of a person.
    pub who: String,
    /// The status, in the stable word.
    #[serde(default)]
    pub status: Option<String>,
    /// A status that none of the known words describes; its text is not looked at.
    #[serde(default)]
    pub unknown_status: bool,
    /// Whether it is their turn.
    #[serde(default)]
    pub in_turn: Option<bool>,
    /// What is known of the access code, in the stable word.
    #[serde(default)]
    pub access_code: Option<String>,
    /// What they are there to do, in the stable word.
    #[serde(default)]
    pub role: Option<String>,
    /// The name on the envelope.
    #[serde(default)]
    pub name: Option<String>,
}

/// What is known of a link.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectView {
    /// For whom it is.
    pub who: String,
    /// Seconds from the call until the link ends.
    #[serde(default)]
    pub lives_seconds: Option<u64>,
    /// Whether it opens once only, as far as it is known.
    #[serde(default)]
    pub single_use: Option<bool>,
}

/// What a resend did for one recipient.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectResent {
    /// The key of a person.
    pub who: String,
    /// `expected`, `unknown`, or the stable word of the reason for none.
    pub mail: String,
    /// What it does for a locked signer.
    #[serde(default = "not_needed")]
    pub unlocking: String,
}

/// What a change of the access code did.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectChanged {
    /// The key of a person.
    pub who: String,
    /// `expected`, `unknown`, or the stable word of the reason for none.
    pub mail: String,
    /// What it does for a locked signer.
    #[serde(default = "not_needed")]
    pub unlocking: String,
}

fn not_needed() -> String {
    "not_needed".to_owned()
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<ErrorKind, D::Error> {
    let word = String::deserialize(from)?;
    ErrorKind::from_str(&word).map_err(|()| {
        let known: Vec<&str> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        D::Error::custom(format!("`{word}` is no kind of error; allowed: {}", known.join(", ")))
    })
}

impl Expect {
    /// Everybody who is named.
    pub(crate) fn people(&self) -> impl Iterator<Item = &str> {
        let listed = self.recipients.iter().flatten().map(|row| row.who.as_str());
        let resent = self.resent.iter().flatten().map(|row| row.who.as_str());
        let view = self.view.iter().map(|view| view.who.as_str());
        let changed = self.changed.iter().map(|changed| changed.who.as_str());
        let mails = self.mails.iter().map(String::as_str);
        listed.chain(resent).chain(view).chain(changed).chain(mails)
    }

    /// Either an error or the reply of this operation, and no other.
    pub(crate) fn check(&self, call: Operation) -> Result<(), String> {
        let there = [
            ("error", self.error.is_some(), true),
            ("recipients", self.recipients.is_some(), call == Operation::ListRecipients),
            ("view", self.view.is_some(), call == Operation::CreateView),
            ("resent", self.resent.is_some(), call == Operation::ResendRecipient),
            ("changed", self.changed.is_some(), call == Operation::ChangeAccessCode),
        ];
        let allowed: Vec<&str> = there.iter().filter(|row| row.2).map(|row| row.0).collect();
        let given: Vec<&str> = there.iter().filter(|row| row.1).map(|row| row.0).collect();
        match given.as_slice() {
            [one] if allowed.contains(one) => Ok(()),
            [] => Err(format!("`expect` has neither of: {}", allowed.join(", "))),
            _ => Err(format!("`expect` has {}; allowed is one of: {}", given.join(", "), allowed.join(", "))),
        }
    }
}
