//! Sending the request to sign once more. Every request here may mail somebody, so none is ever repeated after an
//! answer that leaves open whether it did.

use countersign_core::{
    Context, Effect, EnvelopeId, ListRecipients, MailExpectation, NoMail, Recipient, RecipientRef,
    ResendRecipient, ResendTarget, Resent, ResentTo, Result, Unlocking, check_features,
    explain_unknown_recipient,
};

use crate::capabilities::CAPABILITIES;
use crate::checks::{can_resend, mail, unlocking};
use crate::error::kind_of;
use crate::lenient::Object;
use crate::wire::{ErrorDetails, UpdateResult, UpdateSummary};
use crate::{Docusign, Second, is_unknown_recipient, map, updates};

impl Docusign {
    pub(crate) async fn resend(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        check_features(CAPABILITIES, &request.features())?;
        match &request.target {
            ResendTarget::One(reference) => self.resend_one(cx, &request.envelope, reference).await,
            _ => self.resend_everyone(cx, &request.envelope).await,
        }
    }

    async fn resend_one(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        reference: &RecipientRef,
    ) -> Result<Resent> {
        let source = self.look_up(cx, envelope, reference, can_resend).await?;
        let found = source.find(reference, can_resend)?;
        let refusal = match self.mail_again(cx, envelope, found.person, found.list.is_some()).await {
            Ok(resent) => return Ok(resent),
            Err(refusal) => refusal,
        };
        match self.reconsider(cx, envelope, found, refusal, can_resend).await {
            Second::Explained(error) | Second::Same(error) => Err(error),
            Second::Fresh(fresh, list) => match self.mail_again(cx, envelope, &fresh, true).await {
                Err(error) if is_unknown_recipient(&error) => {
                    Err(explain_unknown_recipient(error, &fresh, &list))
                }
                result => result,
            },
        }
    }

    async fn mail_again(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        person: &Recipient,
        just_read: bool,
    ) -> Result<Resent> {
        let out = map::resend(&self.account, envelope, person, just_read)?;
        let answer = self.send(cx, Effect::Notifies, out).await?;
        updates::read(&answer, &person.id)?;
        Ok(Resent::new(vec![ResentTo::new(person.id.clone(), mail(person), unlocking(person))]))
    }

    /// To everybody who is due. The list is read first, since the answer does not say who is mailed; when nobody is
    /// due the request is made all the same, and either DocuSign refuses or the reply says so for each.
    async fn resend_everyone(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Resent> {
        let list = self.read(cx, &ListRecipients::new(envelope.clone())).await?;
        let out = map::resend_everyone(&self.account, envelope)?;
        let answer = self.send(cx, Effect::Notifies, out).await?;
        let Object(summary): Object<UpdateSummary> = answer.json()?;
        let refused: Vec<(&UpdateResult, &ErrorDetails)> = summary
            .results()
            .filter_map(|result| result.refusal().map(|details| (result, details)))
            .collect();
        let of_all = || match refused.as_slice() {
            [(_, details), ..] if refused.len() == summary.results().count() => Some(*details),
            _ => None,
        };
        if let Some(details) = summary.refusal().or_else(of_all) {
            return Err(answer.refusal(details.error_code.clone(), details.message.clone()));
        }
        let to = list.recipients.iter().map(|person| {
            let refusal = refused
                .iter()
                .find(|(result, _)| result.recipient_id.as_deref() == Some(person.id.as_str()))
                .filter(|_| !person.status.is_done());
            match refusal {
                Some((_, details)) => {
                    let why = NoMail::Refused(kind_of(cx.operation(), details));
                    let still =
                        if person.is_locked() { Unlocking::StillLocked } else { Unlocking::NotNeeded };
                    ResentTo::new(person.id.clone(), MailExpectation::NotExpected(why), still)
                }
                None => ResentTo::new(person.id.clone(), mail(person), unlocking(person)),
            }
        });
        Ok(Resent::new(to.collect()))
    }
}
