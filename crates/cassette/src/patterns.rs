//! What can be known by its looks: addresses, links, ids, dates and numbers, beside the secrets that core finds.

use std::ops::Range;
use std::sync::LazyLock;

use countersign_core::Names;
use countersign_core::redact::{REDACTED, Sign, overlap, spot};
use regex::Regex;

/// What a stretch of a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// One of our own placeholders in braces.
    Label,
    Url,
    Email,
    Id,
    HttpDate,
    Date,
    Phone,
    Ip,
    /// A secret, and how it is recognized.
    Secret(Sign),
}

/// A stretch of a text, by its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    pub(crate) look: Look,
    pub(crate) range: Range<usize>,
}

const GROUPS: [(&str, Look); 8] = [
    ("label", Look::Label),
    ("url", Look::Url),
    ("email", Look::Email),
    ("id", Look::Id),
    ("httpdate", Look::HttpDate),
    ("date", Look::Date),
    ("phone", Look::Phone),
    ("ip", Look::Ip),
];

const LOOKS: &str = r#"(?x)
  (?P<label> \{(?:id|name|text|secret|int|phone|national|ip):[0-9]{1,9}'*(?:\+[0-9]{1,4})?\}
    | \{(?:date|day|unix|millis|seconds|httpdate)(?:[+-][0-9]{1,6}[hd])?\} | \{many\} )
| (?P<url> (?i:https?)://[^\s"'<>\\]+ )
| (?P<email> [\p{L}\p{N}_](?:[\p{L}\p{N}_.+'\#$!&*~^-]*)@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+ )
| (?P<id> \b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b )
| (?P<httpdate> (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\x20[0-9]{2}\x20[A-Z][a-z]{2}\x20[0-9]{4}\x20[0-9]{2}:[0-9]{2}:[0-9]{2}\x20GMT )
| (?P<date> \b[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T\x20][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?\b )
| (?P<phone> \+[0-9]{7,15}\b )
| (?P<ip> \b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b )
"#;

static REGEX: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(LOOKS).ok());

/// The stretches of a text that are known by their looks, in order, none within another, where the vendor is not known.
pub(crate) fn stretches(text: &str) -> Vec<Stretch> {
    stretches_at(text, Names::generic())
}

/// The stretches of a text of a vendor with these names.
pub(crate) fn stretches_at(text: &str, names: &Names) -> Vec<Stretch> {
    // The expression is a constant and compiles; should it not, nothing may pass.
    let Some(regex) = REGEX.as_ref() else {
        return vec![Stretch { look: Look::Secret(Sign::Shape), range: 0..text.len() }];
    };
    let mut found = Vec::new();
    for one in regex.captures_iter(text) {
        let Some(whole) = one.get(0) else { continue };
        let Some((_, look)) = GROUPS.iter().find(|(name, _)| one.name(name).is_some()) else { continue };
        let end = match look {
            // A full stop or a bracket behind a link is the sentence's.
            Look::Url => {
                whole.start() + whole.as_str().trim_end_matches(['.', ',', ';', ')', '!', '?']).len()
            }
            _ => whole.end(),
        };
        found.push(Stretch { look: *look, range: whole.start()..end });
    }
    let known: Vec<Range<usize>> = found.iter().map(|one| one.range.clone()).collect();
    for (range, sign) in spot(text, names, &known, true) {
        if is_ours(text, range.start, &found) {
            continue;
        }
        found.retain(|one| !overlap(&one.range, &range));
        found.push(Stretch { look: Look::Secret(sign), range });
    }
    found.sort_by_key(|one| one.range.start);
    found
}

/// Whether a placeholder or the redaction mark is already here.
fn is_ours(text: &str, at: usize, found: &[Stretch]) -> bool {
    let is_mark = |rest: &str| rest.starts_with(REDACTED) || rest.starts_with("https://link-");
    text.get(at..).is_some_and(is_mark)
        || found.iter().any(|one| one.look == Look::Label && one.range.contains(&at))
}

/// The code of a country in front of a phone number.
pub(crate) fn is_country_code(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word of a vendor's: a status, a code, a type of content, a path.
pub(crate) fn is_word(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "_.-/:+;=,$".contains(c);
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(inner)
}

/// A status that has spaces.
pub(crate) fn is_words(text: &str) -> bool {
    text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
}

/// Where a text stands as a word.
pub(crate) fn words(text: &str, word: &str) -> Vec<Range<usize>> {
    let is_apart = |at: &usize| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + word.len()..).and_then(|behind| behind.chars().next());
        ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
    };
    text.match_indices(word).map(|(at, _)| at).filter(is_apart).map(|at| at..at + word.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(Look, &str)> {
        stretches(text).into_iter().map(|one| (one.look, &text[one.range])).collect()
    }

    #[test]
    fn the_expression_compiles() {
        assert!(Regex::new(LOOKS).is_ok(), "{:?}", Regex::new(LOOKS));
    }

    #[test]
    fn looks_are_told_apart() {
        for (text, expected) in [
            ("see https://app.example.com/x?y=1.", vec![(Look::Url, "https://app.example.com/x?y=1")]),
            ("email:zoë.m+x@b.example#2", vec![(Look::Email, "zoë.m+x@b.example")]),
            (
                "5E29dc8d-54bb-4a7a-9a1c-33f0e2b5a001 {id:3'} {date+12h}",
                vec![
                    (Look::Id, "5E29dc8d-54bb-4a7a-9a1c-33f0e2b5a001"),
                    (Look::Label, "{id:3'}"),
                    (Look::Label, "{date+12h}"),
                ],
            ),
            ("at 2026-11-22T10:00:00.1234567Z!", vec![(Look::Date, "2026-11-22T10:00:00.1234567Z")]),
            ("+4917112345678 10.0.0.12", vec![(Look::Phone, "+4917112345678"), (Look::Ip, "10.0.0.12")]),
            ("Sun, 22 Nov 2026 10:00:00 GMT", vec![(Look::HttpDate, "Sun, 22 Nov 2026 10:00:00 GMT")]),
            ("ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE application/json; charset=utf-8", vec![]),
            ("key MjY3OWI4ZTYtYmNkZC00ZTVm", vec![(Look::Secret(Sign::Shape), "MjY3OWI4ZTYtYmNkZC00ZTVm")]),
        ] {
            assert_eq!(seen(text), expected, "{text}");
        }
    }
}
