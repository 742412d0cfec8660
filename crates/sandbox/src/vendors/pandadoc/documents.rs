//! Documents from the draft to the end: sending, reading, voiding, back to the draft, deleting, sessions, and new names,
//! addresses and checks of recipients.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, KNOWN, empty};
use super::create::{set_ways, whole_number};
use super::show;
use super::verification::Verification;
use crate::vendors::call::answer;
use crate::vendors::fields::{filled, looks_like_email, text};
use crate::vendors::known::NotSimulated;
use crate::world::{Correction, DAY, Envelope, EnvelopeStatus, Recipient, Terms, after};

/// The numbers of the states that a sender can choose.
const COMPLETED: u64 = 2;
const PAID: u64 = 10;
const VOIDED: u64 = 11;
const DECLINED: u64 = 12;

/// The longest life of a session.
const LONGEST_SESSION: i64 = 365 * DAY;

pub(super) fn short(call: &Call<'_>, id: &str) -> Answer {
    call.on(id, |env, context| answer(StatusCode::OK, show::short(env, context.now)))
}

pub(super) fn details(call: &Call<'_>, id: &str) -> Answer {
    let shows_passcodes = call.account.settings().shows_passcodes;
    call.on(id, |env, context| {
        if !env.is_ready(context.now) {
            let text = "The document is not ready yet. Try again in a few seconds.";
            return Err(ApiError::conflict(env, context.now, text));
        }
        for r in env.recipients.iter().filter(|_| env.sent_at.is_some()) {
            // Their own links work as soon as they were seen.
            context.links.own(context.now, env, r);
        }
        let body = show::details(env, context.now, context.base_url, shows_passcodes);
        answer(StatusCode::OK, body)
    })
}

pub(super) fn send(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    KNOWN.check("send", &body)?;
    call.change(id, |env, context| {
        if show::status_word(env, context.now) != "document.draft" {
            return Err(ApiError::conflict(env, context.now, "Document is not in DRAFT status"));
        }
        env.emails_disabled = text(&body, "silent").as_deref() == Some("true");
        env.message = filled(&body, "message").unwrap_or_default();
        env.mail_subject = filled(&body, "subject");
        context.send(env);
        for r in &env.recipients {
            context.links.own(context.now, env, r);
        }
        answer(StatusCode::OK, show::sent(env, context.now, context.base_url))
    })
}

/// `PATCH …/status`, with a number.
pub(super) fn set_status(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let status = match body.get("status").and_then(Value::as_u64) {
        Some(number @ (COMPLETED | PAID | VOIDED | DECLINED)) => number,
        _ => return Err(ApiError::field("status", "This number is not a valid choice.")),
    };
    let note = filled(&body, "note");
    call.change(id, |env, context| {
        if !env.status.in_flight() {
            let text = "Document is not in SENT or VIEWED statuses";
            return Err(ApiError::conflict(env, context.now, text));
        }
        let status = match status {
            VOIDED => EnvelopeStatus::Voided,
            DECLINED => EnvelopeStatus::Declined,
            COMPLETED => EnvelopeStatus::Completed,
            _ => return Err(NotSimulated::new("the status 10 (paid)").into()),
        };
        context.close(env, status, note);
        empty()
    })
}

pub(super) fn back_to_draft(call: &Call<'_>, id: &str) -> Answer {
    call.change(id, |env, context| {
        if !env.status.in_flight() {
            let text = "Document is not in SENT or VIEWED statuses";
            return Err(ApiError::conflict(env, context.now, text));
        }
        context.withdraw(env);
        answer(StatusCode::OK, show::short(env, context.now))
    })
}

pub(super) fn delete(call: &Call<'_>, id: &str) -> Answer {
    call.change(id, |env, context| {
        context.delete(env);
        empty()
    })
}

/// `POST …/session`. It names a person by the e-mail address only: of several, the first who has not finished.
pub(super) fn session(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    KNOWN.check("session", &body)?;
    let email = filled(&body, "recipient").filter(|email| looks_like_email(email));
    let email = email.ok_or_else(|| ApiError::field("recipient", "Enter a valid e-mail address."))?;
    let life = match body.get("lifetime") {
        None => 3_600,
        // The vendor's own client sends a fraction.
        Some(life) => life
            .as_f64()
            .map(|life| life as i64)
            .filter(|life| (1..=LONGEST_SESSION).contains(life))
            .ok_or_else(|| ApiError::field("lifetime", "A valid number of seconds is required."))?,
    };
    call.on(id, |env, context| {
        let word = show::status_word(env, context.now);
        if !matches!(word, "document.sent" | "document.viewed" | "document.completed") {
            return Err(ApiError::state(format!("Cannot create session ID for a document in {word} status")));
        }
        let theirs = |r: &&Recipient| r.email.eq_ignore_ascii_case(&email);
        let open = env.recipients.iter().filter(theirs).find(|r| !r.finished());
        let r = open.or_else(|| env.recipients.iter().find(theirs)).ok_or_else(|| {
            ApiError::validation("There is no recipient with this e-mail address in the document.")
        })?;
        let until = after(context.now, life);
        let session = context.links.make_view_link(context.now, env, r, Terms::default(), until);
        answer(StatusCode::CREATED, json!({"id": session, "expires_at": show::time(Some(until))}))
    })
}

/// The index of the recipient with this id.
pub(super) fn position(env: &Envelope, id: &str) -> Option<usize> {
    env.recipients.iter().position(|r| r.guid == id)
}

/// `PATCH …/recipients/recipient/{id}`: a recipient's name, address and check.
pub(super) fn edit_recipient(call: &Call<'_>, id: &str, recipient: &str) -> Answer {
    let body = call.object()?;
    KNOWN.check("recipient", &body)?;
    let email = filled(&body, "email");
    if email.as_ref().is_some_and(|email| !looks_like_email(email)) {
        return Err(ApiError::field("email", "Enter a valid e-mail address."));
    }
    let in_plan = call.account.settings().passcodes_in_plan;
    let check = body.get("verification_settings").map(|settings| Verification::read(settings, in_plan));
    let check = check.transpose()?;
    call.change(id, |env, context| {
        let at = position(env, recipient).ok_or_else(ApiError::not_found)?;
        let word = show::status_word(env, context.now);
        let r = env.recipient(at)?;
        if !matches!(word, "document.draft" | "document.sent" | "document.viewed") {
            return Err(ApiError::state(format!("Cannot edit a recipient of a document in {word} status")));
        }
        if r.finished() {
            return Err(ApiError::state("Cannot edit a recipient who completed their part"));
        }
        let (first, last) = show::names(&r.name);
        let names = [("first_name", first), ("last_name", last)];
        let name = names.map(|(name, now)| filled(&body, name).unwrap_or_else(|| now.to_owned()));
        let name = Some(name.join(" ").trim().to_owned());
        let email = email.filter(|email| *email != r.email);
        context.correct(env, at, Correction { name, email, code: None }, false)?;
        let r = env.recipient_mut(at)?;
        if let Some(number) = body.get("phone").and_then(Value::as_str) {
            r.phone = Some(whole_number(number.to_owned()));
        }
        set_ways(r, &body);
        if let Some(check) = check {
            check.replace(env, context, at)?;
        }
        empty()
    })
}
