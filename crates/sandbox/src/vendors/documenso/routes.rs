//! The routes.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::account::DocumensoSettings;
use super::refusal::{Answer, ApiError, MailWindow};
use super::show;
use crate::vendors::fields::Query;
use crate::world::{
    Context, Envelope, EnvelopeStatus, Live, Mail, MailKind, News, Recipient, RecipientState, Refused,
    Vendor, What, after,
};

/// Works on an envelope of this vendor.
pub(super) fn on<T>(
    live: &Live,
    id: &str,
    missing: ApiError,
    work: impl FnOnce(&mut Envelope, &mut Context<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let mut state = live.lock();
    match state.envelope(id) {
        Some(env) if env.vendor == Vendor::DOCUMENSO && env.id == id => state.on(id, work),
        _ => Err(missing),
    }
}

/// An id of another form is refused as such, an empty one as unknown.
pub(super) fn check_id(id: &str) -> Result<(), ApiError> {
    match id {
        "" => Err(ApiError::not_found()),
        id if id.starts_with("envelope_") => Ok(()),
        _ => Err(ApiError::bad("INVALID_BODY", "not an envelope id")),
    }
}

/// The whole envelope.
pub(super) fn get(live: &Live, id: &str) -> Answer {
    check_id(id)?;
    on(live, id, ApiError::not_found(), |env, context| {
        for r in &env.recipients {
            // The link works as soon as its token was seen.
            context.links.own(context.now, env, r);
        }
        Ok(show::envelope(env))
    })
}

fn is_listed(env: &Envelope) -> bool {
    env.vendor == Vendor::DOCUMENSO && !env.extra.contains_key("deletedAt")
}

pub(super) fn list(live: &Live, query: &Query) -> Answer {
    let number = |name: &str, default: usize| match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| ApiError::issue(name, "must be 1 or more")),
    };
    let (page, size) = (number("page", 1)?, number("perPage", 10)?);
    if size > 100 {
        return Err(ApiError::issue("perPage", "must be 100 or less"));
    }
    let state = live.lock();
    let all: Vec<&Envelope> = state.envelopes().rev().filter(|env| is_listed(env)).collect();
    let data: Vec<Value> =
        all.iter().skip((page - 1) * size).take(size).map(|env| show::envelope(env)).collect();
    Ok(paged(&data, all.len(), page, size))
}

pub(super) fn paged(data: &[Value], count: usize, page: usize, size: usize) -> Value {
    json!({"data": data, "count": count, "currentPage": page, "perPage": size, "totalPages": count.div_ceil(size)})
}

pub(super) fn log(live: &Live, id: &str, query: &Query) -> Answer {
    let size = query.get("perPage").and_then(|text| text.parse().ok()).unwrap_or(10).clamp(1, 100);
    on(live, id, ApiError::new(StatusCode::NOT_FOUND, "NOT_FOUND", "NOT_FOUND"), |env, context| {
        let all = show::log(env, context.mails);
        let count = all.len();
        Ok(paged(all.get(..size.min(count)).unwrap_or_default(), count, 1, size))
    })
}

/// Mails those who have something to do, in turn or not, and says success to everything else.
pub(super) fn redistribute(live: &Live, limits: &DocumensoSettings, id: &str, body: &Value) -> Answer {
    let named = body["recipients"].as_array().ok_or_else(|| ApiError::issue("recipients", "Required"))?;
    if named.is_empty() {
        return Err(ApiError::issue("recipients", "must have at least one"));
    }
    // Numbers may come as text.
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let named: Vec<f64> = named.iter().filter_map(number).collect();
    check_id(id)?;
    on(live, id, ApiError::failed("Document not found"), |env, context| {
        match env.status {
            EnvelopeStatus::Draft => return Err(ApiError::failed("Can not send draft document")),
            EnvelopeStatus::Completed | EnvelopeStatus::Declined | EnvelopeStatus::Voided => {
                return Err(ApiError::failed("Can not send completed document"));
            }
            _ => {}
        }
        let is_named = |at: &usize| {
            env.recipients.get(*at).is_some_and(|r| {
                named.contains(&f64::from(show::number(env, r))) && r.role.acts() && !r.finished()
            })
        };
        let whom: Vec<usize> = (0..env.recipients.len()).filter(is_named).collect();
        let before = env.clone();
        if env.status == EnvelopeStatus::Expired && !whom.is_empty() {
            revive(env, context);
        }
        // The times to sign are renewed before the mails are counted.
        for at in &whom {
            renew(env.recipient_mut(*at)?, context.now);
        }
        if !env.emails_disabled {
            check_mails(limits, context, whom.len())?;
        }
        if mail(env, context, &whom)? {
            return Err(ApiError::failed("550 no such user"));
        }
        if !env.emails_disabled {
            context.note(env, What::Reminded, None);
            // The webhook shows what was before.
            context.tell(&before, News::Reminded, None);
        }
        Ok(show::links(env, context.base_url))
    })
}

/// Recipients expire each for themselves: the envelope goes on, and all have expired but those who are mailed now.
fn revive(env: &mut Envelope, context: &Context<'_>) {
    let began = env.closed_at.take().unwrap_or(context.now);
    let began = after(began, -env.policy.mail_link.seconds);
    env.recipients.iter_mut().for_each(|r| renew(r, began));
    context.set_status(env, EnvelopeStatus::Sent);
}

/// Gives a recipient the whole time to sign again.
pub(super) fn renew(recipient: &mut Recipient, now: jiff::Timestamp) {
    recipient.extra.insert("renewedAt".to_owned(), now.to_string().into());
}

/// Whether so many mails more may be sent.
fn check_mails(limits: &DocumensoSettings, context: &Context<'_>, more: usize) -> Result<(), ApiError> {
    const WINDOW: i64 = 300;
    let number = context.now.as_second().div_euclid(WINDOW);
    let month = |at: jiff::Timestamp| at.to_string().get(..7).map(str::to_owned);
    let sent = |fits: &dyn Fn(&Mail) -> bool| {
        context.mails.iter().filter(|mail| mail.vendor == Vendor::DOCUMENSO && fits(mail)).count() + more
    };
    let is_over = |limit: Option<u32>, sent: usize| limit.is_some_and(|limit| sent > limit as usize);
    let in_window = sent(&|mail| mail.at.as_second().div_euclid(WINDOW) == number);
    let in_month = sent(&|mail| month(mail.at) == month(context.now));
    let refused = |text| ApiError::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text);
    if is_over(limits.mail_quota, in_month) {
        return Err(refused("the mails of this month exceed the fair use limits of the plan"));
    }
    if is_over(limits.mail_window, in_window) {
        let window =
            MailWindow { limit: limits.mail_window.unwrap_or_default(), reset: (number + 1) * WINDOW };
        let mut refused = refused("too many mails");
        refused.window = Some(window);
        return Err(refused);
    }
    Ok(())
}

/// Whether the mail server refused an address.
fn mail(env: &mut Envelope, context: &mut Context<'_>, whom: &[usize]) -> Result<bool, Refused> {
    let mut refused = false;
    for at in whom {
        let now = context.now;
        let r = env.recipient_mut(*at)?;
        if r.state == RecipientState::Waiting || r.told_at.is_none() {
            r.told_at = Some(now);
        }
        let r = r.clone();
        if env.emails_disabled || r.email.is_empty() {
            continue;
        }
        if r.bounced {
            refused = true;
            continue;
        }
        context.mail(env, &r, MailKind::Reminder, None);
    }
    Ok(refused)
}

pub(super) fn cancel(live: &Live, id: &str, body: &Value) -> Answer {
    on(live, id, ApiError::not_found(), |env, context| {
        if env.word() != "PENDING" {
            return Err(ApiError::bad("INVALID_REQUEST", "the envelope is not pending"));
        }
        context.close(env, EnvelopeStatus::Voided, body["reason"].as_str().map(str::to_owned));
        Ok(json!({"success": true}))
    })
}
