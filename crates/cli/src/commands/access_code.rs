//! `countersign access-code`.

use countersign::{AccessCode, AccessCodeChanged, ChangeAccessCode, Error, Outcome, Result};
use serde::Serialize;

use crate::args::{AccessCodeArgs, Global};
use crate::bulk::{self, Job};
use crate::codes;
use crate::context;
use crate::render::outcomes;
use crate::report::Report;

#[derive(Serialize)]
struct Changed<'r> {
    #[serde(flatten)]
    reply: &'r AccessCodeChanged,
    /// Only when it was made here: whoever gave a code has it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'r str>,
}

#[derive(Serialize)]
struct PerhapsChanged<'e> {
    error: &'e Error,
    code: &'e str,
}

pub(super) async fn run(global: &Global, args: AccessCodeArgs) -> Result<Report> {
    if args.bulk.from.is_some() {
        let (notify, on_behalf_of, generate) = (args.notify, args.on_behalf_of, args.code.generate);
        let job = Job::AccessCode { notify, on_behalf_of, generate };
        return bulk::run(global, &args.bulk, args.codes_to.as_deref(), job).await;
    }
    let mut envelope = context::named(args.envelope, "envelope")?;
    let recipient = context::named(args.recipient, "recipient")?;
    let client = context::at(global, &mut envelope)?;
    let (code, made) = codes::take(&args.code)?;
    let mut request = ChangeAccessCode::new(envelope, recipient, code.clone()).with_notify(args.notify);
    if let Some(sender) = args.on_behalf_of {
        request = request.with_on_behalf_of(sender);
    }
    match client.change_access_code(&request).await {
        Ok(reply) => Ok(changed(&reply, made.then_some(&code))),
        Err(error) if made && error.outcome() == Outcome::Unknown => Ok(perhaps(&error, &code)),
        Err(error) => Err(error),
    }
}

fn changed(reply: &AccessCodeChanged, made: Option<&AccessCode>) -> Report {
    let sentence = outcomes::code_changed(reply);
    let document = Changed { reply, code: made.map(AccessCode::expose) };
    match made {
        // Alone on stdout, so that a script can take it.
        Some(code) => Report::new(format!("{}\n", code.expose()), &document).with_notes(sentence),
        None => Report::new(sentence, &document),
    }
}

/// A code that may have been set must not be lost: nobody else knows it.
fn perhaps(error: &Error, code: &AccessCode) -> Report {
    let failed = Report::failed(error);
    let notes = format!("{}the code below may have been set\n", failed.notes);
    Report::new(format!("{}\n", code.expose()), &PerhapsChanged { error, code: code.expose() })
        .with_notes(notes)
        .with_code(failed.code)
}
