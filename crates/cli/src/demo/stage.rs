//! Shared by the steps: the client under test, the sandbox's state, and the results so far.

use countersign::{
    Client, CreateView, EnvelopeId, Error, ListRecipients, MailExpectation, Recipients, ReturnUrl,
    SigningView, Timestamp,
};
use countersign_sandbox::{Act, ActOutcome, Mail, Refused, Secret, World};
use serde::Serialize;

use super::cast::Person;

const RETURN_URL: &str = "https://app.example.com/signed";

/// One step, and whether its result is as expected.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) step: &'static str,
    pub(crate) expected: String,
    pub(crate) seen: String,
    pub(crate) passed: bool,
}

pub(super) struct Stage {
    pub(super) client: Client,
    pub(super) world: World,
    /// Empty before the first step.
    pub(super) envelope: String,
    /// What the replies announced about mails.
    pub(super) promised: Vec<(&'static Person, MailExpectation)>,
    pub(super) steps: Vec<Step>,
}

/// When a signer signed, and how many mails they have received.
pub(super) struct Trace {
    pub(super) signed_at: Option<Timestamp>,
    pub(super) mails: usize,
}

/// Why a step did not come to its end.
#[derive(Debug)]
pub(super) struct Failed(pub(super) String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Stage {
    /// Begins a step, which has failed until it ends.
    pub(super) fn begin(&mut self, step: &'static str, expected: impl Into<String>) {
        self.steps.push(Step { step, expected: expected.into(), seen: String::new(), passed: false });
    }

    /// Ends the step that was begun last.
    pub(super) fn end(&mut self, seen: impl Into<String>, passed: bool) {
        if let Some(step) = self.steps.last_mut() {
            (step.seen, step.passed) = (seen.into(), passed);
        }
    }

    pub(super) async fn list(&self) -> Result<Recipients, Error> {
        self.client.list_recipients(&ListRecipients::new(EnvelopeId::new(&self.envelope)?)).await
    }

    pub(super) async fn view(&self, person: &Person) -> Result<SigningView, Error> {
        let envelope = EnvelopeId::new(&self.envelope)?;
        let request = CreateView::new(envelope, person.reference()?, ReturnUrl::new(RETURN_URL)?);
        self.client.create_view(&request).await
    }

    /// The mails of this envelope so far.
    pub(super) fn mails(&self) -> Vec<Mail> {
        self.world.outbox().into_iter().filter(|mail| mail.envelope == self.envelope).collect()
    }

    /// What a signer does on the signing pages.
    pub(super) fn act(&self, person: &Person, act: Act) -> Result<ActOutcome, Refused> {
        self.world.act(&self.envelope, person.email, act).map(|result| result.outcome)
    }

    pub(super) fn open(&self, person: &Person, view: &SigningView) -> Result<ActOutcome, Refused> {
        self.act(person, Act::OpenLink { url: Secret::new(view.link.expose()) })
    }

    pub(super) fn enter(&self, person: &Person, code: &str) -> Result<ActOutcome, Refused> {
        self.act(person, Act::EnterCode { code: Secret::new(code) })
    }

    /// The sandbox's current state of a signer.
    pub(super) fn trace(&self, person: &Person) -> Trace {
        let envelope = self.world.envelope(&self.envelope);
        let mut recipients = envelope.iter().flat_map(|envelope| &envelope.recipients);
        Trace {
            signed_at: recipients.find(|one| one.email == person.email).and_then(|one| one.signed_at),
            mails: self.mails().iter().filter(|mail| mail.to == person.email).count(),
        }
    }
}
