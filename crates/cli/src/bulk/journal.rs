//! The results file: what became of each line, in the order in which it happened.
//!
//! Before a call that changes or mails something, an `intent` is written for good; after any call, how it ended. So
//! whatever ends a run, the next one knows of each line: never begun, ended so, or begun and perhaps done.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use countersign::{Error, ErrorKind, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::ending::Ending;
use super::lines::Key;
use crate::private::{Lines, cannot};

/// Raised when older files can no longer be understood.
const FORMAT: u32 = 1;

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

/// What is known of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Standing {
    #[default]
    NotBegun,
    /// There is an intent and nothing behind it.
    Begun,
    Ended(Ending),
}

/// The open file.
#[derive(Debug)]
pub(super) struct Journal {
    lines: Lines,
}

impl Journal {
    /// Opens or makes the file, tells what it knows, and begins another run.
    ///
    /// # Errors
    /// When another run is at work with it, or when it is no results file of this command.
    pub(super) fn open(path: &Path, command: &str) -> Result<(Self, HashMap<Key, Standing>)> {
        let failed = |what| move |error: io::Error| cannot(what, path, &error);
        // Read before it is opened for writing, which closes it to others: a file of another kind stays as it is.
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed("read")(error)),
        };
        understand(&text, command, path)?;
        let lines = Lines::open(path).map_err(failed("written"))?;
        lines.lock().map_err(failed("locked"))?;
        // Once more: between the first look and the lock another run may have ended.
        let text = fs::read(path).map_err(failed("read"))?;
        let known = understand(&text, command, path)?;
        // A line that was cut off in writing was never followed by anything, so nothing is lost with it.
        lines.cut(whole(&text).len() as u64).map_err(failed("written"))?;
        let run = Record::Run { format: FORMAT, command: command.to_owned(), at: Timestamp::now() };
        lines.add_for_good(&run).map_err(failed("written"))?;
        Ok((Self { lines }, known))
    }

    /// Says that a call which changes something is about to be made.
    pub(super) fn intend(&self, line: u64, key: &Key) -> io::Result<()> {
        self.lines.add_for_good(&Record::Intent { line, key: key.clone(), at: Timestamp::now() })
    }

    /// Says how a line ended.
    pub(super) fn end(&self, line: u64, key: &Key, ending: &Ending) -> io::Result<()> {
        let (key, ending) = (key.clone(), ending.clone());
        self.lines.add_for_good(&Record::Done { line, key, at: Timestamp::now(), ending })
    }
}

/// The part that consists of whole lines.
fn whole(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

fn understand(text: &[u8], command: &str, path: &Path) -> Result<HashMap<Key, Standing>> {
    let wrong = |problem: String| {
        Error::new(ErrorKind::InvalidRequest, format!("{} {problem}", path.display()))
            .with_hint("name another file with --results")
    };
    let text = if text.contains(&b'\n') { whole(text) } else { text };
    let mut known = HashMap::new();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for (number, line) in (1..).zip(lines) {
        let record = serde_json::from_slice(line)
            .map_err(|_| wrong(format!("is no results file, or damaged, at line {number}")))?;
        match record {
            Record::Run { format, .. } if format != FORMAT => {
                return Err(wrong("was written by another version of countersign".to_owned()));
            }
            Record::Run { command: other, .. } if other != command => {
                return Err(wrong(format!("has the results of `{other}`, not of `{command}`")));
            }
            Record::Run { .. } => {}
            _ if number == 1 => return Err(wrong("is no results file".to_owned())),
            Record::Intent { key, .. } => {
                known.insert(key, Standing::Begun);
            }
            Record::Done { key, ending, .. } => {
                known.insert(key, Standing::Ended(ending));
            }
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use countersign::{Outcome, Retry};

    use super::super::ending::Ended;
    use super::*;

    fn key(envelope: &str) -> Key {
        Key { account: "acme".into(), envelope: envelope.into(), recipient: Some("id:1".into()), nth: 1 }
    }

    fn file(name: &str) -> std::path::PathBuf {
        let file = std::env::temp_dir().join(format!("countersign-journal-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&file);
        file
    }

    /// All that one run writes about two lines.
    fn written(path: &Path) -> Vec<u8> {
        let (journal, known) = Journal::open(path, "resend").expect("a journal");
        assert!(known.is_empty());
        journal.intend(2, &key("a")).expect("written");
        journal.end(2, &key("a"), &Ending::done(None)).expect("written");
        journal.intend(3, &key("b")).expect("written");
        let error = Error::new(ErrorKind::Timeout, "no answer").with_outcome(Outcome::Unknown, Retry::Never);
        journal.end(3, &key("b"), &Ending::failed(&error)).expect("written");
        fs::read(path).expect("the file")
    }

    /// A process that another test starts has our open files, lock included, for a moment.
    fn reopened(path: &Path) -> Result<(Journal, HashMap<Key, Standing>)> {
        loop {
            match Journal::open(path, "resend") {
                Err(error) if error.hint().contains("another run") => std::thread::yield_now(),
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
        let (run, intent, done, other, end) = (at(0), at(1), at(2), at(3), at(4));
        assert_eq!(end, text.len());
        for cut in 0..=text.len() {
            fs::write(&path, &text[..cut]).expect("a file");
            if cut > 0 && cut + 1 < run {
                // Nothing was begun before the head is written for good; what is cut there is no results file.
                assert!(Journal::open(&path, "resend").is_err());
                continue;
            }
            let (journal, known) = reopened(&path).expect("a journal");
            let first = known.get(&key("a")).cloned().unwrap_or_default();
            let second = known.get(&key("b")).cloned().unwrap_or_default();
            let done_word = |standing: &Standing| matches!(standing, Standing::Ended(ending) if ending.outcome == Ended::Done);
            assert_eq!(first == Standing::NotBegun, cut < intent, "{cut}");
            assert_eq!(done_word(&first), cut >= done, "{cut}");
            assert_eq!(second == Standing::NotBegun, cut < other, "{cut}");
            assert_eq!(second == Standing::Begun, (other..end).contains(&cut), "{cut}");
            journal.intend(4, &key("c")).expect("written");
            drop(journal);
            let (_, known) = reopened(&path).expect("what was written behind a cut is understood");
            assert_eq!(known.get(&key("c")), Some(&Standing::Begun));
        }
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
    fn two_runs_at_once_are_one_too_many() {
        let path = file("lock");
        let (first, _) = Journal::open(&path, "resend").expect("a journal");
        assert!(Journal::open(&path, "resend").expect_err("locked").hint().contains("another run"));
        drop(first);
        reopened(&path).expect("free again");
        fs::remove_file(&path).expect("removed");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let path = file("mode");
        fs::write(&path, "").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
        let _open = Journal::open(&path, "resend").expect("a journal");
        assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
        fs::remove_file(&path).expect("removed");
    }
}
