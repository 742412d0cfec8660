//! What a command gives back, and how it reaches the terminal.

use std::io::{self, Write};
use std::process::ExitCode;

use countersign::Error;
use serde::Serialize;

use crate::exit;
use crate::render::{error, json};

/// The outcome of a command in both forms; which one is shown is the caller's choice.
#[derive(Debug)]
pub(crate) struct Report {
    /// For people, or for a pipe: stdout.
    pub(crate) text: String,
    /// For people only: stderr.
    pub(crate) notes: String,
    /// For programs.
    pub(crate) document: String,
    /// The exit code.
    pub(crate) code: u8,
}

impl Report {
    /// A success with a text and the document of the same content.
    pub(crate) fn new(text: impl Into<String>, document: &impl Serialize) -> Self {
        Self { text: text.into(), notes: String::new(), document: json::document(document), code: exit::OK }
    }

    /// A failure.
    pub(crate) fn failed(failure: &Error) -> Self {
        #[derive(Serialize)]
        struct Failed<'e> {
            error: &'e Error,
        }
        Self {
            text: String::new(),
            notes: error::text(failure),
            document: json::document(&Failed { error: failure }),
            code: exit::code(failure),
        }
    }

    /// Adds what only people want to know.
    pub(crate) fn with_notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = notes.into();
        self
    }

    /// Ends with another code than 0.
    pub(crate) fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// Writes it and says how the process ends.
    pub(crate) fn show(&self, as_json: bool) -> ExitCode {
        let written = if as_json {
            print(&self.document)
        } else {
            note(&self.notes);
            print(&self.text)
        };
        ExitCode::from(match written {
            Ok(()) => self.code,
            Err(_) if self.code != exit::OK => self.code,
            // Whoever read the other end had enough, as `head` does.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit::OK,
            Err(error) => {
                note(&format!("error: the result could not be written ({})\n", error.kind()));
                exit::UNEXPECTED
            }
        })
    }
}

/// Writes to stdout; colour goes only to a terminal.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes to stderr; colour goes only to a terminal. What cannot be told cannot be helped.
pub(crate) fn note(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
