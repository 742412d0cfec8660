//! `countersign webhook`.

mod listen;
mod serve;
mod shown;
mod verify;

use countersign::Result;

use crate::args::{Global, WebhookArgs, WebhookCommand};
use crate::report::Report;

pub(super) async fn run(global: &Global, args: WebhookArgs) -> Result<Report> {
    match args.command {
        WebhookCommand::Verify(args) => verify::run(global, &args).await,
        WebhookCommand::Listen(args) => listen::run(global, args).await,
    }
}
