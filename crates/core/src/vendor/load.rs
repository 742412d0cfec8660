//! Reads `vendor.toml`, and checks what its format alone does not guarantee.

use std::collections::BTreeSet;
use std::fmt::Display;

use http::HeaderName;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::facts::{Facts, FactsError};
use super::mapping::{Coverage, ErrorMapping, Mapping, incomplete};
use super::rate::Rate;
use crate::redact::Names;
use crate::vendor::conduct::Evidence;
use crate::webhook::WebhookEvent;

/// The position and the problem.
type Wrong = (usize, String);

/// The keys above a row, and the problem.
type WrongRow = (Vec<String>, String);

impl Facts {
    /// Reads the text of a `vendor.toml`; `file` is its name in errors.
    ///
    /// # Errors
    /// The file, the line and the problem: an unknown key, an unknown grade of evidence, a duplicate row, or a row
    /// without a source.
    pub fn parse(file: &str, text: &str) -> Result<Self, FactsError> {
        read(text).map_err(|(at, message)| {
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            FactsError { file: file.to_owned(), line, message }
        })
    }

    /// Like [`Facts::parse`], for the text that is built into an adapter.
    ///
    /// # Panics
    /// Panics if the text is invalid: the program was built with a broken file, and could not state anything
    /// reliable about the vendor. `countersign_testkit::check_facts` finds this in a test.
    #[must_use]
    pub fn load(file: &str, text: &str) -> Self {
        match Self::parse(file, text) {
            Ok(facts) => facts,
            #[expect(clippy::panic, reason = "the only allowed panic: a build error, with file and line")]
            Err(error) => panic!("{error}"),
        }
    }
}

fn read(text: &str) -> Result<Facts, Wrong> {
    let unread =
        |error: toml::de::Error| (error.span().map_or(0, |span| span.start), error.message().to_owned());
    let mut file = DeTable::parse(text).map_err(unread)?;
    let sources = file.get_ref().get("sources").and_then(|rows| rows.get_ref().as_table()).cloned();
    let sources = sources.unwrap_or_default();
    for (key, value) in file.get_mut().iter_mut() {
        write_out(value, std::slice::from_ref(key), &sources)?;
    }
    let mut facts = Facts::deserialize(toml::Deserializer::from(file)).map_err(unread)?;
    facts.complete().map_err(|(keys, problem)| (place(text, &keys).unwrap_or(0), problem))?;
    Ok(facts)
}

/// Completes the rows: the full source in place of its name, and the words that are the keys above a row. Keys of one
/// table must differ in more than letter case, which does not matter in a vendor's words.
fn write_out<'i>(
    value: &mut Spanned<DeValue<'i>>,
    keys: &[Spanned<DeString<'i>>],
    sources: &DeTable<'i>,
) -> Result<(), Wrong> {
    let at = value.span().start;
    let names: Vec<&str> = keys.iter().map(|key| key.get_ref().as_ref()).collect();
    let mut seen = BTreeSet::new();
    let mut rows = value.get_ref().as_table().into_iter().flat_map(DeTable::keys);
    if let Some(twice) = rows.find(|key| !seen.insert(key.get_ref().to_ascii_lowercase())) {
        return Err((twice.span().start, format!("`{}` occurs twice", twice.get_ref())));
    }
    let (row, words): (_, &[&str]) = match (value.get_mut(), &names[..]) {
        (_, ["words", _] | ["sources"]) => return Ok(()),
        (DeValue::String(source), [.., row, "source"]) => {
            return full(source, row, sources).map_err(|problem| (at, problem));
        }
        (DeValue::Array(rows), _) => {
            return rows.iter_mut().try_for_each(|row| write_out(row, keys, sources));
        }
        (DeValue::Table(row), ["capabilities", _]) => (row, &["feature"]),
        (DeValue::Table(row), ["mapping", "error", _, _]) => (row, &["operation", "kind"]),
        (DeValue::Table(row), ["mapping", table, _]) if *table != "error" => (row, &["what"]),
        (DeValue::Table(row), _) => (row, &[]),
        _ => return Ok(()),
    };
    for (word, key) in words.iter().rev().zip(keys.iter().rev()) {
        let value = Spanned::new(key.span(), DeValue::String(key.get_ref().clone()));
        if row.insert(Spanned::new(key.span(), (*word).into()), value).is_some() {
            return Err((at, format!("unknown field `{word}`")));
        }
    }
    for (key, value) in row.iter_mut() {
        let mut below = keys.to_vec();
        below.push(key.clone());
        write_out(value, &below, sources)?;
    }
    Ok(())
}

/// The full source of a row. A single word can only be a name under `[sources]`; anything else is the source itself.
fn full<'i>(source: &mut DeString<'i>, row: &str, sources: &DeTable<'i>) -> Result<(), String> {
    match sources.get(source.as_ref()).and_then(|full| full.get_ref().as_str()) {
        Some(full) => *source = full.to_owned().into(),
        None if source.contains(['.', '/', ' ']) => {}
        None if source.is_empty() => return Err(format!("{row} has no source")),
        None => return Err(format!("{row} names the source `{source}`, which is not under [sources]")),
    }
    Ok(())
}

/// Where a row stands.
fn place(text: &str, keys: &[String]) -> Option<usize> {
    let file = DeTable::parse(text).ok()?;
    let (first, rest) = keys.split_first()?;
    let row =
        rest.iter().try_fold(file.get_ref().get(first.as_str())?, |rows, key| match rows.get_ref() {
            DeValue::Array(rows) => rows.get(key.parse::<usize>().ok()?),
            rows => rows.get(key.as_str()),
        })?;
    Some(row.span().start)
}

fn wrong<T>(keys: &[&dyn ToString], problem: String) -> Result<T, WrongRow> {
    Err((keys.iter().map(|key| key.to_string()).collect(), problem))
}

impl Facts {
    /// Fills in what follows from several rows, and checks them together.
    fn complete(&mut self) -> Result<(), WrongRow> {
        if self.title.is_empty() {
            return wrong(&[], "the file has no title".to_owned());
        }
        let limits: Vec<&str> = self.rate.iter().flat_map(Rate::names).map(HeaderName::as_str).collect();
        self.names = Names::new(&self.secret_members, &self.personal_members, &self.free_members, &limits);
        self.capabilities.sort_by_key(|row| row.feature);
        self.check_refusals()?;
        self.check_limits()?;
        self.fill_events()?;
        let mappings = &mut self.mappings;
        arrange("reference", &mut mappings.reference)?;
        arrange("field", &mut mappings.field)?;
        arrange("status", &mut mappings.status)?;
        arrange("envelope", &mut mappings.envelope)?;
        arrange("stage", &mut mappings.stage)?;
        arrange("event", &mut mappings.event)?;
        mappings.error.sort_by_key(|row| (row.operation, row.kind));
        for ErrorMapping { operation, kind, when, .. } in &mut mappings.error {
            if when.is_empty() {
                let Some(usual) = ErrorMapping::usual(*kind) else {
                    let problem = format!("`{kind}` has no default sentence: say `when` it occurs");
                    return wrong(&[&"mapping", &"error", operation, kind], problem);
                };
                *when = usual.to_owned();
            }
        }
        Ok(())
    }

    fn check_refusals(&self) -> Result<(), WrongRow> {
        let mut seen = BTreeSet::new();
        for (at, row) in self.refusals.0.iter().enumerate() {
            let wrong = |problem: String| wrong(&[&"refusal", &at], problem);
            let small = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
            let status = row.status.map(|status| status.to_string());
            let Some(name) = row.code.as_ref().or(row.text.as_ref()).or(status.as_ref()) else {
                return wrong("the refusal names neither code, status nor text".to_owned());
            };
            if !seen.insert((row.operation, row.status, small(&row.code), small(&row.text))) {
                return wrong(format!("the refusal `{name}` occurs twice"));
            }
            if row.meaning.is_empty() {
                return wrong(format!("the refusal `{name}` has no meaning"));
            }
        }
        Ok(())
    }

    /// A call without its group would not be counted by `migrate check`.
    fn check_limits(&self) -> Result<(), WrongRow> {
        let mut names = BTreeSet::new();
        for (at, limit) in self.limits.iter().enumerate() {
            if !names.insert(&limit.name) {
                return wrong(&[&"limit", &at], format!("the limit `{}` occurs twice", limit.name));
            }
        }
        for (at, calls) in self.calls.iter().enumerate() {
            let wrong = |problem: String| {
                wrong(&[&"calls", &at], format!("the calls of {} {problem}", calls.operation))
            };
            if let Some(unknown) = calls.limits.iter().find(|name| !names.contains(name)) {
                return wrong(format!("name the limit `{unknown}`, which has no row"));
            }
            if !names.is_empty() && u32::try_from(calls.limits.len()) != Ok(calls.usual) {
                return wrong("need one of `limits` for each usual call".to_owned());
            }
        }
        Ok(())
    }

    /// The vendor's words for each of our events, which the rows do not repeat: a row has the `note` for an event that
    /// the vendor sends, or `no` for one that it does not send. Without a row, the facts about its webhooks name the
    /// source.
    fn fill_events(&mut self) -> Result<(), WrongRow> {
        let rows = &mut self.mappings.event;
        for event in WebhookEvent::NAMED {
            let sent = self.words.event.iter().filter(|(_, known)| **known == event);
            let sent = sent.map(|(word, _)| word).collect::<Vec<_>>().join(", ");
            match rows.iter_mut().find(|row| row.what == event) {
                _ if sent.is_empty() => {}
                Some(Mapping { coverage: Coverage::As(word), .. }) => *word = sent,
                Some(row) => return wrong(&[&"mapping", &"event", &event], incomplete(&row.what)),
                None => rows.push(Mapping {
                    what: event,
                    coverage: Coverage::As(sent),
                    note: String::new(),
                    evidence: Evidence::Documented,
                    source: String::new(),
                }),
            }
        }
        Ok(())
    }
}

/// Sorts the rows by our words, and checks that each says what the vendor has.
fn arrange<W: Ord + Display>(table: &str, rows: &mut [Mapping<W>]) -> Result<(), WrongRow> {
    rows.sort_by(|a, b| a.what.cmp(&b.what));
    match rows.iter().find(|row| matches!(&row.coverage, Coverage::As(word) if word.is_empty())) {
        Some(row) => wrong(&[&"mapping", &table, &row.what], incomplete(&row.what)),
        None => Ok(()),
    }
}
