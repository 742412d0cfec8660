//! Reads the file into lines and columns, without checking the values.

use std::path::Path;

use countersign::provider::{TextFileError, without_mark};
use countersign::{Error, Result};

use super::rows::{self, Row, Rows};
use super::{objects, table};
use crate::args::Format;
use crate::context::invalid;
use crate::private::{self, cannot};

/// More than a list of [`rows::MOST`] lines needs.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Reads the lines of a file, or of standard input for `-`.
pub(super) fn read(file: &Path, format: Option<Format>) -> Result<Rows> {
    let format = match format {
        Some(format) => format,
        None => told_by_name(file)?,
    };
    let bytes = private::read(file, LARGEST).map_err(|problem| match problem {
        TextFileError::Unreadable(error) => cannot("read", file, &error),
        problem => too_large(file, &problem.to_string()),
    })?;
    let rows = parse(&bytes, format);
    if rows.is_full() {
        return Err(too_large(file, &format!("has more than {} lines", rows::MOST)));
    }
    Ok(rows)
}

fn too_large(file: &Path, problem: &str) -> Error {
    let message = format!("{} {problem}", file.display());
    invalid(message, "split it into several files")
}

pub(super) fn parse(bytes: &[u8], format: Format) -> Rows {
    let bytes = without_mark(bytes);
    match format {
        Format::Csv => table::rows(bytes),
        Format::Jsonl => objects::rows(bytes),
        Format::Lines => plain(bytes),
    }
}

/// One envelope per line.
fn plain(bytes: &[u8]) -> Rows {
    Rows::of_lines(bytes, |rows, number, line| match std::str::from_utf8(line).map(str::trim) {
        Ok(line) if line.is_empty() || line.starts_with('#') => {}
        Ok(line) => {
            let mut row = Row { number, ..Row::default() };
            row.put(1, line);
            rows.push(row);
        }
        Err(_) => rows.complaints.push(number, None, rows::NOT_TEXT),
    })
}

fn told_by_name(file: &Path) -> Result<Format> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv" | "tsv") => Ok(Format::Csv),
        Some("jsonl" | "ndjson") => Ok(Format::Jsonl),
        Some("txt") => Ok(Format::Lines),
        _ => Err(invalid(
            "the file's extension does not show its format",
            "give --format csv, --format jsonl or --format lines",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::rows::COLUMNS;
    use proptest::prelude::*;

    #[test]
    fn the_name_tells_the_form() {
        for (name, format) in [
            ("a.csv", Format::Csv),
            ("a.TSV", Format::Csv),
            ("b/a.jsonl", Format::Jsonl),
            ("c.txt", Format::Lines),
        ] {
            assert_eq!(told_by_name(Path::new(name)).expect(name), format);
        }
        for name in ["-", "a.text", "a", "csv"] {
            assert!(told_by_name(Path::new(name)).expect_err(name).hint().contains("--format"));
        }
    }

    #[test]
    fn plain_lines_are_envelopes() {
        let Rows { rows, complaints } = parse(b"# in flight\r\ne1\n\n  old:e2 \n\xff\n", Format::Lines);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(Row::cells(&rows), [[None, text("e1"), None, None], [None, text("old:e2"), None, None]]);
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(complaints.told(), ["line 5: is not valid text; expected UTF-8"]);
    }

    /// Any text that a cell can hold: not empty, no surrounding white space.
    fn cell() -> impl Strategy<Value = String> {
        "\\PC{0,12}[\",;\t\n]?\\PC{1,12}"
            .prop_map(|text| text.trim().to_owned())
            .prop_filter("white space", |text| !text.is_empty())
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_in_either_form(lines in prop::collection::vec([cell(), cell(), cell(), cell()], 1..6)) {
            let wanted: Vec<[Option<String>; 4]> = lines.iter().map(|line| line.clone().map(Some)).collect();
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            writer.write_record(COLUMNS).expect("a header");
            for line in &lines {
                writer.write_record(line).expect("a line");
            }
            let written = writer.into_inner().expect("bytes");
            let Rows { rows, complaints } = parse(&written, Format::Csv);
            prop_assert!(complaints.is_empty(), "{:?}", complaints);
            prop_assert_eq!(Row::cells(&rows), wanted.clone());
            let objects = lines.iter().map(|line| {
                let members = COLUMNS.iter().zip(line).map(|(name, cell)| ((*name).to_owned(), cell.clone().into()));
                serde_json::Value::Object(members.collect()).to_string() + "\n"
            });
            let Rows { rows, complaints } = parse(objects.collect::<String>().as_bytes(), Format::Jsonl);
            prop_assert!(complaints.is_empty(), "{:?}", complaints);
            prop_assert_eq!(Row::cells(&rows), wanted);
        }

        #[test]
        fn nothing_makes_it_panic_and_every_complaint_has_a_line(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for format in [Format::Csv, Format::Jsonl, Format::Lines] {
                for head in ["", "envelope,code\n", "{\"envelope\":\"e\"}\n{\"code\":"] {
                    let Rows { rows, complaints } = parse(&[head.as_bytes(), &bytes].concat(), format);
                    prop_assert!(rows.iter().all(|row| row.number > 0));
                    prop_assert!(!complaints.told().iter().any(|told| told.starts_with("line 0")));
                }
            }
        }
    }
}
