//! The results file: the outcome of each line, in order of completion.
//!
//! Before a call that changes something or sends mail, an `intent` is written and synced to disk; after every call,
//! its outcome. After any interruption, the next run therefore knows for each line: never started, ended with this
//! outcome, or started with an unknown outcome.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign::durable::RecordFile;
use countersign::{Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::damage::{self, Lost, Piece, Reading};
use super::ending::{DRAIN, Ended, Ending};
use super::rows::Key;
use crate::context::invalid;
use crate::private::{append, records};

/// Increased when older files can no longer be read.
const FORMAT: u32 = 1;

/// How each record begins.
const START: &str = "{\"record\":";

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
enum Record {
    Run {
        format: u32,
        command: String,
        at: Timestamp,
    },
    Intent {
        line: u64,
        #[serde(flatten)]
        key: Key,
        at: Timestamp,
    },
    Done {
        line: u64,
        #[serde(flatten)]
        key: Key,
        at: Timestamp,
        #[serde(flatten)]
        ending: Ending,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Standing {
    #[default]
    NotBegun,
    /// There is an intent without an outcome, or a damaged record that may belong to this line.
    Begun,
    Ended(Ending),
}

impl Standing {
    /// Whether the line is known to be done.
    pub(super) fn is_done(&self) -> bool {
        matches!(self, Standing::Ended(ending) if ending.outcome == Ended::Done)
    }
}

/// What the results file knows of earlier runs.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) has_run: bool,
    standings: HashMap<Key, Standing>,
    lost: Vec<Lost>,
    reading: Reading,
}

impl Known {
    pub(super) fn of(&self, key: &Key) -> Standing {
        let recorded = self.standings.get(key).cloned();
        recorded.unwrap_or_else(|| match self.lost.iter().any(|lost| lost.may_be(key)) {
            true => Standing::Begun,
            false => Standing::NotBegun,
        })
    }

    /// Whether no line was started.
    pub(super) fn is_empty(&self) -> bool {
        self.standings.is_empty() && self.lost.is_empty()
    }

    pub(super) fn done(&self) -> impl Iterator<Item = &Key> {
        self.standings.iter().filter(|(_, standing)| standing.is_done()).map(|(key, _)| key)
    }

    /// Describes damaged records; `None` if there are none.
    pub(super) fn warning(&self, path: &Path) -> Option<String> {
        let places = self.reading.places()?;
        Some(format!(
            "{} is damaged at {places}: a line whose record may be lost there counts as unknown. Keep this file; \
             with a new file, every line would be done again",
            path.display()
        ))
    }

    /// Like [`Known::of`], but removes the line.
    pub(super) fn take_of(&mut self, key: &Key) -> Standing {
        self.standings.remove(key).unwrap_or_else(|| self.of(key))
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Run { .. } => self.has_run = true,
            Record::Intent { key, .. } => {
                self.standings.insert(key, Standing::Begun);
            }
            Record::Done { key, ending, .. } => {
                self.standings.insert(key, Standing::Ended(ending));
            }
        }
    }

    /// A line that is done stays done; any other line may have been started again.
    fn lose(&mut self, lost: Lost) {
        let standings =
            self.standings.iter_mut().filter(|(key, standing)| !standing.is_done() && lost.may_be(key));
        standings.for_each(|(_, standing)| *standing = Standing::Begun);
        self.lost.push(lost);
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct Journal {
    file: RecordFile,
    /// Outcomes that could not be written so far.
    owed: Mutex<VecDeque<Record>>,
}

impl Journal {
    /// Opens or creates the file and returns its content. The file does not change before [`Journal::begin`].
    ///
    /// # Errors
    /// Fails if another run uses the file, or if it is not a results file of this command.
    pub(super) fn open(path: &Path, command: &str) -> Result<(Self, Known)> {
        let file = records(path)?;
        let known = understand(&file, command)?;
        Ok((Self { file, owed: Mutex::default() }, known))
    }

    pub(super) fn begin(&self, command: &str) -> Result<()> {
        append(&self.file, &Record::Run { format: FORMAT, command: command.to_owned(), at: Timestamp::now() })
    }

    /// Records that a call which changes something is about to be made.
    pub(super) fn intend(&self, line: u64, key: &Key) -> Result<()> {
        append(&self.file, &Record::Intent { line, key: key.clone(), at: Timestamp::now() })
    }

    pub(super) fn end(&self, line: u64, key: &Key, ending: &Ending) -> Result<()> {
        let (key, ending) = (key.clone(), ending.clone());
        self.owed().push_back(Record::Done { line, key, at: Timestamp::now(), ending });
        self.catch_up()
    }

    /// Writes outcomes that could not be written earlier, for example on a full disk.
    pub(super) fn catch_up(&self) -> Result<()> {
        let mut owed = self.owed();
        while let Some(record) = owed.front() {
            append(&self.file, record)?;
            owed.pop_front();
        }
        Ok(())
    }

    fn owed(&self) -> MutexGuard<'_, VecDeque<Record>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a results file can belong to this command: only a file that names another command cannot.
pub(super) fn may_be_of(path: &Path, command: &str) -> bool {
    let Ok(file) = RecordFile::open(path) else { return true };
    let mut others = false;
    let read = damage::read(&file, START, |piece| {
        others |= matches!(&piece, Piece::Whole(Record::Run { command: other, .. }) if other != command);
        Ok(())
    });
    read.is_err() || !others
}

fn understand(file: &RecordFile, command: &str) -> Result<Known> {
    let refused = |problem: &str, hint: &'static str| {
        let message = format!("{} {problem}", file.path().display());
        invalid(message, hint)
    };
    let mut known = Known::default();
    let reading = damage::read(file, START, |piece| {
        match piece {
            Piece::Lost(lost) => known.lose(lost),
            Piece::Whole(Record::Run { format, .. }) if format != FORMAT => {
                return Err(refused(
                    "was written by another version of countersign",
                    "continue with that version; with a new results file, every line would be done again",
                ));
            }
            Piece::Whole(Record::Run { command: other, .. }) if other != command => {
                let problem = format!("has the results of `{other}`, not of `{command}`");
                return Err(refused(&problem, "give another file with --results"));
            }
            Piece::Whole(mut record) => {
                // Only a drain reads this again, and it is large for many lines.
                if let (Record::Done { ending, .. }, true) = (&mut record, command != DRAIN) {
                    ending.told = None;
                }
                known.take(record);
            }
        }
        Ok(())
    })?;
    if !reading.is_ours {
        return Err(refused("is not a results file", "give another file with --results"));
    }
    if !known.has_run && !known.is_empty() {
        return Err(refused(
            "is damaged at line 1 and does not show which command it belongs to",
            "restore the file from a backup; with a new file, every completed line would be done again",
        ));
    }
    known.reading = reading;
    Ok(known)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use countersign::{Error, ErrorKind, Outcome, Retry};

    use super::*;

    fn key(envelope: &str) -> Key {
        let envelope = envelope.parse().expect("an id");
        Key { account: "acme".into(), envelope, recipient: Some("id:1".into()), nth: 1 }
    }

    fn file(name: &str) -> std::path::PathBuf {
        let file = std::env::temp_dir().join(format!("countersign-journal-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&file);
        file
    }

    /// All records that one run writes about two lines.
    fn written(path: &Path) -> Vec<u8> {
        let (journal, known) = Journal::open(path, "resend").expect("a journal");
        assert!(known.is_empty() && !known.has_run);
        journal.begin("resend").expect("written");
        journal.intend(2, &key("a")).expect("written");
        journal.end(2, &key("a"), &Ending::done(None)).expect("written");
        journal.intend(3, &key("b")).expect("written");
        let error = Error::new(ErrorKind::Timeout, "no answer").with_outcome(Outcome::Unknown, Retry::Never);
        journal.end(3, &key("b"), &Ending::failed(&error)).expect("written");
        fs::read(path).expect("the file")
    }

    /// A process that another test starts has our open files, lock included, for a moment.
    fn reopened(path: &Path) -> Result<(Journal, Known)> {
        loop {
            match Journal::open(path, "resend") {
                Err(error) if error.message().contains("in use") => std::thread::yield_now(),
                opened => return opened,
            }
        }
    }

    #[test]
    fn cut_off_anywhere_it_never_forgets_an_intent_that_was_written() {
        let path = file("cut");
        let text = written(&path);
        let at = |n: usize| {
            text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(n).expect("a line").0 + 1
        };
        let (intent, done, other, end) = (at(1), at(2), at(3), at(4));
        assert_eq!(end, text.len());
        for cut in 0..=text.len() {
            fs::write(&path, &text[..cut]).expect("a file");
            let (journal, known) = reopened(&path).expect("a journal");
            let (first, second) = (known.of(&key("a")), known.of(&key("b")));
            assert_eq!(first == Standing::NotBegun, cut < intent, "{cut}");
            assert_eq!(first.is_done(), cut >= done, "{cut}");
            assert_eq!(second == Standing::NotBegun, cut < other, "{cut}");
            assert_eq!(second == Standing::Begun, (other..end).contains(&cut), "{cut}");
            assert_eq!(known.warning(&path), None);
            journal.begin("resend").expect("written");
            journal.intend(4, &key("c")).expect("written");
            drop(journal);
            let (_, known) = reopened(&path).expect("what was written behind a cut is understood");
            assert_eq!(known.of(&key("c")), Standing::Begun);
        }
        fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn a_damaged_record_is_named_and_its_line_counts_as_unknown() {
        let path = file("damaged");
        let text = String::from_utf8(written(&path)).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        let read = |text: &str| {
            fs::write(&path, text).expect("a file");
            reopened(&path).expect("what is damaged is used all the same").1
        };
        for number in 0..lines.len() {
            for damaged in ["", "garbage", &lines[number][..60], &lines[number][..lines[number].len() - 1]] {
                let mut lines = lines.clone();
                lines[number] = damaged;
                let text = format!(
                    "{{\"record\":\"run\",\"format\":1,\"command\":\"resend\",\"at\":\"2026-01-01T00:00:00Z\"}}\n{}\n",
                    lines.join("\n")
                );
                let known = read(&text);
                let warning = known.warning(&path);
                assert_eq!(warning.is_some(), !damaged.is_empty(), "{text}");
                assert!(warning.is_none_or(|warning| warning.contains(&format!("at line {}:", number + 2))));
                if !damaged.is_empty() {
                    // Its record of the end is lost, or the one of its intent, or both stand.
                    assert_eq!(known.of(&key("a")) == Standing::Begun, number == 2, "{text}");
                    let second = known.of(&key("b"));
                    assert!(second != Standing::NotBegun && !second.is_done(), "{text}");
                }
            }
        }
        // Of what is wholly lost, any line may have been the one; what is done stays done.
        let known = read(&text.replace(lines[3], "\0\0\0").replace(lines[4], ""));
        assert!(known.of(&key("a")).is_done());
        assert_eq!((known.of(&key("b")), known.of(&key("new"))), (Standing::Begun, Standing::Begun));
        // A record that was written behind a torn one counts.
        let known = read(&format!("{}{}\n{}{}\n", lines[0], "", &lines[2][..100], lines[3]));
        assert_eq!(known.of(&key("b")), Standing::Begun);
        assert_eq!(known.of(&key("new")), Standing::NotBegun);
        let error = {
            fs::write(&path, lines[1..].join("\n") + "\n").expect("a file");
            reopened(&path).expect_err("no head")
        };
        assert!(
            error.message().contains("damaged at line 1") && !error.hint().contains("--results"),
            "{error}"
        );
        fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn a_file_of_another_kind_or_command_is_left_alone() {
        let path = file("kind");
        for text in ["account,envelope\nacme,e\n", "no line end", "{\"record\":\"intent\"}\n"] {
            fs::write(&path, text).expect("a file");
            let error = Journal::open(&path, "resend").expect_err("no results file");
            assert!(error.hint().contains("--results"), "{error}");
            assert_eq!(fs::read_to_string(&path).expect("the file"), text);
        }
        fs::remove_file(&path).expect("removed");
        written(&path);
        assert!(
            Journal::open(&path, "access-code").expect_err("another command").message().contains("`resend`")
        );
        fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn what_was_told_is_kept_in_memory_for_a_drain_only() {
        for command in ["resend", "drain"] {
            let path = file(command);
            let journal = Journal::open(&path, command).expect("a journal").0;
            journal.begin(command).expect("written");
            journal.end(2, &key("a"), &Ending::done(Some("x".into()))).expect("written");
            let known = understand(&journal.file, command).expect("read").of(&key("a"));
            let told = matches!(known, Standing::Ended(Ending { told: Some(_), .. }));
            assert_eq!(told, command == "drain");
        }
    }

    #[test]
    fn two_runs_at_once_are_one_too_many() {
        let path = file("lock");
        let (first, _) = Journal::open(&path, "resend").expect("a journal");
        let error = Journal::open(&path, "resend").expect_err("locked");
        assert!(error.message().contains("in use by another process"), "{error}");
        drop(first);
        reopened(&path).expect("free again");
        fs::remove_file(&path).expect("removed");
    }
}
