//! The four operations: `countersign recipients`, `view`, `resend` and `access-code`.

use countersign::returns::ReturnsTo;
use countersign::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ListRecipients,
    Outcome, Ping, ResendRecipient, Result, SigningView, Timestamp,
};
use serde::Serialize;

use crate::args::{AccessCodeArgs, Global, RecipientsArgs, ResendArgs, ViewArgs};
use crate::bulk::{self, Job};
use crate::codes;
use crate::context;
use crate::once::Once;
use crate::paste::Unlock;
use crate::render::{outcomes, people, table};
use crate::report::Report;

/// The link in clear, because it was requested.
#[derive(Serialize)]
struct Shown<'v> {
    link: &'v str,
    expires_at: Option<Timestamp>,
    single_use: Option<bool>,
    recipient: &'v str,
    /// Only if the signer does not return to the requested URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    returns_to: Option<&'v str>,
}

#[derive(Serialize)]
struct Changed<'r> {
    #[serde(flatten)]
    reply: &'r AccessCodeChanged,
    /// Only if it was generated; a given code is already known.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'r str>,
}

#[derive(Serialize)]
struct PerhapsChanged<'e> {
    error: &'e Error,
    code: &'e str,
}

pub(super) async fn recipients(global: &Global, args: RecipientsArgs) -> Result<Report> {
    if args.bulk.from.is_some() {
        return bulk::run(global, &args.bulk, args.lists_to.as_deref(), Job::Recipients).await;
    }
    let mut envelope = context::named(args.envelope, "envelope")?;
    let (client, unlock) = Unlock::at(global, &mut envelope).await?;
    let list = client.list_recipients(&recipients_request(envelope, args.envelope_status)).await?;
    Ok(Report::new(people::text(&list, table::told_width(), &unlock), &list))
}

pub(super) fn recipients_request(envelope: EnvelopeId, envelope_status: bool) -> ListRecipients {
    let request = ListRecipients::new(envelope);
    if envelope_status { request.with_envelope_status() } else { request }
}

pub(super) async fn view(global: &Global, mut args: ViewArgs) -> Result<Report> {
    let key = args.key.take();
    let mut request = view_request(args)?;
    let (client, unlock) = Unlock::at(global, &mut request.envelope).await?;
    let once = Once::new(global, &client, key)?;
    let view = once.client().create_view(&request).await;
    let view = view.map_err(|error| unlock.explain(once.explain(error), &request.recipient))?;
    let SigningView { link, expires_at, single_use, recipient, returns_to, .. } = &view;
    let shown = Shown {
        link: link.expose(),
        expires_at: *expires_at,
        single_use: *single_use,
        recipient: recipient.as_str(),
        returns_to: match returns_to {
            ReturnsTo::Fixed(url) => Some(url.as_str()),
            ReturnsTo::Vendor => Some("vendor"),
            _ => None,
        },
    };
    Ok(Report::new(format!("{}\n", link.expose()), &shown).with_notes(outcomes::link_life(&view)))
}

pub(super) fn view_request(args: ViewArgs) -> Result<CreateView> {
    let mut request = CreateView::new(args.envelope, args.recipient, args.return_url)
        .with_frame_ancestors(args.frame_ancestor)
        .with_message_origins(args.message_origin);
    request.expires_in = args.expires_in;
    request.authentication_method = args.authentication_method;
    request.assertion_id = args.assertion_id;
    request.ping = args.ping_url.map(|url| Ping::new(url, args.ping_every)).transpose()?;
    Ok(request)
}

pub(super) async fn resend(global: &Global, mut args: ResendArgs) -> Result<Report> {
    if args.bulk.from.is_some() {
        let (message, on_behalf_of) = (args.message, args.on_behalf_of);
        let job = Job::Resend { message, allow_muted: args.allow_muted, on_behalf_of };
        return bulk::run(global, &args.bulk, None, job).await;
    }
    let key = args.key.take();
    let mut request = resend_request(args)?;
    let (client, unlock) = Unlock::at(global, &mut request.envelope).await?;
    let once = Once::new(global, &client, key)?;
    let reply = once.client().resend_recipient(&request).await.map_err(|error| once.explain(error))?;
    Ok(Report::new(outcomes::resent(&reply, &unlock), &reply))
}

pub(super) fn resend_request(args: ResendArgs) -> Result<ResendRecipient> {
    let envelope = context::named(args.envelope, "envelope")?;
    let request = match args.recipient {
        Some(recipient) => ResendRecipient::new(envelope, recipient),
        None => ResendRecipient::everyone(envelope),
    };
    let mut request = request.allow_muted(args.allow_muted);
    request.message = args.message;
    request.on_behalf_of = args.on_behalf_of;
    Ok(request)
}

pub(super) async fn access_code(global: &Global, mut args: AccessCodeArgs) -> Result<Report> {
    if args.bulk.from.is_some() {
        let (notify, on_behalf_of, generate) = (args.notify, args.on_behalf_of, args.code.generate);
        let job = Job::AccessCode { notify, on_behalf_of, generate };
        return bulk::run(global, &args.bulk, args.codes_to.as_deref(), job).await;
    }
    let mut envelope = context::named(args.envelope.take(), "envelope")?;
    let (client, unlock) = Unlock::at(global, &mut envelope).await?;
    let key = args.key.take();
    let (request, made) = code_request(&client, envelope, args)?;
    let once = Once::new(global, &client, key)?;
    match (once.client().change_access_code(&request).await, made) {
        (Ok(reply), made) => {
            let document = Changed { reply: &reply, code: made.as_ref().map(AccessCode::expose) };
            Ok(with_code(outcomes::code_changed(&reply, &unlock), &document, made.as_ref()))
        }
        (Err(error), Some(code)) if error.outcome() == Outcome::Unknown => Ok(perhaps(&error, &code)),
        (Err(error), _) => Err(once.explain(error)),
    }
}

/// The request for one envelope, and its code if it was generated.
pub(super) fn code_request(
    client: &Client,
    envelope: EnvelopeId,
    args: AccessCodeArgs,
) -> Result<(ChangeAccessCode, Option<AccessCode>)> {
    let recipient = context::named(args.recipient, "recipient")?;
    let (code, made) = codes::take(&args.code, &client.descriptor().facts)?;
    let mut request = ChangeAccessCode::new(envelope, recipient, code.clone()).with_notify(args.notify);
    request.on_behalf_of = args.on_behalf_of;
    Ok((request, made.then_some(code)))
}

/// A generated code is alone on stdout, so that a script can read it.
pub(super) fn with_code(sentence: String, document: &impl Serialize, made: Option<&AccessCode>) -> Report {
    match made {
        Some(code) => Report::new(format!("{}\n", code.expose()), document).with_notes(sentence),
        None => Report::new(sentence, document),
    }
}

/// A code that may have been set must not be lost, because it is not stored anywhere else.
pub(super) fn perhaps(error: &Error, code: &AccessCode) -> Report {
    let failed = Report::failed(error);
    let notes = format!("{}the code below may have been set\n", failed.notes);
    Report::new(format!("{}\n", code.expose()), &PerhapsChanged { error, code: code.expose() })
        .with_notes(notes)
        .with_code(failed.code)
}
