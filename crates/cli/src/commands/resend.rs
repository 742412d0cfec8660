//! `countersign resend`.

use countersign::{ResendRecipient, Result};

use crate::args::{Global, ResendArgs};
use crate::bulk::{self, Job};
use crate::context;
use crate::render::outcomes;
use crate::report::Report;

pub(super) async fn run(global: &Global, args: ResendArgs) -> Result<Report> {
    if args.bulk.from.is_some() {
        let (message, on_behalf_of) = (args.message, args.on_behalf_of);
        let job = Job::Resend { message, allow_muted: args.allow_muted, on_behalf_of };
        return bulk::run(global, &args.bulk, None, job).await;
    }
    let mut request = request(args)?;
    let client = context::at(global, &mut request.envelope)?;
    let reply = client.resend_recipient(&request).await?;
    Ok(Report::new(outcomes::resent(&reply), &reply))
}

/// For one envelope.
pub(super) fn request(args: ResendArgs) -> Result<ResendRecipient> {
    let envelope = context::named(args.envelope, "envelope")?;
    let request = match args.recipient {
        Some(recipient) => ResendRecipient::new(envelope, recipient),
        None => ResendRecipient::everyone(envelope),
    };
    let mut request = request.allow_muted(args.allow_muted);
    if let Some(message) = args.message {
        request = request.with_message(message);
    }
    if let Some(sender) = args.on_behalf_of {
        request = request.with_on_behalf_of(sender);
    }
    Ok(request)
}
