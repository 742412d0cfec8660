//! Reading the document, and finding out from it why a call was refused.

use countersign_core::{
    Context, Effect, EnvelopeId, Error, Recipient, RecipientRef, Result, Retry, explain_unknown_recipient,
};

use crate::document::Document;
use crate::map::{self, Address};
use crate::wire::Properties;
use crate::{Boldsign, error, guard};

impl Boldsign {
    pub(crate) async fn read(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Document> {
        if let Some(list) = cx.preset_recipients() {
            return Ok(Document::of(list));
        }
        let answer = cx
            .exchange(&self.link, Effect::Read, map::properties(envelope))
            .await
            .map_err(error::not_shown)?;
        let document: Properties = answer.json()?;
        if document.document_id.is_none() && document.status.is_none() && document.signer_details.is_none() {
            return Err(answer.unreadable("the answer is JSON, but no document"));
        }
        let document = Document::new(document);
        cx.record_recipients(&document.list);
        Ok(document)
    }

    /// The present state of the document, to find somebody on it.
    pub(crate) async fn look_up(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        wanted: &RecipientRef,
    ) -> Result<Document> {
        guard::naming(wanted)?;
        self.read(cx, envelope).await
    }

    /// A refusal on a step for which the list was not read in this call: reads it, and says what it tells. A refusal
    /// of access is the one answer that BoldSign gives for almost everything.
    pub(crate) async fn explain(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        sent: &Recipient,
        refusal: Error,
        check: fn(&Recipient) -> Result<Address>,
    ) -> Error {
        if refusal.status() != Some(403) {
            return refusal;
        }
        let document = match self.read(cx, envelope).await {
            Ok(document) => document,
            // Not shown for reading either: that refusal has the better words.
            Err(unseen) if unseen.status() == Some(403) => return unseen,
            Err(_) => return refusal,
        };
        // The document is there, so waiting does not help, whatever the refusal looked like.
        let outcome = refusal.outcome();
        let refusal = error::shown_but_refused(refusal).with_outcome(outcome, Retry::Never);
        let list = &document.list;
        let Some(present) = list.get(&sent.id) else {
            return explain_unknown_recipient(refusal, sent, list);
        };
        match guard::open(&document).and_then(|()| check(present)) {
            Err(reason) => {
                let (kind, hint) = (reason.kind(), reason.hint().to_owned());
                refusal.reworded(kind, reason.message().to_owned()).with_hint(hint)
            }
            // The name does not count at BoldSign, so it is not compared.
            Ok(_)
                if (&present.email, &present.phone, present.order)
                    != (&sent.email, &sent.phone, sent.order) =>
            {
                explain_unknown_recipient(refusal, sent, list)
            }
            Ok(_) => refusal,
        }
    }
}
