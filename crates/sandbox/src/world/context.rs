//! What a step on one envelope may use besides the envelope itself.

use jiff::Timestamp;

use super::envelope::{Envelope, Happening, Recipient, RecipientState, Role};
use super::events::Events;
use super::links::Links;
use super::mail::{Mail, MailKind, subject};
use super::sources::Ids;
use super::words::{EnvelopeStatus, News, What};
use crate::secret::Secret;

pub(crate) struct Context<'a> {
    pub(crate) now: Timestamp,
    pub(crate) base_url: &'a str,
    pub(crate) ids: &'a mut Ids,
    pub(crate) links: &'a mut Links,
    pub(crate) mails: &'a mut Vec<Mail>,
    pub(crate) events: &'a mut Events,
}

impl Context<'_> {
    /// Writes into the envelope's history what a recipient, or else the sender, has done.
    pub(crate) fn note(&mut self, env: &mut Envelope, what: What, recipient: Option<usize>) {
        let who = recipient.and_then(|at| env.recipients.get(at)).map(|r| (r.name.clone(), r.email.clone()));
        env.history.push(Happening { at: self.now, what, id: self.ids.guid(), who });
    }

    /// Notifies listeners about one recipient, or about the envelope as a whole.
    pub(crate) fn tell(&mut self, env: &Envelope, news: News, recipient: Option<usize>) {
        self.events.tell(self.now, env, news, recipient);
    }

    pub(crate) fn set_status(&self, env: &mut Envelope, status: EnvelopeStatus) {
        if env.status != status {
            env.status = status;
            env.changed_at = self.now;
        }
    }

    /// Ends an envelope that is in progress.
    pub(crate) fn close(&mut self, env: &mut Envelope, status: EnvelopeStatus, reason: Option<String>) {
        self.set_status(env, status);
        env.closed_at = Some(self.now);
        env.close_reason = reason;
        match status {
            EnvelopeStatus::Completed => self.note(env, What::Completed, None),
            EnvelopeStatus::Voided => self.note(env, What::Voided, None),
            _ => {}
        }
        match status {
            EnvelopeStatus::Completed => self.tell(env, News::EnvelopeCompleted, None),
            EnvelopeStatus::Declined => self.tell(env, News::EnvelopeDeclined, None),
            EnvelopeStatus::Voided => self.tell(env, News::EnvelopeVoided, None),
            EnvelopeStatus::Expired => self.tell(env, News::EnvelopeExpired, None),
            _ => {}
        }
    }

    /// Sends an envelope that exists from now on, unless it is to stay a draft.
    pub(crate) fn become_ready(&mut self, env: &mut Envelope) {
        match env.stays_draft {
            true => self.tell(env, News::EnvelopeReady, None),
            false => self.send(env),
        }
    }

    /// Sends a draft.
    pub(crate) fn send(&mut self, env: &mut Envelope) {
        self.set_status(env, EnvelopeStatus::Sent);
        env.sent_at = Some(self.now);
        env.expires_at = env.policy.envelope_life.map(|life| super::sources::after(self.now, life));
        self.note(env, What::Sent, None);
        let waiting = waiting(env);
        self.step(env);
        self.tell(env, News::EnvelopeSent, None);
        self.tell_turns(env, &waiting);
        self.progress(env);
    }

    /// Gives the turn to the next recipients, mails them, and completes the envelope if none is left.
    pub(crate) fn progress(&mut self, env: &mut Envelope) {
        while env.status.in_flight() {
            let waiting = waiting(env);
            if !self.step(env) {
                self.close(env, EnvelopeStatus::Completed, None);
                return;
            }
            self.tell_turns(env, &waiting);
            if env.recipients.iter().any(Recipient::in_turn) {
                return;
            }
        }
    }

    /// Gives the turn to the next position in the order; `false` if none is left.
    fn step(&mut self, env: &mut Envelope) -> bool {
        let Some(order) = env.recipients.iter().filter(|r| !r.finished()).map(|r| r.order).min() else {
            return false;
        };
        let letters = self.reach(env, order);
        if !env.emails_disabled {
            for (recipient, kind) in letters {
                self.mail(env, &recipient, kind, None);
            }
        }
        true
    }

    /// Notifies about recipients who have got the turn.
    fn tell_turns(&mut self, env: &Envelope, waiting: &[usize]) {
        for at in waiting.iter().copied() {
            if env.recipients.get(at).is_some_and(|r| r.state != RecipientState::Waiting) {
                self.tell(env, News::RecipientTold, Some(at));
            }
        }
    }

    /// Gives the turn to all recipients at this position; returns those to notify.
    fn reach(&mut self, env: &mut Envelope, order: u32) -> Vec<(Recipient, MailKind)> {
        let (now, ordered, copies_wait) = (self.now, env.ordered, env.policy.copies_wait_their_turn);
        let mut letters = Vec::new();
        for r in env.recipients.iter_mut().filter(|r| r.state == RecipientState::Waiting) {
            let at_once = !r.role.acts() && !copies_wait;
            if ordered && r.order != order && !at_once {
                continue;
            }
            r.told_at = Some(now);
            if r.role.acts() {
                r.state = RecipientState::InTurn;
                if r.gets_mail() {
                    letters.push((r.clone(), MailKind::Request));
                }
            } else {
                r.state = RecipientState::Completed;
                r.done_at = Some(now);
                if r.role == Role::CarbonCopy && r.gets_mail() {
                    letters.push((r.clone(), MailKind::Copy));
                }
            }
        }
        letters
    }

    /// Mails one recipient, with a new link if they have something to do.
    pub(crate) fn mail(&mut self, env: &Envelope, to: &Recipient, kind: MailKind, message: Option<&str>) {
        let (address, channel) = to.address();
        if address.is_empty() {
            return;
        }
        let link = (kind != MailKind::Copy && to.state != RecipientState::Completed).then(|| {
            if env.policy.resend_kills_mail_links {
                self.links.kill_mail_links(&env.id, &to.guid);
            }
            let token = self.links.make_mail_link(self.now, env, to);
            Secret::new(format!("{}/sign/{token}", self.base_url))
        });
        let id = self.ids.guid();
        self.mails.push(Mail {
            id,
            at: self.now,
            to: address,
            channel,
            subject: env.mail_subject.clone().unwrap_or_else(|| subject(kind, &env.subject)),
            message: message.unwrap_or(&env.message).to_owned(),
            kind,
            vendor: env.vendor,
            envelope: env.id.clone(),
            recipient: to.id.clone(),
            link,
        });
    }
}

fn waiting(env: &Envelope) -> Vec<usize> {
    let waits = |(at, r): (usize, &Recipient)| (r.state == RecipientState::Waiting).then_some(at);
    env.recipients.iter().enumerate().filter_map(waits).collect()
}
