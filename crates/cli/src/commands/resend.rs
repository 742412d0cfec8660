//! `countersign resend`.

use countersign::{ResendRecipient, Result};

use crate::args::{Global, ResendArgs};
use crate::render::outcomes;
use crate::report::Report;

pub(super) async fn run(global: &Global, args: ResendArgs) -> Result<Report> {
    let request = match args.recipient {
        Some(recipient) => ResendRecipient::new(args.envelope, recipient),
        None => ResendRecipient::everyone(args.envelope),
    };
    let mut request = request.allow_muted(args.allow_muted);
    if let Some(message) = args.message {
        request = request.with_message(message);
    }
    if let Some(sender) = args.on_behalf_of {
        request = request.with_on_behalf_of(sender);
    }
    let reply = super::client(global)?.resend_recipient(&request).await?;
    Ok(Report::new(outcomes::resent(&reply), &reply))
}
