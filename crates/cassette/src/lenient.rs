//! Texts that hold JSON but are no document: cut off, or with something around it. And where in a text its strings
//! stand.

use std::ops::Range;

use countersign_core::redact::cut;
use serde_json::Value;

use crate::labels::Kind;
use crate::names::Place;
use crate::redact::Redactor;

/// A string of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quoted {
    /// Where it stands, its quotes included; a string that is cut off ends with the text.
    pub(crate) range: Range<usize>,
    /// What it says.
    pub(crate) text: String,
    /// The member that it is the value of, or is within; empty for those at the top.
    pub(crate) member: String,
    /// Whether it is a member's name itself.
    pub(crate) is_name: bool,
    /// Whether it is a number, which has no quotes.
    pub(crate) is_number: bool,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The names of the members around it, outermost first.
    pub(crate) around: Vec<String>,
}

/// The strings and numbers of a text that is JSON, or was.
pub(crate) fn strings(text: &str) -> Vec<Quoted> {
    let mut found = Vec::new();
    // One for each bracket that is open.
    let mut open: Vec<Open> = Vec::new();
    let mut name = String::new();
    let mut line = 1;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'-' | b'0'..=b'9' => {
                let is_number = *byte != b'"';
                let rest = text.get(at..).unwrap_or_default();
                let length = match is_number {
                    true => rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))),
                    false => Some(end_of(bytes, at) - at),
                };
                let (inside, behind) =
                    rest.split_at_checked(length.unwrap_or(rest.len())).unwrap_or((rest, ""));
                let said = if is_number { inside.to_owned() } else { read(inside) };
                let is_name = !is_number && behind.trim_start().starts_with(':');
                if is_name {
                    name.clone_from(&said);
                }
                let (member, around) = (name.clone(), names_of(&open));
                let range = at..at + inside.len();
                at = range.end;
                found.push(Quoted { range, text: said, member, is_name, is_number, line, around });
                line += inside.matches('\n').count();
                continue;
            }
            b'{' | b'[' => {
                // Items of a list have no names.
                let is_item = open.last().is_some_and(|open| open.is_list);
                open.push(Open { member: name.clone(), is_item, is_list: *byte == b'[' });
            }
            b'}' | b']' => name = open.pop().map(|open| open.member).unwrap_or_default(),
            b'\n' => line += 1,
            _ => {}
        }
        at += 1;
    }
    found
}

/// A bracket that is open.
struct Open {
    /// The member whose value it begins, or is within.
    member: String,
    is_item: bool,
    is_list: bool,
}

fn names_of(open: &[Open]) -> Vec<String> {
    let named = open.iter().filter(|open| !open.is_item && !open.member.is_empty());
    named.take(DEEPEST).map(|open| open.member.clone()).collect()
}

/// Behind the quote that ends a string.
fn end_of(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// What a string says; one that is cut off or has odd escapes is read as far as may be.
fn read(quoted: &str) -> String {
    if let Ok(text) = serde_json::from_str::<String>(quoted) {
        return text;
    }
    let mut inside = quoted.trim_start_matches('"');
    for _ in 0..7 {
        if let Ok(text) = serde_json::from_str::<String>(&format!("\"{inside}\"")) {
            return text;
        }
        // An escape that is cut through.
        let Some((at, _)) = inside.char_indices().next_back() else { break };
        inside = inside.get(..at).unwrap_or_default();
    }
    quoted.trim_matches('"').to_owned()
}

/// No vendor nests deeper. Each string carries the names around it, which of a body that is nothing but brackets would
/// take more memory than there is.
const DEEPEST: usize = 128;

/// How many brackets are open at once; those within strings count as well, where they are closed again as a rule.
fn depth(text: &str) -> usize {
    let open = text.bytes().scan(0_usize, |open, byte| {
        match byte {
            b'{' | b'[' => *open += 1,
            b'}' | b']' => *open = open.saturating_sub(1),
            _ => {}
        }
        Some(*open)
    });
    open.max().unwrap_or(0)
}

/// A body that is no JSON document, without personal data and secrets.
pub(crate) fn text(redactor: &mut Redactor, text: &str, place: Place) -> String {
    if depth(text) > DEEPEST {
        return redactor.labels.label(Kind::Text, text);
    }
    if !text.trim_start().starts_with(['{', '[']) {
        return redactor.sentence(text);
    }
    let quoted = strings(text);
    let shown = cut(text, quoted.iter().map(|one| one.range.clone())).map(|(nth, part)| {
        let Some(one) = nth.and_then(|nth| quoted.get(nth)) else { return redactor.sentence(part) };
        let number = one.is_number.then(|| serde_json::from_str(&one.text).ok()).flatten();
        let value = number.unwrap_or_else(|| Value::String(one.text.clone()));
        let shown = if one.is_name {
            value
        } else {
            let around = one.around.iter().map(String::as_str).chain([one.member.as_str()]);
            let place = around.fold(place, |place, name| place.below(name, redactor.names));
            redactor.json(&value, &one.member, place)
        };
        let mut shown = shown.to_string();
        let behind = part.get(1..).unwrap_or_default();
        if !one.is_number && one.range.end == text.len() && !behind.ends_with('"') {
            shown.truncate(shown.trim_end_matches('"').len());
        }
        shown
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_know_their_members_and_lines() {
        let found = strings("{\"a\": [\"x\",\n \"y\\n\"], \"b\": {\"c\": \"cut");
        let told: Vec<(&str, &str, bool, usize)> =
            found.iter().map(|one| (one.text.as_str(), one.member.as_str(), one.is_name, one.line)).collect();
        assert_eq!(
            told,
            [
                ("a", "a", true, 1),
                ("x", "a", false, 1),
                ("y\n", "a", false, 2),
                ("b", "b", true, 2),
                ("c", "c", true, 2),
                ("cut", "c", false, 2),
            ]
        );
        assert_eq!(found[5].around, ["b"]);
    }

    #[test]
    fn what_is_nested_without_end_takes_no_room() {
        let mut redactor = Redactor::new(countersign_core::Timestamp::UNIX_EPOCH);
        let deep = r#"{"abcdefgh":"#.repeat(20_000);
        assert_eq!(text(&mut redactor, &deep, Place::default()), "{text:1}");
        assert!(strings(&deep).iter().all(|one| one.around.len() <= DEEPEST));
    }

    #[test]
    fn what_is_cut_off_keeps_no_name() {
        let mut redactor = Redactor::new(countersign_core::Timestamp::UNIX_EPOCH);
        let cut = r#"{"signers":[{"name":"Anna Zoë","email":"anna@corp.example","accessCode":"S3"},{"name":"Ben Mül"#;
        let shown = text(&mut redactor, cut, Place::default());
        assert_eq!(
            shown,
            r#"{"signers":[{"name":"{name:1}","email":"person-1@example.com","accessCode":"{secret:1}"},{"name":"{name:2}"#
        );
    }
}
