//! The document as it stands in a webhook: near to what the properties tell, but not the same.

use serde_json::{Value, json};

use super::properties::{copies, signers, status_word};
use crate::access::{SENDER_EMAIL, SENDER_NAME};
use crate::world::{Envelope, EnvelopeStatus, Recipient};

/// Id of the account's user; any GUID would do.
pub(crate) const SENDER_ID: &str = "3cb42cde-a514-4995-a83c-b423bb4bf163";

/// `data` of a document event, after the samples of developers.boldsign.com, sample event data.
pub(crate) fn document_of(env: &Envelope, failure: Option<&str>) -> Value {
    let mut people = signers(env);
    for signer in people.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        // Webhooks carry no form fields, and tell of each signer what the properties do not.
        signer.remove("formFields");
        let guid = signer.get("id").and_then(Value::as_str);
        let recipient = env.recipients.iter().find(|r| guid == Some(r.guid.as_str()));
        let decline = recipient.and_then(|r| r.decline_reason.clone());
        let active = recipient.and_then(last_active).map(jiff::Timestamp::as_second);
        let reminded = env.reminded_at.last().map(|at| at.as_second());
        signer.insert("reassignMessage".to_owned(), Value::Null);
        signer.insert("declineMessage".to_owned(), decline.into());
        signer.insert("lastActivityDate".to_owned(), active.into());
        signer.insert("lastReminderSentOn".to_owned(), reminded.into());
    }
    json!({
        "object": "document",
        "documentId": env.id,
        "messageTitle": env.subject,
        "documentDescription": env.message,
        "status": status_word(env),
        "senderDetail": {"name": SENDER_NAME, "emailAddress": SENDER_EMAIL, "userId": SENDER_ID},
        "signerDetails": people,
        "ccDetails": copies(env),
        "onBehalfOf": env.extra.get("onBehalfOf"),
        "createdDate": env.created_at.as_second(),
        "expiryDate": env.expires_at.map(jiff::Timestamp::as_second),
        "enableSigningOrder": env.ordered,
        "disableEmails": env.emails_disabled,
        "revokeMessage": env.close_reason.as_deref().filter(|_| env.status == EnvelopeStatus::Voided),
        "errorMessage": failure,
        "labels": env.extra.get("labels").cloned().unwrap_or_else(|| json!([])),
        "isCombinedAudit": false,
        "BrandId": env.extra.get("brandId"),
    })
}

fn last_active(r: &Recipient) -> Option<jiff::Timestamp> {
    [r.viewed_at, r.done_at, r.declined_at].into_iter().flatten().max()
}
