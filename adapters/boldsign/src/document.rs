//! A document, as far as the operations need it: as it was just read, or from a list of its recipients that was kept.

use countersign_core::{Recipient, RecipientRef, Recipients, Result};

use crate::guard;
use crate::people;
use crate::stage::{self, Stage};
use crate::wire::Properties;

/// Under these names each recipient of the list tells what holds for the document, where it does.
pub(crate) const MUTED: &str = "disableEmails";
pub(crate) const DELETED: &str = "isDeleted";

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) list: Recipients,
    /// Whether BoldSign's mails are switched off for it.
    pub(crate) muted: bool,
    pub(crate) deleted: bool,
}

impl Document {
    /// As BoldSign told it.
    pub(crate) fn new(properties: Properties) -> Self {
        Self {
            muted: properties.disable_emails == Some(true),
            deleted: properties.is_deleted == Some(true),
            list: people::recipients(properties),
        }
    }

    /// From a list that was kept.
    pub(crate) fn of(list: &Recipients) -> Self {
        let marked =
            |name: &str| list.recipients.iter().any(|one| one.vendor.extra.get(name) == Some("true"));
        Self { list: list.clone(), muted: marked(MUTED), deleted: marked(DELETED) }
    }

    /// One recipient of a document that is out and not closed.
    pub(crate) fn find(&self, wanted: &RecipientRef) -> Result<&Recipient> {
        let recipient = wanted.find(&self.list)?;
        guard::open(self)?;
        Ok(recipient)
    }

    /// The status in BoldSign's word.
    pub(crate) fn word(&self) -> &str {
        self.list.envelope_status.as_deref().unwrap_or_default().trim()
    }

    pub(crate) fn stage(&self) -> Stage {
        stage::of(self.list.envelope_status.as_deref(), self.deleted)
    }
}
