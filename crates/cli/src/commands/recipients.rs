//! `countersign recipients`.

use countersign::{ListRecipients, Result};

use crate::args::{Global, RecipientsArgs};
use crate::render::{people, table};
use crate::report::Report;

pub(super) async fn run(global: &Global, args: RecipientsArgs) -> Result<Report> {
    let list = super::client(global)?.list_recipients(&ListRecipients::new(args.envelope)).await?;
    Ok(Report::new(people::text(&list, table::told_width()), &list))
}
