//! The scenario, step by step. It contains nothing vendor-specific: all differences come from replies, envelope and
//! outbox.

use countersign::provider::RecipientField;
use countersign::{
    AccessCode, AccessCodeState, ChangeAccessCode, Client, EnvelopeId, ErrorKind, Outcome, Recipient,
    RecipientStatus, ResendRecipient, SigningView,
};
use countersign_sandbox::{Act, ActOutcome, EnvelopeStatus, Mail, Vendor, World};

use super::cast::{self, ANNA, BEN, Mails, NEW_CODE, Person, find, life, states, unlocking, word};
use super::stage::{Failed, Stage, Step, Trace};

/// Runs all steps; ends early if one cannot run.
pub(crate) async fn play(client: Client, world: World, vendor: Vendor) -> Vec<Step> {
    let mut stage = Stage { client, world, envelope: String::new(), promised: Vec::new(), steps: Vec::new() };
    if let Err(Failed(why)) = stage.all(vendor).await {
        stage.end(format!("{why}; the demo ends here"), false);
    }
    stage.steps
}

impl Stage {
    async fn all(&mut self, vendor: Vendor) -> Result<(), Failed> {
        self.asked_to_sign(vendor).await?;
        let anna = self.anna_signs().await?;
        self.ben_is_locked().await?;
        self.view_is_refused().await?;
        self.new_code().await?;
        self.resend().await?;
        let view = self.view_works("Ben gets another link").await?;
        self.ben_signs(&view).await?;
        self.anna_left_alone(&anna)?;
        self.outbox_is_right().await
    }

    async fn asked_to_sign(&mut self, vendor: Vendor) -> Result<(), Failed> {
        self.begin(
            "Anna and Ben have to sign in order, each with an access code",
            "2 signers, Anna's turn, both with a code",
        );
        self.envelope = self.world.make_envelope(cast::envelope(vendor))?.id;
        let list = self.list().await?;
        let state = |person: &Person| find(&list, person).map(|one| (one.status.clone(), one.access_code));
        let due = Some((RecipientStatus::Notified, AccessCodeState::Required));
        let later = Some((RecipientStatus::Waiting, AccessCodeState::Required));
        let passed = list.recipients.len() == 2 && state(&ANNA) == due && state(&BEN) == later;
        let coded = list.recipients.iter().filter(|one| one.access_code == AccessCodeState::Required).count();
        let seen = format!("{} recipients, {coded} with a code: {}", list.recipients.len(), states(&list));
        self.end(seen, passed);
        Ok(())
    }

    async fn anna_signs(&mut self) -> Result<Trace, Failed> {
        self.begin(
            "Anna gets a link, enters her code and signs",
            "code accepted; Anna has signed, Ben is next",
        );
        let view = self.view(&ANNA).await?;
        self.open(&ANNA, &view)?;
        let code = self.enter(&ANNA, ANNA.code)?;
        self.act(&ANNA, Act::Sign { new_name: None })?;
        let list = self.list().await?;
        let status = |person: &Person| find(&list, person).map(|one| &one.status);
        let passed = code == ActOutcome::CodeAccepted
            && status(&ANNA) == Some(&RecipientStatus::Signed)
            && status(&BEN) == Some(&RecipientStatus::Notified);
        self.end(format!("{}; {}", word(code), states(&list)), passed);
        Ok(self.trace(&ANNA))
    }

    async fn ben_is_locked(&mut self) -> Result<(), Failed> {
        let listed = self.lists_locks();
        let shows = |locked: bool| if locked { "the list shows it" } else { "the list does not show it" };
        let expected = format!("wrong, wrong, locked; {}", shows(listed));
        self.begin("Ben gets a link and enters three wrong codes", expected);
        let view = self.view(&BEN).await?;
        self.open(&BEN, &view)?;
        let mut answers = Vec::new();
        for wrong in ["wrong-1", "wrong-2", "wrong-3"] {
            answers.push(self.enter(&BEN, wrong)?);
        }
        let list = self.list().await?;
        let locked = find(&list, &BEN).is_some_and(Recipient::is_locked);
        let passed =
            answers == [ActOutcome::CodeWrong, ActOutcome::CodeWrong, ActOutcome::Locked] && locked == listed;
        let answers: Vec<&str> = answers.into_iter().map(word).collect();
        self.end(format!("{}; {}", answers.join(", "), shows(locked)), passed);
        Ok(())
    }

    /// Whether the vendor's list can show that a signer is locked; a link is refused only then.
    fn lists_locks(&self) -> bool {
        self.client.descriptor().facts.lists(RecipientField::AccessCodeFailed)
    }

    async fn view_is_refused(&mut self) -> Result<(), Failed> {
        if !self.lists_locks() {
            let step = "Another link for Ben is made: the vendor does not show his lock";
            return self.view_works(step).await.map(drop);
        }
        self.begin("Another link for Ben is refused, with a hint", "recipient_locked, no effect, and a hint");
        match self.view(&BEN).await {
            Ok(_) => self.end("a link was made", false),
            Err(error) => {
                let known = error.outcome() != Outcome::Unknown;
                let passed = error.kind() == ErrorKind::RecipientLocked && known && !error.hint().is_empty();
                let outcome = if known { "nothing happened" } else { "OUTCOME UNKNOWN" };
                self.end(format!("{}, {outcome}; next: {}", error.kind(), error.hint()), passed);
            }
        }
        Ok(())
    }

    async fn new_code(&mut self) -> Result<(), Failed> {
        self.begin("Ben gets a new access code", "changed, no mail");
        let before = self.mails().len();
        let (to, code) = (BEN.reference()?, AccessCode::new(NEW_CODE)?);
        let request = ChangeAccessCode::new(EnvelopeId::new(&self.envelope)?, to, code);
        let reply = self.client.change_access_code(&request).await?;
        let mails = self.mails().into_iter().skip(before).count();
        let seen = format!("changed; {}; Ben {}", cast::mails(mails), unlocking(reply.unlocking));
        self.end(seen, mails == 0);
        Ok(())
    }

    async fn resend(&mut self) -> Result<(), Failed> {
        self.begin("The signing request is resent to Ben", "Ben unlocked; mail as the reply announced");
        let before = self.mails().len();
        let to = BEN.reference()?;
        let request = ResendRecipient::new(EnvelopeId::new(&self.envelope)?, to);
        let reply = self.client.resend_recipient(&request).await?;
        let new: Vec<Mail> = self.mails().into_iter().skip(before).collect();
        let list = self.list().await?;
        let unlocked = find(&list, &BEN).is_some_and(|one| !one.is_locked());
        let expected = usize::from(reply.expects_mail());
        let right =
            new.len() == expected && new.iter().all(|mail| mail.to == BEN.email) && reply.to.len() == 1;
        for one in reply.to {
            self.promised.push((&BEN, one.mail));
        }
        let lock = if unlocked { "Ben unlocked" } else { "Ben STILL LOCKED" };
        let said = if expected == 1 { "the reply announces a mail" } else { "the reply announces no mail" };
        let seen = format!("{lock}; {said}; {} sent", cast::mails(new.len()));
        self.end(seen, unlocked && right);
        Ok(())
    }

    async fn view_works(&mut self, step: &'static str) -> Result<SigningView, Failed> {
        self.begin(step, "a link");
        let view = self.view(&BEN).await?;
        self.end(format!("a link{}", life(&view)), true);
        Ok(view)
    }

    async fn ben_signs(&mut self, view: &SigningView) -> Result<(), Failed> {
        self.begin("Ben enters the new code and signs", "code accepted; both have signed; completed");
        self.open(&BEN, view)?;
        let code = self.enter(&BEN, NEW_CODE)?;
        self.act(&BEN, Act::Sign { new_name: None })?;
        let list = self.list().await?;
        let completed =
            self.world.envelope(&self.envelope).is_some_and(|now| now.status == EnvelopeStatus::Completed);
        let signed = list.recipients.iter().filter(|one| one.status == RecipientStatus::Signed).count();
        let passed = code == ActOutcome::CodeAccepted && signed == 2 && completed;
        let end = if completed { "completed" } else { "NOT COMPLETED" };
        self.end(format!("{}; {}; {end}", word(code), states(&list)), passed);
        Ok(())
    }

    fn anna_left_alone(&mut self, then: &Trace) -> Result<(), Failed> {
        self.begin("Anna was never asked again", "no mail after her signature; her signature unchanged");
        let now = self.trace(&ANNA);
        let mails =
            now.mails.checked_sub(then.mails).ok_or_else(|| Failed("the outbox lost mails".to_owned()))?;
        let stands = now.signed_at.is_some() && now.signed_at == then.signed_at;
        let signature = if stands { "her signature is unchanged" } else { "her signature CHANGED" };
        self.end(format!("{}; {signature}", cast::mails(mails)), mails == 0 && stands);
        Ok(())
    }

    async fn outbox_is_right(&mut self) -> Result<(), Failed> {
        let due = self.list().await.map(|list| Mails::due(&list, &self.promised));
        let expected = due.as_ref().map(Mails::words).unwrap_or_default();
        self.begin("The outbox has exactly the expected mails", expected);
        let due = due?;
        let (sent, others) = Mails::sent(&self.mails());
        let mut seen = sent.words();
        if others > 0 {
            seen.push_str(&format!(", {others} to others"));
        }
        self.end(seen, sent == due && others == 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox_accounts;
    use countersign_sandbox::{Fault, FaultKind, Options, Sandbox};

    /// The scenario at every vendor, in a sandbox that was set up to fail.
    fn spoilt(spoil: impl Fn(&World)) -> Vec<Vec<Step>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let sandbox = Sandbox::start(Options::new()).await.expect("a sandbox");
            let mut chosen = sandbox_accounts::vendors(&sandbox);
            chosen.retain(|one| sandbox_accounts::has_codes(one.vendor));
            let config = sandbox_accounts::config(&chosen).expect("a configuration");
            let mut stories = Vec::new();
            for one in &chosen {
                let client = config.account(Some(one.account)).and_then(countersign::Account::client);
                sandbox.world().clear_faults();
                spoil(&sandbox.world());
                stories.push(play(client.expect("a client"), sandbox.world(), one.vendor).await);
            }
            sandbox.stop().await;
            stories
        })
    }

    fn failed(steps: &[Step]) -> Vec<usize> {
        steps.iter().enumerate().filter(|(_, step)| !step.passed).map(|(at, _)| at + 1).collect()
    }

    #[test]
    fn nothing_fails_when_nothing_is_wrong() {
        for steps in spoilt(|_| ()) {
            assert_eq!(failed(&steps), Vec::<usize>::new(), "{steps:?}");
        }
    }

    #[test]
    fn a_vendor_that_goes_wrong_is_seen_and_ends_the_story() {
        for steps in spoilt(|world| {
            world.inject(Fault::on("GET", "recipients", FaultKind::answer(500, "{}")).times(100));
            world.inject(Fault::on("GET", "properties", FaultKind::answer(500, "{}")).times(100));
            world.inject(Fault::on("GET", "details", FaultKind::answer(500, "{}")).times(100));
        }) {
            assert_eq!((steps.len(), failed(&steps)), (1, vec![1]), "{steps:?}");
            assert!(steps[0].seen.ends_with("the demo ends here"));
        }
    }

    #[test]
    fn an_answer_that_promises_what_does_not_happen_is_seen() {
        // The vendors report success and do nothing.
        let changed = r#"{"recipientUpdateResults":[{"recipientId":"2","errorDetails":{"errorCode":"SUCCESS","message":""}}]}"#;
        for steps in spoilt(|world| {
            world.inject(Fault::on("PUT", "recipients", FaultKind::answer(200, changed)).times(100));
            world.inject(Fault::on("POST", "remind", FaultKind::answer(204, "")).times(100));
            world.inject(Fault::on("PATCH", "changeAccessCode", FaultKind::answer(204, "")).times(100));
            let sent = r#"{"result":[]}"#;
            world.inject(Fault::on("POST", "send-reminder", FaultKind::answer(200, sent)).times(100));
            world.inject(Fault::on("PATCH", "recipients/recipient", FaultKind::answer(204, "")).times(100));
        }) {
            assert!(failed(&steps).contains(&6), "{steps:?}");
        }
    }
}
