//! What DocuSign's answers look like when it does what is asked; for plans, which send nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

/// The answer to `POST …/views/recipient`: a link that leads nowhere.
pub(crate) fn view(_body: &[u8]) -> String {
    json!({"url": "https://planned.invalid/"}).to_string()
}

/// The answer to a `PUT`: success for each recipient that the body names.
pub(crate) fn update(body: &[u8]) -> String {
    let arrays: BTreeMap<String, Vec<Named>> = serde_json::from_slice(body).unwrap_or_default();
    let results: Vec<_> = arrays
        .into_values()
        .flatten()
        .map(|named| json!({"recipientId": named.recipient_id, "errorDetails": {"errorCode": "SUCCESS"}}))
        .collect();
    json!({"recipientUpdateResults": results}).to_string()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    recipient_id: String,
}
