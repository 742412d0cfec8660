//! Taking secrets out, and putting numbers in the place of what belongs to people.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use countersign::cassette::is_personal;
use countersign::{ExposeSecret, REDACTED, SecretString, escape_control, is_secret_member, redacted};
use serde_json::Value;

/// So many secrets of earlier exchanges are looked for in later ones.
const REMEMBERED: usize = 64;

/// Fields of a form that may be shown.
const PLAIN: [&str; 4] = ["grant_type", "scope", "response_type", "token_type"];
/// What was seen so far in this process.
#[derive(Debug, Default)]
pub(super) struct Masks {
    secrets: VecDeque<SecretString>,
    people: HashMap<String, usize>,
}

impl Masks {
    /// Keeps secrets, to take them out of what comes later.
    pub(super) fn remember(&mut self, secrets: &[SecretString]) {
        for secret in secrets {
            let known = self.secrets.iter().any(|known| known.expose_secret() == secret.expose_secret());
            if !known {
                self.secrets.push_back(secret.clone());
            }
            if self.secrets.len() > REMEMBERED {
                self.secrets.pop_front();
            }
        }
    }

    /// The secrets that are to be looked for now.
    pub(super) fn known(&self) -> Vec<SecretString> {
        self.secrets.iter().cloned().collect()
    }

    /// The pairs of a query or a form.
    pub(super) fn pairs(
        &mut self,
        pairs: &[(String, String)],
        secrets: &[SecretString],
        is_secret: impl Fn(&str) -> bool,
    ) -> Vec<(String, String)> {
        let shown = pairs.iter().map(|(name, value)| {
            let value = if is_secret(name) { REDACTED.to_owned() } else { self.text(value, secrets) };
            (self.text(name, secrets), value)
        });
        shown.collect()
    }

    /// A body: as JSON where it is some, else as text.
    pub(super) fn body(&mut self, body: &[u8], secrets: &[SecretString]) -> Value {
        if body.is_empty() {
            return Value::Null;
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(mut value) => {
                self.mask(&mut value);
                let text = redacted(value.to_string().as_bytes(), secrets);
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            Err(_) => Value::String(self.addresses(&redacted(body, secrets)).into_owned()),
        }
    }

    /// A text without secrets and with masked addresses.
    pub(super) fn text(&mut self, text: &str, secrets: &[SecretString]) -> String {
        // As a JSON text, since an id such as 1e10 would be read as a number.
        let clean = redacted(Value::from(text).to_string().as_bytes(), secrets);
        let clean = serde_json::from_str::<String>(&clean).unwrap_or(clean);
        escape_control(&self.addresses(&clean)).into_owned()
    }

    /// A path, part by part: as one text all of it would look like a token, which may have slashes in it.
    pub(super) fn path(&mut self, path: &str, secrets: &[SecretString]) -> String {
        let over_parts = |secret: &SecretString| {
            let secret = secret.expose_secret();
            secret.contains('/') && path.contains(secret)
        };
        if secrets.iter().any(over_parts) {
            return self.text(path, secrets);
        }
        let parts: Vec<String> = path.split('/').map(|part| self.text(part, secrets)).collect();
        parts.join("/")
    }

    fn mask(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    let is_personal = is_personal(name) && (member.is_string() || member.is_number());
                    if is_personal && !is_empty(member) {
                        let text = member.as_str().map_or_else(|| member.to_string(), str::to_owned);
                        *member = Value::String(format!("[person's {}]", self.number(text)));
                    } else {
                        self.mask(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask(item)),
            Value::String(text) => {
                if let Cow::Owned(masked) = self.addresses(text) {
                    *text = masked;
                }
            }
            _ => {}
        }
    }

    /// The same number for the same value.
    fn number(&mut self, text: String) -> usize {
        let next = self.people.len() + 1;
        *self.people.entry(text).or_insert(next)
    }

    /// Puts a number in the place of what stands before the `@` of an e-mail address.
    fn addresses<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let mut kept = 0;
        for (at, _) in text.match_indices('@') {
            let before = text.get(kept..at).unwrap_or_default();
            let local = before.rfind(|c: char| !in_local(c)).map_or(0, |end| {
                end + before.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
            });
            let start = kept + local;
            if start == at {
                continue;
            }
            let behind = text.get(at..).unwrap_or_default();
            let domain = behind.get(1..).unwrap_or_default();
            let domain = domain.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).next();
            let address = text.get(start..at + 1 + domain.map_or(0, str::len)).unwrap_or_default();
            let number = self.number(address.to_owned());
            out.push_str(text.get(kept..start).unwrap_or_default());
            out.push_str(&format!("[person's {number}]"));
            kept = at;
        }
        if kept == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(kept..).unwrap_or_default());
        Cow::Owned(out)
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty)
}

fn in_local(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
}

/// Whether a field of a form is hidden: all are but those that are known to be harmless.
pub(super) fn is_secret_in_form(name: &str) -> bool {
    !PLAIN.contains(&name)
}

/// Collects the secrets that a JSON body holds.
pub(super) fn secrets_in(body: &[u8], found: &mut Vec<SecretString>) {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        collect(&value, found);
    }
}

fn collect(value: &Value, found: &mut Vec<SecretString>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if is_secret_member(name) => {
                        found.push(SecretString::from(text.as_str()));
                    }
                    member => collect(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_names_a_person_and_keep_their_difference() {
        let mut masks = Masks::default();
        assert_eq!(
            masks.addresses("to <anna+x@example.com>, zoë.m@b.example; anna+x@example.com"),
            "to <[person's 1]@example.com>, [person's 2]@b.example; [person's 1]@example.com"
        );
        assert_eq!(masks.addresses("@a b@"), "@a [person's 3]@");
        assert_eq!(masks.addresses("no address"), "no address");
    }

    #[test]
    fn a_path_keeps_its_ids_and_loses_what_is_secret() {
        let secrets = [SecretString::from("a/C0de"), SecretString::from("C0de-23")];
        let account = "/restapi/v2.1/accounts/5d0c0001-7b5e-4b62-9f7e-000000000001";
        let whole = format!("{account}/envelopes/910a2dec-8902-4cc1-ad12-884882d6d876/recipients");
        let mut masks = Masks::default();
        assert_eq!(masks.path(&whole, &secrets), whole);
        assert_eq!(masks.path(&format!("{account}/C0de-23/x"), &secrets), format!("{account}/[redacted]/x"));
        assert!(!masks.path(&format!("{account}/a/C0de/x"), &secrets).contains("C0de"));
        let token = "AbCdEf0123456789".repeat(4);
        assert_eq!(masks.path(&format!("/sign/{token}"), &secrets), "/sign/[redacted]");
        assert_eq!(masks.path("/of/anna@example.com", &secrets), "/of/[person's 1]@example.com");
    }

    #[test]
    fn what_belongs_to_people_is_numbered_by_value() {
        let mut value = serde_json::json!({
            "userName": "Anna", "name": "Anna", "firstName": "Ann", "roleName": "Buyer", "status": "sent",
            "phoneNumber": {"countryCode": "49", "number": 171}, "declinedReason": "", "recipientId": "1"
        });
        Masks::default().mask(&mut value);
        assert_eq!(value["userName"], value["name"]);
        assert_ne!(value["userName"], value["firstName"]);
        for (member, shown) in
            [("roleName", "Buyer"), ("status", "sent"), ("declinedReason", ""), ("recipientId", "1")]
        {
            assert_eq!(value[member], shown);
        }
        assert!(!value.to_string().contains("171") && !value.to_string().contains("49"));
    }
}
