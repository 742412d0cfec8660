//! Reads JSON lines: one object per line.

use serde_json::error::Category;
use serde_json::value::RawValue;

use super::rows::{COLUMNS, Complaints, Row, Rows};

/// One line. Only texts are read, so that no error repeats another value and a long list uses no memory.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Object<'l> {
    #[serde(borrow)]
    account: Option<&'l RawValue>,
    envelope: Option<&'l RawValue>,
    recipient: Option<&'l RawValue>,
    code: Option<&'l RawValue>,
}

/// Reads the lines.
pub(super) fn rows(bytes: &[u8]) -> Rows {
    Rows::of_lines(bytes, |rows, number, line| match serde_json::from_slice::<Object<'_>>(line) {
        Ok(object) => {
            let row = row(number, &object, &mut rows.complaints);
            rows.push(row);
        }
        Err(error) => {
            let (members, column) = (COLUMNS.join(", "), error.column());
            let problem = match error.classify() {
                Category::Data => format!("is not an object with the members {members}, each at most once"),
                _ => format!("is not JSON, at character {column}; expected an object on one line"),
            };
            rows.complaints.push(number, None, problem);
        }
    })
}

fn row(number: u64, object: &Object<'_>, complaints: &mut Complaints) -> Row {
    let mut row = Row { number, ..Row::default() };
    let members = [object.account, object.envelope, object.recipient, object.code];
    for (column, (name, member)) in COLUMNS.into_iter().zip(members).enumerate() {
        let Some(member) = member.map(RawValue::get) else { continue };
        let problem = match serde_json::from_str::<String>(member) {
            Ok(text) => {
                row.put(column, &text);
                continue;
            }
            Err(_) if member.starts_with('"') => "is not valid text: half of a surrogate pair",
            // A number would have lost its leading zeros.
            Err(_) => "is not a text; expected it in quotes",
        };
        complaints.push(number, name, problem);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_line_and_column_and_without_data() {
        let Rows { rows, complaints } = rows(
            b"{\"envelope\":\"e\",\"code\":12345}\n\n[\"hunter2\"]\n{\"envelope\":\"e\",\"envelope\":\"hunter2\"}\n\
              {\"hunter2\":1}\n{\"envelope\":\"hunter2\n{\"account\":null,\"envelope\":\"e\"}\n\"hunter2\"\n\
              {\"envelope\":\"hunter2\\ud800\"}",
        );
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 7, 9]);
        let said = complaints.told();
        assert!(!said.concat().contains("hunter2") && !said.concat().contains("12345"), "{said:?}");
        insta::assert_snapshot!(said.join("\n"));
    }
}
