//! The expectation after a call, in vendor-neutral words.

use countersign_core::{ErrorKind, Operation, Outcome};
use serde::Deserialize;

/// The expectation: a reply or an error, and the effects. A table in a scenario or in a patch.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Expect {
    /// The call fails, in this way.
    pub error: Option<ExpectError>,
    /// All recipients of the list, in routing order; for `list_recipients`.
    pub recipients: Option<Vec<ExpectRecipient>>,
    /// The link; for `create_view`.
    pub view: Option<ExpectView>,
    /// The selected recipients; for `resend_recipient`.
    pub resent: Option<Vec<ExpectResult>>,
    /// The result; for `change_access_code`.
    pub changed: Option<ExpectResult>,
    /// Who gets a mail because of the call; one entry for each mail.
    pub mails: Vec<String>,
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectError {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// Whether the operation took effect.
    pub outcome: Outcome,
    /// Whether the same call may be repeated.
    #[serde(default)]
    pub retry: Retry,
    /// How long to wait, if the vendor reported it.
    pub wait_seconds: Option<u64>,
    /// Fields that the error's details must name.
    #[serde(default)]
    pub details: Vec<String>,
}

/// Whether the same call may be repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// No.
    #[default]
    Never,
    /// Yes, later.
    Later,
}

/// One row of a list. Absent members are not checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectRecipient {
    /// The key of a recipient.
    pub who: String,
    /// The status, in the stable word.
    pub status: Option<String>,
    /// A status that none of the known words describes; its text is not checked.
    #[serde(default)]
    pub unknown_status: bool,
    /// Whether it is their turn.
    pub in_turn: Option<bool>,
    /// The state of the access code, as the stable word.
    pub access_code: Option<String>,
    /// The role, as the stable word.
    pub role: Option<String>,
    /// The name on the envelope.
    pub name: Option<String>,
}

/// The expected link.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectView {
    /// The recipient.
    pub who: String,
    /// Seconds from the call until the link expires.
    pub lives_seconds: Option<u64>,
    /// Whether it opens only once, if known.
    pub single_use: Option<bool>,
}

/// The result of a resend or of a change of the access code for one recipient.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectResult {
    /// The key of a recipient.
    pub who: String,
    /// `expected`, `unknown`, or the stable word of the reason for none.
    pub mail: String,
    /// The effect on a locked signer.
    #[serde(default = "not_needed")]
    pub unlocking: String,
}

fn not_needed() -> String {
    "not_needed".to_owned()
}

impl Expect {
    /// All recipients that are named.
    pub(crate) fn people(&self) -> impl Iterator<Item = &str> {
        let listed = self.recipients.iter().flatten().map(|row| row.who.as_str());
        let resent = self.resent.iter().flatten().map(|row| row.who.as_str());
        let view = self.view.iter().map(|view| view.who.as_str());
        let changed = self.changed.iter().map(|changed| changed.who.as_str());
        let mails = self.mails.iter().map(String::as_str);
        listed.chain(resent).chain(view).chain(changed).chain(mails)
    }

    /// Either an error or the reply of this operation, and nothing else.
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
            _ => Err(format!("`expect` has {}; expected one of: {}", given.join(", "), allowed.join(", "))),
        }
    }
}
