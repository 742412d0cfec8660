//! Keeping secrets and control characters out of what people read.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Members of vendors' JSON whose values are secrets, compared without case and separators.
const SECRET_MEMBERS: [&str; 14] = [
    "accesscode",
    "authenticationcode",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "assertion",
    "clientsecret",
    "apikey",
    "xapikey",
    "password",
    "signlink",
    "embeddedsigninglink",
    "url",
    "authorization",
];

/// Replaces every occurrence of the given secrets.
///
/// Vendors echo what they were sent in error messages; what we sent is known, so it can be taken out again. Secrets
/// shorter than three characters are left alone: taking out every "1" would hide nothing and spoil the text.
#[must_use]
pub fn scrub<'a>(text: &'a str, secrets: &[SecretString]) -> Cow<'a, str> {
    let mut clean = Cow::Borrowed(text);
    for secret in secrets {
        let secret = secret.expose_secret();
        if secret.chars().count() >= 3 && clean.contains(secret) {
            clean = Cow::Owned(clean.replace(secret, REDACTED));
        }
    }
    clean
}

/// Writes control characters (line ends, terminal escapes, bidirectional overrides) as visible escapes, so that a
/// vendor's text cannot forge log lines or drive a terminal.
#[must_use]
pub fn escape_control(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harmful(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Hides the values of secret members in a JSON document, however deep.
pub(crate) fn redact_members(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let plain: String = name
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| c.to_ascii_lowercase())
                    .collect();
                if SECRET_MEMBERS.contains(&plain.as_str()) && !member.is_null() {
                    *member = serde_json::Value::String(REDACTED.to_owned());
                } else {
                    redact_members(member);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(redact_members),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_was_sent_is_taken_out_of_an_answer() {
        let secrets = [SecretString::from("s3cret"), SecretString::from("ab")];
        assert_eq!(
            scrub("code s3cret is weak, ab is short", &secrets),
            "code [redacted] is weak, ab is short"
        );
    }

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(escape_control("a\u{1b}[31m\nb\u{202e}"), "a\\u{1b}[31m\\nb\\u{202e}");
        assert_eq!(escape_control("Zoë – ok"), "Zoë – ok");
    }

    #[test]
    fn secret_members_are_hidden_at_any_depth_and_in_any_casing() {
        let mut value = serde_json::json!({
            "signers": [{"AccessCode": "1234", "name": "Jo"}], "access_token": "t", "signLink": null
        });
        redact_members(&mut value);
        assert_eq!(
            value,
            serde_json::json!({
                "signers": [{"AccessCode": REDACTED, "name": "Jo"}], "access_token": REDACTED, "signLink": null
            })
        );
    }
}
