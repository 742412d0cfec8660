//! Keeping text of others from forging log lines or driving a terminal.

use std::borrow::Cow;

/// Whether a character does something other than show itself: line ends, terminal escapes (C0, C1, DEL), Unicode's
/// own line separators, marks that turn the direction of writing, and the invisible tag characters.
///
/// Joiners (U+200C, U+200D) are not among them: names in several scripts are spelt with them.
#[must_use]
pub fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether a text contains harmful characters. Most texts are printable ASCII, which is checked fastest.
pub(crate) fn has_harmful(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.contains(is_harmful)
}

/// Writes harmful characters ([`is_harmful`]) as visible escapes, so that a vendor's text cannot inject log lines or
/// terminal escape sequences.
#[must_use]
pub fn escape_control(text: &str) -> Cow<'_, str> {
    if !has_harmful(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// A name of others for a sentence: its first 80 characters, and a mark where there are more. Escaped.
#[must_use]
pub fn shortened(name: &str) -> Cow<'_, str> {
    match clip(name, 80) {
        Cow::Owned(clipped) => Cow::Owned(escape_control(&clipped).into_owned()),
        Cow::Borrowed(name) => escape_control(name),
    }
}

/// The first characters of a text, and a mark where there are more.
#[must_use]
pub fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Our own sentence unchanged; one that was put together may contain others' words and is escaped.
pub(crate) fn sentence(text: Cow<'static, str>) -> Cow<'static, str> {
    match text {
        Cow::Owned(owned) if has_harmful(&owned) => Cow::Owned(escape_control(&owned).into_owned()),
        harmless => harmless,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(escape_control("a\u{1b}[31m\nb\u{202e}"), "a\\u{1b}[31m\\nb\\u{202e}");
        assert_eq!(escape_control("\u{9b}1m\u{7f}\u{2028}\u{e0041}"), "\\u{9b}1m\\u{7f}\\u{2028}\\u{e0041}");
        assert_eq!(escape_control("Zoë – ok"), "Zoë – ok");
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in any::<String>()) {
            prop_assert!(!escape_control(&text).contains(is_harmful));
        }
    }
}
