//! The file of generated codes: the only place where they are stored in clear.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use countersign::durable::RecordFile;
use countersign::provider::Facts;
use countersign::{AccessCode, Result};
use serde::{Deserialize, Serialize};

use super::damage::{self, Piece};
use super::ending::Ended;
use super::journal::{Known, Standing};
use super::rows::Key;
use crate::codes;
use crate::context::invalid;
use crate::private::{append, records};

/// How each entry begins.
const START: &str = "{\"line\":";

/// A code, written before it is set and again when the outcome is known.
#[derive(Serialize, Deserialize)]
struct Entry<'t> {
    line: u64,
    #[serde(flatten)]
    key: Key,
    code: Cow<'t, str>,
    /// `null` while the outcome is unknown.
    set: Option<bool>,
}

/// The last entry for a line.
#[derive(Debug)]
struct Written {
    line: u64,
    code: AccessCode,
    set: Option<bool>,
}

/// Generates a code for each line and writes it down. A line that is repeated in a later run keeps its code, so
/// that a code which was already handed out stays valid; a code that was refused, perhaps for its form, is
/// replaced.
#[derive(Debug)]
pub(super) struct Sheet {
    file: RecordFile,
    length: u8,
    written: HashMap<Key, Written>,
    /// Describes damaged entries.
    pub(super) warning: Option<String>,
}

impl Sheet {
    /// Opens or creates the file, and completes the entries of lines whose outcome is known. In a first run the
    /// file must be empty: codes of other batches would be mistaken for this one's.
    ///
    /// # Errors
    /// Fails if the file has other content.
    pub(super) fn open(path: &Path, length: u8, known: &Known) -> Result<Self> {
        let wrong = |problem: &str| {
            let message = format!("{} {problem}", path.display());
            Err(invalid(message, "give another file with --codes-to"))
        };
        let file = records(path)?;
        if !known.has_run && !file.is_empty() {
            return wrong("is not empty, and this is the first run");
        }
        let mut written = HashMap::new();
        let reading = damage::read(&file, START, |piece: Piece<Entry<'_>>| {
            if let Piece::Whole(Entry { line, key, code, set }) = piece {
                written.insert(key, Written { line, code: AccessCode::new(code)?, set });
            }
            Ok(())
        })?;
        if !reading.is_ours {
            return wrong("is not a file of codes");
        }
        // Before a line was started, none of its codes can have been set.
        if known.is_empty() && written.values().any(|one| one.set.is_some()) {
            return wrong("has the codes of another batch");
        }
        let lost = known.done().filter(|key| !written.contains_key(*key)).count();
        let warning = reading.places().map(|places| {
            let without = match lost {
                0 => String::new(),
                lost => format!("; {lost} completed lines have no code in it and need a new one"),
            };
            format!("{} is damaged at {places}{without}", path.display())
        });
        let mut sheet = Self { file, length, written, warning };
        sheet.catch_up(known)?;
        Ok(sheet)
    }

    /// A run may have ended between the two records of an outcome: the one in the results and the one of the code.
    fn catch_up(&mut self, known: &Known) -> Result<()> {
        let mut open: Vec<(&Key, &mut Written)> =
            self.written.iter_mut().filter(|(_, one)| one.set.is_none()).collect();
        open.sort_by_key(|(_, one)| one.line);
        for (key, one) in open {
            one.set = match known.of(key) {
                Standing::Ended(ending) => ending.outcome.took_effect(),
                Standing::NotBegun | Standing::Begun => None,
            };
            if one.set.is_some() {
                add(&self.file, one.line, key, &one.code, one.set)?;
            }
        }
        Ok(())
    }

    /// The code for a line; synced to disk before it is returned.
    pub(super) fn code(&self, facts: &Facts, line: u64, key: &Key) -> Result<AccessCode> {
        if let Some(one) = self.written.get(key).filter(|one| one.set != Some(false)) {
            return Ok(one.code.clone());
        }
        let code = codes::make(self.length, facts)?;
        add(&self.file, line, key, &code, None)?;
        Ok(code)
    }

    /// Records whether the code was set; an unknown outcome stays open.
    pub(super) fn settle(&self, line: u64, key: &Key, code: &AccessCode, ended: Ended) -> Result<()> {
        match ended.took_effect() {
            None => Ok(()),
            set => add(&self.file, line, key, code, set),
        }
    }
}

fn add(file: &RecordFile, line: u64, key: &Key, code: &AccessCode, set: Option<bool>) -> Result<()> {
    append(file, &Entry { line, key: key.clone(), code: code.expose().into(), set })
}
