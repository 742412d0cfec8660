//! The purpose of a call, and the effect of each of its steps.

use std::fmt;

/// The operation that a caller requested. One operation may take several steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Create a signing link for one recipient.
    CreateView,
    /// Resend the signing request.
    ResendRecipient,
    /// Change a recipient's access code.
    ChangeAccessCode,
    /// List the recipients of an envelope and their status.
    ListRecipients,
    /// Check that the credentials work.
    SignIn,
}

impl Operation {
    /// The four operations and the sign-in, in display order.
    pub const ALL: [Operation; 5] = [
        Operation::ListRecipients,
        Operation::CreateView,
        Operation::ResendRecipient,
        Operation::ChangeAccessCode,
        Operation::SignIn,
    ];

    /// The stable name in logs, JSON and errors.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::CreateView => "create_view",
            Operation::ResendRecipient => "resend_recipient",
            Operation::ChangeAccessCode => "change_access_code",
            Operation::ListRecipients => "list_recipients",
            Operation::SignIn => "sign_in",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Operation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The effect of one step at the vendor. It decides whether the step may be repeated. The HTTP method does not,
/// because vendors create links with GET and read with POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Creates a link; an additional link is harmless.
    MintsLink,
    /// Sets a value; setting it again gives the same state.
    SetsState,
    /// Sends a message to a recipient; repeating it sends another one.
    Notifies,
}

impl Effect {
    /// The stable name in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::MintsLink => "mints_link",
            Effect::SetsState => "sets_state",
            Effect::Notifies => "notifies",
        }
    }

    /// The number in stores: the stronger the effect, the greater. It never changes.
    #[must_use]
    pub fn rank(self) -> i16 {
        match self {
            Effect::Read => 0,
            Effect::MintsLink => 10,
            Effect::SetsState => 20,
            Effect::Notifies => 40,
        }
    }

    /// The effect with this number. An unknown number is an effect of a newer build and counts as the strongest.
    #[must_use]
    pub fn from_rank(rank: i16) -> Self {
        let known = [Effect::Read, Effect::MintsLink, Effect::SetsState];
        known.into_iter().find(|effect| effect.rank() == rank).unwrap_or(Effect::Notifies)
    }
}

impl<'de> serde::Deserialize<'de> for Operation {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        let known = Self::ALL.into_iter().find(|operation| operation.as_str() == word);
        known.ok_or_else(|| {
            let allowed = Self::ALL.map(Operation::as_str).join(", ");
            serde::de::Error::custom(format!("`{word}` is not an operation; allowed: {allowed}"))
        })
    }
}
