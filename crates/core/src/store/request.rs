//! A request as canonical bytes, and the fingerprint that identifies equal requests without storing them.

use std::fmt;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use crate::model::{
    AuthenticationMethod, Call, ChangeAccessCode, CreateView, Email, ListRecipients, Origin, Recipient,
    RecipientRef, ResendRecipient, ResendTarget,
};
use crate::redact::hidden;
use crate::webhook::hmac;

/// One request to one account, as JSON that is the same in every build: members sorted, unset ones omitted, no
/// blanks. Contains every field of the request, including the access code, so `Debug` hides it.
///
/// A recipient from a list is identified by its id, name, addresses, role and order, not by its status: the request
/// stays equal after the recipient has opened the documents.
pub struct CanonicalRequest(Zeroizing<Vec<u8>>);

impl CanonicalRequest {
    /// Of a call to an account at a vendor.
    #[must_use]
    pub fn of(vendor: &str, account: Option<&str>, call: &Call) -> Self {
        let mut json = Json::new();
        json.object(|json| {
            json.optional("account", account);
            json.text("operation", call.operation().as_str());
            json.nested("request", |json| write(json, call));
            json.number("v", 1);
            json.text("vendor", vendor);
        });
        Self(json.0)
    }

    /// The fingerprint under a ledger's own key.
    pub fn fingerprint(&self, key: &[u8; 32]) -> Fingerprint {
        Fingerprint(hmac(key, &[self.0.as_slice()]).into_bytes())
    }
}

hidden!(CanonicalRequest);

/// Identifies one request: HMAC-SHA256 over its canonical form, under a key of the ledger. The same in every build.
///
/// The key is secret: with it, four-digit access codes can be guessed from the fingerprint and the rest of the
/// request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The bytes, to be stored by a ledger.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From the bytes that a ledger stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// Writes the members of the request, in alphabetical order.
fn write(json: &mut Json, call: &Call) {
    match call {
        Call::ListRecipients(ListRecipients { envelope, envelope_status }) => {
            json.text("envelope", &envelope.common());
            json.flag("envelope_status", *envelope_status);
        }
        Call::CreateView(request) => write_view(json, request),
        Call::ResendRecipient(ResendRecipient { envelope, target, message, allow_muted, on_behalf_of }) => {
            json.flag("allow_muted", *allow_muted);
            json.text("envelope", &envelope.common());
            json.optional("message", message.as_deref());
            json.optional("on_behalf_of", on_behalf_of.as_ref().map(Email::as_str));
            match target {
                ResendTarget::One(recipient) => write_recipient(json, recipient),
                ResendTarget::Everyone => json.text("target", "everyone"),
            }
        }
        Call::ChangeAccessCode(ChangeAccessCode { envelope, recipient, code, notify, on_behalf_of }) => {
            json.text("code", code.expose());
            json.text("envelope", &envelope.common());
            json.flag("notify", *notify);
            json.optional("on_behalf_of", on_behalf_of.as_ref().map(Email::as_str));
            write_recipient(json, recipient);
        }
        Call::SignIn => {}
    }
}

fn write_view(json: &mut Json, request: &CreateView) {
    let CreateView {
        envelope,
        recipient,
        return_url,
        expires_in,
        authentication_method,
        assertion_id,
        ping,
        frame_ancestors,
        message_origins,
    } = request;
    json.optional("assertion_id", assertion_id.as_deref());
    if let Some(method) = authentication_method {
        json.nested("authentication_method", |json| match method {
            AuthenticationMethod::Other(word) => json.text("other", word),
            named => json.text("named", named.as_str()),
        });
    }
    json.text("envelope", &envelope.common());
    if let Some(life) = expires_in {
        json.duration("expires_in", *life);
    }
    json.origins("frame_ancestors", frame_ancestors);
    json.origins("message_origins", message_origins);
    if let Some(ping) = ping {
        json.nested("ping", |json| {
            json.duration("every", ping.every);
            json.text("url", ping.url.as_str());
        });
    }
    write_recipient(json, recipient);
    json.text("return_url", return_url.as_str());
}

fn write_recipient(json: &mut Json, recipient: &RecipientRef) {
    json.nested("recipient", |json| match recipient {
        RecipientRef::Id(id) => json.text("id", id.as_str()),
        RecipientRef::Email(email) => json.text("email", email.as_str()),
        RecipientRef::EmailAndOrder(email, order) => {
            json.text("email", email.as_str());
            json.number("order", *order);
        }
        RecipientRef::ClientUserId(id) => json.text("client_user_id", id),
        RecipientRef::Phone(phone) => json.text("phone", phone.as_str()),
        RecipientRef::Known(known) => {
            let Recipient { id, name, email, phone, role, order, client_user_id, .. } = &**known;
            json.nested("known", |json| {
                json.optional("client_user_id", client_user_id.as_deref());
                json.optional("email", email.as_deref());
                json.text("id", id.as_str());
                json.optional("name", name.as_deref());
                if let Some(order) = order {
                    json.number("order", *order);
                }
                json.optional("phone", phone.as_deref());
                json.text("role", role.as_str());
            });
        }
    });
}

/// Writes JSON without blanks. The caller writes members in alphabetical order.
struct Json(Zeroizing<Vec<u8>>);

impl Json {
    fn new() -> Self {
        // Longer than almost every request, so that no copy of the access code is left behind when it grows.
        Self(Zeroizing::new(Vec::with_capacity(4 * 1024)))
    }

    fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.0.push(b'{');
        members(self);
        self.0.push(b'}');
    }

    fn member(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        if !self.0.ends_with(b"{") {
            self.0.push(b',');
        }
        self.string(name);
        self.0.push(b':');
        value(self);
    }

    fn nested(&mut self, name: &str, members: impl FnOnce(&mut Self)) {
        self.member(name, |json| json.object(members));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.member(name, |json| json.string(text));
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A flag that is not set is omitted.
    fn flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.plain(name, "true");
        }
    }

    fn number(&mut self, name: &str, number: u32) {
        self.plain(name, &number.to_string());
    }

    fn plain(&mut self, name: &str, json_text: &str) {
        self.member(name, |json| json.0.extend_from_slice(json_text.as_bytes()));
    }

    /// A text, because it is exact.
    fn duration(&mut self, name: &str, duration: Duration) {
        self.text(name, &format!("{}.{:09}", duration.as_secs(), duration.subsec_nanos()));
    }

    /// A list without entries is omitted.
    fn origins(&mut self, name: &str, origins: &[Origin]) {
        // Nothing in an origin needs an escape.
        let quoted: Vec<_> = origins.iter().map(|origin| format!("\"{origin}\"")).collect();
        if !quoted.is_empty() {
            self.plain(name, &format!("[{}]", quoted.join(",")));
        }
    }

    /// Only quotes, backslashes and control characters are escaped.
    fn string(&mut self, text: &str) {
        self.0.push(b'"');
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                0..=0x1f => self.0.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => self.0.push(byte),
            }
        }
        self.0.push(b'"');
    }
}

#[cfg(test)]
mod tests;
