//! Values that stand behind a word that says they are secret: in messages, pages and headers that are shown.

use std::sync::LazyLock;

use countersign_core::is_secret_member;
use regex::Regex;

/// `Bearer` or `Basic` and what follows; a field and its value.
static SCHEMES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(bearer|basic)\s+([A-Za-z0-9+/._~=-]{8,})").ok());
static FIELDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"([A-Za-z][A-Za-z0-9_-]{2,30})(?:\\?["']|&quot;)?\s*[:=]\s*(?:\\?["']|&quot;)?([^\s"'\\,;&<>]{3,})"#).ok()
});

/// A value that stands behind a word that says it is secret.
pub(crate) struct LabelledSecret {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) what: &'static str,
}

/// The values behind `Bearer` and `Basic`, and behind names such as `accessCode`.
pub(crate) fn labelled_secrets(text: &str) -> Vec<LabelledSecret> {
    let mut found: Vec<LabelledSecret> = Vec::new();
    let mut add = |part: Option<regex::Match<'_>>, what| {
        if let Some(part) = part
            && found.last().is_none_or(|last| last.end <= part.start())
        {
            found.push(LabelledSecret { start: part.start(), end: part.end(), what });
        }
    };
    for pair in FIELDS.iter().flat_map(|regex| regex.captures_iter(text)) {
        let (name, value) = (pair.get(1).map_or("", |m| m.as_str()), pair.get(2).map_or("", |m| m.as_str()));
        let behind_brace =
            pair.get(1).is_some_and(|m| text.get(..m.start()).is_some_and(|t| t.ends_with('{')));
        let is_label =
            behind_brace && value.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('}');
        let is_placeholder = is_label || value.starts_with(['{', '[']) || value.starts_with("https://link-");
        if is_secret_member(name) && !is_placeholder && looks_made(value) {
            add(pair.get(2), "a value behind a name that says it is secret");
        }
    }
    for pair in SCHEMES.iter().flat_map(|regex| regex.captures_iter(text)) {
        let value = pair.get(2).map_or("", |value| value.as_str());
        let is_bearer = pair.get(1).is_some_and(|scheme| scheme.as_str().eq_ignore_ascii_case("bearer"));
        let prose = ["token", "tokens", "authentication", "credentials", "authorization"];
        let is_prose = prose.iter().any(|word| value.trim_end_matches('.').eq_ignore_ascii_case(word));
        if !is_prose && (is_bearer || looks_made(value)) {
            add(pair.get(2), "a value of an authorization header");
        }
    }
    found
}

/// Rather a value than a word of a sentence.
fn looks_made(value: &str) -> bool {
    let has = |is: fn(char) -> bool| value.chars().skip(1).any(is);
    value.contains(|c: char| c.is_ascii_digit() || "=+/_".contains(c))
        || (has(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase()))
}
