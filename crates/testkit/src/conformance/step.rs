//! The events before and after the call of a scenario.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// The reason of recipients who decline.
pub const DECLINE_REASON: &str = "Not my house";

/// An event. Recipients act on the vendor's pages, or on the backend's replacement for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Step {
    /// A recipient reads the documents.
    Opens {
        /// Who.
        who: String,
    },
    /// A recipient enters the right access code.
    TypesCode {
        /// Who.
        who: String,
        /// A code other than the one from the envelope's creation.
        code: Option<String>,
    },
    /// A recipient enters wrong access codes until they are locked.
    LocksOut {
        /// Who.
        who: String,
    },
    /// A recipient signs, after entering the code if there is one.
    Signs {
        /// Who.
        who: String,
        /// A new name, set with the signature.
        new_name: Option<String>,
    },
    /// A recipient leaves without finishing.
    Leaves {
        /// Who.
        who: String,
        /// A new name, set before leaving.
        new_name: Option<String>,
    },
    /// A recipient declines, with [`DECLINE_REASON`].
    Declines {
        /// Who.
        who: String,
    },
    /// The mail to a recipient bounces.
    Bounces {
        /// Who.
        who: String,
    },
    /// The sender voids the envelope.
    Voids,
    /// The envelope expires.
    Expires,
    /// Another user edits the envelope, and the vendor locks it.
    IsEdited,
    /// Time passes.
    Waits {
        /// How long.
        seconds: u64,
    },
    /// The current credentials stop working; new ones are available if the vendor supports that.
    TokenExpires,
    /// The account's calls of this hour are used up.
    CallsUsedUp,
    /// The application lists the recipients and keeps the list, for `by = "known"`.
    Lists,
    /// The application resends, through the same adapter.
    Resends {
        /// The recipient.
        who: String,
    },
    /// The application changes the access code, through the same adapter.
    ChangesCode {
        /// The recipient.
        who: String,
        /// The new code.
        code: String,
        /// Whether to notify them.
        #[serde(default)]
        notify: bool,
    },
    /// A recipient opens the link that the call returned.
    OpensLink {
        /// Who.
        who: String,
        /// The expected result.
        then: Opening,
    },
}

impl Step {
    /// Its name and its recipient; never a code.
    pub(crate) fn label(&self) -> String {
        let name = self.member("step").unwrap_or_default();
        self.who().map_or_else(|| format!("`{name}`"), |who| format!("`{name}` of {who}"))
    }

    /// Its recipient.
    pub fn who(&self) -> Option<String> {
        self.member("who")
    }

    fn member(&self, name: &str) -> Option<String> {
        json!(self)[name].as_str().map(str::to_owned)
    }
}

/// The result of opening a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Opening {
    /// The signing page.
    Works,
    /// The vendor reports that the link has expired, or was used.
    UsedUp,
}
