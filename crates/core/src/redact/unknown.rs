//! Secrets that are not known beforehand: values behind a name that says they are secret, keys and tokens, links.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use crate::model::is_guid;
use crate::redact::{Names, REDACTED, cut, splice};

/// How a secret that was not known is recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A name before it, such as `accessCode`.
    Name,
    /// `Bearer` or `Basic` before it.
    Scheme,
    /// It is as long and as mixed as keys, tokens and signatures are.
    Shape,
}

/// The secrets in a text, in order. Keys and tokens are searched for beside the given parts only, which are in order.
///
/// A value in quotes ends with its quote. Any other ends with its line or the next tag; in prose, where words follow a
/// name as well, with its word, and only what looks made counts.
#[must_use]
pub fn spot(text: &str, names: &Names, known: &[Range<usize>], in_prose: bool) -> Vec<(Range<usize>, Sign)> {
    let mut found = labelled(text, names, in_prose);
    for (_, part) in cut(text, known.iter().cloned()).filter(|(known, _)| known.is_none()) {
        let runs = part.split(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/=%@!$*".contains(c)));
        let tokens = runs.filter(|run| is_token(run)).map(|run| place(text, run));
        let tokens = tokens.filter(|token| found.iter().all(|(label, _)| !overlap(label, token)));
        found.extend(tokens.map(|token| (token, Sign::Shape)).collect::<Vec<_>>());
    }
    found.sort_unstable_by_key(|(part, _)| part.start);
    found
}

/// Whether two parts of a text share a character.
#[must_use]
pub fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Where a part of a text is.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// Hides the secrets in a text that are not known, and everything of a link but its host.
pub(crate) fn redact_unknown<'t>(text: &'t str, names: &Names, in_prose: bool) -> Cow<'t, str> {
    let (whole, mut hidden): (Vec<_>, Vec<_>) = links(text).unzip();
    let mut secrets: Vec<_> = spot(text, names, &whole, in_prose).into_iter().map(|(part, _)| part).collect();
    // In prose the host of a link is shown, whatever its name.
    secrets.retain(|secret| !in_prose || whole.iter().all(|link| link.start != secret.start));
    hidden.retain(|link| !link.is_empty() && secrets.iter().all(|secret| !overlap(link, secret)));
    hidden.extend(secrets);
    hidden.sort_unstable_by_key(|part| part.start);
    splice(text, hidden, REDACTED)
}

/// Visits every value of a document with the name of its member; an item of a list has the list's name, and the
/// document itself none. `visit` returns whether to go on within the value.
pub fn walk(value: &mut Value, visit: &mut impl FnMut(&str, &mut Value) -> bool) {
    fn step(name: &str, value: &mut Value, visit: &mut impl FnMut(&str, &mut Value) -> bool) {
        if !visit(name, value) {
            return;
        }
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, member)| step(name, member, visit)),
            Value::Array(items) => items.iter_mut().for_each(|item| step(name, item, visit)),
            _ => {}
        }
    }
    step("", value, visit);
}

/// Hides the values of secret members in a JSON document, however deep.
pub(crate) fn redact_members(value: &mut Value, names: &Names) {
    walk(value, &mut |name, value| {
        let is_secret = names.is_secret(name) && !value.is_null();
        if is_secret {
            *value = Value::from(REDACTED);
        }
        !is_secret
    });
}

/// Values behind names that say they are secret, and behind `Bearer` and `Basic`.
fn labelled(text: &str, names: &Names, in_prose: bool) -> Vec<(Range<usize>, Sign)> {
    const NAME: fn(char) -> bool = |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(name) = rest.find(NAME).and_then(|start| rest.get(start..)) {
        let (name, behind) = name.split_at(name.find(|c| !NAME(c)).unwrap_or(name.len()));
        rest = behind;
        let named = value(behind, || names.is_secret(name), in_prose).map(|value| (value, Sign::Name));
        if let Some((value, sign)) = named.or_else(|| Some((credentials(name, behind)?, Sign::Scheme))) {
            let range = place(text, value);
            rest = text.get(range.end..).unwrap_or_default();
            found.push((range, sign));
        }
    }
    found
}

/// The secret value behind a name; `None` where no `:` or `=` follows.
fn value(behind: &str, is_secret: impl Fn() -> bool, in_prose: bool) -> Option<&str> {
    const QUOTES: [&str; 5] = ["\\\"", "\"", "&quot;", "\\'", "'"];
    let quoted = |text: &str| QUOTES.into_iter().find(|quote| text.starts_with(quote));
    let rest = behind.get(quoted(behind).map_or(0, str::len)..)?;
    // The name is read only where a value follows, and the value only where the name says so.
    let rest = rest.trim_start().strip_prefix([':', '=']).filter(|_| is_secret())?.trim_start();
    let end = match quoted(rest) {
        Some(quote) => closing(rest.get(quote.len()..)?, quote),
        None if in_prose => rest.find(|c: char| c.is_whitespace() || "\"'\\,;&<>".contains(c)),
        None => rest.find(['\n', '\r', '<', '"']),
    };
    let value = rest.get(quoted(rest).map_or(0, str::len)..)?;
    let value = value.get(..end.unwrap_or(value.len()))?;
    let is_value =
        if in_prose { value.chars().nth(2).is_some() && looks_made(value) } else { !value.is_empty() };
    is_value.then_some(value)
}

/// Where the quote is that ends a value. One behind a backslash is part of the value.
fn closing(value: &str, quote: &str) -> Option<usize> {
    let ends = |at: &usize| value.get(..*at).is_some_and(|before| !before.ends_with('\\'));
    value.match_indices(quote).map(|(at, _)| at).find(ends)
}

/// The credentials behind the scheme of an `Authorization`.
fn credentials<'t>(scheme: &str, behind: &'t str) -> Option<&'t str> {
    let scheme = scheme.rsplit('-').next()?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    if !is_bearer && !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let rest = behind.strip_prefix(char::is_whitespace)?.trim_start();
    let value = rest.split(|c: char| !(c.is_ascii_alphanumeric() || "+/._~=-".contains(c))).next()?;
    let prose = ["token", "tokens", "authentication", "credentials", "authorization"];
    let is_prose = prose.iter().any(|word| value.trim_end_matches('.').eq_ignore_ascii_case(word));
    (value.len() >= 8 && !is_prose && (is_bearer || looks_made(value))).then_some(value)
}

/// Rather a value than a word of a sentence.
fn looks_made(value: &str) -> bool {
    let has = |is: fn(char) -> bool| value.chars().skip(1).any(is);
    value.contains(|c: char| c.is_ascii_digit() || "=+/_".contains(c))
        || (has(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase()))
}

/// The links in a text, and what of each is hidden: everything after the host, or the host as well if it has user info.
fn links(text: &str) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let words = text.split(|c: char| c.is_whitespace() || "\"'<>\\".contains(c));
    words.filter_map(move |word| {
        let lower = word.to_ascii_lowercase();
        let (start, scheme) =
            ["https://", "http://"].iter().filter_map(|s| Some((lower.find(s)?, s.len()))).min()?;
        let link = word.get(start + scheme..)?;
        let host = link.find(|c: char| !(c.is_alphanumeric() || "-._:".contains(c))).unwrap_or(link.len());
        let has_user = link.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'));
        let hidden = link.get(if has_user { 0 } else { host }..)?;
        // A slash, a full stop or the like at the very end is no secret.
        let is_bare = hidden.chars().all(|c| "/.,;:?!&)".contains(c));
        let hidden = if is_bare { hidden.get(hidden.len()..)? } else { hidden };
        Some((place(text, word.get(start..)?), place(text, hidden)))
    })
}

/// Shorter runs are no tokens.
const SHORTEST: usize = 20;

/// Whether a run of letters and digits is more likely a key, token or signature than a word or an id.
fn is_token(run: &str) -> bool {
    if run.len() < SHORTEST {
        return false;
    }
    let count = |part: &str, is: fn(&u8) -> bool| part.bytes().filter(is).count();
    let letters = count(run, u8::is_ascii_alphabetic);
    let digits = count(run, u8::is_ascii_digit);
    let is_longer_than_words = letters > 0 && digits > 0 && letters + digits >= 40;
    is_longer_than_words
        || run.contains("eyJ")
        || run.split(['.', '/', '=', '~']).filter(|part| !is_guid(part)).any(|part| {
            let digits = count(part, u8::is_ascii_digit);
            let (upper, lower) = (count(part, u8::is_ascii_uppercase), count(part, u8::is_ascii_lowercase));
            let mixed = digits >= 2 && upper >= 2 && lower >= 2 && part.len() >= SHORTEST;
            let long = digits >= 4 && upper + lower >= 2 && part.len() >= 32;
            // Words of a code are parted by lines; a key is not.
            let solid = part.split(['_', '-']).any(|word| {
                let digits = count(word, u8::is_ascii_digit);
                word.len() >= SHORTEST && digits >= 3 && word.len() - digits >= 3
            });
            mixed || long || solid
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
        redact_members(&mut value, Names::generic());
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
            (r#"{"password":"a\"b c","name":"Jo","s"#, r#"{"password":"[redacted]","name":"Jo","s"#),
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
            assert_eq!(redact_unknown(text, Names::generic(), false), shown);
        }
    }

    #[test]
    fn in_prose_what_looks_made_is_hidden_behind_its_name() {
        for (text, shown) in [
            ("accessCode: 99x7 is wrong", "accessCode: [redacted] is wrong"),
            (r#"{"why":"password=\"ab 1\" of Jo"}"#, r#"{"why":"password=\"[redacted]\" of Jo"}"#),
            ("sent Bearer abcdefghi, no bearer token", "sent Bearer [redacted], no bearer token"),
            ("the key MjY3OWI4ZTYtYmNkZC00ZTVm", "the key [redacted]"),
            ("the token: expired; url: none", "the token: expired; url: none"),
        ] {
            assert_eq!(redact_unknown(text, Names::generic(), true), shown);
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
            assert_eq!(redact_unknown(text, Names::generic(), true), shown);
        }
        assert_eq!(redact_unknown(&format!("({token})"), Names::generic(), true), "([redacted])");
    }
}
