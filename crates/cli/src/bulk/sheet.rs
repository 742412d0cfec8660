//! The file of the codes that were made: the only place where they stand in clear.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use countersign::{AccessCode, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::lines::Key;
use crate::codes;
use crate::private::{Lines, cannot};

/// A code, written before it is set and again when it is known whether it was.
#[derive(Serialize, Deserialize)]
struct Entry<'t> {
    line: u64,
    #[serde(flatten)]
    key: Key,
    code: std::borrow::Cow<'t, str>,
    /// `null` while nobody knows.
    set: Option<bool>,
}

/// Makes a code for each line and writes it down. A line that is repeated in a later run keeps its code, so that a code
/// which was handed out already stays right.
#[derive(Debug)]
pub(super) struct Sheet {
    lines: Lines,
    length: u8,
    known: HashMap<Key, AccessCode>,
}

impl Sheet {
    /// Opens or makes the file. In a first run it has to be empty: codes of other batches would be taken for this one's.
    ///
    /// # Errors
    /// When the file has something else in it.
    pub(super) fn open(path: &Path, length: u8, first_run: bool) -> Result<Self> {
        let failed = |what| move |error: io::Error| cannot(what, path, &error);
        let wrong = |problem: &str| {
            Error::new(ErrorKind::InvalidRequest, format!("{} {problem}", path.display()))
                .with_hint("name another file with --codes-to")
        };
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed("read")(error)),
        };
        if first_run && !text.is_empty() {
            return Err(wrong("is not empty, and this is the first run"));
        }
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut known = HashMap::new();
        for line in
            text.get(..end).unwrap_or_default().split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
        {
            let entry: Entry<'_> =
                serde_json::from_slice(line).map_err(|_| wrong("is no file of codes, or damaged"))?;
            match entry.set {
                // It was refused, perhaps for its form; the line gets another one.
                Some(false) => known.remove(&entry.key),
                _ => known.insert(entry.key, AccessCode::new(entry.code)?),
            };
        }
        let lines = Lines::open(path).map_err(failed("written"))?;
        lines.cut(end as u64).map_err(failed("written"))?;
        Ok(Self { lines, length, known })
    }

    /// The code for a line; written down for good before it is given out.
    pub(super) fn code(&self, line: u64, key: &Key) -> Result<AccessCode> {
        if let Some(code) = self.known.get(key) {
            return Ok(code.clone());
        }
        let code = AccessCode::new(codes::make(self.length)?)?;
        self.write(line, key, &code, None).map_err(|error| {
            crate::commands::unexpected("the code could not be written down, so it was not set", error)
        })?;
        Ok(code)
    }

    /// Says whether the code was set.
    pub(super) fn settle(&self, line: u64, key: &Key, code: &AccessCode, set: bool) -> io::Result<()> {
        self.write(line, key, code, Some(set))
    }

    fn write(&self, line: u64, key: &Key, code: &AccessCode, set: Option<bool>) -> io::Result<()> {
        self.lines.add_for_good(&Entry { line, key: key.clone(), code: code.expose().into(), set })
    }
}
