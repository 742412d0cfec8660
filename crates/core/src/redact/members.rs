//! Taking out of a vendor's text the secrets that are not known: by the name of the member that holds them, or by
//! their looks.

use std::borrow::Cow;

use crate::redact::REDACTED;

/// Members of vendors' JSON whose values are secrets, compared without case and separators.
const SECRET_MEMBERS: [&str; 24] = [
    "accesscode",
    "authenticationcode",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "bearertoken",
    "token",
    "assertion",
    "clientassertion",
    "clientsecret",
    "secret",
    "privatekey",
    "apikey",
    "xapikey",
    "password",
    "codeverifier",
    "signlink",
    "signinglink",
    "signingurl",
    "embeddedsigninglink",
    "url",
    "authorization",
    "cookie",
    "setcookie",
];

/// From here on a run of letters and digits is more likely a key, token or signature than a word or an id; a GUID has
/// 36 characters.
const TOKEN: usize = 40;

/// Whether the value of a member, a form field or a header of this name is a secret at any vendor: codes, tokens, keys,
/// links. Case and separators do not matter.
#[must_use]
pub fn is_secret_member(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRET_MEMBERS.contains(&plain.as_str())
}

/// Hides the values of secret members in a JSON document, however deep.
pub(crate) fn redact_members(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if is_secret_member(name) && !member.is_null() {
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

/// Hides the values of secret members in a text that is no JSON document: one that was cut off, or a page that shows
/// headers. A value in quotes ends with its quote, any other with its line or the next tag.
pub(crate) fn redact_fields(text: &str) -> Cow<'_, str> {
    const NAME: fn(char) -> bool = |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(NAME)) {
        let start = at + found;
        let rest = text.get(start..).unwrap_or_default();
        let name = rest.split(|c: char| !NAME(c)).next().unwrap_or_default();
        at = start + name.len();
        if !is_secret_member(name) {
            continue;
        }
        let Some((value, length)) = value(text.get(at..).unwrap_or_default()) else { continue };
        let value = at + value;
        out.push_str(text.get(kept..value).unwrap_or_default());
        out.push_str(REDACTED);
        at = value + length;
        kept = at;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where a value begins behind its name, and how long it is; `None` where no `:` or `=` follows.
fn value(behind: &str) -> Option<(usize, usize)> {
    const QUOTES: [&str; 4] = ["\\\"", "\"", "&quot;", "'"];
    let unquoted = |text: &'_ str| QUOTES.iter().find(|quote| text.starts_with(**quote)).copied();
    let mut rest = behind;
    if let Some(quote) = unquoted(rest) {
        rest = rest.get(quote.len()..)?;
    }
    rest = rest.trim_start_matches([' ', '\t']).strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
    let quote = unquoted(rest);
    if let Some(quote) = quote {
        rest = rest.get(quote.len()..)?;
    }
    let length = match quote {
        Some(quote) => rest.find(quote),
        None => rest.find(['\n', '\r', '<', '"']),
    };
    let length = length.unwrap_or(rest.len());
    (length > 0).then(|| (behind.len() - rest.len(), length))
}

/// Hides what looks like a secret: everything of a web address but its host, and long runs of letters and digits.
pub(crate) fn redact_looks(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let run = rest.find(|c: char| !in_run(c)).unwrap_or(rest.len());
        if run == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = rest.get(..run).unwrap_or_default();
        let hidden = match address(word) {
            Some(shown) => Some((shown, run)),
            None => looks_like_a_token(word).then_some((0, run)),
        };
        if let Some((shown, end)) = hidden.filter(|(shown, end)| shown < end) {
            out.push_str(text.get(kept..at + shown).unwrap_or_default());
            out.push_str(REDACTED);
            kept = at + end;
        }
        at += run;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Characters of web addresses, keys and tokens.
fn in_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/=%:?#@!$*&;".contains(c)
}

/// Up to where an address that starts or stands in this run may be shown: scheme and host, without user info.
fn address(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let scheme = ["https://", "http://"].iter().filter_map(|s| Some((lower.find(s)?, s.len()))).min()?;
    let host = scheme.0 + scheme.1;
    let rest = word.get(host..)?;
    let end = rest.find(['/', '?', '#', '&', ';', '%']).unwrap_or(rest.len());
    let shown = if rest.get(..end)?.contains('@') { host } else { host + end };
    // A slash, a full stop or the like at the very end is no secret.
    let tail = word.get(shown..)?;
    Some(if tail.chars().all(|c| "/.;:?!&".contains(c)) { word.len() } else { shown })
}

fn looks_like_a_token(word: &str) -> bool {
    word.split(|c: char| "&;:?#".contains(c)).any(|part| {
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        letters + digits >= TOKEN && letters > 0 && digits > 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn secret_fields_of_cut_documents_and_of_pages_are_hidden() {
        for (text, shown) in [
            (
                r#"{"accessCode":"12 34","name":"Jo","signL"#,
                r#"{"accessCode":"[redacted]","name":"Jo","signL"#,
            ),
            (r#"{"signLink" : "https://x/y"#, r#"{"signLink" : "[redacted]"#),
            (
                r#"log: {\"access_token\":\"abc\",\"x\":1}"#,
                r#"log: {\"access_token\":\"[redacted]\",\"x\":1}"#,
            ),
            ("<pre>X-API-KEY: k 1</pre>", "<pre>X-API-KEY: [redacted]</pre>"),
            ("Authorization: Bearer abc\r\nHost: x", "Authorization: [redacted]\r\nHost: x"),
            ("&quot;password&quot;:&quot;p&quot;,", "&quot;password&quot;:&quot;[redacted]&quot;,"),
            ("the access code is wrong; token expired", "the access code is wrong; token expired"),
            ("", ""),
        ] {
            assert_eq!(redact_fields(text), shown);
        }
    }

    #[test]
    fn links_and_tokens_are_known_by_their_looks() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl";
        for (text, shown) in [
            (
                "see https://demo.docusign.net/Signing/MTRedeem/v1/1?slt=ey now",
                "see https://demo.docusign.net[redacted] now",
            ),
            ("href=\"http://u:p@host/x\"", "href=\"http://[redacted]\""),
            ("see https://developers.example.com/.", "see https://developers.example.com/."),
            ("url=https://x.example/?a", "url=https://x.example[redacted]"),
            (
                "id 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001 is gone",
                "id 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001 is gone",
            ),
            (
                "ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE_AND_MUCH_MORE_THAN_THAT",
                "ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE_AND_MUCH_MORE_THAN_THAT",
            ),
            ("a ü b", "a ü b"),
        ] {
            assert_eq!(redact_looks(text), shown);
        }
        assert_eq!(redact_looks(&format!("({token})")), "([redacted])");
    }
}
