//! Secrets that were seen, the forms in which a text could show them, and the forms in which an error can be read.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign::Error;

/// Secrets that were planted or seen on the way, in every form in which a text could show them.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<BTreeSet<String>>);

impl Pool {
    /// A pool that starts with what another one holds.
    pub(crate) fn with(other: &Pool) -> Self {
        Self(Mutex::new(other.lock().clone()))
    }

    /// Notes a secret. What is too short to be one is left out.
    pub(crate) fn add(&self, secret: &str) {
        if secret.len() >= 6 {
            self.lock().extend(written(secret));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if a text shows one of the secrets, in clear or encoded, whole or in its greater part, in any letter case
    /// and split by characters that do not show.
    pub(crate) fn check(&self, what: &str, text: &str) {
        let plain = plain(text);
        for form in self.lock().iter() {
            assert!(!plain.contains(&form.to_lowercase()), "{what} shows {form:?}:\n{text}");
        }
    }

    /// Fails if anything that can be read of an error shows one of the secrets, or can drive a terminal.
    pub(crate) fn check_error(&self, what: &str, error: &Error) {
        for text in forms(error) {
            self.check(what, &text);
        }
        for text in [error.to_string(), error.hint().to_owned(), format!("{error:?}")] {
            let harmful = text.contains(countersign::redact::is_harmful);
            assert!(!harmful, "{what} holds a control character: {text:?}");
        }
    }

    /// Fails if a value's Debug shows one of the secrets.
    pub(crate) fn check_debug(&self, what: &str, value: &impl Debug) {
        self.check(what, &format!("{value:?}"));
        self.check(what, &format!("{value:#?}"));
    }
}

/// A text in small letters, without characters that do not show, also where they are written as escapes.
fn plain(text: &str) -> String {
    let text = text.replace("\\u{200b}", "").replace("\\u{200d}", "");
    text.chars().filter(|c| !matches!(c, '\u{200b}' | '\u{200d}')).collect::<String>().to_lowercase()
}

/// A secret as a log, a page, a document or a URL would show it. Of a long one the first two thirds are enough to be
/// of use to a thief.
fn written(secret: &str) -> Vec<String> {
    let part: String = secret.chars().take((secret.chars().count() * 2 / 3).max(6)).collect();
    let json = serde_json::to_string(&part).expect("a text");
    let json = json.get(1..json.len() - 1).unwrap_or_default().to_owned();
    let percent = part
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let html = part.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    let debug = format!("{part:?}").trim_matches('"').to_owned();
    let mut forms = vec![part, json, percent, html, debug];
    forms.sort();
    forms.dedup();
    forms
}

/// Everything that can be read of an error.
fn forms(error: &Error) -> Vec<String> {
    let mut forms = vec![
        error.to_string(),
        format!("{error:?}"),
        format!("{error:#?}"),
        error.hint().to_owned(),
        error.message().to_owned(),
        serde_json::to_string(error).expect("an error is JSON"),
        serde_json::to_string(&error.problem()).expect("a problem is JSON"),
        format!("{:?} {:?}", error.problem(), error.details()),
    ];
    let mut source = error.source();
    while let Some(cause) = source {
        forms.push(format!("{cause} {cause:?} {cause:#?}"));
        source = cause.source();
    }
    forms
}
