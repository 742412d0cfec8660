//! Documents that exist: reading, listing, revoking, reminding.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, KNOWN, Problems, empty, read};
use super::show::{display_status, properties, record};
use super::signers::{Named, check_behalf, document_id, on, phone_of};
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, Query, array, filled, instant, looks_like_email, object, text};
use crate::world::{Envelope, EnvelopeStatus, Recipient, Role, SENDER_EMAIL, Vendor};

pub(super) fn get(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = on(&mut call.live.lock(), id, |env, _| Ok(properties(env)))?;
    answer(StatusCode::OK, body)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    KNOWN.check_parameters("list", &call.query)?;
    let mut problems = Problems::default();
    let mut number = |name: &str, default: usize, fits: fn(&usize) -> bool, text: &str| {
        let Some(given) = call.query.get(name) else { return default };
        match given.parse().ok().filter(fits) {
            Some(number) => number,
            None => {
                let whole = given.parse::<i64>().is_ok();
                problems.add(
                    name,
                    if whole { text.to_owned() } else { format!("The value '{given}' is not valid.") },
                );
                default
            }
        }
    };
    let page = number("Page", 1, |page| *page > 0, "Page number should be greater than 0");
    let size = number(
        "PageSize",
        10,
        |size| (1..=100).contains(size),
        "Provide a valid page size between 1 and 100",
    );
    let filter = Filter::read(&call.query, &mut problems);
    problems.done()?;
    let state = call.live.lock();
    let now = state.now();
    let fits = |env: &&Envelope| env.vendor == Vendor::BOLDSIGN && env.is_ready(now) && filter.admits(env);
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
    answer(StatusCode::OK, body)
}

/// The filters of a list; texts in lower case.
struct Filter {
    statuses: Vec<String>,
    senders: Vec<String>,
    recipients: Vec<String>,
    labels: Vec<String>,
    brands: Vec<String>,
    search: Option<String>,
    received: bool,
    /// Whether the dates are expiry dates.
    by_expiry: bool,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Filter {
    fn read(query: &Query, problems: &mut Problems) -> Self {
        let words = |name: &str| -> Vec<String> {
            query.all(name).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
        };
        let mut date = |name: &str| {
            let text = query.get(name)?;
            instant(text).or_else(|| {
                problems.add(name, format!("The value '{text}' is not valid."));
                None
            })
        };
        let (start, end) = (date("StartDate"), date("EndDate"));
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            problems.add("EndDate", "The end date should not be before the start date");
        }
        let mut choice = |name: &str, known: &[&str]| {
            let given = query.all(name).next()?;
            let found = known.iter().position(|word| word.eq_ignore_ascii_case(given));
            if found.is_none() {
                problems.add(name, format!("The value '{given}' is not valid for {name}."));
            }
            found
        };
        Self {
            received: choice("TransmitType", &["Both", "Sent", "Received"]) == Some(2),
            by_expiry: choice("DateFilterType", &["SentBetween", "Expiring"]) == Some(1),
            statuses: words("Status").into_iter().filter(|word| word != "none").collect(),
            senders: words("SentBy"),
            recipients: words("Recipients"),
            labels: words("Labels"),
            brands: words("BrandIds"),
            search: query.get("SearchKey").map(str::to_lowercase),
            start,
            end,
        }
    }

    /// The statuses' words are those of the display; "InProgress" is accepted as well.
    fn admits(&self, env: &Envelope) -> bool {
        let any = |wanted: &[String], has: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|wanted| has(wanted))
        };
        let is = |text: &str, wanted: &str| text.to_lowercase() == wanted;
        let labels = || env.extra.get("labels").and_then(Value::as_array).into_iter().flatten();
        let brand = env.extra.get("brandId").and_then(Value::as_str).unwrap_or_default();
        let found = |text: &String| {
            let has = |within: &str| within.to_lowercase().contains(text.as_str());
            has(&env.subject) || has(&env.id) || env.recipients.iter().any(|r| has(&r.name) || has(&r.email))
        };
        let at = if self.by_expiry { env.expires_at } else { env.sent_at };
        !self.received
            && any(&self.statuses, &|word| is(env.word(), word) || is(display_status(env), word))
            && any(&self.senders, &|email| is(SENDER_EMAIL, email))
            && any(&self.recipients, &|email| env.recipients.iter().any(|r| is(&r.email, email)))
            && any(&self.labels, &|label| labels().any(|one| one.as_str().is_some_and(|one| is(one, label))))
            && any(&self.brands, &|id| is(brand, id))
            && self.search.as_ref().is_none_or(found)
            && self.start.is_none_or(|start| at.is_some_and(|at| at >= start))
            && self.end.is_none_or(|end| at.is_some_and(|at| at <= end))
    }
}

pub(super) fn revoke(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = read(call)?;
    let message = filled(&body, "message")
        .ok_or_else(|| ApiError::validation("Message", "The Message field is required."))?;
    on(&mut call.live.lock(), id, |env, context| {
        check_behalf(env, &body)?;
        if !env.status.in_flight() {
            return Err(ApiError::forbidden("The document is not in progress."));
        }
        context.close(env, EnvelopeStatus::Voided, Some(message));
        empty()
    })
}

/// `POST /v1/document/remind`: once per document and day.
pub(super) fn remind(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = if call.body.is_empty() { Object::new() } else { read(call)? };
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
            // Without addresses, everyone who has not finished.
            whom = (0..env.recipients.len()).collect();
            whom.retain(|at| env.recipients.get(*at).is_some_and(|r| r.role != Role::CarbonCopy));
        }
        whom.retain(|at| env.recipients.get(*at).is_some_and(wants_reminders));
        whom.sort_unstable();
        whom.dedup();
        context.remind(env, &whom, filled(&body, "message").as_deref())?;
        empty()
    })
}

/// Signers whose `recipientNotificationSettings` switch reminders off get none.
fn wants_reminders(r: &Recipient) -> bool {
    let settings = object(&r.extra, "recipientNotificationSettings");
    settings
        .and_then(|settings| text(settings, "reminders"))
        .is_none_or(|on| !on.eq_ignore_ascii_case("false"))
}
