//! The calls that an application makes, without envelopes and people.

use std::time::Duration;

use countersign_core::{
    Call, ChangeAccessCode, CreateView, EnvelopePart, EnvelopeStage, ErrorKind, ListRecipients, Operation,
    RecipientField, RecipientRef, RecipientStatus, RefKind, ResendRecipient, ResendTarget,
};

use super::words::{Argument, Reliance};

/// The calls that an application makes, and what it uses of the envelopes that it makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calls {
    /// The calls.
    pub calls: Vec<CallUse>,
    /// The envelopes.
    pub envelopes: Vec<EnvelopeUse>,
}

/// One way in which an application calls an operation. What is not said is not relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallUse {
    /// The application's name for it.
    pub name: Option<String>,
    /// What is called.
    pub operation: Operation,
    /// How the recipient is named.
    pub recipient: Option<RefKind>,
    /// The arguments beside envelope, recipient, return URL and code.
    pub arguments: Vec<Argument>,
    /// The behaviour that the application cannot do without.
    pub relies_on: Vec<Reliance>,
    /// What the application reads of a list; empty: whatever there is.
    pub reads: Vec<RecipientField>,
    /// The statuses of recipients that the application tells apart; empty: all of them.
    pub statuses: Vec<RecipientStatus>,
    /// The kinds of errors that the application tells apart.
    pub errors: Vec<ErrorKind>,
    /// A link that was not used must be dead after this time.
    pub link_dies_within: Option<Duration>,
    /// A link must still be good after this time.
    pub link_lives_for: Option<Duration>,
    /// How often one envelope is resent in a day, at most.
    pub resends_per_day: Option<u32>,
    /// How often the call is made in an hour, at most.
    pub calls_per_hour: Option<u32>,
}

impl CallUse {
    /// A call of which nothing further is said.
    #[must_use]
    pub fn new(operation: Operation) -> Self {
        Self {
            name: None,
            operation,
            recipient: None,
            arguments: Vec::new(),
            relies_on: Vec::new(),
            reads: Vec::new(),
            statuses: Vec::new(),
            errors: Vec::new(),
            link_dies_within: None,
            link_lives_for: None,
            resends_per_day: None,
            calls_per_hour: None,
        }
    }

    /// Names it.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Names the recipient so.
    #[must_use]
    pub fn with_recipient(mut self, kind: RefKind) -> Self {
        self.recipient = Some(kind);
        self
    }

    /// Uses an argument.
    #[must_use]
    pub fn with_argument(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Relies on a behaviour.
    #[must_use]
    pub fn relying_on(mut self, reliance: Reliance) -> Self {
        self.relies_on.push(reliance);
        self
    }

    pub(super) fn uses(&self, argument: Argument) -> bool {
        self.arguments.contains(&argument)
    }

    pub(super) fn relies(&self, reliance: Reliance) -> bool {
        self.relies_on.contains(&reliance)
    }

    /// What a call with its request uses; `None` for a sign-in.
    #[must_use]
    pub fn of_call(call: &Call) -> Option<Self> {
        match call {
            Call::ListRecipients(request) => Some(request.into()),
            Call::CreateView(request) => Some(request.as_ref().into()),
            Call::ResendRecipient(request) => Some(request.into()),
            Call::ChangeAccessCode(request) => Some(request.into()),
            _ => None,
        }
    }

    fn of(operation: Operation, recipient: Option<&RecipientRef>, arguments: &[(bool, Argument)]) -> Self {
        let mut call = Self::new(operation);
        call.recipient = recipient.map(RecipientRef::kind);
        call.arguments = arguments.iter().filter(|(used, _)| *used).map(|(_, argument)| *argument).collect();
        call
    }
}

impl From<&CreateView> for CallUse {
    fn from(request: &CreateView) -> Self {
        Self::of(
            Operation::CreateView,
            Some(&request.recipient),
            &[
                (request.expires_in.is_some(), Argument::ExpiresIn),
                (request.authentication_method.is_some(), Argument::AuthenticationMethod),
                (request.assertion_id.is_some(), Argument::AssertionId),
                (request.ping.is_some(), Argument::Ping),
                (!request.frame_ancestors.is_empty(), Argument::FrameAncestors),
                (!request.message_origins.is_empty(), Argument::MessageOrigins),
                (request.return_url.has_query_or_fragment(), Argument::ReturnUrlQuery),
            ],
        )
    }
}

impl From<&ResendRecipient> for CallUse {
    fn from(request: &ResendRecipient) -> Self {
        let recipient =
            if let ResendTarget::One(recipient) = &request.target { Some(recipient) } else { None };
        Self::of(
            Operation::ResendRecipient,
            recipient,
            &[
                (recipient.is_none(), Argument::Everyone),
                (request.message.is_some(), Argument::Message),
                (request.allow_muted, Argument::AllowMuted),
                (request.on_behalf_of.is_some(), Argument::OnBehalfOf),
            ],
        )
    }
}

impl From<&ChangeAccessCode> for CallUse {
    fn from(request: &ChangeAccessCode) -> Self {
        Self::of(
            Operation::ChangeAccessCode,
            Some(&request.recipient),
            &[(request.notify, Argument::Notify), (request.on_behalf_of.is_some(), Argument::OnBehalfOf)],
        )
    }
}

impl From<&ListRecipients> for CallUse {
    fn from(_request: &ListRecipients) -> Self {
        Self::new(Operation::ListRecipients)
    }
}

/// What an application uses of the envelopes that it makes. Making them is no operation here, but a migration has to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvelopeUse {
    /// The application's name for such envelopes.
    pub name: Option<String>,
    /// What they are made of.
    pub uses: Vec<EnvelopePart>,
    /// The states that the application tells apart.
    pub stages: Vec<EnvelopeStage>,
}

impl EnvelopeUse {
    /// Envelopes of which these things are used.
    #[must_use]
    pub fn new(uses: Vec<EnvelopePart>) -> Self {
        Self { name: None, uses, stages: Vec::new() }
    }

    /// Tells these states apart.
    #[must_use]
    pub fn with_stages(mut self, stages: Vec<EnvelopeStage>) -> Self {
        self.stages = stages;
        self
    }
}

impl Calls {
    /// No calls.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a call.
    #[must_use]
    pub fn with_call(mut self, call: impl Into<CallUse>) -> Self {
        self.calls.push(call.into());
        self
    }

    /// Adds envelopes.
    #[must_use]
    pub fn with_envelope(mut self, envelope: EnvelopeUse) -> Self {
        self.envelopes.push(envelope);
        self
    }
}
