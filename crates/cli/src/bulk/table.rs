//! Reads CSV with a header row.

use ::csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};

use countersign::redact::shortened;

use super::rows::{COLUMNS, Complaints, NOT_TEXT, Row, Rows};

/// Reads the rows. The header shows whether comma, semicolon or tab separates the columns.
pub(super) fn rows(bytes: &[u8]) -> Rows {
    let mut reader = ReaderBuilder::new().delimiter(delimiter(bytes)).trim(Trim::Headers).from_reader(bytes);
    let mut rows = Rows::default();
    let columns = match reader.headers() {
        Ok(header) => columns(header, &mut rows.complaints),
        Err(_) => {
            rows.complaints.push(1, None, NOT_TEXT);
            Vec::new()
        }
    };
    if !rows.complaints.is_empty() {
        return rows;
    }
    let mut counter = Counter { bytes, at: 0, line: 1 };
    let mut record = StringRecord::new();
    while !rows.is_full() {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => rows.push(row(counter.line(record.position()), &record, &columns)),
            Err(error) => {
                let line = counter.line(error.position());
                let problem = match error.kind() {
                    ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!(
                            "has {len} columns; expected {expected_len} as in the header; put \"\" around values \
                             that contain the separator"
                        )
                    }
                    ErrorKind::Utf8 { .. } => NOT_TEXT.to_owned(),
                    _ => "cannot be read".to_owned(),
                };
                rows.complaints.push(line, None, problem);
                if reader.is_done() {
                    break;
                }
            }
        }
    }
    rows
}

/// Counts lines like an editor. The reader's own count is that before the blank lines, or half a line break, that
/// precede a row.
struct Counter<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
}

impl Counter<'_> {
    /// The line of a row; rows come in order.
    fn line(&mut self, row: Option<&Position>) -> u64 {
        let start = row.and_then(|row| usize::try_from(row.byte()).ok()).unwrap_or(self.at);
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= start && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            let half = *byte == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(!half && matches!(byte, b'\n' | b'\r'));
            self.at += 1;
        }
        self.line
    }
}

fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // No column name contains one of these.
    *header.iter().find(|byte| matches!(byte, b',' | b';' | b'\t')).unwrap_or(&b',')
}

/// Maps the header to [`COLUMNS`]. Unknown names are repeated in errors only if another name is known: in a file
/// without a header they are data.
fn columns(header: &StringRecord, complaints: &mut Complaints) -> Vec<usize> {
    let known = |name: &str| COLUMNS.iter().position(|known| known.eq_ignore_ascii_case(name));
    let is_header = header.iter().any(|name| known(name) == Some(1));
    let mut found = Vec::new();
    for (place, name) in (1..).zip(header) {
        match known(name) {
            Some(column) if found.contains(&column) => {
                complaints.push(1, COLUMNS.get(column).copied(), "occurs twice");
            }
            Some(column) => found.push(column),
            None => {
                let shown = if is_header { format!(" `{}`", shortened(name)) } else { String::new() };
                let expected = COLUMNS.join(", ");
                let problem =
                    format!("has an unknown name{shown} in column {place}; expected a header of {expected}");
                complaints.push(1, None, problem);
            }
        }
    }
    if !found.contains(&1) && complaints.is_empty() {
        let problem = format!("is missing in the header; expected a header of {}", COLUMNS.join(", "));
        complaints.push(1, "envelope", problem);
    }
    found
}

fn row(number: u64, record: &StringRecord, columns: &[usize]) -> Row {
    let mut row = Row { number, ..Row::default() };
    for (column, cell) in columns.iter().zip(record) {
        row.put(*column, cell);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> Vec<String> {
        rows(text.as_bytes()).complaints.told()
    }

    #[test]
    fn any_separator_any_order_any_case_and_empty_cells() {
        for text in [
            "Recipient,ENVELOPE\nid:2, e1 \n,e2\n",
            "recipient;envelope\r\nid:2;e1\r\n;e2",
            "recipient\tenvelope\nid:2\te1\n\te2\n",
        ] {
            let Rows { rows, complaints } = rows(text.as_bytes());
            assert!(complaints.is_empty(), "{complaints:?}");
            let text = |text: &str| Some(text.to_owned());
            assert_eq!(
                Row::cells(&rows),
                [[None, text("e1"), text("id:2"), None], [None, text("e2"), None, None]]
            );
            assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3]);
        }
    }

    #[test]
    fn lines_are_counted_over_quotes_and_blank_lines() {
        let Rows { rows, .. } = rows(b"envelope,recipient\n\n\"a\nb\",id:1\n\nc,id:2\n");
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 6]);
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_column_and_without_data() {
        assert_eq!(complaints("e1,hunter2\ne2,hunter3\n").len(), 2);
        assert!(!complaints("e1,hunter2\n").concat().contains("hunter2"));
        insta::assert_snapshot!(
            [
                complaints("account,envelope,note\na,b,c\n"),
                complaints("account,recipient\na,b\n"),
                complaints("envelope,envelope\na,b\n"),
                complaints("envelope,recipient\na,id:1\nb\nc,id:2,x\n"),
                complaints(""),
            ]
            .concat()
            .join("\n")
        );
        let Rows { complaints, .. } = rows(b"envelope\na\n\xff\xfe\nb\n");
        assert_eq!(complaints.told(), ["line 3: is not valid text; expected UTF-8"]);
    }
}
