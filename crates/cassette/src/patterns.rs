//! What can be known by its looks: addresses, links, ids, dates, numbers, tokens.

use std::sync::LazyLock;

use regex::Regex;

use crate::labelled_secrets::labelled_secrets;

/// What a stretch of a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    Token,
}

/// A stretch of a text, by its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) look: Look,
    pub(crate) start: usize,
    pub(crate) end: usize,
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

/// The stretches of a text that are known by their looks, in order, none within another.
pub(crate) fn stretches(text: &str) -> Vec<Stretch> {
    let whole = Stretch { look: Look::Token, start: 0, end: text.len() };
    // The expression is a constant and compiles; should it not, nothing may pass.
    let Some(regex) = REGEX.as_ref() else { return vec![whole] };
    let mut found = Vec::new();
    let mut at = 0;
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
        tokens(text, at, whole.start(), &mut found);
        found.push(Stretch { look: *look, start: whole.start(), end });
        at = end;
    }
    tokens(text, at, text.len(), &mut found);
    for told in labelled_secrets(text) {
        found.retain(|one| one.end <= told.start || told.end <= one.start);
        found.push(Stretch { look: Look::Token, start: told.start, end: told.end });
    }
    found.sort_by_key(|one| one.start);
    found
}

/// Tokens in the part of a text in which nothing else was found.
fn tokens(text: &str, start: usize, end: usize, found: &mut Vec<Stretch>) {
    let part = text.get(start..end).unwrap_or_default();
    for run in part.split(|c: char| !(c.is_ascii_alphanumeric() || "+/_=.~-".contains(c))) {
        if run.len() >= SHORTEST && is_token(run) {
            let start = run.as_ptr() as usize - text.as_ptr() as usize;
            found.push(Stretch { look: Look::Token, start, end: start + run.len() });
        }
    }
}

/// Shorter runs are no tokens.
const SHORTEST: usize = 20;

/// Whether a run of letters and digits is more likely a key, token or signature than a word or an id.
pub(crate) fn is_token(run: &str) -> bool {
    if run.starts_with("eyJ") && run.len() >= 20 {
        return true;
    }
    run.split(['.', '/', '=', '~']).any(|part| {
        let count = |is: fn(&u8) -> bool| part.bytes().filter(is).count();
        let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
        let digits = count(u8::is_ascii_digit);
        let mixed = digits >= 2 && upper >= 2 && lower >= 2 && part.len() >= 20;
        let long = digits >= 4 && upper + lower >= 2 && part.len() >= 32;
        // Words of a code are parted by lines; a key is not.
        let solid = part.split(['_', '-']).any(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            word.len() >= SHORTEST && digits >= 3 && word.len() - digits >= 3
        });
        mixed || long || solid
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(Look, &str)> {
        stretches(text).into_iter().map(|one| (one.look, &text[one.start..one.end])).collect()
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
            ("key MjY3OWI4ZTYtYmNkZC00ZTVm", vec![(Look::Token, "MjY3OWI4ZTYtYmNkZC00ZTVm")]),
        ] {
            assert_eq!(seen(text), expected, "{text}");
        }
    }
}
