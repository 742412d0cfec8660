//! Reads JSON lines: one object per line.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::rows::{COLUMNS, Complaint, Complaints, Row, Rows};

/// One line.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    account: Option<Member>,
    envelope: Option<Member>,
    recipient: Option<Member>,
    code: Option<Member>,
}

/// A member, which must be a text. Other values are skipped here, so that no error repeats them and a long list
/// uses no memory.
enum Member {
    Text(String),
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyMember)
    }
}

struct AnyMember;

impl<'de> Visitor<'de> for AnyMember {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Member, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Member, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

/// Reads the lines; blank ones are skipped.
pub(super) fn rows(bytes: &[u8]) -> Rows {
    let mut rows = Rows::default();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if rows.is_full() {
            break;
        }
        match serde_json::from_slice::<Object>(line) {
            Ok(object) => {
                let row = row(number, object, &mut rows.complaints);
                rows.push(row);
            }
            Err(error) => {
                let problem = match error.classify() {
                    Category::Data => {
                        format!("is not an object with the members {}, each at most once", COLUMNS.join(", "))
                    }
                    _ => format!(
                        "is not JSON, at character {}; expected an object on one line",
                        error.column()
                    ),
                };
                rows.complain(Complaint::new(number, None, problem));
            }
        }
    }
    rows
}

fn row(number: u64, object: Object, complaints: &mut Complaints) -> Row {
    let mut row = Row { number, ..Row::default() };
    let members = [object.account, object.envelope, object.recipient, object.code];
    for (column, (name, member)) in COLUMNS.into_iter().zip(members).enumerate() {
        match member {
            None => {}
            Some(Member::Text(text)) => row.put(column, &text),
            // A number would have lost its leading zeros.
            Some(Member::Other) => {
                complaints.push(Complaint::new(number, Some(name), "is not a text; expected it in quotes"));
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
        let Rows { rows, complaints } = rows(
            b"{\"envelope\":\"e\",\"code\":12345}\n\n[\"hunter2\"]\n{\"envelope\":\"e\",\"envelope\":\"hunter2\"}\n\
              {\"hunter2\":1}\n{\"envelope\":\"hunter2\n{\"account\":null,\"envelope\":\"e\"}\n\"hunter2\"",
        );
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 7]);
        let said: Vec<String> = complaints.told().map(ToString::to_string).collect();
        assert!(!said.concat().contains("hunter2") && !said.concat().contains("12345"), "{said:?}");
        insta::assert_snapshot!(said.join("\n"));
    }
}
