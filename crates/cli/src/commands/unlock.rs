//! `countersign unlock`: new attempts for a signer, in the fewest steps that the vendor allows.

use countersign::provider::Descriptor;
use countersign::provider::UnlockBy;
use countersign::{
    AccessCode, ChangeAccessCode, Client, Error, ErrorKind, ListRecipients, MailExpectation, NoMail, Outcome,
    RecipientId, RecipientRef, Recipients, ResendRecipient, ResentTo, Result, Unlocking,
};
use serde::Serialize;

use super::operations::{perhaps, with_code};
use crate::args::{Global, UnlockArgs};
use crate::codes;
use crate::context::invalid;
use crate::once::Once;
use crate::paste::Unlock;
use crate::render::outcomes;
use crate::render::table::safe;
use crate::report::Report;

/// The action that gives the signer new attempts.
pub(super) enum Way {
    NotLocked(RecipientId),
    Resend(ResendRecipient),
    /// With the code, if it was generated.
    NewCode(ChangeAccessCode, Option<AccessCode>),
}

/// The same members at every vendor.
#[derive(Serialize)]
struct Unlocked<'u> {
    by: Option<UnlockBy>,
    #[serde(flatten)]
    done: &'u ResentTo,
    /// Only if it was generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'u str>,
}

pub(super) async fn run(global: &Global, mut args: UnlockArgs) -> Result<Report> {
    let (client, unlock) = Unlock::at(global, &mut args.envelope).await?;
    let code = code(&client, &args)?;
    let list = client.list_recipients(&ListRecipients::new(args.envelope.clone())).await?;
    let once = Once::new(global, &client, args.key.take())?;
    // The call of before has unlocked the signer: its reply is the answer.
    match way(&client, args, code, &list, once.is_begun().await?)? {
        Way::NotLocked(recipient) => Ok(not_locked(recipient)),
        Way::Resend(request) => {
            let reply =
                once.client().resend_recipient(&request).await.map_err(|error| once.explain(error))?;
            let text = outcomes::resent(&reply, &unlock);
            let nothing = || Error::new(ErrorKind::InvalidResponse, "the reply names no recipient");
            let done = reply.to.first().ok_or_else(nothing)?;
            Ok(Report::new(text, &Unlocked { by: Some(UnlockBy::Resend), done, code: None }))
        }
        Way::NewCode(request, made) => match (once.client().change_access_code(&request).await, &made) {
            (Ok(reply), made) => {
                let sentence = outcomes::code_changed(&reply, &unlock);
                let done = ResentTo::new(reply.recipient, reply.mail, reply.unlocking)
                    .with_code_in_mail(reply.code_in_mail);
                let code = made.as_ref().map(AccessCode::expose);
                let document = Unlocked { by: Some(UnlockBy::NewCode), done: &done, code };
                Ok(with_code(sentence, &document, made.as_ref()))
            }
            (Err(error), Some(code)) if error.outcome() == Outcome::Unknown => Ok(perhaps(&error, code)),
            (Err(error), _) => Err(once.explain(error)),
        },
    }
}

/// The given or generated code, and whether it was generated.
///
/// # Errors
/// Fails if the vendor needs a code to unlock and none was given.
pub(super) fn code(client: &Client, args: &UnlockArgs) -> Result<Option<(AccessCode, bool)>> {
    let vendor = client.descriptor();
    if !args.code.is_none() {
        return codes::take(&args.code, &vendor.facts).map(Some);
    }
    match way_of(vendor) {
        Ok(UnlockBy::NewCode) => {
            let message = format!("at {} only a new access code gives a signer new attempts", vendor.name);
            let hint = "add --generate 8 to create one, or pass one with --code-stdin or --code-env";
            Err(invalid(message, hint))
        }
        // Where no way is known, perhaps nothing locks signers: the list tells.
        _ => Ok(None),
    }
}

fn way_of(vendor: &Descriptor) -> Result<UnlockBy> {
    vendor.facts.behavior.unlock_by.as_ref().map(|fact| fact.value).ok_or_else(|| {
        let message = format!("it is not known what gives a signer new attempts at {}", vendor.name);
        Error::new(ErrorKind::Unsupported, message)
    })
}

/// Decides what to do. A call that was `begun` under a key is made as before, locked or not.
///
/// # Errors
/// Fails if the signer is kept out by another check than the access code.
pub(super) fn way(
    client: &Client,
    args: UnlockArgs,
    code: Option<(AccessCode, bool)>,
    list: &Recipients,
    begun: bool,
) -> Result<Way> {
    let vendor = client.descriptor();
    let person = args.recipient.find(list)?;
    if !vendor.facts.may_be_locked(person) && !begun {
        return match person.failed_check() {
            Some(check) => Err(other_check(vendor, &check.method)),
            None => Ok(Way::NotLocked(person.id.clone())),
        };
    }
    let by = way_of(vendor)?;
    let recipient = RecipientRef::from(person.clone());
    Ok(match code {
        None => {
            let mut request = ResendRecipient::new(args.envelope, recipient);
            request.on_behalf_of = args.on_behalf_of;
            Way::Resend(request)
        }
        Some((code, made)) => {
            // If a resend unlocks, a new code alone may not.
            let notify = by == UnlockBy::Resend;
            let mut request =
                ChangeAccessCode::new(args.envelope, recipient, code.clone()).with_notify(notify);
            request.on_behalf_of = args.on_behalf_of;
            Way::NewCode(request, made.then_some(code))
        }
    })
}

fn other_check(vendor: &Descriptor, method: &str) -> Error {
    let message = format!("the signer failed the check {method}, not the access code");
    let error = Error::new(ErrorKind::RecipientLocked, message);
    match &vendor.facts.behavior.check_unlock_by {
        Some(fact) => error.with_hint(format!("at {} the remedy is: {}", vendor.name, fact.value)),
        None => error,
    }
}

/// The message for a signer who has attempts left.
pub(super) fn not_locked(recipient: RecipientId) -> Report {
    let text = format!("id:{} is not locked; nothing was sent\n", safe(recipient.as_str()));
    let mail = MailExpectation::NotExpected(NoMail::NotAsked);
    let done = ResentTo::new(recipient, mail, Unlocking::NotNeeded);
    Report::new(text, &Unlocked { by: None, done: &done, code: None })
}
