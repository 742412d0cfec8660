//! Taking out of a text the secrets that are known: those that we had sent.

use std::borrow::Cow;
use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};

use crate::redact::{is_harmful, splice};

/// The replacement for a secret.
pub const REDACTED: &str = "[redacted]";

/// The shortest secret that is looked for, in characters.
const SHORTEST: usize = 3;

/// The most bytes that one byte of a secret takes in any of the forms that are looked for (`\u0041`).
pub(crate) const WIDEST: usize = 6;

/// From this length on a secret is found in any letter case; a shorter one may well be a word.
const IN_ANY_CASE: usize = 6;

/// Replaces every occurrence of the given secrets by [`REDACTED`]; see [`occurrences`].
///
/// Vendors echo sent values in error messages; what we sent is known, so it can be redacted.
#[must_use]
pub fn redact<'a>(text: &'a str, secrets: &[SecretString]) -> Cow<'a, str> {
    splice(text, occurrences(text, secrets), REDACTED)
}

/// Where the given secrets are in a text, in order: as they are and as they look inside JSON (`\"`, `\u0022`), HTML
/// (`&quot;`, `&#34;`) and URLs (`%22`, `+`); also with characters between theirs that do not show, and those of six
/// characters and more in any letter case.
///
/// Secrets shorter than three characters are left alone: taking out every "1" would hide nothing and spoil the text.
#[must_use]
pub fn occurrences(text: &str, secrets: &[SecretString]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for secret in secrets {
        let shown: Vec<char> = secret.expose_secret().chars().filter(|c| !is_invisible(*c)).collect();
        let secret = match shown.len() {
            0..SHORTEST => secret.expose_secret().chars().collect(),
            _ => shown,
        };
        if secret.len() >= SHORTEST {
            find(text, &secret, &mut found);
        }
    }
    united(found)
}

/// These parts of a text in order, with those that overlap made one.
pub(crate) fn united(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.sort_unstable_by_key(|part| part.start);
    parts.dedup_by(|next, last| {
        let is_within = next.start < last.end;
        if is_within {
            last.end = last.end.max(next.end);
        }
        is_within
    });
    parts
}

/// Whether a character does not show, so that it can stand within a word unseen: harmful ones, joiners, soft hyphens
/// and the like.
fn is_invisible(c: char) -> bool {
    is_harmful(c)
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}')
}

/// Whether a character of a text is one of a secret.
fn is_same(c: char, wanted: char, any_case: bool) -> bool {
    c == wanted
        || (any_case && (c.eq_ignore_ascii_case(&wanted) || c.to_lowercase().eq(wanted.to_lowercase())))
}

/// Finds the places of a secret in a text.
fn find(text: &str, secret: &[char], found: &mut Vec<Range<usize>>) {
    let Some(first) = secret.first() else { return };
    let any_case = secret.len() >= IN_ANY_CASE;
    let begins = |c: char| matches!(c, '\\' | '%' | '&' | '+') || is_same(c, *first, any_case);
    let mut at = 0;
    // The next place at which an occurrence could begin, in clear or encoded.
    while let Some(step) = text.get(at..).and_then(|rest| rest.find(begins)) {
        at += step;
        let rest = text.get(at..).unwrap_or_default();
        let length = occurrence(rest, secret, any_case);
        found.extend(length.map(|length| at..at + length));
        at += length.unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
    }
}

/// How many bytes the secret takes at the beginning of a text, each of its characters in clear or encoded.
fn occurrence(text: &str, secret: &[char], any_case: bool) -> Option<usize> {
    // A backslash may be one of the secret or the beginning of an escape; all readings are followed.
    let mut ends = vec![0];
    for (nth, wanted) in secret.iter().enumerate() {
        let mut next = Vec::new();
        let mut seen = 0;
        while let Some(end) = ends.get(seen).copied() {
            seen += 1;
            for (c, length) in readings(text.get(end..)?) {
                if is_same(c, *wanted, any_case) {
                    next.push(end + length);
                } else if nth > 0 && is_invisible(c) && !ends.contains(&(end + length)) {
                    ends.push(end + length);
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.last().copied()
}

/// What the beginning of a text may mean: a character, and how many bytes it takes.
fn readings(text: &str) -> impl Iterator<Item = (char, usize)> {
    let plain = text.chars().next().map(|c| (c, c.len_utf8()));
    let encoded = match plain {
        Some(('\\', _)) => json_escape(text),
        Some(('%', _)) => percent_escape(text),
        Some(('&', _)) => html_escape(text),
        Some(('+', _)) => Some((' ', 1)),
        _ => None,
    };
    plain.into_iter().chain(encoded)
}

fn json_escape(text: &str) -> Option<(char, usize)> {
    let short = match text.chars().nth(1)? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let unit = |at: usize| {
                let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
                u16::from_str_radix(hex, 16).ok()
            };
            let units = [unit(0)?, unit(6).unwrap_or_default()];
            let c = char::decode_utf16(units).next()?.ok()?;
            return Some((c, 6 * c.len_utf16()));
        }
        c => c,
    };
    matches!(short, '"' | '\\' | '/' | '\0'..='\u{1f}').then_some((short, 2))
}

fn percent_escape(text: &str) -> Option<(char, usize)> {
    let mut bytes = Vec::with_capacity(4);
    for at in (0..12).step_by(3) {
        let hex = text.get(at..at + 3)?.strip_prefix('%')?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        if let Some(c) = std::str::from_utf8(&bytes).ok().and_then(|read| read.chars().next()) {
            return Some((c, at + 3));
        }
    }
    None
}

fn html_escape(text: &str) -> Option<(char, usize)> {
    // The longest that is of interest is `&#1114111;`.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let c = match text.get(1..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "shy" => '\u{ad}',
        "zwnj" => '\u{200c}',
        "zwj" => '\u{200d}',
        name => {
            let number = name.strip_prefix('#')?;
            char::from_u32(match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            })?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn cleaned(text: &str, secret: &str) -> String {
        redact(text, &[SecretString::from(secret)]).into_owned()
    }

    #[test]
    fn a_secret_that_was_sent_is_taken_out_of_an_answer() {
        let secrets = [SecretString::from("s3cret"), SecretString::from("ab")];
        assert_eq!(
            redact("code s3cret is weak, ab is short", &secrets),
            "code [redacted] is weak, ab is short"
        );
    }

    #[test]
    fn a_secret_is_found_in_the_forms_that_pages_and_documents_give_it() {
        let secret = "a\"b\\c&d é/1";
        for text in [
            "a\"b\\c&d é/1",
            r#"a\"b\\c&d é\/1"#,
            r"a\u0022b\u005Cc\u0026d\u0020\u00e9/1",
            "a&quot;b\\c&amp;d é/1",
            "a&#34;b&#x5c;c&#38;d&#32;&#xE9;/1",
            "a%22b%5Cc%26d+%C3%A9%2F1",
            "a%22b%5cc%26d%20%c3%a9%2f1",
        ] {
            assert_eq!(cleaned(&format!("<{text}>"), secret), "<[redacted]>", "{text}");
        }
        assert_eq!(cleaned("\\u{d83d}\\ud83d\\ude00x1", "😀x1"), "\\u{d83d}[redacted]");
    }

    #[test]
    fn several_occurrences_and_near_misses() {
        assert_eq!(cleaned("abcabcab cabc", "abc"), "[redacted][redacted]ab c[redacted]");
        assert_eq!(cleaned(r"\\\\\", r"\\\"), r"[redacted]");
        assert_eq!(cleaned("%", "%%%"), "%");
        assert_eq!(cleaned("&#99999999999;&;&", "&;&x"), "&#99999999999;&;&");
    }

    #[test]
    fn a_secret_is_found_in_another_case_and_split_by_what_does_not_show() {
        for text in [
            "KÖNIG-42xy",
            "könig-42XY",
            "Kö\u{200b}nig\u{200d}-42\u{feff}Xy",
            r"K\u00d6\u200Bnig\u00ad-42Xy",
            "K&#8203;&#xF6;nig&zwj;-42&shy;XY",
            "k%C3%96%E2%80%8Bnig-42\u{1b}xY",
            "K\n\u{ad}önig-\r\n42Xy",
        ] {
            assert_eq!(cleaned(&format!("<{text}>"), "König-42Xy"), "<[redacted]>", "{text:?}");
        }
        assert_eq!(cleaned("konig-42Xy", "König-42Xy"), "konig-42Xy", "another letter");
        assert_eq!(
            cleaned("ABC12 is not abc12", "abc12"),
            "ABC12 is not [redacted]",
            "short ones may be words"
        );
        let split = "pin\u{200c}-1234";
        assert_eq!(cleaned("PIN-1234", split), REDACTED, "the vendor dropped what does not show");
        assert_eq!(cleaned("\u{200b}\u{200b}\u{200b}", "\u{200b}\u{200b}\u{200b}"), REDACTED);
    }

    /// In small letters, where that is looked for and no letter becomes two.
    fn turned(secret: &str) -> String {
        let is_long = secret.chars().filter(|c| !is_invisible(*c)).count() >= IN_ANY_CASE;
        let small = |c: char| Some(c.to_lowercase()).filter(|small| is_long && small.clone().count() == 1);
        secret.chars().map(|c| small(c).and_then(|mut small| small.next()).unwrap_or(c)).collect()
    }

    fn json(secret: &str) -> String {
        serde_json::to_string(secret).unwrap().trim_matches('"').to_owned()
    }

    proptest! {
        #[test]
        fn a_secret_is_found_wherever_it_stands(
            before in "\\PC{0,20}", secret in "[^\\[\\]\\\\\"%&+]\\PC{2,20}[^\\[\\]\\\\\"]", behind in "\\PC{0,20}"
        ) {
            for form in [
                secret.clone(),
                json(&secret),
                turned(&secret),
                secret.chars().flat_map(|c| [c, '\u{200b}']).collect(),
                utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string(),
                secret.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
            ] {
                let text = format!("{before}{form}{behind}");
                prop_assert!(cleaned(&text, &secret).contains(REDACTED), "{text:?}");
                prop_assert!(!cleaned(&text, &secret).contains(&secret) || REDACTED.contains(&secret));
            }
        }

        #[test]
        fn a_text_without_the_secret_stays_as_it_is(text in "[a-y \\\\%&+\";]{0,60}") {
            prop_assert_eq!(cleaned(&text, "zzz"), text);
        }
    }
}
