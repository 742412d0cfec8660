//! What no cassette may hold, beside what no file may: whatever a recorder would have replaced.

use countersign_core::{Names, REDACTED, Timestamp};
use serde_json::Value;

use crate::lenient::Quoted;
use crate::matching::{Bonds, Piece, pieces};
use crate::names::Place;
use crate::redact::Redactor;
use crate::wire;

const SECRET: &str = "a secret";
const LEFT: &str = "a value that has to be a placeholder";

/// A value whose member says that it is secret.
pub(crate) fn in_place(one: &Quoted) -> Option<&'static str> {
    let names = one.around.iter().map(String::as_str).chain([one.member.as_str()]);
    let is_secret = !one.is_name && names.into_iter().any(|name| Names::generic().is_secret(name));
    (is_secret && !is_placeholder(&one.text)).then_some(SECRET)
}

/// Nothing, one placeholder, or the redaction mark.
fn is_placeholder(text: &str) -> bool {
    text.trim().is_empty() || text == REDACTED || matches!(pieces(text).as_slice(), [Piece::Token(_)])
}

/// Reads a cassette's strings in their order.
#[derive(Debug)]
pub(crate) struct Strict {
    redactor: Redactor,
    /// The status of the answer whose body comes next.
    status: u16,
}

impl Strict {
    pub(crate) fn new() -> Self {
        Self { redactor: Redactor::new(Timestamp::UNIX_EPOCH), status: 0 }
    }

    /// What is wrong with a string or number.
    pub(crate) fn check(&mut self, one: &Quoted) -> Option<&'static str> {
        let around: Vec<&str> = one.around.iter().map(String::as_str).collect();
        if one.is_number && around == ["calls", "exchanges", "answer"] && one.member == "status" {
            self.status = one.text.parse().unwrap_or(0);
            return None;
        }
        let again = match around.as_slice() {
            // The head is the recorder's, and its members' names are ours.
            _ if one.is_name && !around.contains(&"json") => return None,
            [] => self.name_of(one)?,
            ["calls", "exchanges", side, "body", "json", below @ ..] => {
                let own = if one.is_name { "" } else { one.member.as_str() };
                let place = self.place(side, below, own);
                // A text at the top of a document has no member.
                let member = if below.is_empty() && one.member == "json" { "" } else { one.member.as_str() };
                if one.is_name {
                    self.redactor.member(&one.text, place)
                } else {
                    self.again(member, &one.text, one.is_number, place)
                }
            }
            ["calls", "exchanges", "request"] if one.member == "path" => {
                wire::path(&mut self.redactor, &one.text)
            }
            ["calls", "exchanges", "request", ..] if one.member == "query" => {
                let (name, value) = one.text.split_once('=')?;
                format!("{name}={}", self.again(name, value, false, Place::default()))
            }
            ["calls", "exchanges", "answer", "headers"] if one.member != "content-type" => {
                self.again(&one.member, &one.text, false, Place::default())
            }
            ["calls", "request", ..] if is_placeholder(&one.text) => return None,
            ["calls", "request"] if one.member == "code" => return Some(LEFT),
            ["calls", "request", ..] => wire::argument(&mut self.redactor, &one.member, &one.text)?,
            _ => return None,
        };
        (!same(&one.text, &again)).then_some(LEFT)
    }

    /// Names in the head are words.
    fn name_of(&mut self, one: &Quoted) -> Option<String> {
        ["vendor", "story"].contains(&one.member.as_str()).then(|| self.redactor.sentence(&one.text))
    }

    fn place(&self, side: &str, below: &[&str], member: &str) -> Place {
        let refusal = side == "answer" && !(200..300).contains(&self.status);
        let place = Place { refusal, ..Place::default() };
        below
            .iter()
            .copied()
            .chain([member])
            .fold(place, |place, name| place.below(name, self.redactor.names))
    }

    /// The value as a recorder would write it.
    fn again(&mut self, member: &str, text: &str, is_number: bool, place: Place) -> String {
        let number = is_number.then(|| serde_json::from_str::<Value>(text).ok()).flatten();
        match self.redactor.json(&number.unwrap_or_else(|| Value::from(text)), member, place) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}

/// Whether two texts differ in the numbers of placeholders at most.
fn same(text: &str, again: &str) -> bool {
    text == again || Bonds::default().same_text(text, again)
}
