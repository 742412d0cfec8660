//! Shared by the steps: the client under test, the sandbox's state, and the results so far.

use countersign::{
    Client, CreateView, EnvelopeId, Error, ListRecipients, MailExpectation, Recipients, ReturnUrl,
    SigningView, Timestamp,
};
use countersign_sandbox::{Mail, World};
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

/// An early end of the scenario: the step, and what prevented it.
pub(super) struct Broken {
    pub(super) step: &'static str,
    pub(super) expected: String,
    pub(super) seen: String,
}

/// Everything that a step needs.
pub(super) struct Stage {
    pub(super) client: Client,
    pub(super) world: World,
    pub(super) envelope: Option<EnvelopeId>,
    /// What the replies announced about mails.
    pub(super) promised: Vec<(&'static Person, MailExpectation)>,
    pub(super) steps: Vec<Step>,
}

/// When a signer signed, and how many mails they have received.
pub(super) struct Trace {
    pub(super) signed_at: Option<Timestamp>,
    pub(super) mails: usize,
}

/// A running step: its name and its expected result.
pub(super) struct Scene {
    pub(super) step: &'static str,
    expected: String,
}

impl Scene {
    pub(super) fn new(step: &'static str, expected: impl Into<String>) -> Self {
        Self { step, expected: expected.into() }
    }

    /// A call that must succeed for the scenario to continue.
    pub(super) fn needs<T, E: std::fmt::Display>(&self, result: Result<T, E>) -> Result<T, Broken> {
        result.map_err(|error| Broken {
            step: self.step,
            expected: self.expected.clone(),
            seen: error.to_string(),
        })
    }

    pub(super) fn end(self, seen: impl Into<String>, passed: bool) -> Step {
        Step { step: self.step, expected: self.expected, seen: seen.into(), passed }
    }
}

impl Stage {
    /// The envelope's id, which the first step sets.
    pub(super) fn envelope(&self, scene: &Scene) -> Result<EnvelopeId, Broken> {
        scene.needs(self.envelope.clone().ok_or("there is no envelope"))
    }

    pub(super) fn id(&self) -> String {
        self.envelope.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    pub(super) async fn list(&self) -> Result<Recipients, Error> {
        self.client.list_recipients(&ListRecipients::new(EnvelopeId::new(self.id())?)).await
    }

    pub(super) async fn view(&self, person: &Person) -> Result<SigningView, Error> {
        let envelope = EnvelopeId::new(self.id())?;
        let request = CreateView::new(envelope, person.reference()?, ReturnUrl::new(RETURN_URL)?);
        self.client.create_view(&request).await
    }

    /// The mails of this envelope so far.
    pub(super) fn mails(&self) -> Vec<Mail> {
        let id = self.id();
        self.world.outbox().into_iter().filter(|mail| mail.envelope == id).collect()
    }

    /// The sandbox's current state of a signer.
    pub(super) fn trace(&self, person: &Person) -> Trace {
        let envelope = self.world.envelope(&self.id());
        let mut recipients = envelope.iter().flat_map(|envelope| &envelope.recipients);
        Trace {
            signed_at: recipients.find(|one| one.email == person.email).and_then(|one| one.signed_at),
            mails: self.mails().iter().filter(|mail| mail.to == person.email).count(),
        }
    }
}
