//! Acts as a recipient without a browser, for tests and the control API.

use serde::{Deserialize, Serialize};

use super::actions::ActOutcome;
use super::context::Context;
use super::envelope::Envelope;
use super::links::Opening;
use super::refused::{Reason, Refused};
use super::state::State;
use super::view::RecipientView;
use super::words::{Ending, EnvelopeStatus};
use crate::secret::Secret;

/// What a recipient does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Act {
    /// Enters an access code.
    EnterCode {
        /// The code.
        code: Secret,
    },
    /// Reads the documents.
    Open,
    /// Signs (or finishes reviewing).
    Sign {
        /// Another name, used for the signature.
        #[serde(default)]
        new_name: Option<String>,
    },
    /// Declines.
    Decline {
        /// The reason.
        #[serde(default)]
        reason: String,
    },
    /// Leaves without finishing.
    FinishLater {
        /// Another name, set before leaving.
        #[serde(default)]
        new_name: Option<String>,
    },
    /// Passes the identity check, if there is one.
    ConfirmIdentity,
    /// Fails the identity check.
    FailIdentityCheck,
    /// Names another signer in their place, if the vendor supports it.
    Reassign {
        /// The new signer's name.
        new_name: String,
        /// The new signer's address.
        new_email: String,
    },
    /// Opens one of their signing links. This uses up a single-use link.
    OpenLink {
        /// The whole link.
        url: Secret,
    },
}

/// The result of an [`Act`], and the state after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActResult {
    /// The result.
    pub outcome: ActOutcome,
    /// The envelope's status afterwards.
    pub envelope_status: EnvelopeStatus,
    /// The recipient afterwards.
    pub recipient: RecipientView,
    /// Where the vendor would have redirected the browser, if the visit ended and a link has a return URL.
    pub redirect: Option<String>,
}

impl State {
    pub(crate) fn act(&mut self, envelope: &str, recipient: &str, act: Act) -> Result<ActResult, Refused> {
        let opening = match &act {
            Act::OpenLink { url } => Some(self.open_link(token_of(url.expose()))),
            _ => None,
        };
        let (outcome, ending, view, status) = self.on(envelope, |env, context| {
            let at = env.position(recipient)?;
            let (outcome, ending) = match opening {
                Some(opening) => open_link(env, context, at, opening)?,
                None => perform(env, context, at, act)?,
            };
            Ok::<_, Refused>((outcome, ending, RecipientView::of(env.recipient(at)?), env.status))
        })?;
        let return_url = self.envelope(envelope).and_then(|env| {
            let at = env.position(recipient).ok()?;
            env.recipient(at).ok()?.visiting_from.clone()
        });
        let redirect = ending.and_then(|ending| self.way_back(envelope, return_url.as_deref(), ending));
        Ok(ActResult { outcome, envelope_status: status, recipient: view, redirect })
    }
}

fn token_of(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or(path)
}

type Came = (ActOutcome, Option<Ending>);

fn perform(env: &mut Envelope, context: &mut Context<'_>, at: usize, act: Act) -> Result<Came, Refused> {
    let done = |ending| (ActOutcome::Done, Some(ending));
    match act {
        Act::EnterCode { code } => context
            .enter_code(env, at, code.expose())
            .map(|outcome| (outcome, (outcome == ActOutcome::Locked).then_some(Ending::CodeFailed))),
        Act::Open => context.open(env, at).map(|()| (ActOutcome::Done, None)),
        Act::Sign { new_name } => context.sign(env, at, new_name.as_deref()).map(done),
        Act::Decline { reason } => context.decline(env, at, &reason).map(done),
        Act::FinishLater { new_name } => context.finish_later(env, at, new_name.as_deref()).map(done),
        Act::ConfirmIdentity | Act::FailIdentityCheck => {
            let passes = matches!(act, Act::ConfirmIdentity);
            context.check_identity(env, at, passes).map(|ending| (ActOutcome::Done, ending))
        }
        Act::Reassign { new_name, new_email } => context.reassign(env, at, &new_name, &new_email).map(done),
        Act::OpenLink { .. } => Ok((ActOutcome::Done, None)),
    }
}

/// Remembers the link of the visit, whose return URL is needed at its end.
fn open_link(
    env: &mut Envelope,
    context: &mut Context<'_>,
    at: usize,
    opening: Opening,
) -> Result<Came, Refused> {
    let other = || Refused::new(Reason::NoSuchLink, "no such link for this recipient");
    let guid = env.recipient(at)?.guid.clone();
    let (link, came) = match opening {
        Opening::Unknown => return Err(other()),
        Opening::UsedUp(link) => (link, (ActOutcome::LinkUsedUp, Some(Ending::LinkUsedUp))),
        Opening::Session(id) => {
            (context.links.session(&id).ok_or_else(other)?.link.clone(), (ActOutcome::Done, None))
        }
    };
    if link.recipient_guid != guid {
        return Err(other());
    }
    env.recipient_mut(at)?.visiting_from = link.terms.return_url;
    if came.1.is_none() {
        env.check_can_act(at)?;
    }
    Ok(came)
}
