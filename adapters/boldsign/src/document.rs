//! A document, as far as the operations need it: as it was just read, or from a list of its recipients that was kept.

use countersign_core::{Recipient, RecipientRef, Recipients, Result};

use crate::guard;
use crate::people;
use crate::wire::Properties;

/// Under this name each recipient of the list tells that the document's mails are switched off.
pub(crate) const MUTED: &str = "disableEmails";

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) list: Recipients,
    /// Whether BoldSign's mails are switched off for it.
    pub(crate) muted: bool,
}

impl Document {
    /// As BoldSign told it.
    pub(crate) fn new(properties: Properties) -> Self {
        Self { muted: properties.disable_emails == Some(true), list: people::recipients(properties) }
    }

    /// From a list that was kept.
    pub(crate) fn of(list: &Recipients) -> Self {
        let muted = list.recipients.iter().any(|one| one.vendor.extra.get(MUTED) == Some("true"));
        Self { list: list.clone(), muted }
    }

    /// One recipient of a document that is out and not closed.
    pub(crate) fn find(&self, wanted: &RecipientRef) -> Result<&Recipient> {
        let recipient = wanted.find(&self.list)?;
        guard::open(self)?;
        Ok(recipient)
    }
}
