//! What a recipient does: enter the code, open, sign, decline, leave.

use super::desk::Desk;
use super::envelope::{CodeResult, Envelope, EnvelopeStatus, Recipient, RecipientState, What};
use super::feed::News;
use super::identity::Identity;
use super::refused::{Reason, Refused};

/// How a visit to the signing page ended; vendors tell it to the return URL in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Signed,
    OnlyViewed,
    FinishedLater,
    Declined,
    LinkUsedUp,
    SessionTimeout,
    CodeFailed,
    IdCheckFailed,
    /// Something went wrong on the vendor's side.
    Exception,
    /// The signer will fax the signed paper.
    FaxPending,
    /// Somebody else is to sign in their place.
    Reassigned,
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeAnswer {
    Accepted,
    Wrong,
    Locked,
}

impl Envelope {
    /// The recipient with this id, GUID, address (if only one has it), or `address#order`.
    pub(crate) fn position(&self, key: &str) -> Result<usize, Refused> {
        let unknown = || Refused::new(Reason::NoSuchRecipient, "no such recipient in this envelope");
        if let Some(at) = self.recipients.iter().position(|r| r.id == key || r.guid == key) {
            return Ok(at);
        }
        let (address, order) = match key.rsplit_once('#') {
            Some((address, order)) => (address, order.parse::<u32>().ok()),
            None => (key, None),
        };
        let mut found = self.recipients.iter().enumerate().filter(|(_, r)| {
            !r.email.is_empty()
                && r.email.eq_ignore_ascii_case(address)
                && order.is_none_or(|order| order == r.order)
        });
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some(_), Some(_)) => Err(Refused::new(Reason::NoSuchRecipient, "several recipients match")),
            (None, _) => Err(unknown()),
        }
    }

    pub(crate) fn recipient(&self, at: usize) -> Result<&Recipient, Refused> {
        self.recipients.get(at).ok_or_else(|| Refused::new(Reason::NoSuchRecipient, "no such recipient"))
    }

    pub(crate) fn recipient_mut(&mut self, at: usize) -> Result<&mut Recipient, Refused> {
        self.recipients.get_mut(at).ok_or_else(|| Refused::new(Reason::NoSuchRecipient, "no such recipient"))
    }

    /// Whether this recipient may act at all, in the order in which a page would notice.
    pub(crate) fn check_can_act(&self, at: usize) -> Result<&Recipient, Refused> {
        let recipient = self.recipient(at)?;
        if self.status == EnvelopeStatus::Draft {
            return Err(Refused::new(Reason::NotSent, "the envelope has not been sent"));
        }
        if recipient.finished() {
            return Err(Refused::new(Reason::RecipientDone, "this recipient has finished"));
        }
        if !self.status.in_flight() {
            return Err(Refused::new(Reason::EnvelopeClosed, "the envelope is closed"));
        }
        if !recipient.in_turn() {
            return Err(Refused::new(Reason::NotTheirTurn, "earlier recipients have to act first"));
        }
        if recipient.locked {
            return Err(Refused::new(Reason::Locked, "too many wrong access codes"));
        }
        if matches!(recipient.identity, Identity::Failed(_)) {
            return Err(Refused::new(Reason::IdCheckFailed, "the identity check has failed"));
        }
        Ok(recipient)
    }

    /// Whether the sender may still change something about this recipient.
    pub(crate) fn check_open(&self, at: usize) -> Result<(), Refused> {
        if self.recipient(at)?.finished() {
            return Err(Refused::new(Reason::RecipientDone, "this recipient has finished"));
        }
        match self.status.in_flight() {
            true => Ok(()),
            false => Err(Refused::new(Reason::EnvelopeClosed, "the envelope is closed")),
        }
    }

    /// Whether the documents may be shown to this recipient.
    pub(crate) fn check_may_read(&self, at: usize) -> Result<&Recipient, Refused> {
        let recipient = self.check_can_act(at)?;
        if recipient.code_pending() {
            return Err(Refused::new(Reason::CodeNeeded, "the access code must be entered first"));
        }
        if recipient.identity == Identity::Pending {
            return Err(Refused::new(Reason::IdCheckNeeded, "the identity must be checked first"));
        }
        Ok(recipient)
    }
}

pub(super) fn who(recipient: &Recipient) -> Option<(String, String)> {
    Some((recipient.name.clone(), recipient.email.clone()))
}

impl Desk<'_> {
    pub(crate) fn enter_code(
        &mut self,
        env: &mut Envelope,
        at: usize,
        code: &str,
    ) -> Result<CodeAnswer, Refused> {
        env.check_can_act(at)?;
        let ignore_case = env.policy.code_ignores_case;
        let now = self.now;
        let recipient = env.recipient_mut(at)?;
        let Some(wanted) = &recipient.code else {
            return Err(Refused::new(Reason::NoCode, "this recipient has no access code"));
        };
        let right = match ignore_case {
            true => wanted.expose().to_lowercase() == code.to_lowercase(),
            false => wanted.expose() == code,
        };
        if right {
            recipient.code_result = CodeResult::Passed(now);
            recipient.wrong_codes = 0;
            return Ok(CodeAnswer::Accepted);
        }
        recipient.wrong_codes += 1;
        if recipient.wrong_codes < recipient.max_attempts {
            return Ok(CodeAnswer::Wrong);
        }
        self.lock_out(env, at)?;
        Ok(CodeAnswer::Locked)
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
        let now = self.now;
        let recipient = env.recipient_mut(at)?;
        recipient.locked = true;
        recipient.wrong_codes = recipient.max_attempts;
        recipient.code_result = CodeResult::Failed(now);
        let who = who(recipient);
        env.changed_at = now;
        self.note(env, What::CodeFailed, who);
        self.tell(env, News::RecipientLocked, Some(at));
        Ok(())
    }

    /// Shows the documents. People with nothing to sign stay until they leave.
    pub(crate) fn open(&mut self, env: &mut Envelope, at: usize) -> Result<(), Refused> {
        env.check_may_read(at)?;
        let now = self.now;
        let recipient = env.recipient_mut(at)?;
        if recipient.state == RecipientState::InTurn {
            recipient.state = RecipientState::Viewed;
            recipient.viewed_at = Some(now);
            let who = who(recipient);
            self.note(env, What::Viewed, who);
            self.tell(env, News::RecipientViewed, Some(at));
            env.viewed_at.get_or_insert(now);
            if env.status != EnvelopeStatus::Viewed {
                self.set_status(env, EnvelopeStatus::Viewed);
                self.tell(env, News::EnvelopeViewed, None);
            }
        }
        Ok(())
    }

    /// Finishes: signs, reviews, or has seen what was to be seen. A new name is kept from then on.
    pub(crate) fn sign(
        &mut self,
        env: &mut Envelope,
        at: usize,
        new_name: Option<&str>,
    ) -> Result<Ending, Refused> {
        self.adopt_name(env, at, new_name)?;
        let now = self.now;
        let recipient = env.recipient_mut(at)?;
        recipient.state = RecipientState::Completed;
        recipient.done_at = Some(now);
        let (who, signs) = (who(recipient), recipient.role.signs());
        let embedded = recipient.came_embedded;
        self.note(env, if signs { What::Signed } else { What::Reviewed }, who.clone());
        if embedded {
            self.note(env, if signs { What::SignedEmbedded } else { What::ReviewedEmbedded }, who);
        }
        self.tell(env, News::RecipientDone, Some(at));
        self.progress(env);
        Ok(if signs { Ending::Signed } else { Ending::OnlyViewed })
    }

    /// "Adopt your signature" with another name: from then on the envelope knows the person by it.
    fn adopt_name(&mut self, env: &mut Envelope, at: usize, new_name: Option<&str>) -> Result<(), Refused> {
        self.open(env, at)?;
        if let Some(name) = new_name.map(str::trim).filter(|name| !name.is_empty()) {
            env.recipient_mut(at)?.name = name.to_owned();
        }
        Ok(())
    }

    pub(crate) fn decline(&mut self, env: &mut Envelope, at: usize, reason: &str) -> Result<Ending, Refused> {
        self.open(env, at)?;
        let now = self.now;
        let recipient = env.recipient_mut(at)?;
        recipient.state = RecipientState::Declined;
        recipient.declined_at = Some(now);
        recipient.decline_reason = Some(reason.to_owned());
        let who = who(recipient);
        self.note(env, What::Declined, who);
        self.tell(env, News::RecipientDeclined, Some(at));
        self.close(env, EnvelopeStatus::Declined, Some(reason.to_owned()));
        Ok(Ending::Declined)
    }

    /// Leaves without finishing. A name adopted before leaving stays on the envelope.
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
}
