//! The story, step by step. It knows no vendor: what differs comes out of replies, envelope and outbox.

use countersign::{
    AccessCode, AccessCodeState, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ErrorKind,
    ListRecipients, MailExpectation, Outcome, Recipient, RecipientStatus, Recipients, ResendRecipient,
    ReturnUrl, SigningView,
};
use countersign_sandbox::{ActOutcome, EnvelopeStatus, Mail, Vendor, World};
use serde::Serialize;

use super::cast::{self, ANNA, BEN, NEW_CODE, Person};
use super::mails::{Mails, strangers};

const PEOPLE: [&Person; 2] = [&ANNA, &BEN];
const RETURN_URL: &str = "https://app.example.com/signed";

/// One step, and whether it came out as it must.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) step: &'static str,
    pub(crate) expected: String,
    pub(crate) seen: String,
    pub(crate) passed: bool,
}

/// The end of the story before its time: what the step was, and what came in its way.
struct Broken {
    step: &'static str,
    expected: String,
    seen: String,
}

/// Plays all steps; ends early when one cannot be played.
pub(crate) async fn play(client: Client, world: World, vendor: Vendor) -> Vec<Step> {
    let mut stage = Stage { client, world, envelope: None, promised: Vec::new(), steps: Vec::new() };
    if let Err(broken) = stage.all(vendor).await {
        let Broken { step, expected, seen } = broken;
        stage.steps.push(Step { step, expected, seen, passed: false });
    }
    stage.steps
}

struct Stage {
    client: Client,
    world: World,
    envelope: Option<EnvelopeId>,
    /// What the answers said about mails.
    promised: Vec<(&'static Person, MailExpectation)>,
    steps: Vec<Step>,
}

/// A step under way: its name and what it must come to.
struct Scene {
    step: &'static str,
    expected: String,
}

impl Scene {
    fn new(step: &'static str, expected: impl Into<String>) -> Self {
        Self { step, expected: expected.into() }
    }

    /// What should have worked and did not.
    fn broken(&self, seen: &impl std::fmt::Display) -> Broken {
        Broken { step: self.step, expected: self.expected.clone(), seen: seen.to_string() }
    }

    fn end(self, seen: impl Into<String>, passed: bool) -> Step {
        Step { step: self.step, expected: self.expected, seen: seen.into(), passed }
    }
}

impl Stage {
    async fn all(&mut self, vendor: Vendor) -> Result<(), Broken> {
        self.asked_to_sign(vendor).await?;
        let signed_at = self.anna_signs().await?;
        self.ben_is_locked().await?;
        self.view_is_refused().await?;
        self.new_code().await?;
        self.resend().await?;
        let view = self.view_works().await?;
        self.ben_signs(&view).await?;
        self.anna_left_alone(signed_at).await?;
        self.outbox_is_right().await
    }

    async fn asked_to_sign(&mut self, vendor: Vendor) -> Result<(), Broken> {
        let scene = Scene::new(
            "Anna and Ben are to sign, in this order, each with an access code",
            "2 signers, Anna's turn, both with a code",
        );
        let made = self.world.make_envelope(cast::envelope(vendor)).map_err(|error| scene.broken(&error))?;
        self.envelope = Some(EnvelopeId::new(made.id).map_err(|error| scene.broken(&error))?);
        let list = self.list().await.map_err(|error| scene.broken(&error))?;
        let state = |person: &Person| find(&list, person).map(|one| (one.status.clone(), one.access_code));
        let due = Some((RecipientStatus::Notified, AccessCodeState::Required));
        let later = Some((RecipientStatus::Waiting, AccessCodeState::Required));
        let passed = list.recipients.len() == 2 && state(&ANNA) == due && state(&BEN) == later;
        let seen = format!("{} recipients: {}", list.recipients.len(), states(&list));
        self.steps.push(scene.end(seen, passed));
        Ok(())
    }

    async fn anna_signs(&mut self) -> Result<Option<countersign::Timestamp>, Broken> {
        let scene = Scene::new(
            "Anna gets a link, types her code and signs",
            "code accepted; Anna has signed, Ben is next",
        );
        let view = self.view(&ANNA).await.map_err(|error| scene.broken(&error))?;
        let id = self.id();
        ANNA.open(&self.world, &id, &view.link).map_err(|error| scene.broken(&error))?;
        let code = ANNA.type_own_code(&self.world, &id).map_err(|error| scene.broken(&error))?;
        ANNA.sign(&self.world, &id).map_err(|error| scene.broken(&error))?;
        let list = self.list().await.map_err(|error| scene.broken(&error))?;
        let status = |person: &Person| find(&list, person).map(|one| &one.status);
        let passed = code == ActOutcome::CodeAccepted
            && status(&ANNA) == Some(&RecipientStatus::Signed)
            && status(&BEN) == Some(&RecipientStatus::Notified);
        self.steps.push(scene.end(format!("{}; {}", word(code), states(&list)), passed));
        Ok(self.mark(&ANNA))
    }

    async fn ben_is_locked(&mut self) -> Result<(), Broken> {
        let scene = Scene::new(
            "Ben gets a link and types three wrong codes",
            "wrong, wrong, locked; the list shows it",
        );
        let view = self.view(&BEN).await.map_err(|error| scene.broken(&error))?;
        let id = self.id();
        BEN.open(&self.world, &id, &view.link).map_err(|error| scene.broken(&error))?;
        let mut answers = Vec::new();
        for wrong in ["wrong-1", "wrong-2", "wrong-3"] {
            answers.push(BEN.type_code(&self.world, &id, wrong).map_err(|error| scene.broken(&error))?);
        }
        let list = self.list().await.map_err(|error| scene.broken(&error))?;
        let locked = find(&list, &BEN).is_some_and(Recipient::is_locked);
        let passed = answers == [ActOutcome::CodeWrong, ActOutcome::CodeWrong, ActOutcome::Locked] && locked;
        let answers: Vec<&str> = answers.into_iter().map(word).collect();
        let shown = if locked { "the list shows it" } else { "the list does not show it" };
        self.steps.push(scene.end(format!("{}; {shown}", answers.join(", ")), passed));
        Ok(())
    }

    async fn view_is_refused(&mut self) -> Result<(), Broken> {
        let scene = Scene::new(
            "Another link for Ben is refused, with the way out",
            "recipient_locked, no effect, and a hint",
        );
        let step = match self.view(&BEN).await {
            Ok(_) => scene.end("a link was made", false),
            Err(error) => {
                let passed = error.kind() == ErrorKind::RecipientLocked
                    && error.outcome() != Outcome::Unknown
                    && !error.hint().is_empty();
                let outcome = match error.outcome() {
                    Outcome::NoEffect => "no effect",
                    Outcome::Refused => "refused",
                    Outcome::Unknown => "OUTCOME UNKNOWN",
                };
                scene.end(format!("{}, {outcome}; next: {}", error.kind(), error.hint()), passed)
            }
        };
        self.steps.push(step);
        Ok(())
    }

    async fn new_code(&mut self) -> Result<(), Broken> {
        let scene = Scene::new("Ben gets a new access code", "changed, and nobody is mailed");
        let before = self.world.outbox().len();
        let request = ChangeAccessCode::new(
            self.envelope(&scene)?,
            BEN.reference().map_err(|error| scene.broken(&error))?,
            AccessCode::new(NEW_CODE).map_err(|error| scene.broken(&error))?,
        );
        let reply = self.client.change_access_code(&request).await.map_err(|error| scene.broken(&error))?;
        let mails = self.world.outbox().len() - before;
        let seen = format!("changed; {mails} mails; Ben {}", unlocking(reply.unlocking));
        self.steps.push(scene.end(seen, mails == 0));
        Ok(())
    }

    async fn resend(&mut self) -> Result<(), Broken> {
        let scene =
            Scene::new("The request goes to Ben once more", "Ben unlocked; mailed just as the answer says");
        let before = self.world.outbox();
        let to = BEN.reference().map_err(|error| scene.broken(&error))?;
        let request = ResendRecipient::new(self.envelope(&scene)?, to);
        let reply = self.client.resend_recipient(&request).await.map_err(|error| scene.broken(&error))?;
        let new: Vec<Mail> = self.world.outbox().into_iter().skip(before.len()).collect();
        let list = self.list().await.map_err(|error| scene.broken(&error))?;
        let unlocked = find(&list, &BEN).is_some_and(|one| !one.is_locked());
        let expected = usize::from(reply.mails_anybody());
        let right =
            new.len() == expected && new.iter().all(|mail| mail.to == BEN.email) && reply.to.len() == 1;
        for one in reply.to {
            self.promised.push((&BEN, one.mail));
        }
        let lock = if unlocked { "Ben unlocked" } else { "Ben STILL LOCKED" };
        let said = if expected == 1 { "a mail to be expected" } else { "no mail to be expected" };
        self.steps.push(scene.end(format!("{lock}; {said}, {} sent", new.len()), unlocked && right));
        Ok(())
    }

    async fn view_works(&mut self) -> Result<SigningView, Broken> {
        let scene = Scene::new("Now Ben gets a link", "a link");
        let view = self.view(&BEN).await.map_err(|error| scene.broken(&error))?;
        let now = countersign::Timestamp::now();
        let life = view.expires_at.map(|at| {
            let minutes = (at.as_second() - now.as_second() + 59) / 60;
            if minutes < 2 * 1440 {
                format!(" for {minutes} minutes")
            } else {
                format!(" for {} days", (minutes + 1439) / 1440)
            }
        });
        let once = if view.single_use == Some(true) { ", once only" } else { "" };
        self.steps.push(scene.end(format!("a link{}{once}", life.unwrap_or_default()), true));
        Ok(view)
    }

    async fn ben_signs(&mut self, view: &SigningView) -> Result<(), Broken> {
        let scene =
            Scene::new("Ben types the new code and signs", "code accepted; both have signed; completed");
        let id = self.id();
        BEN.open(&self.world, &id, &view.link).map_err(|error| scene.broken(&error))?;
        let code = BEN.type_code(&self.world, &id, NEW_CODE).map_err(|error| scene.broken(&error))?;
        BEN.sign(&self.world, &id).map_err(|error| scene.broken(&error))?;
        let list = self.list().await.map_err(|error| scene.broken(&error))?;
        let completed = self.world.envelope(&id).is_some_and(|now| now.status == EnvelopeStatus::Completed);
        let signed = list.recipients.iter().filter(|one| one.status == RecipientStatus::Signed).count();
        let passed = code == ActOutcome::CodeAccepted && signed == 2 && completed;
        let end = if completed { "completed" } else { "NOT COMPLETED" };
        self.steps.push(scene.end(format!("{}; {}; {end}", word(code), states(&list)), passed));
        Ok(())
    }

    async fn anna_left_alone(&mut self, signed_at: Option<countersign::Timestamp>) -> Result<(), Broken> {
        let scene =
            Scene::new("Anna was never asked again", "no mail after her signature, which stands as it was");
        let after = |mail: &&Mail| mail.to == ANNA.email && signed_at.is_none_or(|signed| mail.at > signed);
        let mails = self.world.outbox().iter().filter(after).count();
        let stands = signed_at.is_some() && self.mark(&ANNA) == signed_at;
        let signature = if stands { "her signature stands" } else { "her signature CHANGED" };
        self.steps.push(scene.end(format!("{mails} mails after it; {signature}"), mails == 0 && stands));
        Ok(())
    }

    async fn outbox_is_right(&mut self) -> Result<(), Broken> {
        let scene = Scene::new("The outbox has the mails that had to go, and no other", "");
        let list = self.list().await.map_err(|error| scene.broken(&error))?;
        let due = Mails::due(&PEOPLE, &list, &self.promised);
        let outbox = self.world.outbox();
        let id = self.id();
        let outbox: Vec<Mail> = outbox.into_iter().filter(|mail| mail.envelope == id).collect();
        let sent = Mails::sent(&PEOPLE, &outbox);
        let others = strangers(&PEOPLE, &outbox);
        let mut seen = sent.words();
        if others > 0 {
            seen.push_str(&format!(", {others} to others"));
        }
        let passed = sent == due && others == 0;
        self.steps.push(Scene::new(scene.step, due.words()).end(seen, passed));
        Ok(())
    }

    fn envelope(&self, scene: &Scene) -> Result<EnvelopeId, Broken> {
        self.envelope.clone().ok_or_else(|| scene.broken(&"there is no envelope"))
    }

    fn id(&self) -> String {
        self.envelope.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    async fn list(&self) -> Result<Recipients, Error> {
        self.client.list_recipients(&ListRecipients::new(EnvelopeId::new(self.id())?)).await
    }

    async fn view(&self, person: &Person) -> Result<SigningView, Error> {
        let envelope = EnvelopeId::new(self.id())?;
        let request = CreateView::new(envelope, person.reference()?, ReturnUrl::new(RETURN_URL)?);
        self.client.create_view(&request).await
    }

    /// When a person signed, as the sandbox's world knows it.
    fn mark(&self, person: &Person) -> Option<countersign::Timestamp> {
        let envelope = self.world.envelope(&self.id())?;
        envelope.recipients.iter().find(|one| one.email == person.email)?.signed_at
    }
}

fn find<'l>(list: &'l Recipients, person: &Person) -> Option<&'l Recipient> {
    list.recipients.iter().find(|one| one.email.as_deref() == Some(person.email))
}

fn states(list: &Recipients) -> String {
    let state = |one: &Recipient| {
        let name = PEOPLE.iter().find(|person| one.email.as_deref() == Some(person.email));
        format!("{} {}", name.map_or("somebody else", |person| person.name), one.status)
    };
    list.recipients.iter().map(state).collect::<Vec<_>>().join(", ")
}

fn word(outcome: ActOutcome) -> &'static str {
    match outcome {
        ActOutcome::CodeAccepted => "code accepted",
        ActOutcome::CodeWrong => "wrong",
        ActOutcome::Locked => "locked",
        ActOutcome::LinkUsedUp => "link used up",
        _ => "done",
    }
}

fn unlocking(unlocking: countersign::Unlocking) -> &'static str {
    match unlocking {
        countersign::Unlocking::NotNeeded => "was not locked",
        countersign::Unlocking::Unlocked => "has new attempts",
        countersign::Unlocking::StillLocked => "is still locked",
        _ => "may still be locked: not documented",
    }
}
