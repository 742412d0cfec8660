//! A signer hands the signature to somebody else.

use super::acts::{Ending, who};
use super::desk::Desk;
use super::envelope::{CodeResult, Envelope, RecipientState, What};
use super::feed::News;
use super::mail::MailKind;
use super::refused::{Reason, Refused};

impl Desk<'_> {
    /// Another person takes the signer's place in the order and is asked to sign. The signer stays in the list and has
    /// nothing to do any more. An access code is asked for anew.
    pub(crate) fn reassign(
        &mut self,
        env: &mut Envelope,
        at: usize,
        name: &str,
        email: &str,
    ) -> Result<Ending, Refused> {
        if !env.policy.signers_may_reassign {
            return Err(Refused::new(Reason::NotOffered, "this vendor lets no signer name another one"));
        }
        let (name, email) = (name.trim(), email.trim());
        if name.is_empty() || !email.contains('@') {
            return Err(Refused::new(Reason::Invalid, "the other person needs a name and an e-mail address"));
        }
        if env.check_may_read(at)?.email.eq_ignore_ascii_case(email) {
            return Err(Refused::new(Reason::Invalid, "the other person needs another e-mail address"));
        }
        let id = env.recipients.iter().filter_map(|r| r.id.parse::<u64>().ok()).max().unwrap_or_default() + 1;
        let recipient = env.recipient_mut(at)?;
        let from = who(recipient);
        let mut other = recipient.clone();
        recipient.state = RecipientState::Reassigned;
        (other.id, other.guid, other.user_id) = (id.to_string(), self.ids.guid(), self.ids.guid());
        (other.name, other.email) = (name.to_owned(), email.to_owned());
        (other.state, other.viewed_at) = (RecipientState::InTurn, None);
        (other.code_result, other.wrong_codes) = (CodeResult::None, 0);
        (other.visiting_from, other.came_embedded) = (None, false);
        other.told_at = Some(self.now);
        env.recipients.insert(at + 1, other.clone());
        env.changed_at = self.now;
        self.note(env, What::Reassigned, from);
        self.tell(env, News::RecipientReassigned, Some(at));
        self.tell(env, News::RecipientTold, Some(at + 1));
        if other.gets_mail() && !env.emails_disabled {
            self.mail(env, &other, MailKind::Request, None);
        }
        Ok(Ending::Reassigned)
    }
}
