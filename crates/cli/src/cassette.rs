//! `--record` and `--replay`: which file a command records into or answers from, and how that ended.

use std::path::Path;
use std::sync::Arc;

use countersign::cassette::Recording;
use countersign::cassette::{self, Replayer, SUFFIX, Source};
use countersign::{Client, ClientBuilder, Error, ErrorKind, Operation, Result, SystemClock};
use serde::Serialize;
use serde_json::Value;

use crate::exit;
use crate::render::{error, json};
use crate::report::Report;

#[derive(Debug)]
pub(crate) enum CassetteMode {
    Record(Recording),
    Replay(Arc<Replayer>),
}

impl CassetteMode {
    /// Records an operation into a folder, under the given name or the first free one.
    pub(crate) fn record(folder: &Path, story: Option<&str>, operation: Operation) -> Result<Self> {
        let story = story.map_or_else(|| free(folder, operation), str::to_owned);
        Ok(Self::Record(Recording::new(folder, &story, Source::Live)?))
    }

    /// Replays an operation from the named recording, or from the only one of that operation in the folder.
    pub(crate) fn replay(folder: &Path, story: Option<&str>, operation: Operation) -> Result<Self> {
        let file = match story {
            Some(story) => {
                let file = folder.join(format!("{story}{SUFFIX}"));
                if !file.is_file() {
                    let message = format!("there is no recording `{story}` in {}", folder.display());
                    return Err(wrong(message).with_hint(there(folder)));
                }
                file
            }
            None => only(folder, operation)?,
        };
        Ok(Self::Replay(Replayer::new(cassette::load(&file)?, Arc::new(SystemClock))))
    }

    pub(crate) fn client(&self, builder: ClientBuilder) -> Client {
        match self {
            Self::Record(recording) => builder.record(recording).build(),
            Self::Replay(replayer) => builder.replay(replayer).build(),
        }
    }

    /// The client of a replay, which needs no account.
    pub(crate) fn replayer(&self) -> Option<&Arc<Replayer>> {
        match self {
            Self::Record(_) => None,
            Self::Replay(replayer) => Some(replayer),
        }
    }

    /// Ends the recording or replay and adds its result to the command's report. The command's own result is
    /// reported in any case.
    pub(crate) fn finish(&self, result: Result<Report>) -> Report {
        let missed =
            result.as_ref().err().is_some_and(|error| error.message().contains("not in the recording"));
        let mut report = result.unwrap_or_else(|error| Report::failed(&error));
        match self {
            Self::Record(recording) => match recording.finish() {
                Ok(cassette) if cassette.calls.is_empty() => {
                    report.notes.push_str("nothing was sent, so nothing was recorded\n");
                }
                Ok(_) => {
                    let file = recording.file().display().to_string();
                    report.notes.push_str(&format!("recorded: {file}\n"));
                    add(&mut report, "recorded", &file);
                }
                Err(failure) => blame(&mut report, "recording", &failure),
            },
            // The command's own error already says it.
            Self::Replay(_) if missed => {}
            Self::Replay(replayer) => {
                if let Err(failure) = replayer.finish() {
                    blame(&mut report, "replay", &failure);
                }
            }
        }
        report
    }
}

fn blame(report: &mut Report, what: &str, failure: &Error) {
    report.notes.push_str(&error::text(failure));
    add(report, what, failure);
    if report.code == exit::OK {
        report.code = exit::code(failure);
    }
}

fn add(report: &mut Report, name: &str, value: &impl Serialize) {
    if let (Ok(Value::Object(mut members)), Ok(value)) =
        (serde_json::from_str(&report.document), serde_json::to_value(value))
    {
        members.insert(name.to_owned(), value);
        report.document = json::document(&members);
    }
}

/// The first numbered name that is free.
fn free(folder: &Path, operation: Operation) -> String {
    let names = (1_u32..).map(|number| format!("{operation}-{number}"));
    let mut names = names.filter(|name| !folder.join(format!("{name}{SUFFIX}")).exists());
    names.next().unwrap_or_else(|| operation.to_string())
}

/// The only recording that consists of this operation alone.
fn only(folder: &Path, operation: Operation) -> Result<std::path::PathBuf> {
    let mut fitting = Vec::new();
    for file in cassette::files(folder)? {
        let cassette = cassette::load(&file)?;
        let fits = |call: &cassette::RecordedCall| call.operation.as_deref() == Some(operation.as_str());
        if !cassette.calls.is_empty() && cassette.calls.iter().all(fits) {
            fitting.push((file, cassette.story));
        }
    }
    match fitting.as_slice() {
        [(file, _)] => Ok(file.clone()),
        [] => {
            let message = format!("there is no recording of {operation} in {}", folder.display());
            Err(wrong(message).with_hint(there(folder)))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(_, story)| story.as_str()).collect();
            let message =
                format!("there are {} recordings of {operation} in {}", names.len(), folder.display());
            Err(wrong(message).with_hint(format!("choose one with --story: {}", names.join(", "))))
        }
    }
}

/// What to do if a recording is missing.
fn there(folder: &Path) -> String {
    let files = cassette::files(folder).unwrap_or_default();
    let names: Vec<String> = files
        .iter()
        .filter_map(|file| file.file_name()?.to_str()?.strip_suffix(SUFFIX).map(str::to_owned))
        .collect();
    if names.is_empty() {
        return "create one with --record DIR".to_owned();
    }
    format!("choose an existing one with --story: {}", names.join(", "))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message.into())
}
