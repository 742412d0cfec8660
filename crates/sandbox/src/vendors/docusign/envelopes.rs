//! Existing envelopes: reading, listing, changing, voiding, sending a draft, resending to all.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, KNOWN, on, read};
use super::show::{envelope, list as list_recipients};
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{Query, filled, instant, text};
use crate::vendors::known::NotSimulated;
use crate::world::{Context, Envelope, EnvelopeStatus, Recipient, Vendor};

pub(super) fn get(call: &Call<'_>, id: &str) -> Answer {
    KNOWN.check_parameters("get", &call.query)?;
    let included = included(call)?;
    let body = on(&mut call.live.lock(), id, true, |env, _| Ok(included.show(env)))?;
    answer(StatusCode::OK, body)
}

/// The longest list in one answer.
const LONGEST: usize = 1_000;

pub(super) fn no_filter() -> ApiError {
    ApiError::invalid_parameter(
        "Query parameter 'from_date' must be set to a valid DateTime, or 'envelope_ids' or 'transaction_ids' must be \
         specified.",
    )
}

/// Newest first by default.
pub(super) fn list(call: &Call<'_>) -> Answer {
    KNOWN.check_parameters("list", &call.query)?;
    let filter = Filter::read(&call.query)?;
    let included = included(call)?;
    let number = |name: &str, default: usize| match call.query.get(name) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| ApiError::invalid_parameter(&format!("{name} is not a number.")))
        }
    };
    let (start, count) = (number("start_position", 0)?, number("count", LONGEST)?.min(LONGEST));
    let state = call.live.lock();
    let mut found: Vec<&Envelope> =
        state.envelopes().rev().filter(|env| env.vendor == Vendor::DOCUSIGN && filter.admits(env)).collect();
    if call.query.get("order").is_some_and(|order| order.eq_ignore_ascii_case("asc")) {
        found.reverse();
    }
    let page: Vec<Value> = found.iter().skip(start).take(count).map(|env| included.show(env)).collect();
    let end = (start + page.len()).saturating_sub(1);
    let uri = |from: usize| format!("/envelopes?start_position={from}&count={count}");
    let body = json!({
        "resultSetSize": page.len().to_string(),
        "totalSetSize": found.len().to_string(),
        "startPosition": start.to_string(),
        "endPosition": end.to_string(),
        "nextUri": if start + page.len() < found.len() { uri(start + page.len()) } else { String::new() },
        "previousUri": if start > 0 { uri(start.saturating_sub(count)) } else { String::new() },
        "envelopes": page,
    });
    answer(StatusCode::OK, body)
}

/// The filters of a list.
struct Filter {
    ids: Option<Vec<String>>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// Words of statuses, in lower case.
    statuses: Vec<String>,
    text: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

impl Filter {
    fn read(query: &Query) -> Result<Self, ApiError> {
        let words = |name: &str| -> Vec<String> {
            let all = query.get(name).unwrap_or_default().split(',');
            all.map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect()
        };
        let date = |name: &str| query.get(name).map(|text| instant(text).ok_or_else(no_filter)).transpose();
        let lower = |name: &str| query.get(name).map(str::to_lowercase);
        let ids = query.get("envelope_ids").map(|_| words("envelope_ids"));
        let from = date("from_date")?;
        if ids.is_none() && from.is_none() {
            return Err(no_filter());
        }
        // Only "changed" is simulated: since when the envelope has its current status.
        if query.get("from_to_status").is_some_and(|word| !word.eq_ignore_ascii_case("changed")) {
            let what = "other values of the parameter `from_to_status` than `changed`";
            return Err(NotSimulated::new(what).into());
        }
        Ok(Self {
            ids,
            from,
            to: date("to_date")?,
            statuses: words("status"),
            text: lower("search_text"),
            email: lower("email"),
            name: lower("user_name"),
        })
    }

    fn admits(&self, env: &Envelope) -> bool {
        let person = |wanted: &Option<String>, of: fn(&Recipient) -> &str| {
            wanted.as_ref().is_none_or(|text| env.recipients.iter().any(|r| of(r).to_lowercase() == *text))
        };
        let has = |text: &str, wanted: &String| text.to_lowercase().contains(wanted);
        let found = |wanted: &String| {
            has(&env.subject, wanted)
                || env.recipients.iter().any(|r| has(&r.name, wanted) || has(&r.email, wanted))
        };
        let word = env.word();
        self.ids.as_ref().is_none_or(|ids| ids.contains(&env.id))
            && self.from.is_none_or(|from| env.changed_at >= from)
            && self.to.is_none_or(|to| env.changed_at <= to)
            && (self.statuses.is_empty()
                || self.statuses.iter().any(|status| status == "any" || status == word))
            && self.text.as_ref().is_none_or(found)
            && person(&self.email, |r| &r.email)
            && person(&self.name, |r| &r.name)
    }
}

/// Optional parts of an answer.
#[derive(Default)]
struct Included {
    recipients: bool,
    tabs: bool,
    custom_fields: bool,
}

fn included(call: &Call<'_>) -> Result<Included, NotSimulated> {
    let mut included = Included::default();
    for word in call.query.get("include").unwrap_or_default().split(',').map(str::trim) {
        match word.to_ascii_lowercase().as_str() {
            "" => {}
            "recipients" => included.recipients = true,
            "tabs" => included.tabs = true,
            "custom_fields" => included.custom_fields = true,
            word => return Err(NotSimulated::new(format!("`include={word}`"))),
        }
    }
    Ok(included)
}

impl Included {
    fn show(&self, env: &Envelope) -> Value {
        let mut body = envelope(env);
        if self.recipients {
            body["recipients"] = list_recipients(env, self.tabs);
        }
        if let (true, Some(fields)) = (self.custom_fields, env.extra.get("customFields")) {
            body["customFields"] = fields.clone();
        }
        body
    }
}

pub(super) fn put(call: &Call<'_>, id: &str) -> Answer {
    KNOWN.check_parameters("put", &call.query)?;
    let body = read(call)?;
    KNOWN.check("envelope", &body)?;
    let resend = call.query.is_true("resend_envelope");
    let wanted = filled(&body, "status").map(|status| status.to_ascii_lowercase());
    let mut state = call.live.lock();
    let summary = on(&mut state, id, false, |env, context| {
        if env.edited_elsewhere {
            return Err(ApiError::bad("EDIT_LOCK_NOT_LOCK_OWNER"));
        }
        if let Some(subject) = filled(&body, "emailSubject") {
            env.subject = subject;
        }
        if let Some(message) = text(&body, "emailBlurb") {
            env.message = message;
        }
        env.extra.extend(KNOWN.members("kept", &body));
        match wanted.as_deref() {
            None => {}
            Some("voided") => void(env, context, filled(&body, "voidedReason"))?,
            Some("sent") if env.status == EnvelopeStatus::Draft => context.send(env),
            Some(_) => return Err(ApiError::bad("ENVELOPE_INVALID_STATUS")),
        }
        if resend {
            if !env.status.in_flight() {
                return Err(ApiError::bad("ENVELOPE_INVALID_STATUS"));
            }
            context.resend_to_everyone(env)?;
        }
        Ok(json!({"envelopeId": env.id}))
    })?;
    answer(StatusCode::OK, summary)
}

fn void(env: &mut Envelope, context: &mut Context<'_>, reason: Option<String>) -> Result<(), ApiError> {
    if !env.status.in_flight() {
        return Err(ApiError::bad("ENVELOPE_CANNOT_VOID_INVALID_STATE"));
    }
    let Some(reason) = reason else { return Err(ApiError::invalid_parameter("voidedReason is required.")) };
    context.close(env, EnvelopeStatus::Voided, Some(reason));
    Ok(())
}
