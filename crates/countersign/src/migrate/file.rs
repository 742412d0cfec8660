//! Calls from a file: TOML, or JSON with one call or envelope on each line. Unknown words and keys are refused with the
//! line and what is allowed, since a slip would otherwise hide a difference.

use countersign_core::{Error, ErrorKind, Operation, Result};
use serde::Deserialize;
use toml::Spanned;

use super::calls::{CallUse, Calls, EnvelopeUse};
use super::words::{Argument, Reliance};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    call: Vec<Spanned<CallUse>>,
    #[serde(default)]
    envelope: Vec<EnvelopeUse>,
}

impl Calls {
    /// Reads calls from the text of a file; `name` is what errors call it. A text whose first character is `{` is JSON
    /// lines, everything else TOML.
    ///
    /// # Errors
    /// `InvalidRequest` that names the line, what is wrong there, and what is allowed.
    pub fn read(text: &str, name: &str) -> Result<Self> {
        let is_json = text.trim_start().starts_with('{');
        let wrong = |(line, problem): Wrong| {
            let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
            let problem = problem.split_whitespace().collect::<Vec<_>>().join(" ");
            let problem = problem.replace("expected u32", "expected a whole number, 0 or more");
            let problem = problem.replace("unknown variant", "unknown word");
            Error::new(ErrorKind::InvalidRequest, format!("{name}{line}: {problem}"))
                .with_hint("`countersign migrate template` prints an example with all words")
        };
        let calls = if is_json { json_lines(text) } else { toml(text) }.map_err(&wrong)?;
        if calls == Self::default() {
            return Err(wrong((None, "there is neither a call nor an envelope".to_owned())));
        }
        Ok(calls)
    }
}

/// The line, where it is known, and the problem.
type Wrong = (Option<usize>, String);

fn toml(text: &str) -> std::result::Result<Calls, Wrong> {
    let line = |at: usize| text.get(..at).map(|before| before.matches('\n').count() + 1);
    let file: File = toml::from_str(text)
        .map_err(|error| (error.span().and_then(|span| line(span.start)), error.message().to_owned()))?;
    let mut calls = Calls { calls: Vec::new(), envelopes: file.envelope };
    for call in file.call {
        if let Some((word, problem)) = stray(call.get_ref()) {
            // Words have no places of their own.
            let start = call.span().start;
            let at = text.get(start..).and_then(|rest| rest.find(word)).unwrap_or(0);
            return Err((line(start + at), problem));
        }
        calls.calls.push(call.into_inner());
    }
    Ok(calls)
}

fn json_lines(text: &str) -> std::result::Result<Calls, Wrong> {
    let mut calls = Calls::default();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |error: serde_json::Error| {
            let said = error.to_string();
            let (problem, _) = said.rsplit_once(" at line ").unwrap_or((&said, ""));
            (Some(number), format!("{problem} (column {})", error.column()))
        };
        let value: serde_json::Value = serde_json::from_str(line).map_err(wrong)?;
        let has = |key: &str| value.get(key).is_some();
        if !has("operation") && ["uses", "stages", "events"].into_iter().any(has) {
            calls.envelopes.push(serde_json::from_str(line).map_err(wrong)?);
            continue;
        }
        let call = serde_json::from_str(line).map_err(wrong)?;
        if let Some((_, problem)) = stray(&call) {
            return Err((Some(number), problem));
        }
        calls.calls.push(call);
    }
    Ok(calls)
}

/// A word that does not belong to the operation of its call, and what is wrong.
fn stray(call: &CallUse) -> Option<(&'static str, String)> {
    let operation = call.operation;
    if operation == Operation::SignIn {
        return Some(("sign_in", "`sign_in` is no operation that an application calls".to_owned()));
    }
    let names_none = operation == Operation::ListRecipients || call.uses(Argument::Everyone);
    if call.recipient.is_some() && names_none {
        return Some(("recipient", "`recipient` belongs to calls that name one".to_owned()));
    }
    let keys = [
        (call.link_dies_within.is_some(), "link_dies_within", Operation::CreateView),
        (call.link_lives_for.is_some(), "link_lives_for", Operation::CreateView),
        (call.resends_per_day.is_some(), "resends_per_day", Operation::ResendRecipient),
        (!call.reads.is_empty(), "reads", Operation::ListRecipients),
    ];
    let stray = keys.into_iter().find(|(is_set, _, of)| *is_set && *of != operation);
    let stray = stray.map(|(_, key, of)| (key, format!("`{key}` belongs to {of}, not to {operation}")));
    let stray = stray.or_else(|| Argument::stray(&call.arguments, operation));
    stray.or_else(|| Reliance::stray(&call.relies_on, operation))
}
