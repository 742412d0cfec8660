//! A text with blanks: what is secret in it, or not known yet, has a name in place of its value.

use std::fmt;
use std::ops::Range;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use crate::redact::secrets::united;
use crate::redact::{Names, cut, escape_control, occurrences};

/// A part of a [`RedactedText`] text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// As it is.
    Text(String),
    /// Left out, and what it was: `access code`, `access token`, `API key`, `base URL`.
    Blank(&'static str),
}

/// A text in which secrets are blanks. `Display` and JSON show a blank as `<access code>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedactedText(Vec<Segment>);

impl RedactedText {
    /// A text without blanks.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Segment::Text(text.into())])
    }

    /// A blank.
    #[must_use]
    pub fn blank(name: &'static str) -> Self {
        Self(vec![Segment::Blank(name)])
    }

    /// This, and that behind it.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        for piece in other.0 {
            match (self.0.last_mut(), piece) {
                (Some(Segment::Text(text)), Segment::Text(more)) => text.push_str(&more),
                (_, piece) => self.0.push(piece),
            }
        }
        self
    }

    /// The parts, in order.
    pub fn pieces(&self) -> &[Segment] {
        &self.0
    }

    /// Whether anything is left out.
    pub fn has_blanks(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Segment::Blank(_)))
    }

    /// The text with something in place of each blank, by its name.
    pub fn filled(&self, fill: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Segment| match piece {
            Segment::Text(text) => text.clone(),
            Segment::Blank(name) => fill(name),
        };
        self.0.iter().map(piece).collect()
    }

    /// A request's body or query with its secrets left out.
    ///
    /// In JSON the values of members that hold secrets by their name are left out where they are one of these
    /// secrets, and nothing else: a code of one digit may well be the number of something else in the same body.
    /// Where there is no such member, every place where a secret stands is left out.
    pub(crate) fn hiding(text: &str, secrets: &[SecretString], names: &Names, name: &'static str) -> Self {
        let mut blanks: Vec<Range<usize>> = Vec::new();
        let mut elsewhere: Vec<SecretString> = Vec::new();
        for secret in secrets {
            match members(text, secret.expose_secret(), names) {
                found if found.is_empty() => elsewhere.push(secret.clone()),
                found => blanks.extend(found),
            }
        }
        blanks.extend(occurrences(text, &elsewhere));
        let pieces = cut(text, united(blanks)).filter(|(_, part)| !part.is_empty());
        let segment = |(blank, part): (Option<usize>, &str)| match blank {
            Some(_) => Segment::Blank(name),
            None => Segment::Text(part.to_owned()),
        };
        Self(pieces.map(segment).collect())
    }
}

/// Where a secret stands as the value of a member that holds secrets, without its quotes. The text is as a JSON
/// writer makes it, without white space; within a text every quote has a backslash before it, so `":"` is never part of
/// one.
fn members(text: &str, secret: &str, names: &Names) -> Vec<Range<usize>> {
    let Ok(token) = serde_json::to_string(secret) else { return Vec::new() };
    let is_value = |at: usize| {
        let name = text.get(..at).and_then(|before| before.strip_suffix("\":"));
        let name = name.and_then(|before| before.rsplit('"').next());
        name.is_some_and(|name| names.is_secret(name))
    };
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(&token)).map(|offset| from + offset) {
        let value = is_value(at);
        if value {
            found.push(at + 1..at + token.len() - 1);
        }
        // What is no value may overlap with one: `":"` also follows each name.
        from = at + if value { token.len() } else { 1 };
    }
    found
}

impl fmt::Display for RedactedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Segment::Text(text) => f.write_str(&escape_control(text))?,
                Segment::Blank(name) => write!(f, "<{name}>")?,
            }
        }
        Ok(())
    }
}

impl Serialize for RedactedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.filled(|name| format!("<{name}>")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hidden(text: &str, secret: &str) -> RedactedText {
        RedactedText::hiding(text, &[SecretString::from(secret)], Names::generic(), "access code")
    }

    #[test]
    fn only_the_member_that_holds_the_secret_is_left_out() {
        let body = r#"{"signers":[{"recipientId":"1","name":"1","accessCode":"1"}]}"#;
        let shown = r#"{"signers":[{"recipientId":"1","name":"1","accessCode":"<access code>"}]}"#;
        assert_eq!(hidden(body, "1").to_string(), shown);
    }

    #[test]
    fn a_name_that_looks_like_the_member_is_no_member() {
        let name = r#"x","accessCode":"abcd"#;
        let body = serde_json::json!({"name": name, "accessCode": "abcd"}).to_string();
        let masked = hidden(&body, "abcd");
        assert_eq!(masked.pieces().iter().filter(|piece| matches!(piece, Segment::Blank(_))).count(), 1);
        assert_eq!(masked.filled(|_| "abcd".to_owned()), body);
    }

    #[test]
    fn a_code_that_looks_like_punctuation_is_left_out() {
        for code in [":", ",", ":,", "}"] {
            let body = serde_json::json!({"accessCode": code, "name": "", "id": code}).to_string();
            let masked = hidden(&body, code);
            assert!(masked.to_string().contains(r#""accessCode":"<access code>""#), "{masked}");
            assert_eq!(masked.filled(|_| code.to_owned()), body);
        }
    }

    #[test]
    fn without_such_a_member_every_place_is_left_out() {
        assert_eq!(
            hidden("a=x&code=s3cret&again=s3cret", "s3cret").to_string(),
            "a=x&code=<access code>&again=<access code>"
        );
        assert_eq!(hidden(r#"{"pin":"s3cret"}"#, "s3cret").to_string(), r#"{"pin":"<access code>"}"#);
    }

    proptest! {
        #[test]
        fn filled_again_it_is_the_body_that_was_masked(name in "\\PC{0,20}", code in "\\PC{1,50}") {
            let body = serde_json::json!({"accessCode": code, "name": name, "id": code}).to_string();
            let masked = hidden(&body, &code);
            prop_assert!(masked.has_blanks());
            let quoted = serde_json::to_string(&code).unwrap();
            let inner = quoted[1..quoted.len() - 1].to_owned();
            prop_assert_eq!(masked.filled(|_| inner.clone()), body);
        }
    }
}
