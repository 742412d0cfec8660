//! The identity check that some recipients have to pass before they see anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::acts::{Ending, who};
use super::desk::Desk;
use super::envelope::{Envelope, What};
use super::feed::News;
use super::refused::{Reason, Refused};

/// How a recipient's identity check stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Identity {
    #[default]
    NotAsked,
    Pending,
    Passed(Timestamp),
    Failed(Timestamp),
}

/// How a recipient's identity check stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentityCheck {
    /// There is none.
    #[default]
    None,
    /// Still to be passed.
    Pending,
    /// Passed.
    Passed,
    /// Failed; the sender has to ask again.
    Failed,
}

impl From<Identity> for IdentityCheck {
    fn from(identity: Identity) -> Self {
        match identity {
            Identity::NotAsked => Self::None,
            Identity::Pending => Self::Pending,
            Identity::Passed(_) => Self::Passed,
            Identity::Failed(_) => Self::Failed,
        }
    }
}

impl Desk<'_> {
    /// Passes the check, or fails it for good.
    pub(crate) fn check_identity(
        &mut self,
        env: &mut Envelope,
        at: usize,
        passes: bool,
    ) -> Result<Option<Ending>, Refused> {
        let now = self.now;
        let recipient = env.check_can_act(at)?;
        if recipient.code_pending() {
            return Err(Refused::new(Reason::CodeNeeded, "the access code must be entered first"));
        }
        if recipient.identity != Identity::Pending {
            return Err(Refused::new(Reason::Invalid, "no identity check is asked for"));
        }
        let recipient = env.recipient_mut(at)?;
        if passes {
            recipient.identity = Identity::Passed(now);
            return Ok(None);
        }
        recipient.identity = Identity::Failed(now);
        let who = who(recipient);
        env.changed_at = now;
        self.note(env, What::IdCheckFailed, who);
        self.tell(env, News::RecipientLocked, Some(at));
        Ok(Some(Ending::IdCheckFailed))
    }
}
