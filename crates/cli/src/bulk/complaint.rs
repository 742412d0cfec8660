//! What is wrong with a line.

use std::fmt;

use countersign::{Detail, Error, ErrorKind};

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
