//! Converts our requests to PandaDoc's, and its document to our list of recipients. Pure functions.

use std::borrow::Cow;
use std::time::Duration;

use countersign_core::json::{filled, trimmed};
use countersign_core::{
    AccessCode, AccessCodeState, BaseUrl, Channel, EnvelopeId, EnvelopeStatus, FieldMap, GroupMember,
    IdentityCheck, NoMail, Phone, Recipient, RecipientId, RecipientStatus, Recipients, RequestBuilder,
    Result, Role, Timestamp,
};
use http::Method;
use serde_json::{Value, json};

use crate::DESCRIPTOR;
use crate::wire::{
    self, Customization, DeliveryMethods, Document, Member, NewPasscode, NewSession, NewVerification,
    Passcode, Reminded, RemindedOne, Reminder, Reminders,
};

/// Each recipient stores under these names how they are contacted, and where a check is asked for.
pub(crate) const EMAIL: &str = "delivery_methods.email";
pub(crate) const SMS: &str = "delivery_methods.sms";
const PLACE: &str = "verification_place";

/// Where a passcode is asked for, unless the recipient has a place already.
const USUAL_PLACE: &str = "before_open";

/// The kind of check that is an access code.
const PASSCODE: &str = "passcode_verification";

fn document(method: Method, id: &EnvelopeId, route: &[&str]) -> RequestBuilder {
    RequestBuilder::new(method, &["public", "v1", "documents", id.as_str()]).below(route)
}

/// The whole document.
pub(crate) fn details(id: &EnvelopeId) -> RequestBuilder {
    document(Method::GET, id, &["details"])
}

/// Whose credentials they are.
pub(crate) fn current_member() -> RequestBuilder {
    RequestBuilder::new(Method::GET, &["public", "v1", "members", "current"])
}

/// Another session for the recipient with this address, which must be unique on the document.
pub(crate) fn session(id: &EnvelopeId, email: &str, life: Option<Duration>) -> Result<RequestBuilder> {
    let body = NewSession { recipient: email, lifetime: life.map(|life| life.as_secs()) };
    let out = document(Method::POST, id, &["session"]).json(&body)?;
    Ok(out.simulated_response(|_| r#"{"id":"planned"}"#.to_owned()))
}

/// Reminders, one entry for each recipient. A text counts only beside `email: true`; the other channel is left out
/// then, unless it is named as well.
pub(crate) fn remind(
    id: &EnvelopeId,
    people: &[&Recipient],
    message: Option<&str>,
) -> Result<RequestBuilder> {
    let reminders = people.iter().map(|person| {
        let chosen = |name| person.vendor.extra.get(name);
        let message = message.filter(|_| chosen(EMAIL) != Some("false"));
        let sms = (chosen(SMS) == Some("true")).then_some(true);
        Reminder {
            recipient_id: person.id.as_str(),
            delivery_methods: message.map(|_| DeliveryMethods { email: Some(true), sms }),
            email_customization: message.map(|message| Customization { message }),
        }
    });
    let out = document(Method::POST, id, &["send-reminder"]);
    Ok(out.json(&Reminders { reminders: reminders.collect() })?.simulated_response(all_mailed))
}

/// The answer in a plan.
fn all_mailed(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let ids = body["reminders"].as_array().into_iter().flatten().map(|one| &one["recipient_id"]);
    let result: Vec<Value> = ids.map(|id| json!({"recipient_id": id, "email": {"status": "sent"}})).collect();
    json!({ "result": result }).to_string()
}

/// A new passcode, where the recipient is asked for a check now. Nothing else is sent: it would change the contact book.
pub(crate) fn new_passcode(id: &EnvelopeId, person: &Recipient, code: &AccessCode) -> Result<RequestBuilder> {
    let body = NewVerification {
        verification_settings: NewPasscode {
            verification_place: person.vendor.extra.get(PLACE).unwrap_or(USUAL_PLACE),
            passcode_verification: Passcode { passcode: code.expose() },
        },
    };
    let out = document(Method::PATCH, id, &["recipients", "recipient", person.id.as_str()]);
    Ok(out.secret(code.secret()).json(&body)?.simulated_response(|_| String::new()))
}

/// The link of a session, for which there is no call.
pub(crate) fn link(app: &BaseUrl, session: &str) -> Option<String> {
    let is_plain =
        !session.is_empty() && session.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_plain.then(|| format!("{}/s/{session}", app.as_str()))
}

/// The result of a reminder to one recipient.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A message left, though perhaps not by each channel.
    Sent(Option<Timestamp>, Option<(Channel, Failure)>),
    /// None left.
    No(Failure),
    /// The answer does not say.
    Unknown,
}

/// Why no message left by a channel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was wrong with the request.
    No(NoMail),
    /// Refused, with the vendor's sentence.
    Refused(String),
}

/// The sentences that say why no message leaves, as PandaDoc's OpenAPI document lists them. The others have rows in
/// `vendor.toml`. Their first word is written in two ways, so it is left out.
const NOT_SELECTED: &str = "delivery method is not selected";
const NO_MESSAGE: [(&str, NoMail); 5] = [
    ("mailbox is unreachable", NoMail::DeliveryFailed),
    ("with no email", NoMail::NoAddress),
    ("with no phone number", NoMail::NoAddress),
    ("with invalid phone number", NoMail::NoAddress),
    (NOT_SELECTED, NoMail::Muted),
];

/// Reads the result of one recipient, which may have several entries. A channel that is not used has not failed,
/// unless it is the only one.
pub(crate) fn told(reminded: &Reminded, person: &Recipient) -> Told {
    let is_theirs = |one: &&RemindedOne| one.recipient_id.as_deref() == Some(person.id.as_str());
    let theirs = || reminded.result.iter().filter(is_theirs);
    let channels = || {
        let both = theirs().flat_map(|one| [(Channel::Email, &one.email), (Channel::Sms, &one.sms)]);
        both.filter_map(|(name, told)| Some((name, told.as_ref()?)))
    };
    let failed = || channels().filter(|(_, told)| is(&told.status, "error"));
    let says =
        |told: &wire::Channel, text: &str| filled(&told.detail).is_some_and(|said| said.contains(text));
    let failure = |told: &wire::Channel| match NO_MESSAGE.into_iter().find(|(text, _)| says(told, text)) {
        Some((_, why)) => Failure::No(why),
        None => Failure::Refused(told.detail.clone().unwrap_or_default()),
    };
    let used = failed().find(|(_, told)| !says(told, NOT_SELECTED));
    if let Some((_, sent)) = channels().find(|(_, told)| is(&told.status, "sent")) {
        return Told::Sent(sent.sent_at.0, used.map(|(name, told)| (name, failure(told))));
    }
    // With a word or a channel that is not documented, a message may have left.
    let others =
        theirs().flat_map(|one| one.others.values()).filter_map(|other| other.get("status")?.as_str());
    let mut words = channels().filter_map(|(_, told)| filled(&told.status)).chain(others);
    if words.any(|word| !word.trim().eq_ignore_ascii_case("error")) {
        return Told::Unknown;
    }
    used.or_else(|| failed().next()).map_or(Told::Unknown, |(_, told)| Told::No(failure(told)))
}

/// All recipients of the document.
pub(crate) fn recipients(mut document: Document, now: Timestamp) -> Recipients {
    let rows = document.recipients.take().unwrap_or_default();
    let whole = Whole::new(&document, &rows, now);
    let (current, status) = (whole.current_order(), whole.status.clone());
    let list = rows.into_iter().filter_map(|row| whole.recipient(row)).collect();
    Recipients::new(list, current, status).with_expires_at(document.expiration_date.0)
}

/// Values of the whole document that apply to its recipients.
struct Whole {
    /// In PandaDoc's word.
    word: Cow<'static, str>,
    status: Option<EnvelopeStatus>,
    /// The places of those who have not finished.
    waiting: Vec<Option<u32>>,
    /// Whether one person alone acts on it, so that what happened to the document happened to them.
    single: bool,
}

impl Whole {
    fn new(document: &Document, rows: &[wire::Recipient], now: Timestamp) -> Self {
        let words = &DESCRIPTOR.facts.words.envelope_status;
        let told = filled(&document.status);
        let known = told.and_then(|word| words.spelled(word));
        let word = known.map_or_else(|| Cow::Owned(told.unwrap_or_default().to_owned()), Cow::Borrowed);
        let told = told.map(|word| words.read(word));
        let is_late = document.expiration_date.0.is_some_and(|at| at <= now);
        let status = match told {
            // One word for both; no expired document is `document.cancelled`.
            Some(EnvelopeStatus::Voided) if is_late && is(&document.status, "document.voided") => {
                Some(EnvelopeStatus::Expired)
            }
            other => other,
        };
        let acting = || rows.iter().filter(|row| role(row) != Role::CarbonCopy);
        let open = acting().filter(|row| row.has_completed.0 != Some(true));
        let waiting = open.map(order).collect();
        Self { word, status, waiting, single: acting().count() == 1 }
    }

    fn is_open(&self) -> bool {
        let status = self.status.as_ref();
        status != Some(&EnvelopeStatus::Draft) && !status.is_some_and(EnvelopeStatus::is_final)
    }

    fn current_order(&self) -> Option<u32> {
        self.waiting.iter().flatten().min().copied().filter(|_| self.is_open())
    }

    /// `None` for a row without an id, to which no call could refer.
    fn recipient(&self, mut row: wire::Recipient) -> Option<Recipient> {
        let id = row.id.take().and_then(trimmed)?;
        let mut person = Recipient::new(RecipientId::new(id).ok()?, role(&row));
        person.order = order(&row);
        // Without a place there is no order.
        let lowest = self.waiting.iter().flatten().min();
        let has_turn = person.order.is_none_or(|order| lowest.is_none_or(|lowest| order <= *lowest));
        person.status = self.progress(&row, &person.role, has_turn);
        let past = person.status.is_done() || person.role == Role::CarbonCopy || !self.is_open();
        person.in_turn = Some(!past && has_turn);
        if person.status == RecipientStatus::Signed {
            person.signed_at = row.signature_date.0;
        }
        let kinds = row.verification_settings.iter().flat_map(|check| &check.kinds);
        for (kind, _) in kinds.filter(|(_, set)| set.is_some()) {
            if kind == PASSCODE {
                person.access_code = AccessCodeState::Required;
            } else {
                person.other_checks.push(IdentityCheck::new(kind, false));
            }
        }
        person.vendor.extra = words(&mut row);
        person.vendor.status = self.word.clone();
        person.phone =
            filled(&row.phone).and_then(|phone| Phone::new(phone).ok()).map(|phone| phone.to_string());
        person.name = match row.name.and_then(trimmed) {
            Some(name) => Some(name),
            None => full_name(row.first_name, row.last_name),
        };
        person.email = row.email.and_then(trimmed);
        person.members = row.members.map(|members| members.into_iter().map(member).collect());
        person.vendor.kind = row.recipient_type.unwrap_or_default().into();
        Some(person)
    }

    /// PandaDoc reports only whether a person has finished; the rest is the document's.
    fn progress(&self, row: &wire::Recipient, role: &Role, has_turn: bool) -> RecipientStatus {
        if *role != Role::CarbonCopy && row.has_completed.0 == Some(true) {
            return RecipientStatus::Signed;
        }
        let vendors_word = || RecipientStatus::Other(self.word.clone().into_owned());
        let Some(status) = &self.status else { return vendors_word() };
        match status {
            EnvelopeStatus::Draft => RecipientStatus::Waiting,
            _ if *role == Role::CarbonCopy => RecipientStatus::Notified,
            EnvelopeStatus::Completed => RecipientStatus::Signed,
            EnvelopeStatus::Sent | EnvelopeStatus::Viewed if !has_turn => RecipientStatus::Waiting,
            EnvelopeStatus::Viewed if self.single => RecipientStatus::Viewed,
            EnvelopeStatus::Sent | EnvelopeStatus::Viewed => RecipientStatus::Notified,
            EnvelopeStatus::Declined if self.single => RecipientStatus::Declined,
            EnvelopeStatus::Expired => RecipientStatus::Expired,
            EnvelopeStatus::Voided => RecipientStatus::Revoked,
            _ => vendors_word(),
        }
    }
}

fn is(word: &Option<String>, known: &str) -> bool {
    filled(word).is_some_and(|word| word.eq_ignore_ascii_case(known))
}

fn role(row: &wire::Recipient) -> Role {
    filled(&row.recipient_type).map_or(Role::Signer, |word| DESCRIPTOR.facts.words.role.read(word))
}

fn order(row: &wire::Recipient) -> Option<u32> {
    filled(&row.signing_order.0)?.parse().ok()
}

fn full_name(first: Option<String>, last: Option<String>) -> Option<String> {
    match (first.and_then(trimmed), last.and_then(trimmed)) {
        (Some(first), Some(last)) => Some(first + " " + &last),
        (first, last) => first.or(last),
    }
}

fn member(member: Member) -> GroupMember {
    GroupMember::new(full_name(member.first_name, member.last_name), member.email.and_then(trimmed))
}

/// Values without a field in our types.
fn words(row: &mut wire::Recipient) -> FieldMap {
    let methods = row.delivery_methods.unwrap_or_default();
    let chosen = |chosen: bool| Cow::Borrowed(if chosen { "true" } else { "false" });
    let place = row.verification_settings.as_mut().and_then(|check| check.verification_place.take());
    FieldMap::filled([
        (EMAIL, methods.email.map(chosen)),
        (SMS, methods.sms.map(chosen)),
        (PLACE, place.and_then(trimmed).map(Cow::Owned)),
    ])
}
