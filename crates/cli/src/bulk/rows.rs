//! The lines of the file as they are written, and the problems found in them.

use countersign::secrecy::SecretString;
use countersign::{Detail, Error, ErrorKind};

pub(super) const COLUMNS: [&str; 4] = ["account", "envelope", "recipient", "code"];

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

/// The maximum number of lines of one file. With the vendors' call limits, that many take days; and it limits the
/// memory that a file can use.
pub(super) const MOST: usize = 250_000;

#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) complaints: Complaints,
}

impl Rows {
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
    told: Vec<Complaint>,
    pub(super) count: usize,
}

impl Complaints {
    pub(super) fn push(&mut self, complaint: Complaint) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(complaint);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[cfg(test)]
    pub(super) fn told(&self) -> Vec<String> {
        self.told.iter().map(|one| format!("{}: {}", one.place(), one.problem)).collect()
    }
}

/// Where the problem is, what it is and what to write instead. Contains no data of the line, which may be a code.
#[derive(Debug)]
pub(super) struct Complaint {
    /// Counted from 1, including the header.
    line: u64,
    column: Option<&'static str>,
    problem: String,
}

impl Complaint {
    pub(super) fn new(line: u64, column: Option<&'static str>, problem: impl Into<String>) -> Self {
        Self { line, column, problem: problem.into() }
    }

    fn place(&self) -> String {
        match self.column {
            Some(column) => format!("line {}, {column}", self.line),
            None => format!("line {}", self.line),
        }
    }
}

/// One error for all problems of a file, in the order of its lines.
pub(super) fn error(complaints: Complaints) -> Error {
    let Complaints { mut told, count } = complaints;
    told.sort_by_key(|complaint| complaint.line);
    let mut details: Vec<Detail> = told
        .into_iter()
        .map(|complaint| Detail::new(complaint.place(), None, Some(complaint.problem)))
        .collect();
    if count > TOLD {
        details.push(Detail::new("and so on", None, Some(format!("{} more", count - TOLD))));
    }
    let things = if count == 1 { "1 error".to_owned() } else { format!("{count} errors") };
    Error::new(ErrorKind::InvalidRequest, format!("{things} in the file, so nothing was sent"))
        .with_details(details)
        .with_hint("correct the file, then run the same command again")
}
