//! What a text gives away by its looks, in whatever form.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use countersign_core::redact::Sign;
use percent_encoding::percent_decode_str;

use crate::matching::{Piece, pieces};
use crate::patterns::{Look, stretches};

/// So often a text is decoded within what was decoded.
const DEEPEST: usize = 3;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The text as it is, and what it is the encoded form of.
pub(crate) fn forms(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    let mut from = 0;
    for _ in 0..DEEPEST {
        let until = all.len();
        for at in from..until {
            let Some(form) = all.get(at).cloned() else { break };
            for next in decoded(&form) {
                if !all.contains(&next) && all.len() < 64 {
                    all.push(next);
                }
            }
        }
        from = until;
    }
    all
}

fn decoded(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains('%') {
        let plain = percent_decode_str(text).decode_utf8_lossy();
        if plain != text {
            found.push(plain.into_owned());
        }
    }
    if text.contains('\\')
        && let Ok(plain) = serde_json::from_str::<String>(&format!("\"{}\"", bare_quotes(text)))
    {
        found.push(plain);
    }
    let in_run = |c: char| c.is_ascii_alphanumeric() || "+/_-".contains(c);
    for run in text.split(|c: char| !in_run(c)).filter(|run| run.len() >= 8) {
        let engine = if run.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
        // A letter more or less than whole groups has is cut off.
        let whole = if run.len() % 4 == 1 { run.get(..run.len() - 1).unwrap_or_default() } else { run };
        if let Ok(bytes) = engine.decode(whole)
            && let Ok(plain) = String::from_utf8(bytes)
            && !plain.chars().any(|c| c.is_control() && !c.is_whitespace())
        {
            found.push(plain);
        }
    }
    found
}

/// Escapes quotes that are not escaped, so that a part of a document can be read.
fn bare_quotes(text: &str) -> Cow<'_, str> {
    if !text.contains(['"', '\n', '\r', '\t']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '"' if !escaped => out.push_str("\\\""),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    Cow::Owned(out)
}

/// What a text looks like that must not be in a file.
pub(crate) fn suspicions(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if text.contains("-----BEGIN ") {
        found.push("a key or certificate in PEM form");
    }
    for one in stretches(text) {
        let part = text.get(one.range.clone()).unwrap_or_default();
        let is_ours = matches!(pieces(part).as_slice(), [Piece::Token(_)]);
        let is_secret =
            |text: &str| stretches(text).iter().any(|inner| matches!(inner.look, Look::Secret(_)));
        match one.look {
            _ if is_ours => {}
            Look::Url if !is_reserved(host(part)) => found.push("a link outside the domains for examples"),
            Look::Url if is_secret(behind_host(part)) => found.push("a link with a token"),
            Look::Email if !is_reserved(part.rsplit('@').next().unwrap_or_default()) => {
                found.push("an e-mail address outside the domains for examples");
            }
            Look::Phone => found.push("a phone number"),
            Look::Secret(Sign::Name) => found.push("a value behind a name that says it is secret"),
            Look::Secret(Sign::Scheme) => found.push("a value of an authorization header"),
            Look::Secret(Sign::Shape) if part.starts_with("eyJ") => found.push("a JSON Web Token"),
            Look::Secret(Sign::Shape) => found.push("something like a key or token"),
            _ => {}
        }
    }
    found
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // The part before an `@` is no host, and is checked as a token.
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

fn behind_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?', '#', '@']).and_then(|at| rest.get(at + 1..)).unwrap_or_default()
}

/// Hosts without an owner (RFC 2606, RFC 6761), and this machine.
fn is_reserved(host: &str) -> bool {
    let host = host.to_lowercase();
    let host = host.trim_end_matches('.');
    ["example.com", "example.org", "example.net", "localhost", "127.0.0.1"]
        .iter()
        .any(|known| host == *known || host.strip_suffix(known).is_some_and(|before| before.ends_with('.')))
        || [".example", ".test", ".invalid", ".localhost"].iter().any(|end| host.ends_with(end))
}
