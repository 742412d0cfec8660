//! The lines of the file, as they are written and as work, and the problems found in them.

use std::sync::Arc;

use countersign::secrecy::SecretString;
use countersign::{AccessCode, Detail, EnvelopeId, Error, ErrorKind, RecipientRef};
use serde::{Deserialize, Serialize};

use crate::render::table::counted;

pub(super) const COLUMNS: [&str; 4] = ["account", "envelope", "recipient", "code"];

/// The problem of a line, or of a header, that is no text.
pub(super) const NOT_TEXT: &str = "is not valid text; expected UTF-8";

/// One line as it was written; empty values are absent.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Counted from 1, including the header.
    pub(super) number: u64,
    pub(super) account: Option<String>,
    pub(super) envelope: Option<String>,
    pub(super) recipient: Option<String>,
    pub(super) code: Option<SecretString>,
}

impl Row {
    /// Sets the value of the column with this index in [`COLUMNS`].
    pub(super) fn put(&mut self, column: usize, value: &str) {
        // A code may begin or end with a blank; other values may not.
        if column == 3 {
            self.code = (!value.is_empty()).then(|| SecretString::from(value));
            return;
        }
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        match column {
            0 => self.account = value,
            1 => self.envelope = value,
            _ => self.recipient = value,
        }
    }
}

#[cfg(test)]
impl Row {
    /// The cells of each line, in the order of [`COLUMNS`].
    pub(super) fn cells(rows: &[Row]) -> Vec<[Option<String>; 4]> {
        use countersign::secrecy::ExposeSecret;
        let code = |row: &Row| row.code.as_ref().map(|code| code.expose_secret().to_owned());
        rows.iter()
            .map(|row| [row.account.clone(), row.envelope.clone(), row.recipient.clone(), code(row)])
            .collect()
    }
}

/// Identifies a line across runs: not by its number, because files are edited.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) account: String,
    pub(super) envelope: EnvelopeId,
    pub(super) recipient: Option<String>,
    /// Which of several equal lines, counted from 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub(super) nth: u32,
}

fn first() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_first(nth: &u32) -> bool {
    *nth == 1
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) key: Arc<Key>,
    pub(super) recipient: Option<RecipientRef>,
    pub(super) code: Option<AccessCode>,
}

/// The maximum number of lines of one file. With the vendors' call limits, that many take days; and it limits the
/// memory that a file can use.
pub(super) const MOST: usize = 250_000;

#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) complaints: Complaints,
}

impl Rows {
    /// Reads lines by themselves; blank ones are skipped.
    pub(super) fn of_lines(bytes: &[u8], mut read: impl FnMut(&mut Self, u64, &[u8])) -> Self {
        let mut rows = Self::default();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if rows.is_full() {
                break;
            }
            if !line.trim_ascii().is_empty() {
                read(&mut rows, number, line);
            }
        }
        rows
    }

    /// Adds a line; at most one more than [`MOST`].
    pub(super) fn push(&mut self, row: Row) {
        if !self.is_full() {
            self.rows.push(row);
        }
    }

    /// Whether there are too many lines, so that reading further is useless.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() > MOST
    }
}

/// How many problems are listed; more than that usually have one cause.
const TOLD: usize = 100;

/// The first problems of a file, and how many there are in total: a file of another kind has one in every line.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    /// With the line, counted from 1, including the header.
    told: Vec<(u64, Detail)>,
    pub(super) count: usize,
}

impl Complaints {
    /// Adds what is wrong in a line, or in one of its columns, and what to write instead. It contains no data of the
    /// line, which may be a code.
    pub(super) fn push(
        &mut self,
        line: u64,
        column: impl Into<Option<&'static str>>,
        problem: impl Into<String>,
    ) {
        self.count += 1;
        if self.told.len() < TOLD {
            let column = column.into().map(|column| format!(", {column}")).unwrap_or_default();
            self.told.push((line, Detail::new(format!("line {line}{column}"), None, Some(problem.into()))));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One error for all problems of a file, in the order of its lines.
    pub(super) fn error(mut self) -> Error {
        self.told.sort_by_key(|(line, _)| *line);
        let mut details: Vec<Detail> = self.told.into_iter().map(|(_, detail)| detail).collect();
        if self.count > TOLD {
            details.push(Detail::new("and so on", None, Some(format!("{} more", self.count - TOLD))));
        }
        let errors = counted(self.count, "error");
        Error::new(ErrorKind::InvalidRequest, format!("{errors} in the file, so nothing was sent"))
            .with_details(details)
            .with_hint("correct the file, then run the same command again")
    }

    #[cfg(test)]
    pub(super) fn told(&self) -> Vec<String> {
        let told = self.told.iter().map(|(_, detail)| detail);
        told.map(|detail| format!("{}: {}", detail.field, detail.present.as_deref().unwrap_or_default()))
            .collect()
    }
}
