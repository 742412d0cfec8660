//! Calls from a file: TOML, or JSON with one call or envelope on each line. Unknown words and keys are refused with the
//! line and what is allowed, since a slip would otherwise hide a difference.

use std::str::FromStr;
use std::time::Duration;

use countersign_core::{
    EnvelopePart, EnvelopeStage, Error, ErrorKind, Operation, RecipientField, RecipientStatus, RefKind,
    Result,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::calls::{CallUse, Calls, EnvelopeUse};
use super::lives;
use super::words::{Argument, Reliance};

/// A text of the file, with its place where the format tells it.
trait Placed: DeserializeOwned {
    fn text(&self) -> &str;
    fn offset(&self) -> Option<usize>;
}

impl Placed for String {
    fn text(&self) -> &str {
        self
    }

    fn offset(&self) -> Option<usize> {
        None
    }
}

impl Placed for Spanned<String> {
    fn text(&self) -> &str {
        self.get_ref()
    }

    fn offset(&self) -> Option<usize> {
        Some(self.span().start)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default = "Vec::new")]
    call: Vec<RawCall<Spanned<String>>>,
    #[serde(default = "Vec::new")]
    envelope: Vec<RawEnvelope<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: Placed")]
struct RawCall<T> {
    name: Option<String>,
    operation: T,
    recipient: Option<T>,
    #[serde(default = "Vec::new")]
    arguments: Vec<T>,
    #[serde(default = "Vec::new")]
    relies_on: Vec<T>,
    #[serde(default = "Vec::new")]
    reads: Vec<T>,
    #[serde(default = "Vec::new")]
    statuses: Vec<T>,
    #[serde(default = "Vec::new")]
    errors: Vec<T>,
    link_dies_within: Option<T>,
    link_lives_for: Option<T>,
    resends_per_day: Option<u32>,
    calls_per_hour: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: Placed")]
struct RawEnvelope<T> {
    name: Option<String>,
    #[serde(default = "Vec::new")]
    uses: Vec<T>,
    #[serde(default = "Vec::new")]
    stages: Vec<T>,
}

const HINT: &str = "`countersign migrate template` prints an example with all words";

impl Calls {
    /// Reads calls from the text of a file; `name` is what errors call it. A text whose first character is `{` is JSON
    /// lines, everything else TOML.
    ///
    /// # Errors
    /// `InvalidRequest` that names the line, what is wrong there, and what is allowed.
    pub fn read(text: &str, name: &str) -> Result<Self> {
        let calls =
            if text.trim_start().starts_with('{') { json_lines(text, name) } else { toml(text, name) }?;
        if calls.calls.is_empty() && calls.envelopes.is_empty() {
            let message = format!("{name} has neither a call nor an envelope");
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(HINT));
        }
        Ok(calls)
    }
}

/// Where in which file something is.
#[derive(Clone, Copy)]
struct Place<'t> {
    name: &'t str,
    text: &'t str,
    /// The line, where the format goes by lines.
    line: Option<usize>,
}

impl Place<'_> {
    fn wrong(&self, offset: Option<usize>, problem: impl Into<String>) -> Error {
        let counted = || {
            let before = self.text.get(..offset?)?;
            Some(before.matches('\n').count() + 1)
        };
        let at = self.line.or_else(counted).map(|line| format!(", line {line}")).unwrap_or_default();
        Error::new(ErrorKind::InvalidRequest, format!("{}{at}: {}", self.name, problem.into()))
            .with_hint(HINT)
    }
}

fn toml(text: &str, name: &str) -> Result<Calls> {
    let place = Place { name, text, line: None };
    let raw: RawFile = toml::from_str(text)
        .map_err(|error| place.wrong(error.span().map(|span| span.start), one_line(error.message())))?;
    let mut calls = Calls::new();
    for call in &raw.call {
        calls.calls.push(understand(call, place)?);
    }
    for envelope in &raw.envelope {
        calls.envelopes.push(understand_envelope(envelope, place)?);
    }
    Ok(calls)
}

fn json_lines(text: &str, name: &str) -> Result<Calls> {
    let mut calls = Calls::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = Place { name, text, line: Some(number + 1) };
        let wrong = |error: serde_json::Error| {
            let said = error.to_string();
            let (problem, _) = said.rsplit_once(" at line ").unwrap_or((&said, ""));
            place.wrong(None, format!("{} (column {})", one_line(problem), error.column()))
        };
        let value: serde_json::Value = serde_json::from_str(line).map_err(wrong)?;
        if value.get("operation").is_none() && (value.get("uses").is_some() || value.get("stages").is_some())
        {
            let raw: RawEnvelope<String> = serde_json::from_str(line).map_err(wrong)?;
            calls.envelopes.push(understand_envelope(&raw, place)?);
        } else {
            let raw: RawCall<String> = serde_json::from_str(line).map_err(wrong)?;
            calls.calls.push(understand(&raw, place)?);
        }
    }
    Ok(calls)
}

fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace("expected u32", "expected a whole number, 0 or more")
}

/// Finds a word among those there are.
fn word<T: Placed, W: Clone>(place: Place<'_>, text: &T, what: &str, all: &[(&'static str, W)]) -> Result<W> {
    let found = all.iter().find(|(word, _)| *word == text.text()).map(|(_, value)| value.clone());
    found.ok_or_else(|| {
        let allowed: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        let problem = format!("`{}` is no {what}; allowed: {allowed}", text.text());
        place.wrong(text.offset(), problem)
    })
}

fn words<T: Placed, W: Clone>(
    place: Place<'_>,
    texts: &[T],
    what: &str,
    all: &[(&'static str, W)],
) -> Result<Vec<W>> {
    texts.iter().map(|text| word(place, text, what, all)).collect()
}

fn life<T: Placed>(place: Place<'_>, text: Option<&T>) -> Result<Option<Duration>> {
    let Some(text) = text else { return Ok(None) };
    lives::read(text.text()).map(Some).ok_or_else(|| {
        place.wrong(
            text.offset(),
            format!("`{}` is no length of time; give one such as 90s, 5m, 2h or 180d", text.text()),
        )
    })
}

fn understand<T: Placed>(raw: &RawCall<T>, place: Place<'_>) -> Result<CallUse> {
    let operations: Vec<(&'static str, Operation)> = Operation::ALL
        .into_iter()
        .filter(|operation| *operation != Operation::SignIn)
        .map(|operation| (operation.as_str(), operation))
        .collect();
    let operation = word(place, &raw.operation, "operation", &operations)?;
    let references: Vec<_> = RefKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let arguments: Vec<_> = Argument::ALL
        .iter()
        .filter(|argument| argument.operations().contains(&operation))
        .map(|argument| (argument.as_str(), *argument))
        .collect();
    let reliances: Vec<_> = Reliance::ALL
        .iter()
        .filter(|reliance| reliance.operations().contains(&operation))
        .map(|reliance| (reliance.as_str(), *reliance))
        .collect();
    let fields: Vec<_> = RecipientField::ALL.iter().map(|field| (field.as_str(), *field)).collect();
    let statuses: Vec<(&'static str, RecipientStatus)> =
        STATUS_WORDS.iter().copied().zip(RecipientStatus::NAMED).collect();
    let mut call = CallUse::new(operation);
    call.name.clone_from(&raw.name);
    let recipient = raw.recipient.as_ref();
    call.recipient =
        recipient.map(|text| word(place, text, "way to name a recipient", &references)).transpose()?;
    call.arguments = words(place, &raw.arguments, &format!("argument of {operation}"), &arguments)?;
    call.relies_on =
        words(place, &raw.relies_on, &format!("behaviour of {operation} to rely on"), &reliances)?;
    call.reads = words(place, &raw.reads, "field of a recipient", &fields)?;
    call.statuses = words(place, &raw.statuses, "status of a recipient", &statuses)?;
    for text in &raw.errors {
        let kind = ErrorKind::from_str(text.text()).map_err(|()| {
            let problem = format!("`{}` is no kind of error; `countersign explain` lists them", text.text());
            place.wrong(text.offset(), problem)
        })?;
        call.errors.push(kind);
    }
    call.link_dies_within = life(place, raw.link_dies_within.as_ref())?;
    call.link_lives_for = life(place, raw.link_lives_for.as_ref())?;
    call.resends_per_day = raw.resends_per_day;
    call.calls_per_hour = raw.calls_per_hour;
    let only = |set: bool, key: &str, of: Operation| {
        let problem = format!("`{key}` belongs to {of}, not to {operation}");
        if set && of != operation { Err(place.wrong(raw.operation.offset(), problem)) } else { Ok(()) }
    };
    only(raw.link_dies_within.is_some(), "link_dies_within", Operation::CreateView)?;
    only(raw.link_lives_for.is_some(), "link_lives_for", Operation::CreateView)?;
    only(raw.resends_per_day.is_some(), "resends_per_day", Operation::ResendRecipient)?;
    only(!raw.reads.is_empty(), "reads", Operation::ListRecipients)?;
    if raw.recipient.is_some() && (operation == Operation::ListRecipients || call.uses(Argument::Everyone)) {
        let problem = "`recipient` belongs to calls that name one";
        return Err(place.wrong(raw.operation.offset(), problem));
    }
    Ok(call)
}

/// The words of [`RecipientStatus::NAMED`], in its order.
const STATUS_WORDS: [&str; 8] =
    ["waiting", "notified", "viewed", "signed", "declined", "delivery_failed", "expired", "revoked"];

fn understand_envelope<T: Placed>(raw: &RawEnvelope<T>, place: Place<'_>) -> Result<EnvelopeUse> {
    let parts: Vec<_> = EnvelopePart::ALL.iter().map(|part| (part.as_str(), *part)).collect();
    let stages: Vec<_> = EnvelopeStage::ALL.iter().map(|stage| (stage.as_str(), *stage)).collect();
    let mut envelope = EnvelopeUse::new(words(place, &raw.uses, "part of an envelope", &parts)?)
        .with_stages(words(place, &raw.stages, "state of an envelope", &stages)?);
    envelope.name.clone_from(&raw.name);
    Ok(envelope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_words_of_statuses_are_theirs() {
        for (word, status) in STATUS_WORDS.iter().zip(RecipientStatus::NAMED) {
            assert_eq!(*word, status.as_str());
        }
    }

    #[test]
    fn the_template_is_read_and_shows_every_word() {
        let template = super::super::TEMPLATE;
        let calls = Calls::read(template, "template").unwrap();
        assert_eq!((calls.calls.len(), calls.envelopes.len()), (4, 1));
        let words = Argument::ALL.iter().map(|word| word.as_str());
        let words = words.chain(Reliance::ALL.iter().map(|word| word.as_str()));
        let words = words.chain(RefKind::ALL.iter().map(|word| word.as_str()));
        let words = words.chain(RecipientField::ALL.iter().map(|word| word.as_str()));
        let words = words.chain(STATUS_WORDS);
        let words = words.chain(EnvelopePart::ALL.iter().map(|word| word.as_str()));
        for word in words.chain(EnvelopeStage::ALL.iter().map(|word| word.as_str())) {
            assert!(template.contains(word), "the template does not show {word}");
        }
    }

    #[test]
    fn json_lines_say_the_same() {
        let toml = "[[call]]\nname = \"a\"\noperation = \"resend_recipient\"\nrecipient = \"email\"\n\
                    relies_on = [\"unlocks\"]\nresends_per_day = 2\n[[envelope]]\nuses = [\"signer\"]\n";
        let json = "{\"name\": \"a\", \"operation\": \"resend_recipient\", \"recipient\": \"email\", \
                    \"relies_on\": [\"unlocks\"], \"resends_per_day\": 2}\n\n{\"uses\": [\"signer\"]}\n";
        assert_eq!(Calls::read(toml, "a").unwrap(), Calls::read(json, "b").unwrap());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_what_is_allowed() {
        let mut shown = Vec::new();
        for text in [
            "",
            "# nothing\n",
            "[[call]]\noperation = \"creat_view\"",
            "[[call]]\nname = \"x\"",
            "[[call]]\noperation = \"create_view\"\nrelies = [\"return_outcome\"]",
            "[[call]]\noperation = \"create_view\"\nrelies_on = [\n  \"single_use\",\n  \"return_outcom\",\n]",
            "[[call]]\noperation = \"resend_recipient\"\narguments = [\"expires_in\"]",
            "[[call]]\noperation = \"create_view\"\nlink_dies_within = \"5 minutes\"",
            "[[call]]\noperation = \"create_view\"\nresends_per_day = 2",
            "[[call]]\noperation = \"create_view\"\ncalls_per_hour = -1",
            "[[call]]\noperation = \"list_recipients\"\nrecipient = \"id\"",
            "[[call]]\noperation = \"list_recipients\"\narguments = [\"notify\"]",
            "[[call]]\noperation = \"list_recipients\"\nreads = [\"colour\"]",
            "[[call]]\noperation = \"list_recipients\"\nstatuses = [\"sent\"]",
            "[[call]]\noperation = \"list_recipients\"\nerrors = [\"not_found\"]",
            "[[envelope]]\nuses = [\"clientUserId\"]",
            "[[envelopes]]\nuses = []",
            "[[call]\n",
            "{\"operation\": \"create_view\"}\n{\"operation\": \"create_view\", \"relies\": []}",
            "{\"operation\": \"create_view\"\n",
            "{\"uses\": [\"signer\"], \"color\": 1}",
        ] {
            let error = Calls::read(text, "calls.toml").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            shown.push(error.message().to_owned());
        }
        insta::assert_snapshot!(shown.join("\n"));
    }

    proptest! {
        #[test]
        fn nothing_stops_the_reading(text in ".*") {
            let _ = Calls::read(&text, "x");
            let _ = Calls::read(&format!("[[call]]\noperation = \"{text}\""), "x");
            let _ = Calls::read(&format!("{{\"operation\": \"create_view\", \"x\": \"{text}\"}}"), "x");
        }
    }
}
