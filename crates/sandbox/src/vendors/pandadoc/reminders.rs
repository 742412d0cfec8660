//! `POST …/send-reminder`: a result for each recipient and channel, inside a 200.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, KNOWN};
use super::documents::position;
use super::show;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, filled, object};
use crate::world::{
    Channel, Context, DAY, Envelope, MailKind, News, Recipient, RecipientState, Role, What, after,
};

const LONGEST_SUBJECT: usize = 512;
const LONGEST_MESSAGE: usize = 5_000;

/// Links to this host are what the sandbox takes for malicious.
const MALICIOUS: &str = "malicious.example";

fn word(channel: Channel) -> &'static str {
    if channel == Channel::Email { "email" } else { "sms" }
}

/// Where the time of a recipient's last reminder is kept.
fn last(channel: Channel) -> String {
    format!("reminded_by_{}", word(channel))
}

pub(super) fn send(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let all = body.get("reminders").and_then(Value::as_array).filter(|all| !all.is_empty());
    let all = all.ok_or_else(|| ApiError::field("reminders", "This field is required."))?;
    let all: Vec<Entry> = all.iter().map(Entry::read).collect::<Result<_, _>>()?;
    let certified = call.account.settings().sms_certified;
    call.on(id, |env, context| {
        if !matches!(show::status_word(env, context.now), "document.sent" | "document.viewed") {
            let text = "Can't send reminder. Document is not in SENT or VIEWED statuses";
            return Err(ApiError::conflict(env, context.now, text));
        }
        let mut results = Vec::new();
        for entry in &all {
            results.push(entry.send(env, context, certified)?);
        }
        context.note(env, What::Reminded, None);
        context.tell(env, News::Reminded, None);
        answer(StatusCode::OK, json!({"result": results}))
    })
}

/// One member of `reminders`.
struct Entry {
    recipient: String,
    /// By e-mail and by text message, if it says so.
    ways: Option<(bool, bool)>,
    subject: Option<String>,
    message: Option<String>,
}

impl Entry {
    fn read(entry: &Value) -> Result<Self, ApiError> {
        let wrong = |text: &str| ApiError::validation(json!({"reminders": [text]}));
        let entry = entry.as_object().ok_or_else(|| wrong("An object is expected."))?;
        let recipient =
            filled(entry, "recipient_id").ok_or_else(|| wrong("recipient_id: This field is required."))?;
        let is = |ways: &Object, name| ways.get(name).and_then(Value::as_bool).unwrap_or_default();
        let ways = object(entry, "delivery_methods").map(|ways| (is(ways, "email"), is(ways, "sms")));
        // The text is used only if the entry itself asks for e-mail.
        let text = object(entry, "email_customization").filter(|_| ways.is_some_and(|(email, _)| email));
        let member = |name, longest| match text.and_then(|text| filled(text, name)) {
            Some(text) if text.chars().count() > longest => {
                Err(wrong(&format!("{name}: Ensure this field has no more than {longest} characters.")))
            }
            text => Ok(text),
        };
        let (subject, message) = (member("subject", LONGEST_SUBJECT)?, member("message", LONGEST_MESSAGE)?);
        Ok(Self { recipient, ways, subject, message })
    }

    fn send(
        &self,
        env: &mut Envelope,
        context: &mut Context<'_>,
        certified: bool,
    ) -> Result<Value, ApiError> {
        let at = position(env, &self.recipient);
        let own = at.and_then(|at| env.recipients.get(at)).map(show::ways);
        let (email, sms) = self.ways.or(own).unwrap_or((true, false));
        let mut result = json!({"recipient_id": self.recipient});
        for channel in [Channel::Email, Channel::Sms] {
            if !(if channel == Channel::Email { email } else { sms }) {
                continue;
            }
            result[word(channel)] = match (self.refused(env, at, channel, context.now, certified), at) {
                (None, Some(at)) => {
                    self.mail(env, context, at, channel)?;
                    json!({"status": "sent", "sent_at": show::time(Some(context.now)), "detail": null})
                }
                (detail, _) => json!({"status": "error", "sent_at": null, "detail": detail}),
            };
        }
        Ok(result)
    }

    /// The vendor's sentence, if this recipient cannot be reminded in this way.
    fn refused(
        &self,
        env: &Envelope,
        at: Option<usize>,
        channel: Channel,
        now: Timestamp,
        certified: bool,
    ) -> Option<&'static str> {
        let why = match at.and_then(|at| env.recipients.get(at)) {
            None => "unknown_recipient",
            Some(r) if r.role == Role::CarbonCopy => "copy",
            Some(r) if r.finished() => "finished",
            Some(r) if r.state == RecipientState::Waiting => "waiting",
            Some(r) if channel == Channel::Email => self.refused_mail(r, now)?,
            Some(r) => refused_text(r, now, certified)?,
        };
        Some(KNOWN.message(why))
    }

    fn refused_mail(&self, r: &Recipient, now: Timestamp) -> Option<&'static str> {
        let is_malicious = self.subject.iter().chain(&self.message).any(|text| text.contains(MALICIOUS));
        let problems = [
            (r.email.is_empty(), "no_email"),
            (!show::ways(r).0, "not_by_email"),
            (r.bounced, "unreachable"),
            (reminded_today(r, Channel::Email, now), "mailed_today"),
            (is_malicious, "malicious"),
        ];
        first(&problems)
    }

    fn mail(
        &self,
        env: &mut Envelope,
        context: &mut Context<'_>,
        at: usize,
        channel: Channel,
    ) -> Result<(), ApiError> {
        let r = env.recipient_mut(at)?;
        r.extra.insert(last(channel), context.now.to_string().into());
        let to = Recipient { by_sms: channel == Channel::Sms, ..r.clone() };
        // A sandbox key's mail to another domain is said to be sent.
        if to.mails_suppressed {
            return Ok(());
        }
        let text = (channel == Channel::Email).then_some(self);
        context.mail(env, &to, MailKind::Reminder, text.and_then(|text| text.message.as_deref()));
        let subject = text.and_then(|text| text.subject.clone());
        if let (Some(subject), Some(mail)) = (subject, context.mails.last_mut()) {
            mail.subject = subject;
        }
        Ok(())
    }
}

fn refused_text(r: &Recipient, now: Timestamp, certified: bool) -> Option<&'static str> {
    let number = show::phone(r);
    let problems = [
        (number.is_none(), "no_phone"),
        (!show::ways(r).1, "not_by_sms"),
        (!number.is_some_and(|number| is_number(&number)), "no_number"),
        (!certified, "not_certified"),
        (reminded_today(r, Channel::Sms, now), "texted_today"),
    ];
    first(&problems)
}

/// The first problem that there is.
fn first(problems: &[(bool, &'static str)]) -> Option<&'static str> {
    problems.iter().find(|(is_so, _)| *is_so).map(|(_, why)| *why)
}

/// A plus sign, and seven digits or more.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    digits.len() >= 7 && digits.chars().all(|c| c.is_ascii_digit() || c == ' ')
}

/// Whether 24 hours have not passed since the last reminder in this way.
fn reminded_today(r: &Recipient, channel: Channel, now: Timestamp) -> bool {
    let last = r.extra.get(&last(channel)).and_then(Value::as_str).and_then(|at| at.parse().ok());
    last.is_some_and(|last| now < after(last, DAY))
}
