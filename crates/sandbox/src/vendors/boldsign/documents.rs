//! `GET /v1/document/list` and `POST /v1/document/revoke`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::error::ApiError;
use super::properties::{copies, display_status, signers, status_word};
use super::signers::{document_id, on};
use super::{Answer, Call, Done, check_behalf};
use crate::access::{SENDER_EMAIL, SENDER_NAME};
use crate::vendors::Vendor;
use crate::vendors::fields::filled;
use crate::world::{Envelope, EnvelopeStatus};

pub(super) fn list(call: &Call<'_>) -> Answer {
    let number = |name: &str, default: usize| match call.query.get(name) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| ApiError::validation(name, format!("The value '{text}' is not valid.")))
        }
    };
    let (page, size) = (number("Page", 1)?, number("PageSize", 10)?);
    if page == 0 || !(1..=100).contains(&size) {
        return Err(ApiError::validation("PageSize", "The field PageSize must be between 1 and 100."));
    }
    let wanted: Vec<&str> = call.query.all("Status").filter(|word| *word != "None").collect();
    let state = call.world.lock();
    let now = state.now();
    // The filter's words are those of the display; "InProgress" is taken as well.
    let fits = |env: &&Envelope| {
        let has = |word: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(word));
        env.vendor == Vendor::Boldsign
            && env.is_ready(now)
            && (wanted.is_empty() || has(status_word(env)) || has(display_status(env)))
    };
    let found: Vec<&Envelope> = state.envelopes().rev().filter(fits).collect();
    let result: Vec<Value> = found.iter().skip((page - 1) * size).take(size).map(|env| record(env)).collect();
    let body = json!({
        "pageDetails": {
            "pageSize": size,
            "page": page,
            "totalRecordsCount": found.len(),
            "totalPages": found.len().div_ceil(size),
            "sortedColumn": "activityDate",
            "sortDirection": "DESC",
        },
        "result": result,
    });
    Ok(Done::Json(StatusCode::OK, body))
}

fn record(env: &Envelope) -> Value {
    json!({
        "documentId": env.id,
        "senderDetail": {"name": SENDER_NAME, "privateMessage": null, "emailAddress": SENDER_EMAIL, "isViewed": false},
        "ccDetails": copies(env),
        "createdDate": env.created_at.as_second(),
        "activityDate": env.changed_at.as_second(),
        "activityBy": SENDER_EMAIL,
        "messageTitle": env.subject,
        "status": status_word(env),
        "displayStatus": display_status(env),
        "signerDetails": signers(env),
        "expiryDate": env.expires_at.map(jiff::Timestamp::as_second),
        "enableSigningOrder": env.ordered,
        "isDeleted": false,
        "labels": env.extra.get("labels").cloned().unwrap_or_else(|| json!([])),
        "cursor": env.changed_at.as_millisecond(),
        "brandId": env.extra.get("brandId").cloned().unwrap_or_default(),
        "scheduledSendTime": null,
    })
}

pub(super) fn revoke(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = call.object()?;
    let message = filled(&body, "message")
        .ok_or_else(|| ApiError::validation("Message", "The Message field is required."))?;
    on(&mut call.world.lock(), id, |env, desk| {
        check_behalf(env, &body)?;
        if !env.status.in_flight() {
            return Err(ApiError::forbidden("The document is not in progress."));
        }
        desk.close(env, EnvelopeStatus::Voided, Some(message));
        Ok(Done::Empty)
    })
}
