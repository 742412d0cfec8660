//! The purpose of a call, and the effect of each of its steps.

use crate::model::word::words;

words! {
    /// The operation that a caller requested. One operation may take several steps.
    Operation {
        /// List the recipients of an envelope and their status.
        ListRecipients = "list_recipients";
        /// Create a signing link for one recipient.
        CreateView = "create_view";
        /// Resend the signing request.
        ResendRecipient = "resend_recipient";
        /// Change a recipient's access code.
        ChangeAccessCode = "change_access_code";
        /// Check that the credentials work.
        SignIn = "sign_in";
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
