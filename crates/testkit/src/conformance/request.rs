//! Converts the arguments of a scenario to a request, and a request to a reply.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::vendor::perform;
use countersign_core::{
    AccessCode, AccessCodeChanged, Call, ChangeAccessCode, Context, CreateView, EnvelopeId, Feature,
    InvalidValue, ListRecipients, Operation, Phone, Provider, Recipient, RecipientRef, Recipients,
    ResendRecipient, Resent, ReturnUrl, SigningLink, SigningView,
};

use super::scenario::{Person, Scenario};
use super::story::By;

/// The default return URL.
const RETURN_URL: &str = "https://app.example.com/signed";
/// The default new code.
pub(crate) const NEW_CODE: &str = "Planted7NewCode";

/// One of the four requests.
#[derive(Debug)]
pub(crate) enum Request {
    View(Box<CreateView>),
    Resend(ResendRecipient),
    Change(ChangeAccessCode),
    List(ListRecipients),
}

/// One of the four replies.
#[derive(Debug)]
pub(crate) enum Reply {
    Viewed(SigningView),
    Resent(Resent),
    Changed(AccessCodeChanged),
    Listed(Recipients),
}

impl Reply {
    pub(crate) fn link(&self) -> Option<&SigningLink> {
        match self {
            Reply::Viewed(view) => Some(&view.link),
            _ => None,
        }
    }
}

impl Request {
    /// The request of a scenario. `known` is the list before the call.
    pub(crate) fn of(
        scenario: &Scenario,
        envelope: &str,
        known: Option<&Recipients>,
    ) -> Result<Self, String> {
        let arguments = &scenario.story.call;
        let envelope = arguments.envelope.as_deref().unwrap_or(envelope);
        let envelope = EnvelopeId::new(envelope).map_err(text)?;
        let to = || recipient(scenario, known);
        Ok(match scenario.call {
            Operation::ListRecipients => Request::List(ListRecipients::new(envelope)),
            Operation::CreateView => {
                let back = arguments.return_url.as_deref().unwrap_or(RETURN_URL);
                let mut view = CreateView::new(envelope, to()?, ReturnUrl::new(back).map_err(text)?);
                if let Some(seconds) = arguments.expires_in_seconds {
                    view = view.with_expires_in(Duration::from_secs(seconds));
                }
                if let Some(id) = &arguments.assertion_id {
                    view = view.with_assertion_id(id.clone());
                }
                Request::View(Box::new(view))
            }
            Operation::ResendRecipient => {
                let resend = match arguments.everyone {
                    true => ResendRecipient::everyone(envelope),
                    false => ResendRecipient::new(envelope, to()?),
                };
                let resend = resend.allow_muted(arguments.allow_muted);
                Request::Resend(match &arguments.message {
                    Some(message) => resend.with_message(message.clone()),
                    None => resend,
                })
            }
            Operation::ChangeAccessCode => {
                let code = arguments.code.as_deref().unwrap_or(NEW_CODE);
                let code = AccessCode::new(code).map_err(text)?;
                let change = ChangeAccessCode::new(envelope, to()?, code);
                Request::Change(change.with_notify(arguments.notify))
            }
            other => return Err(format!("{other} has no scenarios")),
        })
    }

    /// The request, as it travels with its HTTP requests.
    pub(crate) fn call(&self) -> Arc<Call> {
        Arc::new(match self {
            Request::View(request) => Call::CreateView(request.clone()),
            Request::Resend(request) => Call::ResendRecipient(request.clone()),
            Request::Change(request) => Call::ChangeAccessCode(request.clone()),
            Request::List(request) => Call::ListRecipients(request.clone()),
        })
    }

    /// The features that the vendor must support.
    pub(crate) fn features(&self) -> Vec<Feature> {
        match self {
            Request::View(request) => request.features(),
            Request::Resend(request) => request.features(),
            Request::Change(request) => request.features(),
            Request::List(_) => vec![Feature::ListRecipients],
        }
    }

    pub(crate) async fn send(
        &self,
        provider: &dyn Provider,
        cx: &Context,
    ) -> Result<Reply, countersign_core::Error> {
        match self {
            Request::View(request) => perform(provider, cx, request.as_ref()).await.map(Reply::Viewed),
            Request::Resend(request) => perform(provider, cx, request).await.map(Reply::Resent),
            Request::Change(request) => perform(provider, cx, request).await.map(Reply::Changed),
            Request::List(request) => perform(provider, cx, request).await.map(Reply::Listed),
        }
    }
}

/// For `map_err`.
#[allow(clippy::needless_pass_by_value, reason = "what `map_err` gives is a value")]
fn text(invalid: InvalidValue) -> String {
    format!("the scenario's {invalid}")
}

fn recipient(scenario: &Scenario, known: Option<&Recipients>) -> Result<RecipientRef, String> {
    let arguments = &scenario.story.call;
    if let Some(reference) = &arguments.reference {
        return reference.parse().map_err(text);
    }
    let key = arguments.recipient.as_deref().ok_or("the scenario names no recipient")?;
    let person = scenario.person(key).ok_or("the scenario names no recipient")?;
    if arguments.by == By::Id || arguments.by == By::Known {
        let row = known.and_then(|list| row_of(person, list));
        let row = row.ok_or_else(|| format!("the list before the call does not have `{key}`"))?.clone();
        return Ok(match arguments.by {
            By::Id => RecipientRef::Id(row.id),
            _ => row.into(),
        });
    }
    reference_by(person, arguments.by)
}

/// How to refer to a recipient without a list.
pub(crate) fn reference_by(person: &Person, by: By) -> Result<RecipientRef, String> {
    let phone = || person.phone.as_ref().map(|(country, number)| format!("{country}{number}"));
    let written = match by {
        By::EmailAndOrder => format!("email:{}#{}", person.email, person.order),
        By::ClientId => format!("client:{}", person.client_id.as_deref().unwrap_or_default()),
        By::Phone => format!("phone:{}", phone().unwrap_or_default()),
        _ => format!("email:{}", person.email),
    };
    written.parse().map_err(text)
}

/// The row of a recipient in a list: by address (or number), and if that is not unique by order, then by name.
pub(crate) fn row_of<'l>(person: &Person, list: &'l Recipients) -> Option<&'l Recipient> {
    let phone =
        person.phone.as_ref().and_then(|(country, number)| Phone::new(&format!("{country}{number}")).ok());
    let fits = |row: &&Recipient| match (person.email.as_str(), &phone) {
        ("", Some(phone)) => row.phone.as_deref() == Some(phone.as_str()),
        (email, _) => row.email.as_deref() == Some(email),
    };
    let mut rows: Vec<&Recipient> = list.recipients.iter().filter(fits).collect();
    let closer: [&dyn Fn(&Recipient) -> bool; 2] =
        [&|row| row.order == Some(person.order), &|row| row.name.as_deref() == Some(person.name.as_str())];
    for closer in closer {
        if rows.len() > 1 {
            rows.retain(|row| closer(row));
        }
    }
    match rows.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}
