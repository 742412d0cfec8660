//! What happens before and after the call of a scenario.

use serde::Deserialize;

/// What people say who decline.
pub const DECLINE_REASON: &str = "Not my house";

/// Something that happens. Acts of people go through the vendor's pages or whatever the backend has in their place.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Step {
    /// They read the documents.
    Opens {
        /// Who.
        who: String,
    },
    /// They type the right access code.
    TypesCode {
        /// Who.
        who: String,
        /// Another code than the one they got with the envelope.
        #[serde(default)]
        code: Option<String>,
    },
    /// They type wrong access codes until they are locked out.
    LocksOut {
        /// Who.
        who: String,
    },
    /// They sign; who has a code types it first.
    Signs {
        /// Who.
        who: String,
        /// A name adopted with the signature.
        #[serde(default)]
        new_name: Option<String>,
    },
    /// They leave without finishing.
    Leaves {
        /// Who.
        who: String,
        /// A name adopted before leaving.
        #[serde(default)]
        new_name: Option<String>,
    },
    /// They decline, and say [`DECLINE_REASON`].
    Declines {
        /// Who.
        who: String,
    },
    /// The mail to them could not be delivered.
    Bounces {
        /// Who.
        who: String,
    },
    /// The sender takes the envelope back.
    Voids,
    /// Nobody finished the envelope in time.
    Expires,
    /// Somebody edits the envelope, and the vendor locks it against others.
    IsEdited,
    /// Time passes.
    Waits {
        /// How long.
        seconds: u64,
    },
    /// The credentials that are in use stop working; new ones can be had where the vendor has that.
    TokenExpires,
    /// The account's calls of this hour are used up.
    CallsUsedUp,
    /// The application lists the recipients and keeps what it learned, for `by = "known"`.
    Lists,
    /// The application resends, through the same adapter.
    Resends {
        /// To whom.
        who: String,
    },
    /// The application changes the access code, through the same adapter.
    ChangesCode {
        /// Whose.
        who: String,
        /// The new code.
        code: String,
        /// Whether they are to be told.
        #[serde(default)]
        notify: bool,
    },
    /// They follow the link that the call returned.
    OpensLink {
        /// Who.
        who: String,
        /// What must come of it.
        then: Opening,
    },
}

impl Step {
    /// Its name and whom it is about; never a code.
    pub(crate) fn label(&self) -> String {
        let name = match self {
            Step::Opens { .. } => "opens",
            Step::TypesCode { .. } => "types_code",
            Step::LocksOut { .. } => "locks_out",
            Step::Signs { .. } => "signs",
            Step::Leaves { .. } => "leaves",
            Step::Declines { .. } => "declines",
            Step::Bounces { .. } => "bounces",
            Step::Voids => "voids",
            Step::Expires => "expires",
            Step::IsEdited => "is_edited",
            Step::Waits { .. } => "waits",
            Step::TokenExpires => "token_expires",
            Step::CallsUsedUp => "calls_used_up",
            Step::Lists => "lists",
            Step::Resends { .. } => "resends",
            Step::ChangesCode { .. } => "changes_code",
            Step::OpensLink { .. } => "opens_link",
        };
        self.who().map_or_else(|| format!("`{name}`"), |who| format!("`{name}` of {who}"))
    }

    /// Whom it is about.
    #[must_use]
    pub fn who(&self) -> Option<&str> {
        match self {
            Step::Opens { who }
            | Step::TypesCode { who, .. }
            | Step::LocksOut { who }
            | Step::Signs { who, .. }
            | Step::Leaves { who, .. }
            | Step::Declines { who }
            | Step::Bounces { who }
            | Step::Resends { who }
            | Step::ChangesCode { who, .. }
            | Step::OpensLink { who, .. } => Some(who),
            _ => None,
        }
    }
}

/// What comes of following a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Opening {
    /// The signing page.
    Works,
    /// The vendor says that the link is too old, or was used.
    UsedUp,
}
