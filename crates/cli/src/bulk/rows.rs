//! A line as it stands in the file, and what is wrong with one.

use std::fmt;

use countersign::{Detail, Error, ErrorKind, SecretString};

/// The columns or members there may be.
pub(super) const COLUMNS: [&str; 4] = ["account", "envelope", "recipient", "code"];

/// One line as it was written; what is empty is not there.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Counted from 1, the header included.
    pub(super) number: u64,
    pub(super) account: Option<String>,
    pub(super) envelope: Option<String>,
    pub(super) recipient: Option<String>,
    pub(super) code: Option<SecretString>,
}

impl Row {
    /// Puts a value into the column of this index in [`COLUMNS`].
    pub(super) fn put(&mut self, column: usize, value: &str) {
        // A code may begin or end with a blank; the others may not.
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
        use countersign::ExposeSecret;
        let code = |row: &Row| row.code.as_ref().map(|code| code.expose_secret().to_owned());
        rows.iter()
            .map(|row| [row.account.clone(), row.envelope.clone(), row.recipient.clone(), code(row)])
            .collect()
    }
}

/// What was read, and what could not be.
pub(super) type Rows = (Vec<Row>, Vec<Complaint>);

/// How many are told; whoever has more has one cause for all of them.
const TOLD: usize = 20;

/// Where it stands, what is wrong and what would be right. Holds no data of the line's: a code may stand there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Counted from 1, the header included.
    pub(super) line: u64,
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

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.problem)
    }
}

/// One error for all that is wrong with a file, in the order of its lines.
pub(super) fn error(mut complaints: Vec<Complaint>) -> Error {
    complaints.sort_by_key(|complaint| complaint.line);
    let count = complaints.len();
    let mut details: Vec<Detail> = complaints
        .into_iter()
        .take(TOLD)
        .map(|complaint| Detail::new(complaint.place(), None, Some(complaint.problem)))
        .collect();
    if count > TOLD {
        details.push(Detail::new("and so on", None, Some(format!("{} more", count - TOLD))));
    }
    let things = if count == 1 { "one thing is".to_owned() } else { format!("{count} things are") };
    Error::new(ErrorKind::InvalidRequest, format!("{things} wrong with the file, so nothing was sent"))
        .with_details(details)
        .with_hint("correct the file, then give the same command again")
}
