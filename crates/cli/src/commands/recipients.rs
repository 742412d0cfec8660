//! `countersign recipients`.

use countersign::{ListRecipients, Result};

use crate::args::{Global, RecipientsArgs};
use crate::bulk::{self, Job};
use crate::context;
use crate::render::{people, table};
use crate::report::Report;

pub(super) async fn run(global: &Global, args: RecipientsArgs) -> Result<Report> {
    if args.bulk.from.is_some() {
        return bulk::run(global, &args.bulk, args.lists_to.as_deref(), Job::Recipients).await;
    }
    let mut envelope = context::named(args.envelope, "envelope")?;
    let client = context::at(global, &mut envelope)?;
    let list = client.list_recipients(&ListRecipients::new(envelope)).await?;
    Ok(Report::new(people::text(&list, table::told_width()), &list))
}
