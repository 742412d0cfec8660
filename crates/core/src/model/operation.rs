//! What a call is for, and what one step of it does to the world.

use std::fmt;

/// The operation that a caller asked for. One operation may take several steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Make a link under which one recipient signs.
    CreateView,
    /// Send the request to sign once more.
    ResendRecipient,
    /// Give a recipient another access code.
    ChangeAccessCode,
    /// Read who is on an envelope and how far they are.
    ListRecipients,
    /// Check that the credentials work.
    SignIn,
}

impl Operation {
    /// The four operations and the sign-in, in the order in which they are shown.
    pub const ALL: [Operation; 5] = [
        Operation::ListRecipients,
        Operation::CreateView,
        Operation::ResendRecipient,
        Operation::ChangeAccessCode,
        Operation::SignIn,
    ];

    /// The stable name, as in logs, JSON and error lines.
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

/// What one step does at the vendor. It decides whether the step may be repeated; the HTTP method does not, since
/// vendors mint links with GET and read with POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes a link; another link beside it harms nobody.
    MintsLink,
    /// Sets a value; setting it again gives the same state.
    SetsState,
    /// Sends something to a person; doing it again sends it again.
    Notifies,
}

impl Effect {
    /// The stable name, as in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::MintsLink => "mints_link",
            Effect::SetsState => "sets_state",
            Effect::Notifies => "notifies",
        }
    }
}
