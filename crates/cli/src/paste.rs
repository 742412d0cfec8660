//! Commands that can be pasted into a shell.

use std::borrow::Cow;

use countersign::provider::{RecipientField, UnlockBy};
use countersign::{Client, EnvelopeId, Error, ErrorKind, RecipientRef, Result};

use crate::args::Global;
use crate::context;

/// The command that gives a locked signer of an envelope new attempts, if the vendor's way is known.
#[derive(Default)]
pub(crate) struct Unlock {
    command: Option<(String, &'static str)>,
    /// Whether the vendor's list shows who is locked.
    is_listed: bool,
}

impl Unlock {
    /// The client for an envelope, whose account prefix is removed, and the command for the envelope as it was
    /// typed.
    pub(crate) async fn at(global: &Global, envelope: &mut EnvelopeId) -> Result<(Client, Self)> {
        let mut start = "countersign".to_owned();
        let config = global.config().map(|file| file.to_string_lossy());
        for (option, value) in [("--config", config), ("--account", global.account().map(Cow::Borrowed))] {
            if let Some(value) = value {
                start.push_str(&format!(" {option} {}", quoted(&value)));
            }
        }
        start.push_str(&format!(" unlock {}", quoted(envelope.as_str())));
        let client = context::at(global, envelope).await?;
        let facts = &client.descriptor().facts;
        let is_listed = facts.lists(RecipientField::AccessCodeFailed);
        let by = facts.behavior.unlock_by.as_ref();
        let command = by.map(|fact| match fact.value {
            UnlockBy::Resend => (start, ""),
            UnlockBy::NewCode => (start, " --generate 8"),
        });
        Ok((client, Self { command, is_listed }))
    }

    /// How to see whether a recipient is still locked.
    pub(crate) fn to_see(&self) -> &'static str {
        match self.is_listed {
            true => "list the recipients to see",
            false => "no list shows it, so ask the signer to try again",
        }
    }

    /// The remedy for a locked recipient.
    pub(crate) fn remedy(&self, recipient: &RecipientRef) -> String {
        match &self.command {
            Some((start, end)) => {
                format!("for new attempts: `{start} --recipient {}{end}`", quoted(&recipient.to_string()))
            }
            None => "see `countersign explain recipient-locked`".to_owned(),
        }
    }

    /// Adds it to an error that it resolves.
    pub(crate) fn explain(&self, error: Error, recipient: &RecipientRef) -> Error {
        if error.kind() != ErrorKind::RecipientLocked {
            return error;
        }
        let hint = format!("{}; {}", error.hint(), self.remedy(recipient));
        error.with_hint(hint)
    }
}

/// A word, quoted for a shell.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "./-_~:@+=,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
    }
}
