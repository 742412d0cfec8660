//! Words and the places between them.

use crate::patterns::Stretch;

/// The number of a placeholder of this kind.
pub(crate) fn label_of<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix('{')?.strip_suffix('}')?.strip_prefix(word)?.strip_prefix(':')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits).filter(|digits| !digits.is_empty())
}

/// The number and the country of what is left of a phone number.
pub(crate) fn national(text: &str) -> Option<(&str, &str)> {
    let number = label_of(text, "national")?;
    let (_, code) = text.strip_suffix('}')?.rsplit_once('+')?;
    (!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit())).then_some((number, code))
}

/// The code of a country in front of a phone number.
pub(crate) fn is_country_code(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands between stretches.
pub(crate) fn gaps<'t>(text: &'t str, found: &[Stretch]) -> Vec<&'t str> {
    let starts = std::iter::once(0).chain(found.iter().map(|one| one.end));
    let ends = found.iter().map(|one| one.start).chain(std::iter::once(text.len()));
    starts.zip(ends).filter_map(|(start, end)| text.get(start..end)).collect()
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

/// Replaces a text where it stands as a word; `None` where it does not.
pub(crate) fn replace_words(text: &str, word: &str, by: impl FnOnce() -> String) -> Option<String> {
    let is_apart = |at: usize| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + word.len()..).and_then(|behind| behind.chars().next());
        ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
    };
    let places: Vec<usize> = text.match_indices(word).map(|(at, _)| at).filter(|at| is_apart(*at)).collect();
    if places.is_empty() {
        return None;
    }
    let by = by();
    let mut out = String::new();
    let mut kept = 0;
    for at in places {
        out.push_str(text.get(kept..at)?);
        out.push_str(&by);
        kept = at + word.len();
    }
    out.push_str(text.get(kept..)?);
    Some(out)
}
