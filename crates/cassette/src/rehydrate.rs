//! Putting values back into answers: those that the caller gave in this run, and made-up ones for the others.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use crate::dates;
use crate::file::{Answered, Body};
use crate::labels::{Kind, spelled};
use crate::matching::{Bonds, Piece, Token, pieces};
use crate::patterns::{Look, stretches};
use crate::redact::Redactor;

/// Fills in answers; what is made up is remembered, so that it is known when it comes back in a request.
pub(crate) struct Filler<'a> {
    pub(crate) redactor: &'a mut Redactor,
    pub(crate) bonds: &'a mut Bonds,
}

impl Filler<'_> {
    /// The answer as a vendor would give it to this caller.
    pub(crate) fn response(&mut self, answer: &Answered) -> Result<http::Response<Bytes>, http::Error> {
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, self.text(value));
        }
        let body = match &answer.body {
            None => Bytes::new(),
            Some(Body::Json(json)) => Bytes::from(self.json(json).to_string()),
            Some(Body::Text(text)) => Bytes::from(self.text(text)),
            Some(Body::Form(pairs)) => Bytes::from(self.text(&pairs.join("&"))),
        };
        response.body(body)
    }

    fn json(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(
                members.iter().map(|(name, value)| (self.text(name), self.json(value))).collect(),
            ),
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::String(text) => {
                let is_number = ["{unix", "{millis", "{int:"].iter().any(|start| text.starts_with(start));
                let filled = self.text(text);
                match filled.parse::<i64>() {
                    Ok(number) if is_number => Value::from(number),
                    _ => Value::String(filled),
                }
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if text == crate::MANY {
            return "1000".to_owned();
        }
        let text = &self.dates(text);
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Plain(plain) => out.push_str(plain),
                Piece::Token(token) => match token.national() {
                    Some((whole, code)) => {
                        let whole = self.value(&whole);
                        let digits = whole.trim_start_matches('+');
                        let rest = digits.strip_prefix(code).or(digits.get(code.len()..));
                        out.push_str(rest.unwrap_or(digits));
                    }
                    None => out.push_str(&self.value(&token)),
                },
            }
        }
        out
    }

    /// A text with dates that fit.
    fn dates<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        for one in stretches(text).iter().rev().filter(|one| one.look == Look::Label) {
            let label = text.get(one.range.clone()).unwrap_or_default();
            if let Some((form, distance)) = dates::read(label) {
                let date = dates::filled(form, distance, self.redactor.now);
                out.to_mut().replace_range(one.range.clone(), &date);
            }
        }
        out
    }

    /// The value for a placeholder of the recording.
    fn value(&mut self, recorded: &Token) -> String {
        if let Some(run) = self.bonds.of(recorded)
            && let Some(real) = self.redactor.labels.behind(&run.text())
        {
            return real.to_owned();
        }
        // Another spelling of what is known is made from it; for all else something is made up.
        let related = self.related(recorded);
        let made = (0..100).map(|turn| made_up(recorded, turn));
        let values = related.into_iter().map(|value| (true, value));
        for (is_related, value) in values.chain(made.map(|value| (false, value))) {
            let label = self.label(recorded, &value);
            let parts = pieces(&label);
            let [Piece::Token(run)] = parts.as_slice() else { continue };
            // Tried aside, so that what does not fit leaves no trace.
            let mut trial = self.bonds.clone();
            if trial.bond(recorded, run) {
                if !is_related {
                    trial.is_made_up(run);
                }
                *self.bonds = trial;
                return value;
            }
        }
        recorded.text()
    }

    /// A value from another spelling of the same thing, or the same address with another tag.
    fn related(&mut self, recorded: &Token) -> Option<String> {
        let (known, run) = self.bonds.relative(recorded)?;
        let real = self.redactor.labels.behind(&run.text())?.to_owned();
        let bits = known.spelling ^ recorded.spelling;
        if recorded.group != "person" || known.tag == recorded.tag {
            return Some(spelled(&real, bits.max(1)));
        }
        let (local, domain) = real.rsplit_once('@')?;
        let plain = local.split_once('+').map_or(local, |(plain, _)| plain);
        let tag = recorded.tag.map(|tag| format!("+tag-{}", self.bonds.number("tag", tag).unwrap_or(tag)));
        Some(spelled(&format!("{plain}{}@{domain}", tag.unwrap_or_default()), recorded.spelling))
    }

    /// This run's placeholder for a value, which it has from now on.
    fn label(&mut self, recorded: &Token, value: &str) -> String {
        if recorded.group == "person" {
            return self.redactor.labels.address(value);
        }
        let kind = Kind::named(&recorded.group).unwrap_or(Kind::Text);
        self.redactor.learn(kind, value);
        self.redactor.labels.label(kind, value)
    }
}

/// Something that looks right for a placeholder; another one at each turn.
fn made_up(token: &Token, turn: usize) -> String {
    let number = token.number.saturating_add(turn * 1000);
    let kind = Kind::named(&token.group);
    match kind {
        None => Token { number, ..token.clone() }.text(),
        Some(Kind::Id) => spelled(&format!("00000000-0000-4000-8000-{number:012}"), token.spelling),
        Some(Kind::Name) => spelled(&format!("Person {number}"), token.spelling),
        Some(Kind::Text) => format!("Text {number}"),
        Some(Kind::Secret) => format!("replayed-{number}"),
        Some(Kind::Link | Kind::Url) => Token { number, ..token.clone() }.text(),
        Some(Kind::Int) => number.saturating_add(100_000).to_string(),
        Some(Kind::Phone) => format!("+1555{number:07}"),
        Some(Kind::Ip) => format!("192.0.2.{}", number % 256),
    }
}
