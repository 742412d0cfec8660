//! What became of an update: DocuSign answers 200 whether or not it worked, and the truth stands inside.

use countersign_core::{RecipientId, Result, VendorResponse};

use crate::lenient::Object;
use crate::people::refusal;
use crate::wire::{ErrorDetails, UpdateResult, UpdateSummary};

impl UpdateSummary {
    /// The refusal of the whole, if the answer holds one.
    pub(crate) fn refusal(&self) -> Option<&ErrorDetails> {
        refusal(self.error_details.as_ref())
    }

    /// What became of each recipient.
    pub(crate) fn results(&self) -> impl Iterator<Item = &UpdateResult> {
        self.recipient_update_results.iter().flatten().map(|Object(result)| result)
    }
}

impl UpdateResult {
    /// The refusal for this recipient, if there is one.
    pub(crate) fn refusal(&self) -> Option<&ErrorDetails> {
        refusal(self.error_details.as_ref())
    }
}

/// Reads the answer to a change of one recipient.
///
/// # Errors
/// The refusal inside, classified; `InvalidResponse` with an unknown outcome when nothing is said about the
/// recipient: that is no success, although the change may have been made.
pub(crate) fn read(answer: &VendorResponse, id: &RecipientId) -> Result<()> {
    let Object(summary): Object<UpdateSummary> = answer.json()?;
    let refused =
        |details: &ErrorDetails| answer.refusal(details.error_code.clone(), details.message.clone());
    if let Some(details) = summary.refusal() {
        return Err(refused(details));
    }
    // A result without an id, if it is the only one, can only be about the one recipient that was sent.
    let all: Vec<&UpdateResult> = summary.results().collect();
    let ours: Vec<&UpdateResult> = match all.as_slice() {
        [only] if only.recipient_id.is_none() => vec![only],
        _ => all.into_iter().filter(|one| one.recipient_id.as_deref() == Some(id.as_str())).collect(),
    };
    if ours.is_empty() {
        return Err(answer.unreadable("the answer does not say what became of the recipient"));
    }
    match ours.into_iter().find_map(UpdateResult::refusal) {
        Some(details) => Err(refused(details)),
        None => Ok(()),
    }
}
