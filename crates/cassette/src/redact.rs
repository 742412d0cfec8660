//! Removes personal data and secrets from calls, requests and answers, before anything is kept.
//!
//! What is left of a text is what is known to be harmless: words such as statuses and codes, small numbers, and the
//! vendor's sentences in refusals, in which known values and everything that looks like one are redacted. Any other
//! text becomes a placeholder.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use countersign_core::redact::{Sign, cut, occurrences, splice, walk};
use countersign_core::{Email, ExposeSecret, Names, SecretString, Timestamp};
use serde_json::{Map, Value};

use crate::dates::{self, Form};
use crate::labels::{Kind, Labels};
use crate::matching::{braced, is_link};
use crate::names::{self, Place};
use crate::patterns::{Look, Stretch, is_country_code, is_word, is_words, stretches_at, words};

/// Shorter names and ids are not looked for within texts.
pub(crate) const SHORTEST: usize = 4;

/// Numbers from here on may identify an account, a document or a phone.
const LARGE: f64 = 100_000.0;

/// Replaces values by placeholders, the same one for the same value.
#[derive(Debug)]
pub(crate) struct Redactor {
    pub(crate) labels: Labels,
    known: VecDeque<Known>,
    /// How many values are looked for at most; the oldest is forgotten first.
    most: usize,
    /// What dates are measured from.
    pub(crate) now: Timestamp,
    /// Whether dates, ids and limits stay as they are: they name an exchange to the vendor's support.
    pub(crate) for_support: bool,
    /// The names of the vendor that is being talked to; where it is not known, those of any.
    pub(crate) names: &'static Names,
}

/// A value that is looked for in every text.
#[derive(Debug)]
struct Known {
    kind: Kind,
    real: SecretString,
}

impl Redactor {
    pub(crate) fn new(now: Timestamp) -> Self {
        let labels = Labels::default();
        Self {
            labels,
            known: VecDeque::new(),
            most: usize::MAX,
            now,
            for_support: false,
            names: Names::generic(),
        }
    }

    /// Keeps what names an exchange to the vendor's support. It goes on for as long as a process lives, so it looks
    /// only for the latest values of earlier exchanges.
    pub(crate) fn for_support(now: Timestamp) -> Self {
        let mut redactor = Self { most: 256, for_support: true, ..Self::new(now) };
        redactor.labels.keep_ids = true;
        redactor
    }

    /// The placeholder of a value that is looked for from now on.
    pub(crate) fn know(&mut self, kind: Kind, real: &str) -> String {
        self.learn(kind, real);
        self.labels.label(kind, real)
    }

    /// Looks for a value from now on. It gets its number when it is found.
    pub(crate) fn learn(&mut self, kind: Kind, real: &str) {
        // By itself an id is an id however short it is.
        let least = match kind {
            Kind::Id => 1,
            Kind::Secret => 3,
            _ => SHORTEST,
        };
        let is_new = !self.known.iter().any(|one| one.real.expose_secret() == real);
        if is_new && real.chars().count() >= least {
            self.known.push_back(Known { kind, real: SecretString::from(real) });
        }
        if self.known.len() > self.most {
            self.known.pop_front();
        }
    }

    /// A JSON document.
    pub(crate) fn json(&mut self, value: &Value, name: &str, place: Place) -> Value {
        match value {
            Value::Object(members) => Value::Object(self.members(members, place)),
            Value::Array(items) => items.iter().map(|item| self.json(item, name, place)).collect(),
            Value::String(text) => Value::String(self.text(name, text, place)),
            Value::Number(number) => self.number(name, number, place),
            Value::Bool(_) | Value::Null => value.clone(),
        }
    }

    fn members(&mut self, members: &Map<String, Value>, place: Place) -> Map<String, Value> {
        let code = members.iter().find_map(|(name, value)| {
            value
                .as_str()
                .filter(|code| names::is_country_code(name) && is_country_code(code))
                .map(str::to_owned)
        });
        // Names first, short ones before long ones, and then the members in the order in which they will stand: so a
        // document that was written before gets the numbers that it has.
        let mut names: Vec<&String> = members.keys().collect();
        names.sort_by_key(|name| name.len());
        let written: BTreeMap<String, &String> =
            names.into_iter().map(|name| (self.member(name, place), name)).collect();
        let member = |(shown, name): (String, &String)| {
            let value = members.get(name)?;
            // A redacted name says only that it named a secret.
            let below =
                Place { secret: place.below(name, self.names).secret, ..place.below(&shown, self.names) };
            let name = shown.as_str();
            let number = match value {
                Value::String(number) => Some(number.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let value = match number.filter(|_| names::is_phone(name) && !below.secret) {
                Some(number) => Value::String(self.phone(&number, code.as_deref())),
                None => self.json(value, name, below),
            };
            Some((shown.clone(), value))
        };
        written.into_iter().filter_map(member).collect()
    }

    /// The name of a member: the vendor's word, unless it is the application's.
    pub(crate) fn member(&mut self, name: &str, place: Place) -> String {
        if name.is_empty() || (!place.own_names && is_word(name)) {
            name.to_owned()
        } else {
            self.looks("", name, place)
        }
    }

    fn number(&mut self, name: &str, number: &serde_json::Number, place: Place) -> Value {
        if place.secret {
            return Value::String(self.know(Kind::Secret, &number.to_string()));
        }
        if let Some(label) = self.secret_number(number) {
            return Value::String(label);
        }
        if names::is_phone(name) {
            return Value::String(self.phone(&number.to_string(), None));
        }
        if let Some((form, at)) = number.as_i64().and_then(dates::of_number) {
            return if self.for_support { number.clone().into() } else { self.date(form, at).into() };
        }
        // Also of fractions, and of what is beyond the numbers that one counts with.
        if number.as_f64().is_none_or(|size| size.abs() >= LARGE) {
            return Value::String(self.labels.label(Kind::Int, &number.to_string()));
        }
        Value::Number(number.clone())
    }

    /// A code is sent as a text, and a vendor may repeat it as a number.
    fn secret_number(&mut self, number: &serde_json::Number) -> Option<String> {
        let number = number.to_string();
        let is_it = |known: &Known| known.kind == Kind::Secret && known.real.expose_secret() == number;
        let is_known = number.len() >= SHORTEST && self.known.iter().any(is_it);
        is_known.then(|| self.labels.label(Kind::Secret, &number))
    }

    /// The text of a member, of a field of a query, or of a part of a path.
    pub(crate) fn text(&mut self, name: &str, text: &str, place: Place) -> String {
        if text.trim().is_empty() {
            return text.to_owned();
        }
        if place.secret || self.names.is_secret(name) {
            return self.secret(text);
        }
        if let Some(label) = self.exactly_known(text).or_else(|| self.own_label(text)) {
            return label;
        }
        if names::is_phone(name) {
            return self.phone(text, None);
        }
        if names::is_country_code(name) && is_country_code(text) {
            return text.to_owned();
        }
        if Email::new(text).is_ok() {
            return self.labels.address(text);
        }
        if names::is_name(name) {
            return self.know(Kind::Name, text);
        }
        if place.refusal {
            return self.sentence(text);
        }
        if self.names.is_personal(name) {
            return self.labels.label(Kind::Text, text);
        }
        self.looks(name, text, place)
    }

    /// A secret, or a link that is one.
    pub(crate) fn secret(&mut self, text: &str) -> String {
        let is_link = ["http://", "https://"]
            .iter()
            .any(|start| text.get(..start.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(start)));
        self.know(if is_link { Kind::Link } else { Kind::Secret }, text)
    }

    /// A phone number; next to a separate country code, the rest of one.
    pub(crate) fn phone(&mut self, number: &str, code: Option<&str>) -> String {
        if number.trim().is_empty() {
            return number.to_owned();
        }
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let label = braced(number).filter(|label| label.group == "phone");
        let rest = match &label {
            // A placeholder already: the number is that of its phone.
            Some(label) => label.national().map(|(whole, code)| (whole.text(), code.to_owned())),
            None => {
                let code = code.map(digits).filter(|code| !code.is_empty());
                code.map(|code| (format!("+{code}{}", digits(number)), code))
            }
        };
        let Some((whole, code)) = rest else { return self.labels.label(Kind::Phone, number) };
        let whole = self.labels.label(Kind::Phone, &whole);
        whole.replacen("phone", "national", 1).replacen('}', &format!("+{code}}}"), 1)
    }

    /// A text of which nothing is known but its looks.
    pub(crate) fn looks(&mut self, name: &str, text: &str, place: Place) -> String {
        if let Some(label) = self.exactly_known(text) {
            return label;
        }
        // The period of a limit, such as `1h`, says no more than a number does.
        let count = text.strip_suffix(['s', 'm', 'h', 'd']).filter(|count| !count.is_empty()).unwrap_or(text);
        let is_small = count.len() <= 5 && count.bytes().all(|byte| byte.is_ascii_digit());
        if is_small || matches!(text, "true" | "false") {
            return text.to_owned();
        }
        let found = stretches_at(text, self.names);
        if self.is_long_id(name, text, &found) {
            return self.know(Kind::Id, text);
        }
        if found.is_empty() {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            if digits && let Some((form, at)) = text.parse().ok().and_then(dates::of_number) {
                if self.for_support {
                    return text.to_owned();
                }
                let form = if form == Form::Unix { Form::Seconds } else { form };
                return self.date(form, at);
            }
            if digits || names::is_id(name) {
                return self.labels.label(Kind::Id, text);
            }
            let is_kept = is_word(text) || (names::is_word(name) && is_words(text));
            return match is_kept && !place.free {
                true => self.without_known(text, |_| true),
                false => self.labels.label(Kind::Text, text),
            };
        }
        let parts = cut(text, found.iter().map(|one| one.range.clone()));
        let between: Vec<&str> = parts.filter(|(nth, _)| nth.is_none()).map(|(_, part)| part).collect();
        let plain =
            between.iter().all(|part| part.chars().all(|c| c.is_ascii_graphic() && !c.is_whitespace()));
        let whole = between.iter().all(|part| part.is_empty());
        if plain && (whole || !place.free) && between.iter().map(|part| part.len()).sum::<usize>() <= 64 {
            self.replace(text, &found)
        } else {
            self.labels.label(Kind::Text, text)
        }
    }

    /// Whether a member names something by an id that is as long and as mixed as a secret, as those of some vendors
    /// are. A mere `id` may be that of a session, which anyone who knows it can open. Support gets to see ids, and so
    /// none of which this is not sure.
    pub(crate) fn is_long_id(&self, name: &str, text: &str, found: &[Stretch]) -> bool {
        let is_shaped = |one: &Stretch| one.look == Look::Secret(Sign::Shape) && one.range == (0..text.len());
        let is_reference = names::is_id(name) && !name.eq_ignore_ascii_case("id");
        is_reference && !self.for_support && matches!(found, [one] if is_shaped(one))
    }

    /// Redacts a vendor's sentence: known values, and everything that looks like one.
    pub(crate) fn sentence(&mut self, text: &str) -> String {
        if let Some(label) = self.exactly_known(text) {
            return label;
        }
        let text = self.without_known(text, |known| known.len() >= 8);
        let found = stretches_at(&text, self.names);
        self.replace(&text, &found)
    }

    /// Replaces the stretches, and what is known in between.
    fn replace(&mut self, text: &str, found: &[Stretch]) -> String {
        let shown = cut(text, found.iter().map(|one| one.range.clone())).map(|(nth, part)| {
            match nth.and_then(|nth| found.get(nth)) {
                Some(one) => self.stretch(one.look, part),
                None => self.without_known(part, |_| true),
            }
        });
        shown.collect()
    }

    fn stretch(&mut self, look: Look, text: &str) -> String {
        match look {
            Look::Label => self.own_label(text).unwrap_or_else(|| self.labels.label(Kind::Text, text)),
            Look::Url if is_link(text) => self.labels.label(Kind::Link, text),
            Look::Url => self.labels.label(Kind::Url, text),
            Look::Email => self.labels.address(text),
            Look::Id => self.labels.label(Kind::Id, text),
            Look::Date | Look::HttpDate if self.for_support => text.to_owned(),
            Look::Date | Look::HttpDate => match dates::of_text(text) {
                Some((form, at)) => self.date(form, at),
                None => self.labels.label(Kind::Text, text),
            },
            Look::Phone => self.labels.label(Kind::Phone, text),
            Look::Ip => self.labels.label(Kind::Ip, text),
            Look::Secret(_) => self.know(Kind::Secret, text),
        }
    }

    fn date(&self, form: Form, at: Timestamp) -> String {
        dates::label(form, at, self.now)
    }

    /// A text that is one of our placeholders: a value like any other, but of that kind.
    fn own_label(&mut self, text: &str) -> Option<String> {
        if text == crate::MANY || dates::read(text).is_some() {
            return Some(text.to_owned());
        }
        let label = braced(text)?;
        if label.national().is_some() {
            return Some(self.phone(text, None));
        }
        let kind = Kind::named(&label.group).filter(|kind| label.before == format!("{{{kind}:"))?;
        (label.behind == "}").then(|| self.labels.label(kind, text))
    }

    fn exactly_known(&mut self, text: &str) -> Option<String> {
        let kind = self.known.iter().find(|known| known.real.expose_secret() == text)?.kind;
        Some(self.labels.label(kind, text))
    }

    /// A text without what is known, in clear or encoded.
    pub(crate) fn without_known(&mut self, text: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut clean = Cow::Borrowed(text);
        for known in &self.known {
            let real = known.real.expose_secret();
            let is_short = real.chars().count() < SHORTEST && known.kind != Kind::Secret;
            if is_short || !wanted(real) {
                continue;
            }
            let places = match known.kind {
                Kind::Secret | Kind::Link => occurrences(&clean, std::slice::from_ref(&known.real)),
                // Within a sentence only: a single word may be a status that is also a name.
                _ if clean.contains(char::is_whitespace) => words(&clean, real),
                _ => continue,
            };
            if !places.is_empty() {
                let label = self.labels.label(known.kind, real);
                clean = Cow::Owned(splice(&clean, places, &label).into_owned());
            }
        }
        clean.into_owned()
    }

    /// Takes out of a document that was written before what has become known since.
    pub(crate) fn again(&mut self, value: &mut Value) {
        walk(value, &mut |_, value| {
            let label = match value {
                Value::String(text) => Some(self.without_known(text, |_| true)),
                Value::Number(number) => self.secret_number(number),
                _ => None,
            };
            if let Some(label) = label {
                *value = Value::String(label);
            }
            true
        });
    }

    /// The values that must not be in a file.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        self.known.iter().filter(|known| known.kind == Kind::Secret).map(|known| known.real.clone()).collect()
    }
}
