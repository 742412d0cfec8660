//! Taking out of a text the secrets that are known: those that we had sent.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// The shortest secret that is looked for, in characters.
const SHORTEST: usize = 3;

/// The most bytes that one byte of a secret takes in any of the forms that are looked for (`\u0041`).
pub(crate) const WIDEST: usize = 6;

/// Replaces every occurrence of the given secrets, as they are and as they look inside JSON (`\"`, `\u0022`), HTML
/// (`&quot;`, `&#34;`) and URLs (`%22`, `+`).
///
/// Vendors echo what they were sent in error messages; what we sent is known, so it can be taken out again. Secrets
/// shorter than three characters are left alone: taking out every "1" would hide nothing and spoil the text.
#[must_use]
pub fn redact<'a>(text: &'a str, secrets: &[SecretString]) -> Cow<'a, str> {
    let mut clean = Cow::Borrowed(text);
    for secret in secrets {
        let secret = secret.expose_secret();
        if secret.chars().count() < SHORTEST {
            continue;
        }
        if let Some(without) = replace(&clean, secret) {
            clean = Cow::Owned(without);
        }
    }
    clean
}

/// The text without the secret; `None` where it does not occur.
fn replace(text: &str, secret: &str) -> Option<String> {
    let first = secret.chars().next()?;
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        // The next place at which an occurrence could begin, in clear or encoded.
        let Some(step) = rest.find([first, '\\', '%', '&', '+']) else { break };
        at += step;
        let rest = text.get(at..)?;
        match occurrence(rest, secret) {
            Some(length) => {
                out.push_str(text.get(kept..at)?);
                out.push_str(REDACTED);
                at += length;
                kept = at;
            }
            None => at += rest.chars().next()?.len_utf8(),
        }
    }
    if kept == 0 {
        return None;
    }
    out.push_str(text.get(kept..)?);
    Some(out)
}

/// How many bytes the secret takes at the beginning of a text, each of its characters in clear or encoded.
fn occurrence(text: &str, secret: &str) -> Option<usize> {
    // A backslash may be one of the secret or the beginning of an escape; all readings are followed.
    let mut ends = vec![0];
    for c in secret.chars() {
        let mut next: Vec<usize> = ends
            .iter()
            .filter_map(|end| Some((*end, text.get(*end..)?)))
            .flat_map(|(end, rest)| {
                let plain = rest.starts_with(c).then_some(c.len_utf8());
                [plain, encoded(rest, c)].into_iter().flatten().map(move |length| end + length)
            })
            .collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.last().copied()
}

/// How many bytes a character takes at the beginning of a text in an encoded form.
fn encoded(text: &str, c: char) -> Option<usize> {
    match text.as_bytes().first()? {
        b'\\' => json_escape(text, c),
        b'%' => percent_escape(text, c),
        b'&' => html_escape(text, c),
        b'+' => (c == ' ').then_some(1),
        _ => None,
    }
}

fn json_escape(text: &str, c: char) -> Option<usize> {
    let short = match c {
        '"' | '\\' | '/' => c,
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        _ => 'u',
    };
    if short != 'u' && text.get(1..)?.starts_with(short) {
        return Some(2);
    }
    let mut units = [0; 2];
    let mut length = 0;
    for unit in c.encode_utf16(&mut units) {
        let hex = text.get(length..)?.strip_prefix("\\u")?.get(..4)?;
        if u16::from_str_radix(hex, 16).ok()? != *unit {
            return None;
        }
        length += 6;
    }
    Some(length)
}

fn percent_escape(text: &str, c: char) -> Option<usize> {
    let mut bytes = [0; 4];
    let mut length = 0;
    for byte in c.encode_utf8(&mut bytes).bytes() {
        let hex = text.get(length..)?.strip_prefix('%')?.get(..2)?;
        if u8::from_str_radix(hex, 16).ok()? != byte {
            return None;
        }
        length += 3;
    }
    Some(length)
}

fn html_escape(text: &str, c: char) -> Option<usize> {
    // The longest that is of interest is `&#1114111;`.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let meant = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    };
    (meant == Some(c)).then_some(end + 1)
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
