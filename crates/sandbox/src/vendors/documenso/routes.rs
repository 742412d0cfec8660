//! The routes, and Documenso's refusals.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::account::DocumensoSettings;
use super::show;
use crate::vendors::fields::Query;
use crate::world::{
    Context, Envelope, EnvelopeStatus, Live, Mail, MailKind, News, Reason, Recipient, RecipientState,
    Refused, Vendor, What, after,
};

/// A refusal: the path is the called function's name, which is absent for unknown addresses.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    /// What `data.httpStatus` says, if it differs.
    told: Option<u16>,
    code: &'static str,
    message: String,
    path: Option<&'static str>,
    /// Whether it is one of the application's own errors.
    is_own: bool,
    issues: Option<Box<Value>>,
    /// The organization's window that is used up.
    window: Option<Window>,
}

/// A window of the organization: its limit, and when the next one begins, in Unix seconds. The headers name it after
/// the limit of the address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) limit: u32,
    pub(super) reset: i64,
}

const REDISTRIBUTE: &str = "envelope.redistribute";

pub(super) type Answer = Result<Value, ApiError>;

impl ApiError {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        path: &'static str,
    ) -> Self {
        let message = message.into();
        Self { status, told: None, code, message, path: Some(path), is_own: true, issues: None, window: None }
    }

    /// Documenso throws a plain error: 500 with its text.
    pub(super) fn failed(message: impl Into<String>, path: &'static str) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { is_own: false, ..Self::new(status, "INTERNAL_SERVER_ERROR", message, path) }
    }

    pub(super) fn unknown_path() -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Not found", "");
        Self { path: None, is_own: false, ..error }
    }

    pub(super) fn no_key() -> Self {
        let error = Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "no key", "envelope.get");
        Self { is_own: false, ..error }
    }

    pub(super) fn expired_key() -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "EXPIRED_CODE", "the key has expired", "envelope.get");
        Self { told: Some(401), ..error }
    }

    pub(super) fn not_found(path: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "no such envelope", path)
    }

    pub(super) fn issue(member: &str, text: &str, path: &'static str) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "invalid input", path);
        let issues = json!([{"path": [member], "message": text}]);
        Self { is_own: false, issues: Some(Box::new(issues)), ..error }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut data = json!({"code": self.code, "httpStatus": self.told.unwrap_or(self.status.as_u16())});
        if let Some(path) = self.path {
            data["path"] = path.into();
        }
        if self.is_own {
            data["appError"] = json!({"code": self.code, "message": self.message});
        }
        let top = if self.is_own { "INTERNAL_SERVER_ERROR" } else { self.code };
        let mut body = json!({"message": self.message, "code": top, "data": data});
        if let Some(issues) = self.issues {
            body["issues"] = *issues;
        }
        let mut response = (self.status, Json(body)).into_response();
        if let Some(window) = self.window {
            response.extensions_mut().insert(window);
        }
        response
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            Reason::NoSuchEnvelope => Self::not_found("envelope.get"),
            _ => Self::failed(refused.message, "envelope"),
        }
    }
}

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
pub(super) fn check_id(id: &str, path: &'static str) -> Result<(), ApiError> {
    if id.is_empty() {
        return Err(ApiError::not_found(path));
    }
    if !id.starts_with("envelope_") {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "INVALID_BODY", "not an envelope id", path));
    }
    Ok(())
}

/// The whole envelope.
pub(super) fn get(live: &Live, id: &str) -> Answer {
    check_id(id, "envelope.get")?;
    on(live, id, ApiError::not_found("envelope.get"), |env, context| {
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
            .ok_or_else(|| ApiError::issue(name, "must be 1 or more", "envelope.find")),
    };
    let (page, size) = (number("page", 1)?, number("perPage", 10)?);
    if size > 100 {
        return Err(ApiError::issue("perPage", "must be 100 or less", "envelope.find"));
    }
    let state = live.lock();
    let all: Vec<&Envelope> = state.envelopes().rev().filter(|env| is_listed(env)).collect();
    let data: Vec<Value> =
        all.iter().skip((page - 1) * size).take(size).map(|env| show::envelope(env)).collect();
    Ok(paged(&data, all.len(), page, size))
}

fn paged(data: &[Value], count: usize, page: usize, size: usize) -> Value {
    json!({"data": data, "count": count, "currentPage": page, "perPage": size, "totalPages": count.div_ceil(size)})
}

pub(super) fn log(live: &Live, id: &str, query: &Query) -> Answer {
    const PATH: &str = "envelope.auditLog.find";
    let size = query.get("perPage").and_then(|text| text.parse().ok()).unwrap_or(10).clamp(1, 100);
    on(live, id, ApiError::new(StatusCode::NOT_FOUND, "NOT_FOUND", "NOT_FOUND", PATH), |env, context| {
        let all = show::log(env, context.mails);
        let count = all.len();
        Ok(paged(all.get(..size.min(count)).unwrap_or_default(), count, 1, size))
    })
}

/// Mails those who have something to do, in turn or not, and says success to everything else.
pub(super) fn redistribute(live: &Live, limits: &DocumensoSettings, body: &Value) -> Answer {
    const PATH: &str = REDISTRIBUTE;
    let id = body["envelopeId"].as_str().ok_or_else(|| ApiError::issue("envelopeId", "Required", PATH))?;
    let named =
        body["recipients"].as_array().ok_or_else(|| ApiError::issue("recipients", "Required", PATH))?;
    if named.is_empty() {
        let text = "must have at least one";
        return Err(ApiError::issue("recipients", text, PATH));
    }
    // Numbers may come as text.
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let named: Vec<f64> = named.iter().filter_map(number).collect();
    check_id(id, PATH)?;
    on(live, id, ApiError::failed("Document not found", PATH), |env, context| {
        match env.status {
            EnvelopeStatus::Draft => return Err(ApiError::failed("Can not send draft document", PATH)),
            EnvelopeStatus::Completed | EnvelopeStatus::Declined | EnvelopeStatus::Voided => {
                return Err(ApiError::failed("Can not send completed document", PATH));
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
        let refused = mail(env, context, &whom)?;
        if refused {
            return Err(ApiError::failed("550 no such user", PATH));
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
    let refused =
        |text| ApiError::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", text, REDISTRIBUTE);
    if is_over(limits.mail_quota, in_month) {
        return Err(refused("the mails of this month exceed the fair use limits of the plan"));
    }
    if is_over(limits.mail_window, in_window) {
        let window = Window { limit: limits.mail_window.unwrap_or_default(), reset: (number + 1) * WINDOW };
        return Err(ApiError { window: Some(window), ..refused("too many mails") });
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

pub(super) fn cancel(live: &Live, body: &Value) -> Answer {
    const PATH: &str = "envelope.cancel";
    let id = body["envelopeId"].as_str().ok_or_else(|| ApiError::issue("envelopeId", "Required", PATH))?;
    on(live, id, ApiError::not_found(PATH), |env, context| {
        if env.word() != "PENDING" {
            let text = "the envelope is not pending";
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", text, PATH));
        }
        context.close(env, EnvelopeStatus::Voided, body["reason"].as_str().map(str::to_owned));
        Ok(json!({"success": true}))
    })
}
