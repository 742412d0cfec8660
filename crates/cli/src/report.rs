//! The result of a command, and how it is printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use countersign::Error;
use serde::Serialize;

use crate::exit;
use crate::render::wrap::wrapped;
use crate::render::{error, json, table};

/// The result of a command in both forms; the caller chooses which one is shown.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Readable text, also for a pipe: stdout.
    pub(crate) text: String,
    /// Additional readable text: stderr.
    pub(crate) notes: String,
    pub(crate) document: String,
    pub(crate) code: u8,
    /// Whether the text is for a program even on a terminal, and is not wrapped.
    pub(crate) verbatim: bool,
}

impl Report {
    /// A success with a text and a document of the same content.
    pub(crate) fn new(text: impl Into<String>, document: &impl Serialize) -> Self {
        Self { text: text.into(), document: json::document(document), ..Self::default() }
    }

    pub(crate) fn failed(failure: &Error) -> Self {
        Self {
            notes: error::text(failure),
            document: json::document(&BTreeMap::from([("error", failure)])),
            code: exit::code(failure),
            ..Self::default()
        }
    }

    /// Adds text that only readers need.
    pub(crate) fn with_notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = notes.into();
        self
    }

    /// A text for a program, shown unchanged.
    pub(crate) fn verbatim(mut self) -> Self {
        self.verbatim = true;
        self
    }

    pub(crate) fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    pub(crate) fn show(&self, as_json: bool) -> ExitCode {
        let written = if as_json {
            print(&self.document)
        } else {
            note(&fitting(&self.notes, io::stderr().is_terminal()));
            let text = if self.verbatim {
                Cow::from(&self.text)
            } else {
                fitting(&self.text, io::stdout().is_terminal())
            };
            print(&text)
        };
        ExitCode::from(match written {
            Ok(()) => self.code,
            Err(_) if self.code != exit::OK => self.code,
            // The reader closed the output, like `head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit::OK,
            Err(error) => {
                note(&format!("error: the result could not be written ({})\n", error.kind()));
                exit::UNEXPECTED
            }
        })
    }
}

/// The text, wrapped to the width of its terminal or of the variable `COLUMNS`; unchanged for a pipe or a file.
fn fitting(text: &str, to_terminal: bool) -> Cow<'_, str> {
    let wanted = to_terminal || std::env::var_os("COLUMNS").is_some();
    match table::told_width().filter(|_| wanted) {
        Some(width) => Cow::Owned(wrapped(text, width)),
        None => Cow::Borrowed(text),
    }
}

/// Writes to stdout; colour goes only to a terminal.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes to stderr; colour goes only to a terminal. Errors are ignored, because there is no place left to report
/// them.
pub(crate) fn note(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
