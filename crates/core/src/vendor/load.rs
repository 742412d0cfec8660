//! Reads `vendor.toml`, and checks what its format alone does not guarantee.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use http::HeaderName;
use toml::Spanned;

use super::behavior::Behavior;
use super::facts::{Capability, Facts, FactsError, ReturnSpec, ReturnWord};
use super::file::{CapabilityRow, ErrorRow, File, MappingRow, ReturnRow, ReturnRows, Table};
use super::limit::RouteLimit;
use super::mapping::{CallCount, Coverage, ErrorMapping, Mapping, Mappings};
use super::rate::Rate;
use super::refusals::{Refusals, Rule};
use super::words::{WordTables, Words};
use crate::error::ErrorKind;

use crate::model::{EnvelopeStatus, Operation, RecipientStatus, ReturnOutcome, Role};
use crate::redact::Names;
use crate::vendor::capability::{Evidence, Feature, Support};
use crate::vendor::conduct::{EnvelopePart, EnvelopeStage, RecipientField, RefKind};
use crate::webhook::WebhookEvent;

/// The position and the problem.
type Wrong = (Range<usize>, String);
type Checked<T> = Result<T, Wrong>;

/// Vendor-neutral words that identify rows.
trait Ours: Sized {
    const WHAT: &'static str;
    fn named(word: &str) -> Option<Self>;
    /// The position in the order of the documentation.
    fn place(&self) -> usize;
}

macro_rules! ours {
    ($($type:ident = $what:literal, $all:expr;)*) => {
        $(impl Ours for $type {
            const WHAT: &'static str = $what;

            fn named(word: &str) -> Option<Self> {
                $all.iter().find(|known| known.as_str() == word).cloned()
            }

            fn place(&self) -> usize {
                $all.iter().position(|known| known == self).unwrap_or(usize::MAX)
            }
        })*
    };
}
ours! {
    RecipientStatus = "status of recipients", RecipientStatus::NAMED;
    Role = "role", Role::NAMED;
    EnvelopeStatus = "status of envelopes", EnvelopeStatus::NAMED;
    WebhookEvent = "webhook event", WebhookEvent::NAMED;
    ReturnOutcome = "outcome of a visit", ReturnOutcome::NAMED;
    Feature = "feature", Feature::ALL;
    Operation = "operation", Operation::ALL;
    ErrorKind = "kind of error", ErrorKind::ALL;
    RefKind = "way to name a recipient", RefKind::ALL;
    RecipientField = "field of a recipient", RecipientField::ALL;
    EnvelopePart = "part of an envelope", EnvelopePart::ALL;
    EnvelopeStage = "stage of an envelope", EnvelopeStage::ALL;
}

fn ours<T: Ours>(word: &Spanned<String>) -> Checked<T> {
    T::named(word.get_ref()).ok_or_else(|| (word.span(), format!("`{}` is no {}", word.get_ref(), T::WHAT)))
}

impl Facts {
    /// Reads the text of a `vendor.toml`; `file` is its name in errors.
    ///
    /// # Errors
    /// The file, the line and the problem: an unknown key, an unknown grade of evidence, a duplicate row, or a row
    /// without a source.
    pub fn parse(file: &str, text: &str) -> Result<Self, FactsError> {
        read(text).map_err(|(line, message)| FactsError { file: file.to_owned(), line, message })
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

/// Reads the text. An error has a line, from 1.
fn read(text: &str) -> Result<Facts, (usize, String)> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let file: File = toml::from_str(text)
        .map_err(|error| (line(error.span().map_or(0, |span| span.start)), error.message().to_owned()))?;
    facts(file, text).map_err(|(span, message)| (line(span.start), message))
}

fn facts(file: File, text: &str) -> Checked<Facts> {
    let sources = Sources(file.sources);
    let mut behavior = Behavior::default();
    if let Some(rows) = file.facts {
        let start = rows.span().start;
        behavior = rows.into_inner();
        for (name, source) in behavior.sources() {
            // The rows have no positions of their own; their names are unique.
            let at = start + text.get(start..).and_then(|rows| rows.find(name)).unwrap_or(0);
            sources.fill(source, &(at..at), name)?;
        }
    }
    let hosts = file.host.into_iter().map(|row| sources.filled(row, "host", |host| &mut host.source));
    let webhook = file.webhook.map(|row| sources.filled(row, "webhook", |facts| &mut facts.source));
    let rate = file.rate.map(|row| sources.filled(row, "rate", |rate| &mut rate.source)).transpose()?;
    let headers: Vec<&str> = rate.iter().flat_map(Rate::names).map(HeaderName::as_str).collect();
    let event = words(file.words.event)?;
    let names = Names::new(&file.secret_members, &file.personal_members, &file.free_members, &headers);
    let limits = limits(file.limit, &file.calls, &sources)?;
    Ok(Facts {
        title: file.title,
        verified_live: file.verified_live,
        names,
        hosts: hosts.collect::<Checked<_>>()?,
        api_domains: file.api_domains,
        rate,
        behavior,
        capabilities: capabilities(file.capabilities, &sources)?,
        refusals: refusals(file.refusal, &sources)?,
        returns: returns(file.returns, &sources)?,
        mappings: Mappings {
            reference: mappings(file.mapping.reference, &sources)?,
            field: mappings(file.mapping.field, &sources)?,
            status: mappings(file.mapping.status, &sources)?,
            envelope: mappings(file.mapping.envelope, &sources)?,
            stage: mappings(file.mapping.stage, &sources)?,
            event: events(file.mapping.event, &event, &sources)?,
            error: errors(file.mapping.error)?,
        },
        words: WordTables {
            recipient_status: words(file.words.recipient_status)?,
            role: words(file.words.role)?,
            envelope_status: words(file.words.envelope_status)?,
            event,
            history: words(file.words.history)?,
        },
        calls: file.calls,
        limits,
        webhook: webhook.transpose()?,
    })
}

/// Names for sources that several rows share.
struct Sources(BTreeMap<String, String>);

impl Sources {
    /// The full source. A single word can only be a name under `[sources]`; anything else is the source itself.
    fn full(&self, source: &str, span: &Range<usize>, row: &str) -> Checked<String> {
        if let Some(full) = self.0.get(source) {
            return Ok(full.clone());
        }
        if source.contains(['.', '/', ' ']) {
            return Ok(source.to_owned());
        }
        let problem = if source.is_empty() {
            "has no source".to_owned()
        } else {
            format!("names the source `{source}`, which is not under [sources]")
        };
        Err((span.clone(), format!("{row} {problem}")))
    }

    fn fill(&self, source: &mut String, span: &Range<usize>, row: &str) -> Checked<()> {
        *source = self.full(source, span, row)?;
        Ok(())
    }

    fn filled<T>(&self, row: Spanned<T>, name: &str, source: fn(&mut T) -> &mut String) -> Checked<T> {
        let span = row.span();
        let mut row = row.into_inner();
        self.fill(source(&mut row), &span, name)?;
        Ok(row)
    }
}

fn capabilities(rows: Table<CapabilityRow>, sources: &Sources) -> Checked<Vec<Capability>> {
    let mut capabilities = Vec::with_capacity(rows.len());
    for (word, CapabilityRow { support, conditions, unneeded, evidence, source }) in rows {
        if unneeded && support != Support::Impossible {
            return Err((word.span(), format!("`{}` is there, so it cannot be `unneeded`", word.get_ref())));
        }
        let source = sources.full(source.get_ref(), &source.span(), word.get_ref())?;
        let feature = ours(&word)?;
        capabilities.push(Capability { feature, support, conditions, unneeded, evidence, source });
    }
    capabilities.sort_by_key(|row| row.feature.place());
    Ok(capabilities)
}

/// A call without its group would not be counted by `migrate check`.
fn limits(
    rows: Vec<Spanned<RouteLimit>>,
    calls: &[CallCount],
    sources: &Sources,
) -> Checked<Vec<RouteLimit>> {
    let mut limits: Vec<RouteLimit> = Vec::with_capacity(rows.len());
    let last = rows.last().map_or(0..0, Spanned::span);
    for row in rows {
        let span = row.span();
        let mut limit = row.into_inner();
        sources.fill(&mut limit.source, &span, &limit.name)?;
        if limits.iter().any(|known| known.name == limit.name) {
            return Err((span, format!("the limit `{}` occurs twice", limit.name)));
        }
        limits.push(limit);
    }
    for CallCount { operation, usual, limits: named, .. } in calls {
        if let Some(unknown) = named.iter().find(|name| !limits.iter().any(|limit| limit.name == **name)) {
            return Err((
                last,
                format!("the calls of {operation} name the limit `{unknown}`, which has no row"),
            ));
        }
        if !limits.is_empty() && u32::try_from(named.len()) != Ok(*usual) {
            return Err((last, format!("the calls of {operation} need one of `limits` for each usual call")));
        }
    }
    Ok(limits)
}

fn refusals(rows: Vec<Spanned<Rule>>, sources: &Sources) -> Checked<Refusals> {
    let mut seen = BTreeSet::new();
    let mut rules = Vec::with_capacity(rows.len());
    for row in rows {
        let span = row.span();
        let mut row = row.into_inner();
        let small = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
        let (code, text) = (small(&row.code), small(&row.text));
        if code.is_none() && text.is_none() && row.status.is_none() {
            return Err((span, "the refusal names neither code, status nor text".to_owned()));
        }
        let name = row.code.clone().or(row.text.clone()).or(row.status.map(|status| status.to_string()));
        let name = name.unwrap_or_default();
        if !seen.insert((row.operation.map(Operation::as_str), row.status, code, text)) {
            return Err((span, format!("the refusal `{name}` occurs twice")));
        }
        if row.meaning.is_empty() {
            return Err((span, format!("the refusal `{name}` has no meaning")));
        }
        sources.fill(&mut row.source, &span, &name)?;
        rules.push(row);
    }
    Ok(Refusals(rules))
}

fn words<T: Ours>(rows: Table<Spanned<String>>) -> Checked<Words<T>> {
    let mut seen = BTreeSet::new();
    let mut words = Vec::with_capacity(rows.len());
    for (word, meaning) in rows {
        if !seen.insert(word.get_ref().to_ascii_lowercase()) {
            return Err((word.span(), format!("`{}` occurs twice", word.get_ref())));
        }
        words.push((word.into_inner(), ours(&meaning)?));
    }
    Ok(Words::new(words))
}

fn returns(rows: ReturnRows, sources: &Sources) -> Checked<ReturnSpec> {
    let mut words = Vec::with_capacity(rows.words.len());
    for (word, ReturnRow { outcome, goes_on, meaning, source }) in rows.words {
        let source = sources.full(source.get_ref(), &source.span(), word.get_ref())?;
        if let Some(outcome) = outcome.as_ref().filter(|_| goes_on) {
            return Err((outcome.span(), "an outcome ends the visit: it does not go on".to_owned()));
        }
        let outcome = outcome.as_ref().map(ours).transpose()?;
        words.push((word.into_inner(), ReturnWord { outcome, goes_on, meaning, source }));
    }
    let ReturnRows { outcome_parameter, envelope_parameter, .. } = rows;
    Ok(ReturnSpec { outcome_parameter, envelope_parameter, words: Words::new(words) })
}

fn mappings<W: Ours>(rows: Table<MappingRow>, sources: &Sources) -> Checked<Vec<Mapping<W>>> {
    let mut mappings = Vec::with_capacity(rows.len());
    for (word, row) in rows {
        let coverage = match (row.r#as, row.but, row.no, row.unneeded) {
            (Some(word), None, None, false) => Coverage::As(word),
            (Some(word), Some(but), None, false) => Coverage::Otherwise(word, but),
            (None, None, Some(way), false) if row.note.is_none() => Coverage::No(way),
            (None, None, Some(why), true) if row.note.is_none() => Coverage::Unneeded(why),
            _ => {
                return Err((
                    word.span(),
                    format!(
                        "`{}` needs `as`, `as` with `but`, `no`, or `no` with `unneeded`; only with `as` a `note`",
                        word.get_ref()
                    ),
                ));
            }
        };
        let note = row.note.unwrap_or_default();
        let source = sources.full(row.source.get_ref(), &row.source.span(), word.get_ref())?;
        mappings.push(Mapping { what: ours(&word)?, coverage, note, evidence: row.evidence, source });
    }
    mappings.sort_by_key(|row: &Mapping<W>| row.what.place());
    Ok(mappings)
}

/// The vendor's words for each of our events, which the rows do not repeat: a row has the `note` for an event that the
/// vendor sends, or `no` for one that it does not send. Without a row, the facts about its webhooks name the source.
fn events(
    mut rows: Table<MappingRow>,
    words: &Words<WebhookEvent>,
    sources: &Sources,
) -> Checked<Vec<Mapping<WebhookEvent>>> {
    let mut events = Vec::new();
    for event in WebhookEvent::NAMED {
        let sent = words.iter().filter(|(_, known)| **known == event);
        let sent = sent.map(|(word, _)| word).collect::<Vec<_>>().join(", ");
        let row = rows.iter_mut().find(|(word, _)| word.get_ref() == event.as_str());
        match row {
            _ if sent.is_empty() => {}
            Some((_, row)) => row.r#as = Some(sent),
            None => {
                let (evidence, source) = (Evidence::Documented, String::new());
                let coverage = Coverage::As(sent);
                events.push(Mapping { what: event, coverage, note: String::new(), evidence, source });
            }
        }
    }
    events.extend(mappings(rows, sources)?);
    events.sort_by_key(|row| row.what.place());
    Ok(events)
}

fn errors(rows: Table<Table<ErrorRow>>) -> Checked<Vec<ErrorMapping>> {
    let mut errors = Vec::new();
    for (word, kinds) in rows {
        let operation = ours(&word)?;
        for (word, ErrorRow { when, evidence }) in kinds {
            let kind = ours(&word)?;
            let when = when.or_else(|| ErrorMapping::usual(kind).map(str::to_owned)).ok_or_else(|| {
                (word.span(), format!("`{}` has no default sentence: say `when` it occurs", word.get_ref()))
            })?;
            errors.push(ErrorMapping { operation, kind, when, evidence });
        }
    }
    errors.sort_by_key(|row: &ErrorMapping| (row.operation.place(), row.kind.place()));
    Ok(errors)
}
