//! Converts the arguments of a scenario to a call, and a call to a reply.

use std::time::Duration;

use countersign_core::vendor::perform;
use countersign_core::{
    AccessCode, AccessCodeChanged, Call, ChangeAccessCode, Context, CreateView, EnvelopeId, Error, Feature,
    InvalidValue, ListRecipients, Operation, Phone, Provider, Recipient, RecipientRef, Recipients,
    ResendRecipient, Resent, ReturnUrl, SigningLink, SigningView,
};

use super::scenario::{Person, Scenario};
use super::story::By;

/// The default return URL.
const RETURN_URL: &str = "https://app.example.com/signed";
/// The default new code.
pub(crate) const NEW_CODE: &str = "Planted7NewCode";

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

/// The call of a scenario; `to` gives the recipient whom it names.
pub(crate) fn call(
    scenario: &Scenario,
    envelope: &str,
    to: impl Fn() -> Result<RecipientRef, String>,
) -> Result<Call, String> {
    let arguments = &scenario.story.call;
    let envelope = arguments.envelope.as_deref().unwrap_or(envelope);
    let envelope = EnvelopeId::new(envelope).map_err(text)?;
    Ok(match scenario.call {
        Operation::ListRecipients => ListRecipients::new(envelope).into(),
        Operation::CreateView => {
            let back = arguments.return_url.as_deref().unwrap_or(RETURN_URL);
            let mut view = CreateView::new(envelope, to()?, ReturnUrl::new(back).map_err(text)?);
            view.expires_in = arguments.expires_in_seconds.map(Duration::from_secs);
            view.assertion_id.clone_from(&arguments.assertion_id);
            view.into()
        }
        Operation::ResendRecipient => {
            let mut resend = match arguments.everyone {
                true => ResendRecipient::everyone(envelope),
                false => ResendRecipient::new(envelope, to()?),
            };
            resend.message.clone_from(&arguments.message);
            resend.allow_muted(arguments.allow_muted).into()
        }
        Operation::ChangeAccessCode => {
            let code = arguments.code.as_deref().unwrap_or(NEW_CODE);
            let code = AccessCode::new(code).map_err(text)?;
            ChangeAccessCode::new(envelope, to()?, code).with_notify(arguments.notify).into()
        }
        other => return Err(format!("{other} has no scenarios")),
    })
}

/// The features that the vendor must support.
pub(crate) fn features(call: &Call) -> Vec<Feature> {
    match call {
        Call::CreateView(request) => request.features(),
        Call::ResendRecipient(request) => request.features(),
        Call::ChangeAccessCode(request) => request.features(),
        Call::ListRecipients(_) => vec![Feature::ListRecipients],
        _ => Vec::new(),
    }
}

pub(crate) async fn send(call: &Call, provider: &dyn Provider, cx: &Context) -> Result<Reply, Error> {
    match call {
        Call::CreateView(request) => perform(provider, cx, request.as_ref()).await.map(Reply::Viewed),
        Call::ResendRecipient(request) => perform(provider, cx, request).await.map(Reply::Resent),
        Call::ChangeAccessCode(request) => perform(provider, cx, request).await.map(Reply::Changed),
        Call::ListRecipients(request) => perform(provider, cx, request).await.map(Reply::Listed),
        other => panic!("{} is not one of the four operations", other.operation()),
    }
}

/// For `map_err`.
#[allow(clippy::needless_pass_by_value, reason = "what `map_err` gives is a value")]
fn text(invalid: InvalidValue) -> String {
    format!("the scenario's {invalid}")
}

/// The recipient of a scenario's call. `known` is the list before the call.
pub(crate) fn recipient(scenario: &Scenario, known: Option<&Recipients>) -> Result<RecipientRef, String> {
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
