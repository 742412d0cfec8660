//! What became of an update: DocuSign answers 200 whether or not it worked, and the truth stands inside.

use countersign_core::{Answer, RecipientId, Result};

use crate::wire::{ErrorDetails, UpdateResult, UpdateSummary};

impl UpdateSummary {
    /// The refusal of the whole, if the answer holds one.
    pub(crate) fn refusal(&self) -> Option<&ErrorDetails> {
        self.error_details.as_ref().filter(|details| !details.is_success())
    }

    pub(crate) fn results(&self) -> &[UpdateResult] {
        self.recipient_update_results.as_deref().unwrap_or_default()
    }
}

impl UpdateResult {
    /// The refusal for this recipient, if there is one.
    pub(crate) fn refusal(&self) -> Option<&ErrorDetails> {
        self.error_details.as_ref().filter(|details| !details.is_success())
    }
}

/// Reads the answer to a change of one recipient.
///
/// # Errors
/// The refusal inside, classified; `InvalidResponse` with an unknown outcome when nothing is said about the
/// recipient: that is no success, although the change may have been made.
pub(crate) fn read(answer: &Answer, id: &RecipientId) -> Result<()> {
    let summary: UpdateSummary = answer.json()?;
    let refused =
        |details: &ErrorDetails| answer.refusal(details.error_code.clone(), details.message.clone());
    if let Some(details) = summary.refusal() {
        return Err(refused(details));
    }
    // A result without an id, if it is the only one, can only be about the one recipient that was sent.
    let ours: Vec<&UpdateResult> = match summary.results() {
        [only] if only.recipient_id.is_none() => vec![only],
        results => results.iter().filter(|one| one.recipient_id.as_deref() == Some(id.as_str())).collect(),
    };
    if ours.is_empty() {
        return Err(answer.unreadable("the answer does not say what became of the recipient"));
    }
    match ours.into_iter().find_map(UpdateResult::refusal) {
        Some(details) => Err(refused(details)),
        None => Ok(()),
    }
}
