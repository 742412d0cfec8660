//! `GET` and `PUT .../envelopes/{id}`: reading, voiding, sending a draft, resending to everybody.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::error::ApiError;
use super::time::time;
use super::{Answer, Call, recipients};
use crate::access::{SENDER_EMAIL, SENDER_NAME};
use crate::vendors::Vendor;
use crate::vendors::fields::filled;
use crate::world::{Desk, Envelope, EnvelopeStatus, State};

pub(super) fn status_word(status: EnvelopeStatus) -> &'static str {
    match status {
        EnvelopeStatus::Draft => "created",
        EnvelopeStatus::Sent => "sent",
        EnvelopeStatus::Viewed => "delivered",
        EnvelopeStatus::Completed => "completed",
        EnvelopeStatus::Declined => "declined",
        // Envelopes that run out of time end as voided here.
        EnvelopeStatus::Voided | EnvelopeStatus::Expired => "voided",
    }
}

/// Works on an envelope of this vendor; one of another is as unknown as none.
pub(super) fn on<T>(
    state: &mut State,
    id: &str,
    reading: bool,
    work: impl FnOnce(&mut Envelope, &mut Desk<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    if state.envelope(id).is_none_or(|env| env.vendor != Vendor::Docusign) {
        return Err(ApiError::no_such_envelope(reading));
    }
    state.on(id, work)
}

pub(super) fn get(call: &Call<'_>, id: &str) -> Answer {
    let included = call.query.get("include").unwrap_or_default().to_ascii_lowercase();
    let mut state = call.world.lock();
    let body = on(&mut state, id, true, |env, _| {
        let mut body = envelope(env);
        if included.split(',').any(|part| part.trim() == "recipients")
            && let Some(body) = body.as_object_mut()
        {
            body.insert("recipients".to_owned(), recipients::list(env, included.contains("tabs")));
        }
        Ok(body)
    })?;
    Ok((StatusCode::OK, body))
}

/// All envelopes, newest first, in one page; the filters of the query are not looked at.
pub(super) fn list(call: &Call<'_>) -> (StatusCode, Value) {
    let state = call.world.lock();
    let own = state.envelopes().rev().filter(|env| env.vendor == Vendor::Docusign);
    let envelopes: Vec<Value> = own.map(envelope).collect();
    let count = envelopes.len().to_string();
    let body = json!({
        "resultSetSize": count,
        "totalSetSize": count,
        "startPosition": "0",
        "endPosition": envelopes.len().saturating_sub(1).to_string(),
        "nextUri": "",
        "previousUri": "",
        "envelopes": envelopes,
    });
    (StatusCode::OK, body)
}

/// `envelopeSummary` of a webhook: the envelope with everybody in it.
pub(crate) fn summary(env: &Envelope) -> Value {
    let mut body = envelope(env);
    if let Some(body) = body.as_object_mut() {
        body.insert("recipients".to_owned(), recipients::list(env, false));
    }
    body
}

fn envelope(env: &Envelope) -> Value {
    let uri = format!("/envelopes/{}", env.id);
    let mut body = json!({
        "status": status_word(env.status),
        "documentsUri": format!("{uri}/documents"),
        "recipientsUri": format!("{uri}/recipients"),
        "attachmentsUri": format!("{uri}/attachments"),
        "envelopeUri": uri.clone(),
        "emailSubject": env.subject,
        "emailBlurb": env.message,
        "envelopeId": env.id,
        "signingLocation": "online",
        "customFieldsUri": format!("{uri}/custom_fields"),
        "notificationUri": format!("{uri}/notification"),
        "enableWetSign": "true",
        "allowMarkup": "false",
        "allowReassign": "true",
        "createdDateTime": time(env.created_at),
        "lastModifiedDateTime": time(env.changed_at),
        "statusChangedDateTime": time(env.changed_at),
        "documentsCombinedUri": format!("{uri}/documents/combined"),
        "certificateUri": format!("{uri}/documents/certificate"),
        "templatesUri": format!("{uri}/templates"),
        "purgeState": "unpurged",
        "is21CFRPart11": "false",
        "sender": {"userName": SENDER_NAME, "email": SENDER_EMAIL},
    });
    let closed = |status| env.closed_at.filter(|_| env.status == status);
    let times = [
        ("sentDateTime", env.sent_at),
        ("initialSentDateTime", env.sent_at),
        ("deliveredDateTime", env.viewed_at),
        ("completedDateTime", closed(EnvelopeStatus::Completed)),
        ("declinedDateTime", closed(EnvelopeStatus::Declined)),
        ("voidedDateTime", closed(EnvelopeStatus::Voided)),
    ];
    if let Some(body) = body.as_object_mut() {
        for (name, at) in times {
            if let Some(at) = at {
                body.insert(name.to_owned(), time(at).into());
            }
        }
        if let (EnvelopeStatus::Voided, Some(reason)) = (env.status, &env.close_reason) {
            body.insert("voidedReason".to_owned(), reason.clone().into());
        }
    }
    body
}

pub(super) fn put(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let resend = call.query.is_true("resend_envelope");
    let wanted = filled(&body, "status").map(|status| status.to_ascii_lowercase());
    let mut state = call.world.lock();
    let summary = on(&mut state, id, false, |env, desk| {
        if env.edited_elsewhere {
            return Err(ApiError::edited_elsewhere());
        }
        match wanted.as_deref() {
            None => {}
            Some("voided") => void(env, desk, filled(&body, "voidedReason"))?,
            Some("sent") if env.status == EnvelopeStatus::Draft => desk.send(env),
            Some(_) => return Err(ApiError::envelope_status()),
        }
        if resend {
            if !env.status.in_flight() {
                return Err(ApiError::envelope_status());
            }
            desk.resend_to_everyone(env)?;
        }
        Ok(json!({"envelopeId": env.id}))
    })?;
    Ok((StatusCode::OK, summary))
}

fn void(env: &mut Envelope, desk: &mut Desk<'_>, reason: Option<String>) -> Result<(), ApiError> {
    if !env.status.in_flight() {
        return Err(ApiError::bad(
            "ENVELOPE_CANNOT_VOID_INVALID_STATE",
            "Only envelopes in the 'Sent' or 'Delivered' states may be voided.",
        ));
    }
    let Some(reason) = reason else { return Err(ApiError::invalid_parameter("voidedReason is required.")) };
    desk.close(env, EnvelopeStatus::Voided, Some(reason));
    Ok(())
}
