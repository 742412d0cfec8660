//! Envelopes, recipients, the log and webhooks in Documenso's JSON. Webhooks have the whole envelope with the signing
//! tokens, and the shared secret in clear.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::vendors::known::Always;
use crate::world::{
    DAY, Envelope, EnvelopeStatus, Event, Mail, MailKind, News, Recipient, RecipientState, Role, after,
};

/// What the answers always have.
static ALWAYS: LazyLock<Always> = LazyLock::new(|| Always::read(include_str!("always.json")));

/// For recipients whose time does not expire.
pub(super) const NEVER: i64 = 36_500 * DAY;

/// The number of a recipient. They count up in the order in which recipients were added.
pub(super) fn number(env: &Envelope, r: &Recipient) -> u32 {
    let first = env.recipients.first().map_or("", |first| &first.guid);
    let digits: String = first.chars().filter(char::is_ascii_hexdigit).take(3).collect();
    let place = env.recipients.iter().zip(1..).find(|(one, _)| one.guid == r.guid);
    u32::from_str_radix(&digits, 16).unwrap_or_default() * 20 + place.map_or(0, |(_, place)| place)
}

pub(super) fn expires_at(env: &Envelope, r: &Recipient) -> Option<Timestamp> {
    if !r.role.acts() {
        return None;
    }
    let life = Some(env.policy.mail_link.seconds).filter(|life| *life < NEVER)?;
    let renewed = r.extra.get("renewedAt").and_then(Value::as_str).and_then(|at| at.parse().ok());
    let usual = after(renewed.or(env.sent_at)?, life);
    Some(env.closed_at.filter(|_| env.status == EnvelopeStatus::Expired).unwrap_or(usual))
}

fn time(at: Option<Timestamp>) -> Value {
    at.map(|at| format!("{at:.3}")).into()
}

pub(super) fn envelope(env: &Envelope) -> Value {
    let members = json!({
        "status": env.word(),
        "id": env.id,
        "createdAt": time(Some(env.created_at)),
        "updatedAt": time(Some(env.changed_at)),
        "completedAt": time(env.closed_at.filter(|_| env.status != EnvelopeStatus::Expired)),
        "title": env.subject,
        "documentMeta": meta(env),
        "recipients": recipients(env),
    });
    ALWAYS.with("envelope", &env.extra, members)
}

fn meta(env: &Envelope) -> Value {
    let members = json!({
        "signingOrder": if env.ordered { "SEQUENTIAL" } else { "PARALLEL" },
        "distributionMethod": if env.emails_disabled { "NONE" } else { "EMAIL" },
        "message": env.message,
        "redirectUrl": env.return_url,
    });
    let mut meta = ALWAYS.with("meta", &env.extra, members);
    if let Some(given) = env.extra.get("distributionMethod") {
        meta["distributionMethod"] = given.clone();
    }
    meta
}

/// In the order of their ids; the sandbox keeps the order of the envelope.
pub(super) fn recipients(env: &Envelope) -> Value {
    env.recipients.iter().map(|r| recipient(env, r)).collect()
}

/// The answer of a call that mails recipients, whomever it has mailed.
pub(super) fn links(env: &Envelope, base_url: &str) -> Value {
    let row = |r: &Recipient| {
        let mut row = recipient(env, r);
        let token = row["token"].as_str().unwrap_or_default();
        let url = format!("{base_url}/sign/{token}");
        if let Some(members) = row.as_object_mut() {
            let shown = ["id", "name", "email", "token", "role", "signingOrder"];
            members.retain(|name, _| shown.contains(&name.as_str()));
        }
        row["signingUrl"] = url.into();
        row
    };
    json!({"success": true, "id": env.id, "recipients": env.recipients.iter().map(row).collect::<Vec<_>>()})
}

pub(super) fn recipient(env: &Envelope, r: &Recipient) -> Value {
    let is_copy = r.role == Role::CarbonCopy;
    let rejected = r.state == RecipientState::Declined;
    let signing = match r.state {
        RecipientState::Declined => "REJECTED",
        RecipientState::Completed => "SIGNED",
        _ if is_copy => "SIGNED",
        _ => "NOT_SIGNED",
    };
    let is_mailed = r.told_at.is_some() && !env.emails_disabled && !r.bounced;
    let is_sent = is_copy || is_mailed || r.viewed_at.is_some();
    let members = json!({
        "envelopeId": env.id,
        "id": number(env, r),
        "role": match r.role {
            Role::CarbonCopy => "CC",
            Role::Reviewer => "APPROVER",
            Role::CertifiedDelivery => "VIEWER",
            _ => "SIGNER",
        },
        "readStatus": if r.viewed_at.is_some() { "OPENED" } else { "NOT_OPENED" },
        "signingStatus": signing,
        "sendStatus": if is_sent { "SENT" } else { "NOT_SENT" },
        "email": r.email.to_lowercase(),
        "name": r.name,
        "token": r.own_link,
        "expiresAt": time(expires_at(env, r)),
        // Set by a rejection as well.
        "signedAt": time(if is_copy { None } else { r.done_at.or(r.declined_at) }),
        "signingOrder": r.extra.get("signingOrder").cloned().unwrap_or_else(|| r.order.into()),
        "rejectionReason": r.decline_reason.as_ref().filter(|_| rejected),
    });
    ALWAYS.with("recipient", &Map::new(), members)
}

/// One entry for each mail that left, newest first.
pub(super) fn log(env: &Envelope, mails: &[Mail]) -> Vec<Value> {
    let of_it = mails.iter().rev().filter(|mail| mail.envelope == env.id);
    let entry = |mail: &Mail| {
        let r = env.recipients.iter().find(|r| r.id == mail.recipient)?;
        let members = json!({
            "id": mail.id,
            "createdAt": time(Some(mail.at)),
            "envelopeId": env.id,
            "data": {
                "recipientEmail": r.email,
                "recipientName": r.name,
                "recipientId": number(env, r),
                "recipientRole": "SIGNER",
                "emailType": "SIGNING_REQUEST",
                "isResending": mail.kind == MailKind::Reminder,
            },
        });
        Some(ALWAYS.with("mailed", &Map::new(), members))
    };
    of_it.filter_map(entry).collect()
}

pub(super) fn message(event: &Event, word: &str, stamp: Timestamp) -> Value {
    let mut env = event.envelope.clone();
    if event.news == News::EnvelopeSent {
        // Their mails leave in the background.
        let just_told = |r: &&mut Recipient| r.told_at == Some(event.at);
        env.recipients.iter_mut().filter(just_told).for_each(|r| r.told_at = None);
    }
    let env = &env;
    let mut payload = envelope(env);
    payload.as_object_mut().map(|members| members.remove("fields"));
    // The number of the document; the recipients come twice.
    payload["id"] = 1.into();
    payload["envelopeId"] = json!(env.id);
    payload["Recipient"] = recipients(env);
    json!({
        "event": word,
        "payload": payload,
        "createdAt": format!("{stamp:.3}"),
        "webhookEndpoint": "https://app.example.com/webhooks",
    })
}
