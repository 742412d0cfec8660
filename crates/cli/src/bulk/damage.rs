//! Reads a file of records in which some may be damaged.
//!
//! Our files can be damaged by the disk, by hand, or by a program that wrote after an incomplete record. Complete
//! records in such a line count; a lost record must not lead to a second mail.

use countersign::durable::RecordFile;
use countersign::{EnvelopeId, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::rows::Key;
use crate::private::cannot;

#[derive(Debug)]
pub(super) enum Piece<R> {
    Whole(R),
    Lost(Lost),
}

/// A file without one of our records in this many lines is another file, and is not read to its end.
const NONE_AMONG: u64 = 1_000;

/// What is known of the line that a damaged record was about; unknown parts match anything.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Lost {
    account: Option<String>,
    envelope: Option<EnvelopeId>,
}

impl Lost {
    /// Whether the damaged record may have been about this line.
    pub(super) fn may_be(&self, key: &Key) -> bool {
        self.account.as_ref().is_none_or(|account| *account == key.account)
            && self.envelope.as_ref().is_none_or(|envelope| *envelope == key.envelope)
    }

    /// The complete members at the start of an incomplete record.
    fn of(torn: &[u8]) -> Self {
        // Other characters cannot come from our own incomplete record; any number of records may have been there.
        let Some(text) = std::str::from_utf8(torn).ok().filter(|text| !text.contains(char::is_control))
        else {
            return Self::default();
        };
        let ends = text.rmatch_indices(",\"").map(|(at, _)| at);
        ends.filter_map(|at| serde_json::from_str(&format!("{}}}", text.get(..at)?)).ok())
            .next()
            .unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Whether it has one of our records, or only the beginning of one.
    pub(super) is_ours: bool,
    /// The numbers of the damaged lines.
    pub(super) damaged: Vec<u64>,
}

impl Reading {
    /// Where the file is damaged; `None` if it is intact.
    pub(super) fn places(&self) -> Option<String> {
        let (first, more) = (self.damaged.first()?, self.damaged.len() - 1);
        Some(if more == 0 { format!("line {first}") } else { format!("line {first} and {more} more") })
    }
}

/// Reads a file; each record begins with `start`.
pub(super) fn read<R: DeserializeOwned>(
    file: &RecordFile,
    start: &str,
    mut take: impl FnMut(Piece<R>) -> Result<()>,
) -> Result<Reading> {
    let failed = |error| cannot("read", file.path(), &error);
    let mut reading = Reading::default();
    let (mut has_record, mut has_text) = (false, false);
    for (number, line) in (1..).zip(file.records().map_err(failed)?) {
        let line = line.map_err(failed)?;
        if line.is_empty() {
            continue;
        }
        has_text = true;
        for piece in pieces(&line, start) {
            match piece {
                Piece::Whole(_) => has_record = true,
                Piece::Lost(_) if reading.damaged.last() == Some(&number) => {}
                Piece::Lost(_) => reading.damaged.push(number),
            }
            take(piece)?;
        }
        if !has_record && number >= NONE_AMONG {
            return Ok(Reading::default());
        }
    }
    let torn = file.torn_end().map_err(failed)?;
    let is_beginning = torn.iter().zip(start.as_bytes()).all(|(torn, start)| torn == start);
    reading.is_ours = has_record || (!has_text && is_beginning);
    Ok(reading)
}

fn pieces<R: DeserializeOwned>(line: &[u8], start: &str) -> Vec<Piece<R>> {
    if let Ok(record) = serde_json::from_slice(line) {
        return vec![Piece::Whole(record)];
    }
    // The start cannot occur within a record, because quotes in texts are escaped.
    let starts = line.windows(start.len()).enumerate().skip(1).filter(|(_, part)| *part == start.as_bytes());
    let cuts: Vec<usize> = [0].into_iter().chain(starts.map(|(at, _)| at)).chain([line.len()]).collect();
    let parts = cuts.windows(2).filter_map(|cut| line.get(*cut.first()?..*cut.last()?));
    parts
        .map(|part| serde_json::from_slice(part).map_or_else(|_| Piece::Lost(Lost::of(part)), Piece::Whole))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "{\"record\":";
    const WHOLE: &str =
        r#"{"record":"done","line":3,"account":"acme","envelope":"a","recipient":"id:1","told":{"x,\"y":1}}"#;

    fn key(envelope: &str) -> Key {
        Key { account: "acme".into(), envelope: envelope.parse().expect("an id"), recipient: None, nth: 1 }
    }

    #[test]
    fn a_record_cut_anywhere_is_lost_for_its_own_line_and_one_behind_it_is_not() {
        for cut in 1..WHOLE.len() {
            let torn = &WHOLE[..cut];
            let pieces = pieces::<serde_json::Value>(format!("{torn}{WHOLE}").as_bytes(), START);
            let [Piece::Lost(lost), Piece::Whole(whole)] = pieces.as_slice() else {
                panic!("{torn}: {pieces:?}")
            };
            assert!(lost.may_be(&key("a")), "{torn}");
            assert_eq!(lost.may_be(&key("b")), !torn.contains("\"a\",\""), "{torn}");
            assert_eq!(whole["line"], 3);
        }
    }

    #[test]
    fn what_is_no_torn_record_may_have_been_any() {
        let zeros = format!("{}\0\0\0", &WHOLE[..WHOLE.len() - 4]);
        for bytes in [&b"garbage"[..], b"\xff\xfe", b"\0\0\0", zeros.as_bytes()] {
            let pieces = pieces::<serde_json::Value>(bytes, START);
            let [Piece::Lost(lost)] = pieces.as_slice() else { panic!("{pieces:?}") };
            assert!(lost.may_be(&key("b")), "{pieces:?}");
        }
    }
}
