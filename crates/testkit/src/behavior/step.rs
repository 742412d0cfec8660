//! The two sides, and the steps at both.

use std::fmt;

use countersign_core::{
    Call, ChangeAccessCode, EnvelopeId, ListRecipients, Operations, ResendRecipient, Result, Timestamp,
};
use serde_json::{Value, json};

/// An account at which the calls are made, and its envelopes.
#[must_use]
pub struct Side<'o> {
    pub(super) operations: &'o dyn Operations,
    envelopes: Vec<(String, EnvelopeId)>,
}

impl fmt::Debug for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Side")
            .field("vendor", &self.operations.descriptor().name)
            .field("envelopes", &self.envelopes)
            .finish()
    }
}

impl<'o> Side<'o> {
    /// An account.
    pub fn new(operations: &'o dyn Operations) -> Self {
        Self { operations, envelopes: Vec::new() }
    }

    /// Gives this envelope a name for the calls, because both sides have their own envelope for it.
    pub fn with_envelope(mut self, name: impl Into<String>, id: EnvelopeId) -> Self {
        self.envelopes.push((name.into(), id));
        self
    }

    /// The envelope of the calls; an unknown name is used as an id.
    fn envelope(&self, named: &EnvelopeId) -> EnvelopeId {
        let found = self.envelopes.iter().find(|(name, _)| name == named.as_str());
        found.map_or_else(|| named.clone(), |(_, id)| id.clone())
    }
}

/// The side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// The application's current account.
    Old,
    /// The account to move to.
    New,
}

type Act = Box<dyn Fn(Which) + Send + Sync>;

enum What {
    Call(Box<Call>),
    Between(Act),
}

/// A call, or an event between calls.
pub struct Step {
    title: String,
    what: What,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = if let What::Call(call) = &self.what { Some(call) } else { None };
        f.debug_struct("Step").field("title", &self.title).field("call", &call).finish()
    }
}

/// The result of a call, before anything is replaced.
pub(super) struct Ended {
    pub(super) operation: &'static str,
    pub(super) result: Result<Value>,
    /// The time before the call.
    pub(super) at: Timestamp,
}

impl Step {
    /// A call of the application. Its envelope is the name that both sides got from [`Side::with_envelope`].
    ///
    /// # Panics
    /// Not here, but when it is run: for a sign-in, which is not one of the four operations.
    pub fn call(title: impl Into<String>, call: impl Into<Call>) -> Self {
        Self { title: title.into(), what: What::Call(Box::new(call.into())) }
    }

    /// An event at each side between the calls, such as a signer who signs. Recordings need no action.
    pub fn between(title: impl Into<String>, act: impl Fn(Which) + Send + Sync + 'static) -> Self {
        Self { title: title.into(), what: What::Between(Box::new(act)) }
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// `None` if it is not a call.
    pub(super) async fn run(&self, side: &Side<'_>, which: Which) -> Option<Ended> {
        let call = match &self.what {
            What::Call(call) => call,
            What::Between(act) => {
                act(which);
                return None;
            }
        };
        let operations = side.operations;
        let at = operations.now();
        let mut call = call.as_ref().clone();
        let envelope = match &mut call {
            Call::ListRecipients(ListRecipients { envelope, .. })
            | Call::ResendRecipient(ResendRecipient { envelope, .. })
            | Call::ChangeAccessCode(ChangeAccessCode { envelope, .. }) => envelope,
            Call::CreateView(request) => &mut request.envelope,
            other => panic!("{} is not one of the four operations", other.operation()),
        };
        *envelope = side.envelope(envelope);
        let result = match &call {
            Call::CreateView(request) => operations.create_view(request).await.map(|view| {
                json!({
                    "link": "{link}",
                    "expires_at": view.expires_at,
                    "single_use": view.single_use,
                    "recipient": view.recipient,
                })
            }),
            Call::ResendRecipient(request) => {
                operations.resend_recipient(request).await.map(|done| json!(done))
            }
            Call::ChangeAccessCode(request) => {
                operations.change_access_code(request).await.map(|done| json!(done))
            }
            Call::ListRecipients(request) => {
                operations.list_recipients(request).await.map(|list| json!(list))
            }
            other => panic!("{} is not one of the four operations", other.operation()),
        };
        Some(Ended { operation: call.operation().as_str(), result, at })
    }
}
