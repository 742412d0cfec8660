//! `countersign webhook`.

mod listen;
mod request;
mod shown;
mod verify;

use countersign::{Config, Result, Webhook, WebhookRefusal};

use crate::args::{Global, WebhookArgs, WebhookCommand};
use crate::exit;
use crate::report::Report;

pub(super) async fn run(global: &Global, args: WebhookArgs) -> Result<Report> {
    match args.command {
        WebhookCommand::Verify(args) => verify::run(global, &args),
        WebhookCommand::Listen(args) => listen::run(global, args).await,
    }
}

/// The door of the account that was named, or of the default one.
fn webhook(global: &Global) -> Result<Webhook> {
    Config::load(global.config())?.account(global.account())?.webhook()
}

/// The exit code of a refusal; the help of `verify` has the same table.
fn code(reason: WebhookRefusal) -> u8 {
    match reason {
        WebhookRefusal::NoSecret | WebhookRefusal::TooLarge => exit::YOURS,
        WebhookRefusal::Unreadable => exit::VENDOR,
        _ => exit::ACCESS,
    }
}
