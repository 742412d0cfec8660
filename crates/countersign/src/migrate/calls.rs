//! The calls that an application makes, without envelopes and recipients.

use std::time::Duration;

use countersign_core::vendor::Period;
use countersign_core::{
    Call, EnvelopePart, EnvelopeStage, ErrorKind, Operation, RecipientField, RecipientStatus, RefKind,
    ResendTarget, WebhookEvent,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::words::{Argument, Reliance};

/// The calls that an application makes, and what it uses of the envelopes that it makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// The calls.
    pub calls: Vec<CallUse>,
    /// The envelopes.
    pub envelopes: Vec<EnvelopeUse>,
}

/// One way in which an application calls an operation. What is not said is not relied on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallUse {
    /// The application's name for it.
    pub name: Option<String>,
    /// What is called.
    pub operation: Operation,
    /// How the recipient is named.
    pub recipient: Option<RefKind>,
    /// The arguments beside envelope, recipient, return URL and code.
    #[serde(default)]
    pub arguments: Vec<Argument>,
    /// The behaviour that the application cannot do without.
    #[serde(default)]
    pub relies_on: Vec<Reliance>,
    /// What the application reads of a list; empty: whatever there is.
    #[serde(default)]
    pub reads: Vec<RecipientField>,
    /// The statuses of recipients that the application tells apart; empty: all of them.
    #[serde(default, deserialize_with = "statuses")]
    pub statuses: Vec<RecipientStatus>,
    /// The kinds of errors that the application tells apart.
    #[serde(default)]
    pub errors: Vec<ErrorKind>,
    /// A link that was not used must be dead after this time.
    #[serde(default, deserialize_with = "duration")]
    pub link_dies_within: Option<Duration>,
    /// A link must still be good after this time.
    #[serde(default, deserialize_with = "duration")]
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

    pub(super) fn uses(&self, argument: Argument) -> bool {
        self.arguments.contains(&argument)
    }

    /// What a call with its request uses; `None` for a sign-in.
    #[must_use]
    pub fn of_call(call: &Call) -> Option<Self> {
        let mut used = Self::new(call.operation());
        let mut argument = |is_used: bool, argument| used.arguments.extend(is_used.then_some(argument));
        used.recipient = match call {
            Call::ListRecipients(_) => None,
            Call::CreateView(request) => {
                argument(request.expires_in.is_some(), Argument::ExpiresIn);
                argument(request.authentication_method.is_some(), Argument::AuthenticationMethod);
                argument(request.assertion_id.is_some(), Argument::AssertionId);
                argument(request.ping.is_some(), Argument::Ping);
                argument(!request.frame_ancestors.is_empty(), Argument::FrameAncestors);
                argument(!request.message_origins.is_empty(), Argument::MessageOrigins);
                argument(request.return_url.has_query_or_fragment(), Argument::ReturnUrlQuery);
                Some(request.recipient.kind())
            }
            Call::ResendRecipient(request) => {
                let one = if let ResendTarget::One(one) = &request.target { Some(one.kind()) } else { None };
                argument(one.is_none(), Argument::Everyone);
                argument(request.message.is_some(), Argument::Message);
                argument(request.allow_muted, Argument::AllowMuted);
                argument(request.on_behalf_of.is_some(), Argument::OnBehalfOf);
                one
            }
            Call::ChangeAccessCode(request) => {
                argument(request.notify, Argument::Notify);
                argument(request.on_behalf_of.is_some(), Argument::OnBehalfOf);
                Some(request.recipient.kind())
            }
            _ => return None,
        };
        Some(used)
    }
}

fn statuses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<RecipientStatus>, D::Error> {
    only(from, &RecipientStatus::NAMED)
}

fn events<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<WebhookEvent>, D::Error> {
    only(from, &WebhookEvent::NAMED)
}

/// Words of an open type, none of which may be a vendor's: a slip would count as one.
fn only<'de, D: Deserializer<'de>, W>(from: D, allowed: &[W]) -> Result<Vec<W>, D::Error>
where
    W: Deserialize<'de> + PartialEq + ToString,
{
    let words = Vec::<W>::deserialize(from)?;
    let Some(wrong) = words.iter().find(|word| !allowed.contains(word)) else { return Ok(words) };
    let allowed: Vec<String> = allowed.iter().map(W::to_string).collect();
    let problem = format!("unknown word `{}`, expected one of `{}`", wrong.to_string(), allowed.join("`, `"));
    Err(D::Error::custom(problem))
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    Period::deserialize(from).map(|Period(life)| Some(life))
}

/// What an application uses of the envelopes that it makes. Making them is no operation here, but a migration has to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EnvelopeUse {
    /// The application's name for such envelopes.
    pub name: Option<String>,
    /// What they are made of.
    pub uses: Vec<EnvelopePart>,
    /// The states that the application tells apart.
    pub stages: Vec<EnvelopeStage>,
    /// The webhook events that the application handles.
    #[serde(deserialize_with = "events")]
    pub events: Vec<WebhookEvent>,
}
