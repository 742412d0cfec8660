//! Whether a request is the one that was recorded: equal but for the numbers of placeholders, which have to
//! correspond one to one.

use std::collections::{BTreeMap, HashMap, HashSet};

use countersign_core::redact::cut;
use serde_json::{Map, Value};

use crate::file::{Body, Sent};
use crate::labels::{read_address, written};
use crate::patterns::{Look, Stretch, stretches};

/// A placeholder taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What is numbered together.
    pub(crate) group: String,
    pub(crate) number: usize,
    pub(crate) tag: Option<usize>,
    pub(crate) spelling: usize,
    /// The text around the number.
    pub(crate) before: String,
    pub(crate) behind: String,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Plain(&'t str),
    Token(Token),
}

/// Whether a text is the placeholder of a signing link.
pub(crate) fn is_link(text: &str) -> bool {
    web(text).is_some_and(|token| token.group == "link")
}

/// A link's placeholder.
fn web(text: &str) -> Option<Token> {
    let (scheme, rest) = text.split_once("://")?;
    let (group, rest) = rest.split_once('-').filter(|(group, _)| ["link", "url"].contains(group))?;
    let (number, tail) = rest.split_once('.')?;
    let tail = format!(".{tail}");
    let known = tail.strip_prefix(".example.com/").is_some_and(|end| ["", "?q", "#f", "?q#f"].contains(&end));
    let before = format!("{scheme}://{group}-");
    let number = number.parse().ok().filter(|_| known)?;
    Some(Token { group: group.to_owned(), number, tag: None, spelling: 0, before, behind: tail })
}

/// A placeholder in braces.
pub(crate) fn braced(text: &str) -> Option<Token> {
    let (word, rest) = text.strip_prefix('{')?.split_once(':')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let behind = rest.get(digits..)?;
    let plain = behind.trim_start_matches('\'');
    // The rest of a phone number is numbered with the numbers.
    let group = if word == "national" { "phone" } else { word }.to_owned();
    let spelling = behind.len() - plain.len();
    let number = rest.get(..digits)?.parse().ok()?;
    Some(Token { group, number, tag: None, spelling, before: format!("{{{word}:"), behind: plain.to_owned() })
}

fn person(text: &str) -> Option<Token> {
    let (number, tag, spelling) = read_address(text)?;
    let (before, behind) = (String::new(), String::new());
    Some(Token { group: "person".to_owned(), number, tag, spelling, before, behind })
}

/// The parts of a text.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let token = |one: Stretch| {
        let found = text.get(one.range.clone())?;
        let token = match one.look {
            // A date is the same as any at the same distance, and `{many}` as any.
            Look::Label => braced(found),
            Look::Url => web(found),
            Look::Email => person(found),
            _ => None,
        };
        Some((one.range, token?))
    };
    let (ranges, tokens): (Vec<_>, Vec<_>) = stretches(text).into_iter().filter_map(token).unzip();
    let mut tokens = tokens.into_iter();
    let parts = cut(text, ranges).filter(|(_, part)| !part.is_empty());
    parts
        .map(|(nth, part)| nth.and_then(|_| tokens.next()).map_or(Piece::Plain(part), Piece::Token))
        .collect()
}

impl Token {
    /// The placeholder as it is written.
    pub(crate) fn text(&self) -> String {
        if self.group == "person" {
            return written(self.number, self.tag, self.spelling);
        }
        format!("{}{}{}{}", self.before, self.number, "'".repeat(self.spelling), self.behind)
    }

    /// Of what is left of a phone number behind a country code: the whole number, and the code.
    pub(crate) fn national(&self) -> Option<(Self, &str)> {
        let code = self.behind.strip_prefix('+')?.strip_suffix('}')?;
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let whole = || Self { before: "{phone:".to_owned(), behind: "}".to_owned(), ..self.clone() };
        (is_code && self.before == "{national:").then(|| (whole(), code))
    }
}

type Key = (String, usize);
type Spelling = (String, usize, Option<usize>, usize);

/// Which placeholder of the recording stands for which of this run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bonds {
    numbers: HashMap<Key, usize>,
    back: HashMap<Key, usize>,
    spellings: HashMap<Spelling, Spelling>,
    spellings_back: HashMap<Spelling, Spelling>,
    /// Of this run, and made up by the player: whatever the caller says takes its place.
    made_up: HashSet<Key>,
}

impl Bonds {
    /// The run's placeholder for one of the recording.
    pub(crate) fn of(&self, recorded: &Token) -> Option<Token> {
        let (_, number, tag, spelling) = self.spellings.get(&spelling(recorded))?.clone();
        Some(Token { number, tag, spelling, ..recorded.clone() })
    }

    /// The run's number for one of the recording.
    pub(crate) fn number(&self, group: &str, number: usize) -> Option<usize> {
        self.numbers.get(&(group.to_owned(), number)).copied()
    }

    /// Some spelling of the same thing that is known already: the recording's and the run's.
    pub(crate) fn relative(&self, recorded: &Token) -> Option<(Token, Token)> {
        let known = self
            .spellings
            .keys()
            .filter(|(group, number, ..)| *group == recorded.group && *number == recorded.number);
        let (_, _, tag, spelling) = known.min()?.clone();
        let known = Token { tag, spelling, ..recorded.clone() };
        Some((known.clone(), self.of(&known)?))
    }

    /// Bonds two placeholders; `false` if one of them is bonded otherwise.
    pub(crate) fn bond(&mut self, recorded: &Token, run: &Token) -> bool {
        if (&recorded.before, &recorded.behind) != (&run.before, &run.behind)
            || recorded.group != run.group
            || recorded.tag.is_some() != run.tag.is_some()
        {
            return false;
        }
        let tags = match (recorded.tag, run.tag) {
            (Some(recorded), Some(run)) => self.pair("tag", recorded, run),
            _ => true,
        };
        if !tags || !self.pair(&recorded.group, recorded.number, run.number) {
            return false;
        }
        let (recorded, run) = (spelling(recorded), spelling(run));
        if self.spellings.get(&recorded).is_some_and(|known| (&known.0, known.1) != (&run.0, run.1)) {
            self.spellings.remove(&recorded);
        }
        let there = self.spellings.entry(recorded.clone()).or_insert_with(|| run.clone()) == &run;
        there && self.spellings_back.entry(run).or_insert_with(|| recorded.clone()) == &recorded
    }

    /// Notes that a value of this run is made up.
    pub(crate) fn is_made_up(&mut self, run: &Token) {
        self.made_up.insert((run.group.clone(), run.number));
        self.made_up.extend(run.tag.map(|tag| ("tag".to_owned(), tag)));
    }

    fn pair(&mut self, group: &str, recorded: usize, run: usize) -> bool {
        let key = |number: usize| (group.to_owned(), number);
        let stand_in = self.numbers.get(&key(recorded)).copied().filter(|known| *known != run);
        if let Some(stand_in) = stand_in
            && self.made_up.contains(&key(stand_in))
            && !self.back.contains_key(&key(run))
        {
            self.numbers.remove(&key(recorded));
            self.back.remove(&key(stand_in));
        }
        let there = *self.numbers.entry((group.to_owned(), recorded)).or_insert(run) == run;
        there && *self.back.entry((group.to_owned(), run)).or_insert(recorded) == recorded
    }

    /// Whether two texts are the same; bonds what has to correspond.
    pub(crate) fn same_text(&mut self, recorded: &str, run: &str) -> bool {
        if recorded == run && !recorded.contains(['{', '@', ':']) {
            return true;
        }
        let (recorded, run) = (pieces(recorded), pieces(run));
        recorded.len() == run.len()
            && recorded.iter().zip(&run).all(|pair| match pair {
                (Piece::Plain(recorded), Piece::Plain(run)) => recorded == run,
                (Piece::Token(recorded), Piece::Token(run)) => self.bond(recorded, run),
                _ => false,
            })
    }

    /// Whether two documents are the same.
    pub(crate) fn same_json(&mut self, recorded: &Value, run: &Value) -> bool {
        match (recorded, run) {
            (Value::Object(recorded), Value::Object(run)) => {
                let ((plain, hidden), (run_plain, run_hidden)) = (by_name(recorded), by_name(run));
                plain.len() == run_plain.len()
                    && plain.into_iter().zip(run_plain).all(|((name, value), (run_name, run_value))| {
                        name == run_name && self.same_json(value, run_value)
                    })
                    && self.same_in_any_order(
                        &hidden.into_iter().collect::<Vec<_>>(),
                        &run_hidden.into_iter().collect::<Vec<_>>(),
                        |bonds, (name, value), (run_name, run_value)| {
                            bonds.same_text(name, run_name) && bonds.same_json(value, run_value)
                        },
                    )
            }
            (Value::Array(recorded), Value::Array(run)) => {
                recorded.len() == run.len()
                    && recorded.iter().zip(run).all(|(value, run)| self.same_json(value, run))
            }
            (Value::String(recorded), Value::String(run)) => self.same_text(recorded, run),
            (recorded, run) => recorded == run,
        }
    }

    /// The bonds of those members of two documents that are the same, and how many they are.
    pub(crate) fn agree_where_possible(mut self, recorded: &Value, run: &Value) -> (usize, Self) {
        let mut agreed = 0;
        for (name, value) in recorded.as_object().into_iter().flatten() {
            let mut trial = self.clone();
            if run.get(name).is_some_and(|run| trial.same_json(value, run)) {
                self = trial;
                agreed += 1;
            }
        }
        (agreed, self)
    }

    /// Whether two requests are the same.
    pub(crate) fn same_request(&mut self, recorded: &Sent, run: &Sent) -> bool {
        recorded.method == run.method
            && self.same_text(&recorded.path, &run.path)
            && self.same_body(recorded.body.as_ref(), run.body.as_ref())
            && self.same_pairs(&recorded.query, &run.query)
    }

    pub(crate) fn same_body(&mut self, recorded: Option<&Body>, run: Option<&Body>) -> bool {
        match (recorded, run) {
            (None, None) => true,
            (Some(Body::Json(recorded)), Some(Body::Json(run))) => self.same_json(recorded, run),
            (Some(Body::Form(recorded)), Some(Body::Form(run))) => self.same_pairs(recorded, run),
            (Some(Body::Text(recorded)), Some(Body::Text(run))) => self.same_text(recorded, run),
            _ => false,
        }
    }

    /// Whether two lists hold the same pairs, each as often, in any order.
    pub(crate) fn same_pairs(&mut self, recorded: &[String], run: &[String]) -> bool {
        self.same_in_any_order(recorded, run, |bonds, pair, sent| bonds.same_text(pair, sent))
    }

    fn same_in_any_order<T: Clone>(
        &mut self,
        recorded: &[T],
        run: &[T],
        same: impl Fn(&mut Self, &T, &T) -> bool + Copy,
    ) -> bool {
        if recorded.len() != run.len() {
            return false;
        }
        // The one with the fewest counterparts first: one without any ends the search, which would else go through
        // all orders of the others.
        let counterparts = |one: &T| run.iter().filter(|sent| same(&mut self.clone(), one, sent)).count();
        let Some((count, first)) = recorded.iter().map(counterparts).zip(0..).min() else { return true };
        if count == 0 {
            return false;
        }
        let mut rest = recorded.to_vec();
        let first = rest.remove(first);
        for (at, candidate) in run.iter().enumerate() {
            let mut trial = self.clone();
            if !same(&mut trial, &first, candidate) {
                continue;
            }
            let mut left = run.to_vec();
            left.remove(at);
            if trial.same_in_any_order(&rest, &left, same) {
                *self = trial;
                return true;
            }
        }
        false
    }
}

type Members<'d> = BTreeMap<&'d String, &'d Value>;

/// The members by their names, whatever order a document keeps them in; apart, those whose names are placeholders:
/// their numbers, and so their order, differ from run to run.
fn by_name(members: &Map<String, Value>) -> (Members<'_>, Members<'_>) {
    members.iter().partition(|(name, _)| pieces(name).iter().all(|piece| matches!(piece, Piece::Plain(_))))
}

fn spelling(token: &Token) -> Spelling {
    (token.group.clone(), token.number, token.tag, token.spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_country_code_is_nothing_but_a_number() {
        let code =
            |text: &str| braced(text).and_then(|token| token.national().map(|(_, code)| code.to_owned()));
        assert_eq!(code("{national:1+49}").as_deref(), Some("49"));
        for text in [
            "{national:1+}",
            "{national:1+49 Kim Doe}",
            "{national:1}",
            "{phone:1+49}",
            "{national:1+49} Kim",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
    }
}
