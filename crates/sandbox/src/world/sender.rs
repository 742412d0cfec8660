//! The sender's actions: resend, correct codes and addresses, remind.

use super::context::Context;
use super::envelope::{CodeResult, Envelope, RecipientState};
use super::mail::MailKind;
use super::refused::{Reason, Refused};
use super::sources::DAY;
use super::words::{EnvelopeStatus, News, What};
use crate::secret::Secret;

/// What a correction sets; `None` keeps the value.
#[derive(Debug, Default)]
pub(crate) struct Correction {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// An empty code removes the code.
    pub(crate) code: Option<Secret>,
}

impl Context<'_> {
    /// Resends to one recipient. No mail goes to recipients who are not in turn, have finished, or are embedded.
    pub(crate) fn resend(&mut self, env: &mut Envelope, at: usize) -> Result<(), Refused> {
        let unlocks = env.policy.resend_unlocks;
        let recipient = env.recipient_mut(at)?;
        if !recipient.in_turn() {
            return Ok(());
        }
        if unlocks {
            recipient.unlock();
        }
        if recipient.gets_mail() && !recipient.bounced && !env.emails_disabled {
            let recipient = env.recipient(at)?.clone();
            self.mail(env, &recipient, MailKind::Resend, None);
        }
        self.tell(env, News::RecipientResent, Some(at));
        Ok(())
    }

    pub(crate) fn resend_to_everyone(&mut self, env: &mut Envelope) -> Result<(), Refused> {
        (0..env.recipients.len()).try_for_each(|at| self.resend(env, at))?;
        self.tell(env, News::EnvelopeResent, None);
        Ok(())
    }

    /// Corrects one recipient, and resends on request.
    pub(crate) fn correct(
        &mut self,
        env: &mut Envelope,
        at: usize,
        set: Correction,
        resend: bool,
    ) -> Result<(), Refused> {
        if env.recipient(at)?.finished() {
            return Err(Refused::new(
                Reason::RecipientDone,
                "the recipient is not in a state to be corrected",
            ));
        }
        // Observed: a new address given together with "resend" is not used for that mail, which still goes to the
        // old one (docusign-esign-csharp-client issue 418).
        if resend {
            self.resend(env, at)?;
        }
        let corrected_address = set.email.is_some() && !resend;
        let recipient = env.recipient_mut(at)?;
        if let Some(name) = set.name {
            recipient.name = name;
        }
        if let Some(email) = set.email {
            recipient.bounced &= email == recipient.email;
            recipient.email = email;
        }
        if let Some(code) = set.code {
            self.set_code(env, at, code)?;
        }
        let recipient = env.recipient(at)?;
        if corrected_address && recipient.in_turn() && recipient.gets_mail() && !env.emails_disabled {
            let recipient = recipient.clone();
            self.mail(env, &recipient, MailKind::Correction, None);
        }
        Ok(())
    }

    /// Sets a code; an empty one removes it. A previously accepted code no longer counts.
    pub(crate) fn set_code(&mut self, env: &mut Envelope, at: usize, code: Secret) -> Result<(), Refused> {
        let unlocks = env.policy.new_code_unlocks;
        let recipient = env.recipient_mut(at)?;
        let what = match (&recipient.code, code.expose().is_empty()) {
            (None, true) => return Ok(()),
            (None, false) => What::CodeAdded,
            (Some(_), true) => What::CodeRemoved,
            (Some(_), false) => What::CodeChanged,
        };
        if recipient.code.as_ref() != Some(&code) && matches!(recipient.code_result, CodeResult::Passed(_)) {
            recipient.code_result = CodeResult::None;
        }
        recipient.code = (what != What::CodeRemoved).then_some(code);
        if unlocks || what == What::CodeRemoved {
            recipient.unlock();
        }
        self.note(env, what, None);
        Ok(())
    }

    /// Makes a sent envelope a draft again, which no recipient has seen or signed.
    pub(crate) fn withdraw(&mut self, env: &mut Envelope) {
        self.set_status(env, EnvelopeStatus::Draft);
        (env.stays_draft, env.sent_at, env.viewed_at, env.expires_at) = (true, None, None, None);
        for r in &mut env.recipients {
            r.state = RecipientState::Waiting;
            (r.told_at, r.viewed_at, r.done_at) = (None, None, None);
        }
        self.tell(env, News::EnvelopeWithdrawn, None);
    }

    /// Deletes an envelope: its links and routes find it no longer in progress.
    pub(crate) fn delete(&mut self, env: &mut Envelope) {
        self.tell(env, News::EnvelopeDeleted, None);
        self.set_status(env, EnvelopeStatus::Voided);
        (env.deleted, env.closed_at) = (true, Some(self.now));
    }

    /// Reminds the given recipients, even if the envelope's mails are switched off.
    pub(crate) fn remind(
        &mut self,
        env: &mut Envelope,
        whom: &[usize],
        message: Option<&str>,
    ) -> Result<(), Refused> {
        if !env.status.in_flight() {
            return Err(Refused::new(Reason::EnvelopeClosed, "the envelope is not in progress"));
        }
        let today = day(self.now);
        let used = env.reminded_at.iter().filter(|at| day(**at) == today).count();
        if env.policy.reminders_per_day.is_some_and(|most| used >= most as usize) {
            return Err(Refused::new(Reason::RemindedEnough, "the manual reminders of this day are used up"));
        }
        env.reminded_at.push(self.now);
        for at in whom {
            let recipient = env.recipient(*at)?.clone();
            let waits_for_them = matches!(recipient.state, RecipientState::InTurn | RecipientState::Viewed);
            if waits_for_them && !recipient.bounced {
                self.mail(env, &recipient, MailKind::Reminder, message);
            }
        }
        self.note(env, What::Reminded, None);
        let only = if let [at] = whom { Some(*at) } else { None };
        self.tell(env, News::Reminded, only);
        Ok(())
    }
}

/// The UTC day, as a count since 1970.
fn day(at: jiff::Timestamp) -> i64 {
    at.as_second().div_euclid(DAY)
}
