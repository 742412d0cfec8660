//! Giving a recipient another access code.

use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, Context, Effect, MailExpectation, NoMail, Recipient, Result,
    Unlocking, check_features, explain_unknown_recipient,
};

use crate::capabilities::CAPABILITIES;
use crate::checks::{can_change_code, mail, unlocking};
use crate::{Docusign, Second, is_unknown_recipient, map, updates};

impl Docusign {
    pub(crate) async fn access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        check_features(CAPABILITIES, &request.features())?;
        map::check_access_code(&request.code)?;
        let source = self.look_up(cx, &request.envelope, &request.recipient, can_change_code).await?;
        let found = source.find(&request.recipient, can_change_code)?;
        let refusal = match self.set(cx, request, found.person).await {
            Ok(changed) => return Ok(changed),
            Err(refusal) => refusal,
        };
        match self.reconsider(cx, &request.envelope, found, refusal, can_change_code).await {
            Second::Explained(error) | Second::Same(error) => Err(error),
            Second::Fresh(fresh, list) => match self.set(cx, request, &fresh).await {
                Err(error) if is_unknown_recipient(&error) => {
                    Err(explain_unknown_recipient(error, &fresh, &list))
                }
                result => result,
            },
        }
    }

    /// Without `notify` setting the same code again gives the same state; with it a mail may go out each time.
    async fn set(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
        person: &Recipient,
    ) -> Result<AccessCodeChanged> {
        let effect = if request.notify { Effect::Notifies } else { Effect::SetsState };
        let out = map::access_code(&self.account, request, person)?;
        let answer = self.send(cx, effect, out).await?;
        updates::read(&answer, &person.id)?;
        let (mail, unlocking) = match (request.notify, unlocking(person)) {
            (true, unlocking) => (mail(person), unlocking),
            // Whether a new code alone unlocks is not public.
            (false, Unlocking::Unlocked) => {
                (MailExpectation::NotExpected(NoMail::NotAsked), Unlocking::Unverified)
            }
            (false, unlocking) => (MailExpectation::NotExpected(NoMail::NotAsked), unlocking),
        };
        Ok(AccessCodeChanged::new(person.id.clone(), mail, unlocking))
    }
}
