//! Cleaning of what vendors write: no secret in any form, no control character, and never a panic.
//!
//! An input is a secret, a line end, and a text.
#![no_main]

use countersign::{Excerpt, REDACTED, SecretString, escape_control, redact};
use countersign_fuzz::is_harmless;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (secret, text) = text.split_once('\n').unwrap_or(("", text));
    let secrets = [SecretString::from(secret)];
    let clean = redact(text, &secrets);
    // Short secrets stay, and a secret may be put together anew by what surrounds its place.
    let findable = secret.chars().count() >= 3 && !secret.contains(['[', ']']) && !REDACTED.contains(secret);
    if findable {
        assert!(!clean.contains(secret), "{clean:?} shows {secret:?}");
    }
    is_harmless("an escaped text", &escape_control(&clean));
    let excerpt = Excerpt::of(text.as_bytes(), &secrets);
    is_harmless("an excerpt", excerpt.as_str());
    assert!(excerpt.as_str().chars().count() <= Excerpt::MAX + 1);
    if findable && !secret.contains(|c: char| c.is_control() || "\\u{}0123456789abcdef".contains(c)) {
        assert!(!excerpt.as_str().contains(secret), "{excerpt:?} shows {secret:?}");
    }
});
