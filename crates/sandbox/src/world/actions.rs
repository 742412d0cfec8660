//! A recipient's actions: enter the code, pass the identity check, open, sign, decline, leave, name another signer.

use serde::{Deserialize, Serialize};

use super::context::Context;
use super::envelope::{CodeResult, Envelope, Identity, RecipientState};
use super::mail::MailKind;
use super::refused::{Reason, Refused};
use super::words::{Ending, EnvelopeStatus, News, What};

/// The result of an [`Act`](super::Act).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActOutcome {
    /// It was done.
    Done,
    /// The code was right.
    CodeAccepted,
    /// The code was wrong; there are attempts left.
    CodeWrong,
    /// The code was wrong, and no attempts are left.
    Locked,
    /// The link had expired or was used up.
    LinkUsedUp,
}

impl Context<'_> {
    pub(crate) fn enter_code(
        &mut self,
        env: &mut Envelope,
        at: usize,
        code: &str,
    ) -> Result<ActOutcome, Refused> {
        env.check_can_act(at)?;
        let ignore_case = env.policy.code_ignores_case;
        let recipient = env.recipient_mut(at)?;
        let Some(wanted) = &recipient.code else {
            return Err(Refused::new(Reason::NoCode, "this recipient has no access code"));
        };
        let right = match ignore_case {
            true => wanted.expose().to_lowercase() == code.to_lowercase(),
            false => wanted.expose() == code,
        };
        if right {
            recipient.code_result = CodeResult::Passed(self.now);
            recipient.wrong_codes = 0;
            return Ok(ActOutcome::CodeAccepted);
        }
        recipient.wrong_codes += 1;
        if recipient.wrong_codes < recipient.max_attempts {
            return Ok(ActOutcome::CodeWrong);
        }
        self.lock_out(env, at)?;
        Ok(ActOutcome::Locked)
    }

    /// "I never received a code" ends the visit like the last wrong code.
    pub(crate) fn give_up_code(&mut self, env: &mut Envelope, at: usize) -> Result<Ending, Refused> {
        if !env.check_can_act(at)?.code_pending() {
            return Err(Refused::new(Reason::NoCode, "no code is asked for"));
        }
        self.lock_out(env, at)?;
        Ok(Ending::CodeFailed)
    }

    fn lock_out(&mut self, env: &mut Envelope, at: usize) -> Result<(), Refused> {
        let recipient = env.recipient_mut(at)?;
        recipient.locked = true;
        recipient.wrong_codes = recipient.max_attempts;
        recipient.code_result = CodeResult::Failed(self.now);
        env.changed_at = self.now;
        self.note(env, What::CodeFailed, Some(at));
        self.tell(env, News::RecipientLocked, Some(at));
        Ok(())
    }

    /// Shows the documents. Recipients with nothing to sign stay until they leave.
    pub(crate) fn open(&mut self, env: &mut Envelope, at: usize) -> Result<(), Refused> {
        env.check_may_read(at)?;
        let recipient = env.recipient_mut(at)?;
        if recipient.state == RecipientState::InTurn {
            recipient.state = RecipientState::Viewed;
            recipient.viewed_at = Some(self.now);
            self.note(env, What::Viewed, Some(at));
            self.tell(env, News::RecipientViewed, Some(at));
            env.viewed_at.get_or_insert(self.now);
            if env.status != EnvelopeStatus::Viewed {
                self.set_status(env, EnvelopeStatus::Viewed);
                self.tell(env, News::EnvelopeViewed, None);
            }
        }
        Ok(())
    }

    /// Finishes: signs, reviews, or has viewed the documents. A new name is kept.
    pub(crate) fn sign(
        &mut self,
        env: &mut Envelope,
        at: usize,
        new_name: Option<&str>,
    ) -> Result<Ending, Refused> {
        self.adopt_name(env, at, new_name)?;
        let recipient = env.recipient_mut(at)?;
        recipient.state = RecipientState::Completed;
        recipient.done_at = Some(self.now);
        let (signs, embedded) = (recipient.role.signs(), recipient.came_embedded);
        self.note(env, if signs { What::Signed } else { What::Reviewed }, Some(at));
        if embedded {
            self.note(env, if signs { What::SignedEmbedded } else { What::ReviewedEmbedded }, Some(at));
        }
        self.tell(env, News::RecipientDone, Some(at));
        self.progress(env);
        Ok(if signs { Ending::Signed } else { Ending::OnlyViewed })
    }

    /// "Adopt your signature" with another name: the envelope keeps the new name.
    fn adopt_name(&mut self, env: &mut Envelope, at: usize, new_name: Option<&str>) -> Result<(), Refused> {
        self.open(env, at)?;
        if let Some(name) = new_name.map(str::trim).filter(|name| !name.is_empty()) {
            env.recipient_mut(at)?.name = name.to_owned();
        }
        Ok(())
    }

    pub(crate) fn decline(&mut self, env: &mut Envelope, at: usize, reason: &str) -> Result<Ending, Refused> {
        self.open(env, at)?;
        let recipient = env.recipient_mut(at)?;
        recipient.state = RecipientState::Declined;
        recipient.declined_at = Some(self.now);
        recipient.decline_reason = Some(reason.to_owned());
        self.note(env, What::Declined, Some(at));
        self.tell(env, News::RecipientDeclined, Some(at));
        self.close(env, EnvelopeStatus::Declined, Some(reason.to_owned()));
        Ok(Ending::Declined)
    }

    /// Leaves without finishing. A name set before leaving stays on the envelope.
    pub(crate) fn finish_later(
        &mut self,
        env: &mut Envelope,
        at: usize,
        new_name: Option<&str>,
    ) -> Result<Ending, Refused> {
        self.adopt_name(env, at, new_name)?;
        self.tell(env, News::RecipientLeft, Some(at));
        Ok(Ending::FinishedLater)
    }

    /// Passes the check, or fails it finally.
    pub(crate) fn check_identity(
        &mut self,
        env: &mut Envelope,
        at: usize,
        passes: bool,
    ) -> Result<Option<Ending>, Refused> {
        let recipient = env.check_can_act(at)?;
        if recipient.code_pending() {
            return Err(Refused::new(Reason::CodeNeeded, "the access code must be entered first"));
        }
        if recipient.identity != Identity::Pending {
            return Err(Refused::new(Reason::Invalid, "no identity check is asked for"));
        }
        let recipient = env.recipient_mut(at)?;
        if passes {
            recipient.identity = Identity::Passed(self.now);
            return Ok(None);
        }
        recipient.identity = Identity::Failed(self.now);
        env.changed_at = self.now;
        self.note(env, What::IdCheckFailed, Some(at));
        self.tell(env, News::RecipientLocked, Some(at));
        Ok(Some(Ending::IdCheckFailed))
    }

    /// Another signer takes the signer's place in the order and is asked to sign. The original signer stays in the
    /// list and has nothing more to do. An access code has to be entered again.
    pub(crate) fn reassign(
        &mut self,
        env: &mut Envelope,
        at: usize,
        name: &str,
        email: &str,
    ) -> Result<Ending, Refused> {
        if !env.policy.signers_may_reassign {
            return Err(Refused::new(
                Reason::NotOffered,
                "at this vendor, signers cannot name another signer",
            ));
        }
        let (name, email) = (name.trim(), email.trim());
        if name.is_empty() || !email.contains('@') {
            return Err(Refused::new(Reason::Invalid, "the new signer needs a name and an e-mail address"));
        }
        if env.check_may_read(at)?.email.eq_ignore_ascii_case(email) {
            return Err(Refused::new(Reason::Invalid, "the new signer needs a different e-mail address"));
        }
        let id = env.recipients.iter().filter_map(|r| r.id.parse::<u64>().ok()).max().unwrap_or_default() + 1;
        let recipient = env.recipient_mut(at)?;
        let mut other = recipient.clone();
        recipient.state = RecipientState::Reassigned;
        (other.id, other.guid, other.user_id) =
            (id.to_string(), self.ids.recipient(&env.policy.ids), self.ids.user(&env.policy.ids));
        (other.name, other.email) = (name.to_owned(), email.to_owned());
        (other.state, other.viewed_at) = (RecipientState::InTurn, None);
        (other.code_result, other.wrong_codes) = (CodeResult::None, 0);
        (other.visiting_from, other.came_embedded) = (None, false);
        other.told_at = Some(self.now);
        env.recipients.insert(at + 1, other.clone());
        env.changed_at = self.now;
        self.note(env, What::Reassigned, Some(at));
        self.tell(env, News::RecipientReassigned, Some(at));
        self.tell(env, News::RecipientTold, Some(at + 1));
        if other.gets_mail() && !env.emails_disabled {
            self.mail(env, &other, MailKind::Request, None);
        }
        Ok(Ending::Reassigned)
    }
}
