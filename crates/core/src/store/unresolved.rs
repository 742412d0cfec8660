//! What a ledger tells a person about its calls.

use std::fmt;
use std::str::FromStr;

use crate::model::word::words;
use crate::model::{Call, Effect, EnvelopeId, InvalidValue, Operation, RecipientRef, Timestamp};
use crate::redact::hidden;
use crate::store::{IdempotencyKey, Scope, StoredError};

/// What a call was about, for the person who finds out whether it took effect.
///
/// `recipient` is personal: `Debug` hides it, and a durable ledger seals it.
#[derive(Clone, PartialEq, Eq)]
pub struct CallAbout {
    /// The operation.
    pub operation: Operation,
    /// The vendor's short name.
    pub vendor: String,
    /// The account's name in the configuration.
    pub account: Option<String>,
    /// The envelope.
    pub envelope: String,
    /// The recipient, in the text form of [`RecipientRef`](crate::RecipientRef).
    pub recipient: Option<String>,
}

impl CallAbout {
    /// Of a request to an account at a vendor.
    #[must_use]
    pub fn of(vendor: &str, account: Option<&str>, call: &Call) -> Self {
        let (envelope, recipient) = call.subject();
        Self {
            operation: call.operation(),
            vendor: vendor.to_owned(),
            account: account.map(str::to_owned),
            envelope: envelope.map(EnvelopeId::to_string).unwrap_or_default(),
            recipient: recipient.map(RecipientRef::to_string),
        }
    }
}

hidden!(CallAbout { operation, vendor, account, envelope });

/// A call whose outcome is unknown.
#[derive(Debug, Clone)]
pub struct UnresolvedCall {
    /// The scope of its key.
    pub scope: Scope,
    /// Its key.
    pub key: IdempotencyKey,
    /// When it was first marked as in flight, by the store's clock.
    pub since: Timestamp,
    /// The strongest effect that it may have had.
    pub effect: Effect,
    /// What it was about.
    pub about: CallAbout,
    /// Its error, if it is known.
    pub error: Option<StoredError>,
}

impl UnresolvedCall {
    /// The position of this call, to continue the list after it.
    pub fn cursor(&self) -> Cursor {
        Cursor { scope: self.scope.clone(), key: self.key.clone() }
    }
}

/// A position in the list of unresolved calls. As text, it is the key and the scope with a blank between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The scope.
    pub scope: Scope,
    /// The key.
    pub key: IdempotencyKey,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.scope)
    }
}

impl FromStr for Cursor {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let Some((key, scope)) = text.split_once(' ') else {
            return Err(InvalidValue::new("cursor", "has no scope", "the text of a cursor from a list"));
        };
        Ok(Self { scope: scope.parse()?, key: key.parse()? })
    }
}

words! {
    /// The state of a key.
    CallState {
        /// A call holds the key and has changed nothing yet.
        Claimed = "claimed";
        /// A request that changes something may have been sent; after the lease, the outcome is unknown.
        InFlight = "in_flight";
        /// The reply is recorded.
        Completed = "completed";
        /// A person found whether it took effect. If it did not, the key is free.
        Resolved = "resolved";
    }
}

/// What was found at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// It took effect: calls under the key are rejected from now on, as done.
    Happened,
    /// It had no effect: the key is free again.
    DidNotHappen,
}

/// The record of one key. `Debug` hides the note, which may name people.
#[derive(Clone)]
pub struct CallRecord {
    /// The scope.
    pub scope: Scope,
    /// The key.
    pub key: IdempotencyKey,
    /// Its state.
    pub state: CallState,
    /// The strongest effect that was marked; `None` if none was.
    pub effect: Option<Effect>,
    /// When the state began, by the store's clock.
    pub since: Timestamp,
    /// The time until the lease ends, if the call is running.
    pub running_for: Option<std::time::Duration>,
    /// What the call was about.
    pub about: CallAbout,
    /// The error of an unknown outcome, if it is known.
    pub error: Option<StoredError>,
    /// What was found, if it is resolved.
    pub found: Option<Resolution>,
    /// Who resolved it.
    pub resolved_by: Option<String>,
    /// What they noted.
    pub note: Option<String>,
}

hidden!(CallRecord { scope, key, state, effect, since, running_for, about, error, found, resolved_by });

impl CallRecord {
    /// Whether the outcome is unknown: in flight, and no call holds the key.
    pub fn is_unknown(&self) -> bool {
        self.state == CallState::InFlight && self.running_for.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ResendRecipient;
    use crate::store::Finding;

    #[test]
    fn a_cursor_is_read_back_from_its_text() {
        let (scope, key) = (Scope::new("A & B").unwrap(), IdempotencyKey::new("k-1").unwrap());
        let cursor = Cursor { scope, key };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!("k-1".parse::<Cursor>().is_err());
    }

    #[test]
    fn a_recipient_and_a_note_are_not_shown_by_debug() {
        let envelope = EnvelopeId::new("e-1").unwrap();
        let anna = "email:anna@example.com".parse::<RecipientRef>().unwrap();
        let about = CallAbout::of("acme", None, &ResendRecipient::new(envelope, anna).into());
        let (scope, key) = (Scope::new("sales").unwrap(), IdempotencyKey::new("k-1").unwrap());
        let (found, note) = (Resolution::Happened, "anna has it");
        let finding = Finding { scope: &scope, key: &key, found, by: "ops", note };
        let shown = format!("{finding:?}");
        assert!(shown.contains("ops") && !shown.contains("anna"), "{shown}");
        let record = CallRecord {
            scope,
            key,
            state: CallState::Resolved,
            effect: None,
            since: Timestamp::UNIX_EPOCH,
            running_for: None,
            about,
            error: None,
            found: Some(found),
            resolved_by: Some("ops".to_owned()),
            note: Some(note.to_owned()),
        };
        let shown = format!("{record:?}");
        assert!(shown.contains("acme") && !shown.contains("anna"), "{shown}");
    }
}
