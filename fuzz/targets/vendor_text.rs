//! Cleaning of what vendors write: no secret in any form, no control character, and never a panic.
//!
//! An input is a secret, a line end, and a text.
#![no_main]

use countersign::provider::Excerpt;
use countersign::redact::{Names, REDACTED, escape_control, redact};
use countersign::secrecy::SecretString;
use countersign_fuzz::is_harmless;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (secret, text) = text.split_once('\n').unwrap_or(("", text));
    let secrets = [SecretString::from(secret)];
    let clean = redact(text, &secrets);
    // Short secrets stay, and a secret may be put together anew by what surrounds its place, or by the character that
    // stands for an escape below.
    let findable =
        secret.chars().count() >= 3 && !secret.contains(['[', ']', GAP]) && !REDACTED.contains(secret);
    if findable {
        assert!(!clean.contains(secret), "{clean:?} shows {secret:?}");
    }
    is_harmless("an escaped text", &escape_control(&clean));
    let excerpt = Excerpt::of(text.as_bytes(), &secrets, Names::generic());
    is_harmless("an excerpt", excerpt.as_str());
    assert!(excerpt.as_str().chars().count() <= Excerpt::MAX + 1);
    if findable {
        assert!(!unescaped(excerpt.as_str()).contains(secret), "{excerpt:?} shows {secret:?}");
    }
});

/// Stands for an escape.
const GAP: char = '\u{fffe}';

/// A text with a [`GAP`] for each escape: the `t` of a tab's escape is none of a secret's.
fn unescaped(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        out.push(GAP);
        rest = match behind.strip_prefix("u{").and_then(|code| code.split_once('}')) {
            Some((_, behind)) => behind,
            None => behind.get(1..).unwrap_or(behind),
        };
    }
    out + rest
}
