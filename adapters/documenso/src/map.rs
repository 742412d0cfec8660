//! Converts our requests to Documenso's, and its envelope to our list of recipients. Pure functions.

use countersign_core::json::{filled, trimmed};
use countersign_core::{
    BaseUrl, EnvelopeId, EnvelopeStatus, FieldMap, IdentityCheck, Recipient, RecipientId, RecipientStatus,
    Recipients, RequestBuilder, Result, ReturnUrl, ReturnsTo, Role, SecretString, Timestamp,
};
use http::Method;

use crate::DESCRIPTOR;
use crate::wire::{self, Auth, Entry, Envelope, Meta, Redistribute};

/// The words that statuses depend on.
const SIGNED: &str = "SIGNED";
const REJECTED: &str = "REJECTED";
const NOT_SIGNED: &str = "NOT_SIGNED";
const NOT_SENT: &str = "NOT_SENT";
const SENT: &str = "SENT";
pub(crate) const OPENED: &str = "OPENED";

/// Each recipient stores under these names that Documenso's mails to them are switched off: all, or the requests.
pub(crate) const MUTED: [&str; 2] = ["distributionMethod", "recipientSigningRequest"];

/// Each recipient of a sequential envelope stores under this name a place below 1.
pub(crate) const PLACE: &str = "signingOrder";

fn api(method: Method, segments: &[&str]) -> RequestBuilder {
    RequestBuilder::new(method, &["api", "v2", "envelope"]).below(segments)
}

/// The envelope with its recipients. Never `/envelope/{number}`, which is a document's older id.
pub(crate) fn envelope(id: &EnvelopeId) -> RequestBuilder {
    api(Method::GET, &[id.as_str()])
}

/// The cheapest call that needs the key; there is none that only says whose it is.
pub(crate) fn probe() -> RequestBuilder {
    api(Method::GET, &[]).query("perPage", "1")
}

/// Entries of the log that are read after a resend: more than one call can add. A page has no more.
pub(crate) const ENTRIES: usize = 100;

/// The newest entries of the envelope's log.
pub(crate) fn audit_log(id: &EnvelopeId, entries: usize) -> RequestBuilder {
    api(Method::GET, &[id.as_str(), "audit-log"]).query("perPage", &entries.to_string())
}

/// Mails the signing request again. An empty list is refused; without the list the answer is a refusal as well.
pub(crate) fn redistribute(id: &EnvelopeId, recipients: &[u64]) -> Result<RequestBuilder> {
    let body = Redistribute { envelope_id: id.as_str(), recipients };
    let out = api(Method::POST, &["redistribute"]).json(&body)?;
    Ok(out.simulated_response(|_| r#"{"success":true}"#.to_owned()))
}

/// An envelope as it was read. The tokens are secrets, so they are apart from the list.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) list: Recipients,
    /// By the recipients' numbers.
    tokens: Vec<(u64, SecretString)>,
    redirect_url: Option<String>,
}

impl Read {
    pub(crate) fn new(mut envelope: Envelope, now: Timestamp) -> Self {
        let rows = envelope.recipients.take().unwrap_or_default();
        let whole = Whole::new(&envelope, &rows, now);
        let (mut list, mut tokens) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for mut row in rows {
            tokens.extend(row.id.zip(row.token.take()));
            list.extend(whole.recipient(row));
        }
        let list = Recipients::new(list, whole.current_order(), whole.status);
        Self { list, tokens, redirect_url: envelope.document_meta.and_then(|meta| meta.redirect_url) }
    }

    pub(crate) fn token(&self, id: &RecipientId) -> Option<&SecretString> {
        let number: u64 = id.as_str().parse().ok()?;
        self.tokens.iter().find(|(known, _)| *known == number).map(|(_, token)| token)
    }

    /// Where the ordinary page goes after signing: the URL is followed unchanged.
    pub(crate) fn returns_to(&self, requested: &ReturnUrl) -> ReturnsTo {
        match filled(&self.redirect_url).map(ReturnUrl::new) {
            Some(Ok(url)) if url == *requested => ReturnsTo::Requested,
            Some(Ok(url)) => ReturnsTo::Fixed(url),
            _ => ReturnsTo::Vendor,
        }
    }
}

/// The link of a recipient's token. Documenso has no call for it, and gives its own address only when it mails.
pub(crate) fn link(base: &BaseUrl, token: &str) -> Option<String> {
    let is_plain =
        !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_plain.then(|| format!("{}/sign/{token}", base.as_str()))
}

/// Values of the whole envelope that apply to its recipients.
struct Whole<'e> {
    meta: Option<&'e Meta>,
    /// For all recipients.
    auth: Option<&'e Auth>,
    status: Option<EnvelopeStatus>,
    now: Timestamp,
    /// The places of those who have not finished, if the order is enforced.
    waiting: Option<Vec<Option<i64>>>,
}

impl<'e> Whole<'e> {
    fn new(envelope: &'e Envelope, rows: &[wire::Recipient], now: Timestamp) -> Self {
        let meta = envelope.document_meta.as_ref();
        let words = &DESCRIPTOR.facts.words.envelope_status;
        let told = filled(&envelope.status).map(|word| words.read(word));
        let acts = || rows.iter().filter(|row| !is(&row.role, "CC"));
        // Sealing is a job in the background, which may fail: until it is done, the envelope looks open.
        let rejected = acts().any(|row| is(&row.signing_status, REJECTED));
        let status = match told {
            _ if envelope.deleted_at.0.is_some() => Some(EnvelopeStatus::Deleted),
            Some(EnvelopeStatus::Sent) if rejected => Some(EnvelopeStatus::Declined),
            other => other,
        };
        let ordered = meta.is_some_and(|meta| is(&meta.signing_order, "SEQUENTIAL"));
        let open = || acts().filter(|row| is(&row.signing_status, NOT_SIGNED));
        let waiting = ordered.then(|| open().map(|row| row.signing_order).collect());
        Self { meta, auth: envelope.auth_options.as_ref(), status, now, waiting }
    }

    fn is_open(&self) -> bool {
        !self.is_draft() && !self.status.as_ref().is_some_and(EnvelopeStatus::is_final)
    }

    fn is_draft(&self) -> bool {
        self.status == Some(EnvelopeStatus::Draft)
    }

    /// The lowest place of those who have not finished; `None` if the place of one of them is unknown.
    fn lowest(&self) -> Option<i64> {
        let waiting = self.waiting.as_ref().filter(|waiting| !waiting.contains(&None))?;
        waiting.iter().flatten().min().copied()
    }

    fn current_order(&self) -> Option<u32> {
        self.lowest().filter(|_| self.is_open()).and_then(|order| u32::try_from(order).ok())
    }

    /// Whose turn it is among those who have not finished. With equal or missing places, Documenso's mails and its
    /// pages disagree about the turn, so it is unknown.
    fn turn(&self, order: Option<i64>) -> Option<bool> {
        let Some(waiting) = &self.waiting else { return Some(true) };
        let lowest = self.lowest()?;
        match order? == lowest {
            true => (waiting.iter().filter(|other| **other == Some(lowest)).count() == 1).then_some(true),
            false => Some(false),
        }
    }

    /// Why a resend mails no one, if so: the envelope was sent without mails, or without this kind.
    fn muted(&self) -> Option<(&'static str, &'static str)> {
        let [all, requests] = MUTED;
        let settings = self.meta?.email_settings.as_ref();
        if is(&self.meta?.distribution_method, "NONE") {
            return Some((all, "NONE"));
        }
        (settings?.recipient_signing_request == Some(false)).then_some((requests, "false"))
    }

    /// `None` for a row without an id, to which no call could refer.
    fn recipient(&self, row: wire::Recipient) -> Option<Recipient> {
        let id = RecipientId::new(row.id?.to_string()).ok()?;
        let role = filled(&row.role).map_or(Role::Signer, |word| DESCRIPTOR.facts.words.role.read(word));
        let turn = self.turn(row.signing_order);
        let mut person = Recipient::new(id, role);
        person.status = self.progress(&row, turn);
        let past = person.status.is_done() || person.role == Role::CarbonCopy || !self.is_open();
        person.in_turn = if past { Some(false) } else { turn };
        person.order = row.signing_order.and_then(|order| u32::try_from(order).ok());
        // The time and the reason stay when a rejection is undone, so they prove none.
        match person.status {
            RecipientStatus::Signed => person.signed_at = row.signed_at.0,
            RecipientStatus::Declined => {
                person.declined_at = row.signed_at.0;
                person.decline_reason = row.rejection_reason.clone().and_then(trimmed);
            }
            _ => {}
        }
        let auth = [self.auth, row.auth_options.as_ref()].into_iter().flatten();
        let kinds = auth.flat_map(|auth| auth.access_auth.iter().chain(&auth.action_auth).flatten());
        let kinds = kinds.filter(|kind| !kind.eq_ignore_ascii_case("EXPLICIT_NONE"));
        person.other_checks = kinds.map(|kind| IdentityCheck::new(kind, false)).collect();
        person.vendor.extra = self.words(&row);
        let words = [&row.signing_status, &row.send_status, &row.read_status];
        let status = words.into_iter().filter_map(filled).fold(String::with_capacity(32), |text, word| {
            if text.is_empty() { text + word } else { text + " " + word }
        });
        person.vendor.status = status.into();
        person.vendor.kind = row.role.unwrap_or_default().into();
        (person.name, person.email) = (row.name.and_then(trimmed), row.email.and_then(trimmed));
        Some(person)
    }

    /// The role comes first: a copy is "signed" from the draft on.
    fn progress(&self, row: &wire::Recipient, turn: Option<bool>) -> RecipientStatus {
        if is(&row.role, "CC") {
            // Mailed at the end.
            let ended = self.status == Some(EnvelopeStatus::Completed);
            return if ended { RecipientStatus::Notified } else { RecipientStatus::Waiting };
        }
        match filled(&row.signing_status) {
            Some(word) if word.eq_ignore_ascii_case(SIGNED) => return RecipientStatus::Signed,
            Some(word) if word.eq_ignore_ascii_case(REJECTED) => return RecipientStatus::Declined,
            Some(word) if !word.eq_ignore_ascii_case(NOT_SIGNED) => {
                return RecipientStatus::Other(word.to_owned());
            }
            _ => {}
        }
        let expired = row.expires_at.0.is_some_and(|at| at <= self.now);
        if self.status == Some(EnvelopeStatus::Voided) {
            RecipientStatus::Revoked
        } else if self.is_draft() {
            RecipientStatus::Waiting
        } else if expired {
            RecipientStatus::Expired
        } else if is(&row.read_status, OPENED) {
            RecipientStatus::Viewed
        } else if turn == Some(false) || (!self.is_open() && is(&row.send_status, NOT_SENT)) {
            RecipientStatus::Waiting
        } else if is(&row.send_status, SENT) || self.muted().is_some() {
            RecipientStatus::Notified
        } else {
            // Their turn, but no mail has left: the mail server refused it, a quota is used up, or it is on its way.
            RecipientStatus::Other(filled(&row.send_status).unwrap_or_default().to_owned())
        }
    }

    /// Values without a field in our types.
    fn words(&self, row: &wire::Recipient) -> FieldMap {
        let (setting, muted) = self.muted().unzip();
        let below = row.signing_order.filter(|order| *order < 1 && self.waiting.is_some());
        FieldMap::filled([
            (setting.unwrap_or_default(), muted.map(Into::into)),
            ("expiresAt", row.expires_at.0.map(|at| at.to_string().into())),
            (PLACE, below.map(|order| order.to_string().into())),
        ])
    }
}

pub(crate) fn is_template(envelope: &Envelope) -> bool {
    is(&envelope.r#type, "TEMPLATE")
}

fn is(word: &Option<String>, known: &str) -> bool {
    filled(word).is_some_and(|word| word.eq_ignore_ascii_case(known))
}

/// What the log states about a recipient's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mailed {
    At(Timestamp),
    /// The entry is there, without a readable time.
    Untimed,
    No,
    /// The entries that were read do not reach back to the resend.
    Unknown,
}

/// Whether the recipient was mailed again, by the entries that are newer than `known`.
pub(crate) fn mailed(entries: &[Entry], known: Option<&str>, recipient: u64) -> Mailed {
    let is_known = |entry: &Entry| known.is_some() && entry.id.as_deref() == known;
    let is_mail = |entry: &&Entry| {
        let said = |name: &str| entry.data.get(name);
        is(&entry.r#type, "EMAIL_SENT")
            && said("isResending").and_then(serde_json::Value::as_bool) == Some(true)
            && said("recipientId").and_then(serde_json::Value::as_u64) == Some(recipient)
    };
    match entries.iter().take_while(|entry| !is_known(entry)).find(is_mail) {
        Some(mail) => mail.created_at.0.map_or(Mailed::Untimed, Mailed::At),
        None if entries.len() < ENTRIES || entries.iter().any(is_known) => Mailed::No,
        None => Mailed::Unknown,
    }
}
