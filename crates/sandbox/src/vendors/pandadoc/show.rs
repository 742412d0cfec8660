//! Documents, recipients and webhooks in PandaDoc's JSON. A webhook is a list of events, whose signature is in the query.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::secret::hmac;
use crate::vendors::Attempt;
use crate::vendors::fields::{Object, hex};
use crate::vendors::known::{Always, joined};
use crate::webhooks::WebhookRequest;
use crate::world::{
    Envelope, EnvelopeStatus, Event, Identity, Recipient, RecipientState, Role, SENDER_EMAIL, SENDER_NAME,
    after,
};

/// What the answers always have.
static ALWAYS: LazyLock<Always> = LazyLock::new(|| Always::read(include_str!("always.json")));

/// Ids of the keys' member, as a user and in the workspace; any 22 letters would do.
pub(super) const SENDER_ID: &str = "SandboxSenderUserId001";
pub(super) const MEMBERSHIP_ID: &str = "SandboxMembershipId001";

/// The place of a recipient's identity check, and the settings of one that is not a passcode.
pub(super) const PLACE: &str = "verification_place";
pub(super) const OTHER_CHECK: &str = "other_check";

pub(super) fn status_word(env: &Envelope, now: Timestamp) -> &'static str {
    match env.ready_at {
        None => "document.error",
        Some(at) if at > now => "document.uploaded",
        Some(_) => env.word(),
    }
}

pub(super) fn time(at: Option<Timestamp>) -> Value {
    at.map(|at| format!("{at:.6}")).into()
}

/// The members that tell about a lock.
pub(super) fn lock(until: Timestamp) -> Value {
    json!({
        "locked_by_user_id": SENDER_ID,
        "lock_type": "wopi_editing",
        "expires_at": time(Some(until)),
    })
}

/// When an edit that goes on now ends by itself.
pub(super) fn lock_end(now: Timestamp) -> Timestamp {
    // It ends 300 seconds later.
    after(now, 300)
}

/// What all answers about a document tell.
pub(super) fn short(env: &Envelope, now: Timestamp) -> Value {
    json!({
        "id": env.id,
        "name": env.subject,
        "status": status_word(env, now),
        "date_created": time(Some(env.created_at)),
        "date_modified": time(Some(env.changed_at)),
        "date_completed": time(env.closed_at.filter(|_| env.status == EnvelopeStatus::Completed)),
        "expiration_date": time(env.expires_at),
        "version": "2",
        "uuid": env.id,
    })
}

/// All there is to know. `base_url` is that of the recipients' own links.
pub(super) fn details(env: &Envelope, now: Timestamp, base_url: &str, shows_passcodes: bool) -> Value {
    let recipients = env.recipients.iter().map(|r| recipient(env, r, base_url, shows_passcodes));
    let mut created_by = sender();
    created_by["membership_id"] = MEMBERSHIP_ID.into();
    let members = json!({
        "content_date_modified": time(Some(env.created_at)),
        "date_sent": time(env.sent_at),
        "created_by": created_by,
        "sent_by": env.sent_at.map(|_| sender()),
        "recipients": recipients.collect::<Vec<_>>(),
        "lock": env.edited_elsewhere.then(|| lock(lock_end(now))),
    });
    ALWAYS.with("details", &env.extra, joined(short(env, now), members))
}

/// The member who has the key, as a route of their own tells.
pub(super) fn member(now: Timestamp) -> Value {
    let (first, last) = names(SENDER_NAME);
    let members = json!({
        "user_id": SENDER_ID,
        "membership_id": MEMBERSHIP_ID,
        "email": SENDER_EMAIL,
        "first_name": first,
        "last_name": last,
        "date_created": time(Some(now)),
        "date_modified": time(Some(now)),
    });
    ALWAYS.with("member", &Object::new(), members)
}

fn sender() -> Value {
    let (first, last) = names(SENDER_NAME);
    json!({"id": SENDER_ID, "email": SENDER_EMAIL, "first_name": first, "last_name": last, "avatar": null})
}

/// First and last name.
pub(super) fn names(name: &str) -> (&str, &str) {
    name.split_once(' ').unwrap_or((name, ""))
}

pub(super) fn phone(r: &Recipient) -> Option<String> {
    r.phone.as_ref().map(|phone| format!("{}{}", phone.country_code, phone.number))
}

/// By which ways a recipient is written to: e-mail, text message.
pub(super) fn ways(r: &Recipient) -> (bool, bool) {
    let given = r.extra.get("delivery_methods");
    let is = |name: &str, usual| given.and_then(|given| given[name].as_bool()).unwrap_or(usual);
    (is("email", !r.email.is_empty()), is("sms", r.email.is_empty() && r.phone.is_some()))
}

fn recipient(env: &Envelope, r: &Recipient, base_url: &str, shows_passcodes: bool) -> Value {
    let (first, last) = names(&r.name);
    let (email, sms) = ways(r);
    let has_completed = r.state == RecipientState::Completed && r.role.acts();
    let role = r.extra.get("role").and_then(Value::as_str).unwrap_or_default();
    let members = json!({
        "id": r.guid,
        "contact_id": r.user_id,
        "email": (!r.email.is_empty()).then_some(&r.email),
        "phone": phone(r),
        "first_name": first,
        "last_name": last,
        "recipient_type": kind(r),
        "role": role,
        "roles": if role.is_empty() { json!([]) } else { json!([role]) },
        "signing_order": order(env, r),
        "has_completed": has_completed,
        "signature_date": time(r.done_at.filter(|_| has_completed)),
        "shared_link": shared_link(env, r, base_url),
        "delivery_methods": {"email": email, "sms": sms},
        "verification_settings": verification(r, shows_passcodes),
    });
    ALWAYS.with("recipient", &Object::new(), members)
}

/// The position in the order; none if there is no order, or none for them.
fn order(env: &Envelope, r: &Recipient) -> Option<u32> {
    Some(r.order).filter(|order| env.ordered && *order > 0)
}

fn kind(r: &Recipient) -> &'static str {
    match r.role {
        Role::CarbonCopy => "CC",
        Role::Reviewer | Role::CertifiedDelivery => "approver",
        _ => "signer",
    }
}

/// The recipient's own lasting link; empty until the document is sent.
fn shared_link(env: &Envelope, r: &Recipient, base_url: &str) -> String {
    let own = r.own_link.as_ref().filter(|_| env.sent_at.is_some());
    own.map(|token| format!("{base_url}/sign/{}", token.expose())).unwrap_or_default()
}

/// Null, or the place and the one kind of check.
fn verification(r: &Recipient, shows_passcodes: bool) -> Value {
    let place = r.extra.get(PLACE).and_then(Value::as_str).unwrap_or("before_open");
    if let Some(code) = &r.code {
        let passcode = if shows_passcodes { code.expose().into() } else { Value::Null };
        return json!({PLACE: place, "passcode_verification": {"passcode": passcode}});
    }
    if r.identity == Identity::NotAsked {
        return Value::Null;
    }
    let other = r.extra.get(OTHER_CHECK).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut settings = json!({PLACE: place});
    match settings.as_object_mut().filter(|_| !other.is_empty()) {
        Some(settings) => settings.extend(other),
        None => settings["phone_verification"] = json!({"phone_number": "+15550100"}),
    }
    settings
}

/// What the answer to sending does not have of the recipients in the details.
const ONLY_IN_DETAILS: [&str; 8] = [
    "contact_id",
    "role",
    "roles",
    "has_completed",
    "signature_date",
    "verification_settings",
    "redirect",
    "avatar",
];

/// The answer to sending.
pub(super) fn sent(env: &Envelope, now: Timestamp, base_url: &str) -> Value {
    let row = |r: &Recipient| {
        let mut row = recipient(env, r, base_url, false);
        if let Some(members) = row.as_object_mut() {
            members.retain(|name, _| !ONLY_IN_DETAILS.contains(&name.as_str()));
        }
        row
    };
    let recipients: Vec<Value> = env.recipients.iter().map(row).collect();
    joined(short(env, now), json!({"recipients": recipients}))
}

/// The delivery's id, and its body.
pub(super) fn message(event: &Event, words: &[&str], base_url: &str, shows_passcodes: bool) -> Value {
    let entries: Vec<Value> =
        words.iter().map(|word| entry(event, word, base_url, shows_passcodes)).collect();
    json!({"id": event.id, "entries": entries})
}

fn entry(event: &Event, word: &str, base_url: &str, shows_passcodes: bool) -> Value {
    let env = &event.envelope;
    let mut data = details(env, event.at, base_url, shows_passcodes);
    match word {
        "document_deleted" => data = short(env, event.at),
        "document_creation_failed" => {
            data = json!({
                "id": env.id,
                "error": {"type": "request_error", "detail": "The document could not be created."},
            });
        }
        "recipient_completed" => {
            let acted = env.recipients.iter().find(|r| Some(&r.id) == event.recipient.as_ref());
            data["action_date"] = time(Some(event.at));
            data["action_by"] = acted.map_or(Value::Null, |r| {
                let (first, last) = names(&r.name);
                json!({"id": r.guid, "email": r.email, "first_name": first, "last_name": last})
            });
        }
        _ => {}
    }
    json!({"event": word, "data": data})
}

/// The body of a message.
pub(super) fn body(message: &Value) -> String {
    message["entries"].to_string()
}

/// The message's id, and the body's signature by the shared key behind the URL; without a key, none.
pub(super) fn sign(request: &mut WebhookRequest, attempt: &Attempt<'_>) {
    let id = attempt.message["id"].as_str().unwrap_or_default();
    request.headers.push(("X-PandaDoc-Webhook-Event-Id".to_owned(), id.to_owned()));
    if let Some(key) = attempt.secrets.first() {
        let joint = if request.url.contains('?') { '&' } else { '?' };
        let signature = hex(&hmac(key, &[request.body.expose().as_bytes()]));
        request.url.push_str(&format!("{joint}signature={signature}"));
    }
}
