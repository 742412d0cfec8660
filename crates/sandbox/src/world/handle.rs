//! The handle that tests and the control API hold.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::acts::{CodeAnswer, Ending};
use super::envelope::EnvelopeStatus;
use super::links::Opening;
use super::mail::Mail;
use super::new::NewEnvelope;
use super::plan::Plan;
use super::refused::{Reason, Refused};
use super::view::{EnvelopeView, RecipientView};
use super::{Desk, Envelope, State};
use crate::access::Access;
use crate::calls::{CallSeen, Calls};
use crate::faults::{Fault, Faults};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::vendors::{boldsign, docusign};
use crate::webhooks::{self, Webhooks};

/// Everything that the server's parts share.
pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) calls: Mutex<Calls>,
    pub(crate) docusign: Mutex<docusign::Office>,
    pub(crate) boldsign: Mutex<boldsign::Office>,
    pub(crate) webhooks: Mutex<webhooks::Office>,
    pub(crate) poster: webhooks::Poster,
    pub(crate) remote_webhooks: bool,
    pub(crate) access: Access,
}

/// Locks, also after a panic elsewhere: the sandbox is more useful half right than dead.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The control handle: make envelopes, act as a signer, move the clock, read the outbox, inject faults.
/// Clones are cheap and show the same world.
#[derive(Clone)]
pub struct World {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

/// What a recipient does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Act {
    /// Types an access code.
    EnterCode {
        /// What they type.
        code: Secret,
    },
    /// Reads the documents.
    Open,
    /// Signs (or finishes reviewing).
    Sign {
        /// Another name, adopted with the signature.
        #[serde(default)]
        new_name: Option<String>,
    },
    /// Declines.
    Decline {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// Leaves without finishing.
    FinishLater {
        /// Another name, adopted before leaving.
        #[serde(default)]
        new_name: Option<String>,
    },
    /// Passes the identity check, where one is asked for.
    ConfirmIdentity,
    /// Fails the identity check.
    FailIdentityCheck,
    /// Names somebody else to sign in their place, where the vendor offers it.
    Reassign {
        /// The other person's name.
        new_name: String,
        /// The other person's address.
        new_email: String,
    },
    /// Follows a signing link of theirs. A single-use link is used up by it.
    OpenLink {
        /// The whole link.
        url: Secret,
    },
}

/// What came of an [`Act`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActOutcome {
    /// It happened.
    Done,
    /// The code was right.
    CodeAccepted,
    /// The code was wrong; there are attempts left.
    CodeWrong,
    /// The code was wrong once too often.
    Locked,
    /// The link was too old or used up.
    LinkUsedUp,
}

/// What came of an [`Act`], and how things stand after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActResult {
    /// What came of it.
    pub outcome: ActOutcome,
    /// The envelope's status afterwards.
    pub envelope_status: EnvelopeStatus,
    /// The recipient afterwards.
    pub recipient: RecipientView,
    /// Where the vendor would have sent the browser, if the visit ended and a link named a return URL.
    pub redirect: Option<String>,
}

impl World {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.shared.state);
        state.tick();
        state
    }

    /// The webhooks that tell applications what happens here.
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::new(self.clone())
    }

    /// Makes an envelope and sends it.
    ///
    /// # Errors
    /// [`Reason::Invalid`] without recipients, or for one without address and phone.
    pub fn make_envelope(&self, new: NewEnvelope) -> Result<EnvelopeView, Refused> {
        let plan = Plan::from_new(new)?;
        let mut state = self.lock();
        let id = state.create(plan)?;
        let now = state.now();
        state.on(&id, |env, _| Ok(EnvelopeView::of(env, now)))
    }

    /// Acts as a recipient, named by id, by address, or by `address#order`.
    ///
    /// # Errors
    /// Whatever a signing page would have refused: not their turn, locked, closed, code needed, unknown link.
    pub fn act(&self, envelope: &str, recipient: &str, act: Act) -> Result<ActResult, Refused> {
        let mut state = self.lock();
        let opening = match &act {
            Act::OpenLink { url } => Some(state.open_link(token_of(url.expose()))),
            _ => None,
        };
        let (outcome, ending, view, status) = state.on(envelope, |env, desk| {
            let at = env.position(recipient)?;
            let (outcome, ending) = match opening {
                Some(opening) => open_link(env, desk, at, opening)?,
                None => perform(env, desk, at, act)?,
            };
            Ok::<_, Refused>((outcome, ending, RecipientView::of(env.recipient(at)?), env.status))
        })?;
        let return_url = state.envelope(envelope).and_then(|env| {
            let at = env.position(recipient).ok()?;
            env.recipient(at).ok()?.visiting_from.clone()
        });
        let redirect = ending.and_then(|ending| state.way_back(envelope, return_url.as_deref(), ending));
        Ok(ActResult { outcome, envelope_status: status, recipient: view, redirect })
    }

    /// How an envelope stands.
    pub fn envelope(&self, id: &str) -> Option<EnvelopeView> {
        let state = self.lock();
        state.envelope(id).map(|env| EnvelopeView::of(env, state.now()))
    }

    /// All envelopes, oldest first.
    pub fn envelopes(&self) -> Vec<EnvelopeView> {
        let state = self.lock();
        state.envelopes().map(|env| EnvelopeView::of(env, state.now())).collect()
    }

    /// Moves the world's clock forward. It also runs with the real one, unless frozen.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.clock.advance(by);
        state.tick();
        state.feed.ring();
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// By what clock a client has signed an assertion: the world's where that stands still, else the real one.
    pub(crate) fn assertion_time(&self) -> Timestamp {
        let clock = &self.lock().clock;
        if clock.runs() { Timestamp::now() } else { clock.now() }
    }

    /// Every mail that would have gone out, oldest first.
    pub fn outbox(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// Empties the outbox. The links in the mails stay as they are.
    pub fn clear_outbox(&self) {
        self.lock().mails.clear();
    }

    /// Makes the next matching calls go wrong.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared.faults).add(fault);
    }

    /// Forgets faults that have not come up.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// The faults that have not come up as often as they were to.
    pub fn faults(&self) -> Vec<Fault> {
        lock(&self.shared.faults).list()
    }

    /// How many signing links were made for an envelope through the API, used up or not. Those in mails are not
    /// counted.
    pub fn links_made(&self, envelope: &str) -> usize {
        self.lock().links.made_for(envelope)
    }

    /// The calls to the vendors' routes so far, oldest first.
    pub fn calls(&self) -> Vec<CallSeen> {
        lock(&self.shared.calls).list()
    }

    /// Forgets the calls seen so far.
    pub fn clear_calls(&self) {
        lock(&self.shared.calls).clear();
    }

    /// The present settings.
    pub fn settings(&self) -> Settings {
        lock(&self.shared.settings).clone()
    }

    /// Changes settings from the next call on.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.shared.settings));
    }

    /// Makes every DocuSign token issued so far worthless, as a revocation would.
    pub fn revoke_docusign_tokens(&self) {
        lock(&self.shared.docusign).revoke_all();
    }

    /// A fresh DocuSign token without the OAuth dance, good for eight hours of the world's clock.
    pub fn issue_docusign_token(&self) -> Secret {
        let now = self.now();
        lock(&self.shared.docusign).issue(super::after(now, 8 * 3_600))
    }
}

fn token_of(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or(path)
}

type Came = (ActOutcome, Option<Ending>);

fn perform(env: &mut Envelope, desk: &mut Desk<'_>, at: usize, act: Act) -> Result<Came, Refused> {
    let done = |ending| (ActOutcome::Done, Some(ending));
    match act {
        Act::EnterCode { code } => desk.enter_code(env, at, code.expose()).map(|answer| match answer {
            CodeAnswer::Accepted => (ActOutcome::CodeAccepted, None),
            CodeAnswer::Wrong => (ActOutcome::CodeWrong, None),
            CodeAnswer::Locked => (ActOutcome::Locked, Some(Ending::CodeFailed)),
        }),
        Act::Open => desk.open(env, at).map(|()| (ActOutcome::Done, None)),
        Act::Sign { new_name } => desk.sign(env, at, new_name.as_deref()).map(done),
        Act::Decline { reason } => desk.decline(env, at, &reason).map(done),
        Act::FinishLater { new_name } => desk.finish_later(env, at, new_name.as_deref()).map(done),
        Act::ConfirmIdentity => desk.check_identity(env, at, true).map(|ending| (ActOutcome::Done, ending)),
        Act::FailIdentityCheck => {
            desk.check_identity(env, at, false).map(|ending| (ActOutcome::Done, ending))
        }
        Act::Reassign { new_name, new_email } => desk.reassign(env, at, &new_name, &new_email).map(done),
        Act::OpenLink { .. } => Ok((ActOutcome::Done, None)),
    }
}

/// Remembers where the visit came from, so that its end can say where the browser goes.
fn open_link(env: &mut Envelope, desk: &mut Desk<'_>, at: usize, opening: Opening) -> Result<Came, Refused> {
    let other = || Refused::new(Reason::NoSuchLink, "no such link for this recipient");
    let guid = env.recipient(at)?.guid.clone();
    let (owner, return_url, came) = match opening {
        Opening::Unknown => return Err(other()),
        Opening::UsedUp(link) => {
            (link.recipient_guid, link.terms.return_url, (ActOutcome::LinkUsedUp, Some(Ending::LinkUsedUp)))
        }
        Opening::Session(id) => {
            let session = desk.links.session(&id).ok_or_else(other)?.clone();
            (session.recipient_guid, session.terms.return_url, (ActOutcome::Done, None))
        }
    };
    if owner != guid {
        return Err(other());
    }
    env.recipient_mut(at)?.visiting_from = return_url;
    if came.1.is_none() {
        env.check_can_act(at)?;
    }
    Ok(came)
}
