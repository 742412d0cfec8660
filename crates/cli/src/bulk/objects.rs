//! JSON lines: an object per line.

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use super::rows::{COLUMNS, Complaint, Row, Rows};

/// One line. The members are read as any value first, since the errors of a typed reader repeat the value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    account: Option<Value>,
    envelope: Option<Value>,
    recipient: Option<Value>,
    code: Option<Value>,
}

/// Reads the lines; blank ones are passed over.
pub(super) fn rows(bytes: &[u8]) -> Rows {
    let (mut rows, mut complaints) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Object>(line) {
            Ok(object) => rows.push(row(number, object, &mut complaints)),
            Err(error) => {
                let problem = match error.classify() {
                    Category::Data => {
                        format!("is no object with the members {}, each at most once", COLUMNS.join(", "))
                    }
                    _ => format!(
                        "is not JSON, at character {}; expected an object on one line",
                        error.column()
                    ),
                };
                complaints.push(Complaint::new(number, None, problem));
            }
        }
    }
    (rows, complaints)
}

fn row(number: u64, object: Object, complaints: &mut Vec<Complaint>) -> Row {
    let mut row = Row { number, ..Row::default() };
    let members = [object.account, object.envelope, object.recipient, object.code];
    for (column, (name, member)) in COLUMNS.into_iter().zip(members).enumerate() {
        match member {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => row.put(column, &text),
            // A number has lost its leading zeros.
            Some(_) => {
                complaints.push(Complaint::new(number, Some(name), "is no text; expected it in quotes"));
            }
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_line_and_column_and_without_data() {
        let (rows, complaints) = rows(
            b"{\"envelope\":\"e\",\"code\":12345}\n\n[\"hunter2\"]\n{\"envelope\":\"e\",\"envelope\":\"hunter2\"}\n\
              {\"hunter2\":1}\n{\"envelope\":\"hunter2\n{\"account\":null,\"envelope\":\"e\"}\n\"hunter2\"",
        );
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 7]);
        let said: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        assert!(!said.concat().contains("hunter2") && !said.concat().contains("12345"), "{said:?}");
        insta::assert_snapshot!(said.join("\n"));
    }
}
