//! The two sides, and what is done at both.

use std::fmt;

use countersign_core::{Call, EnvelopeId, Error, Operations, Result, Timestamp};
use serde_json::{Value, json};

/// An account at which the calls are played, and its envelopes.
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
    #[must_use]
    pub fn new(operations: &'o dyn Operations) -> Self {
        Self { operations, envelopes: Vec::new() }
    }

    /// The calls name this envelope by a word of theirs, since both sides have an envelope of their own for it.
    #[must_use]
    pub fn with_envelope(mut self, name: impl Into<String>, id: EnvelopeId) -> Self {
        self.envelopes.push((name.into(), id));
        self
    }

    /// The envelope that the calls mean; a name that was not given is taken for an id.
    fn envelope(&self, named: &EnvelopeId) -> EnvelopeId {
        let found = self.envelopes.iter().find(|(name, _)| name == named.as_str());
        found.map_or_else(|| named.clone(), |(_, id)| id.clone())
    }
}

/// At which side something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// The account that the application uses.
    Old,
    /// The account that it is to use.
    New,
}

type Act = Box<dyn Fn(Which) + Send + Sync>;

enum What {
    Call(Box<Call>),
    Between(Act),
}

/// A call, or something that happens between calls.
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

/// What a call came to, before anything is taken out of it.
pub(super) struct Ended {
    pub(super) operation: &'static str,
    pub(super) result: Result<Value>,
    /// The moment before the call.
    pub(super) at: Timestamp,
}

impl Step {
    /// A call of the application's. Its envelope is the name that both sides were told with
    /// [`Side::with_envelope`].
    ///
    /// # Panics
    /// Not here, but when it is played: for a sign-in, which is none of the four operations.
    #[must_use]
    pub fn call(title: impl Into<String>, call: impl Into<Call>) -> Self {
        Self { title: title.into(), what: What::Call(Box::new(call.into())) }
    }

    /// Something that happens at each side between the calls, such as a signer who signs. With recordings there is
    /// nothing to be done.
    #[must_use]
    pub fn between(title: impl Into<String>, act: impl Fn(Which) + Send + Sync + 'static) -> Self {
        Self { title: title.into(), what: What::Between(Box::new(act)) }
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// `None` for what is no call.
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
        let result = match call.as_ref() {
            Call::ListRecipients(request) => {
                let mut request = request.clone();
                request.envelope = side.envelope(&request.envelope);
                operations.list_recipients(&request).await.and_then(|reply| document(&reply))
            }
            Call::CreateView(request) => {
                let mut request = request.clone();
                request.envelope = side.envelope(&request.envelope);
                operations.create_view(&request).await.map(|view| {
                    json!({
                        "link": "{link}",
                        "expires_at": view.expires_at,
                        "single_use": view.single_use,
                        "recipient": view.recipient,
                    })
                })
            }
            Call::ResendRecipient(request) => {
                let mut request = request.clone();
                request.envelope = side.envelope(&request.envelope);
                operations.resend_recipient(&request).await.and_then(|reply| document(&reply))
            }
            Call::ChangeAccessCode(request) => {
                let mut request = request.clone();
                request.envelope = side.envelope(&request.envelope);
                operations.change_access_code(&request).await.and_then(|reply| document(&reply))
            }
            other => panic!("{} is none of the four operations", other.operation()),
        };
        Some(Ended { operation: call.operation().as_str(), result, at })
    }
}

fn document(reply: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(reply)
        .map_err(|error| Error::new(countersign_core::ErrorKind::Unexpected, format!("no JSON: {error}")))
}
