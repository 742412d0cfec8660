//! `--record` and `--replay`: which file a command records into or answers from, and how that ended.

use std::path::Path;
use std::sync::Arc;

use countersign::cassette::{self, Replayer, SUFFIX, Source};
use countersign::{Client, ClientBuilder, Error, ErrorKind, Operation, Recording, Result, SystemClock};
use serde::Serialize;
use serde_json::Value;

use crate::exit;
use crate::render::{error, json};
use crate::report::Report;

/// What a command records into, or answers from.
#[derive(Debug)]
pub(crate) enum CassetteMode {
    Record(Recording),
    Replay(Arc<Replayer>),
}

impl CassetteMode {
    /// Records an operation into a folder, under the story's name or the first one that is free.
    ///
    /// # Errors
    /// When there can be no such recording.
    pub(crate) fn record(folder: &Path, story: Option<&str>, operation: Operation) -> Result<Self> {
        let story = story.map_or_else(|| free(folder, operation), str::to_owned);
        Ok(Self::Record(Recording::new(folder, &story, Source::Live)?))
    }

    /// Answers an operation from the story of that name, or from the only one that a folder has of it.
    ///
    /// # Errors
    /// When there is no such recording.
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

    /// The client of a builder, recording if that was asked for.
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

    /// Ends it, and tells in the command's report how that went. What the command did is told in any case.
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
            // The command's own error has said it.
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

/// Adds an error of the tape to what the command has said.
fn blame(report: &mut Report, what: &str, failure: &Error) {
    report.notes.push_str(&error::text(failure));
    add(report, what, failure);
    if report.code == exit::OK {
        report.code = exit::code(failure);
    }
}

/// Adds a member to the document for programs.
fn add(report: &mut Report, name: &str, value: &impl Serialize) {
    if let (Ok(Value::Object(mut members)), Ok(value)) =
        (serde_json::from_str(&report.document), serde_json::to_value(value))
    {
        members.insert(name.to_owned(), value);
        report.document = json::document(&members);
    }
}

/// The first name with a number that is not there yet.
fn free(folder: &Path, operation: Operation) -> String {
    let names = (1_u32..).map(|number| format!("{operation}-{number}"));
    let mut names = names.filter(|name| !folder.join(format!("{name}{SUFFIX}")).exists());
    names.next().unwrap_or_else(|| operation.to_string())
}

/// The one recording in which this operation is all there is.
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
            Err(wrong(message).with_hint(format!("name one with --story: {}", names.join(", "))))
        }
    }
}

/// What to do where a recording is missing.
fn there(folder: &Path) -> String {
    let files = cassette::files(folder).unwrap_or_default();
    let names: Vec<String> = files
        .iter()
        .filter_map(|file| file.file_name()?.to_str()?.strip_suffix(SUFFIX).map(str::to_owned))
        .collect();
    if names.is_empty() {
        return "make one with --record DIR".to_owned();
    }
    format!("name one that is there with --story: {}", names.join(", "))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message.into())
}
