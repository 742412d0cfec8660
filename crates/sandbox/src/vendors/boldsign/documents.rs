//! Documents that exist: reading, listing, revoking, reminding.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, Done};
use super::show::{display_status, properties, record, status_word};
use super::signers::{Named, check_behalf, document_id, on, phone_of};
use crate::vendors::fields::{array, filled, looks_like_email};
use crate::world::{Envelope, EnvelopeStatus, Role, Vendor};

pub(super) fn get(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = on(&mut call.live.lock(), id, |env, _| Ok(properties(env)))?;
    Ok(Done::Json(StatusCode::OK, body))
}

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
    let state = call.live.lock();
    let now = state.now();
    // The filter's words are those of the display; "InProgress" is taken as well.
    let fits = |env: &&Envelope| {
        let has = |word: &str| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(word));
        env.vendor == Vendor::BOLDSIGN
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

pub(super) fn revoke(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = call.object()?;
    let message = filled(&body, "message")
        .ok_or_else(|| ApiError::validation("Message", "The Message field is required."))?;
    on(&mut call.live.lock(), id, |env, context| {
        check_behalf(env, &body)?;
        if !env.status.in_flight() {
            return Err(ApiError::forbidden("The document is not in progress."));
        }
        context.close(env, EnvelopeStatus::Voided, Some(message));
        Ok(Done::Empty)
    })
}

/// `POST /v1/document/remind`: once per document and day.
pub(super) fn remind(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = call.optional_object()?;
    let emails: Vec<&str> = call.query.all("receiverEmails").collect();
    let invalid = || ApiError::validation("receiverEmails", "The field receiverEmails is invalid.");
    if !emails.iter().all(|email| looks_like_email(email)) {
        return Err(invalid());
    }
    let by_email = emails.iter().map(|email| Named { email: Some(email), phone: None, order: None });
    let by_phone = array(&body, "reminderPhoneNumbers").map(|phone| Named {
        email: None,
        phone: phone_of(phone),
        order: None,
    });
    let named: Vec<Named<'_>> = by_email.chain(by_phone).collect();
    on(&mut call.live.lock(), id, |env, context| {
        check_behalf(env, &body)?;
        let mut whom: Vec<usize> = Vec::new();
        for named in &named {
            let found = named.all(env);
            if found.is_empty() {
                return Err(invalid());
            }
            whom.extend(found);
        }
        if named.is_empty() {
            // Nobody named means everybody who has not finished.
            whom = (0..env.recipients.len()).collect();
            whom.retain(|at| env.recipients.get(*at).is_some_and(|r| r.role != Role::CarbonCopy));
        }
        whom.sort_unstable();
        whom.dedup();
        context.remind(env, &whom, filled(&body, "message").as_deref())?;
        Ok(Done::Empty)
    })
}
