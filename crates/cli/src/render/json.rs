//! JSON that is safe to look at in a terminal.

use std::io;

use countersign::is_harmful;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// One document with a line end.
pub(crate) fn document(value: &impl Serialize) -> String {
    written(value, PrettyFormatter::new())
}

/// One document on one line, with its line end.
pub(crate) fn line(value: &impl Serialize) -> String {
    written(value, CompactFormatter)
}

fn written(value: &impl Serialize, form: impl Formatter) -> String {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, Harmless(form));
    // Our own types always serialise; should one not, an empty document would be a lie.
    if let Err(error) = value.serialize(&mut writer) {
        return format!(
            "{{\"error\":{{\"kind\":\"unexpected\",\"message\":\"cannot be written as JSON ({:?})\"}}}}\n",
            error.classify()
        );
    }
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

/// Writes control characters and direction marks that JSON allows in clear as `\u…`, which means the same to a
/// program and does nothing to a terminal.
struct Harmless<F>(F);

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
            let (before, behind) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = behind.get(c.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_that_drives_a_terminal_stays_in_clear() {
        let text = document(&serde_json::json!({"name": "a\u{1b}[2J\u{9b}1m\u{7f}\u{202e}\u{e0041}ü"}));
        assert_eq!(text, "{\n  \"name\": \"a\\u001b[2J\\u009b1m\\u007f\\u202e\\udb40\\udc41ü\"\n}\n");
    }

    proptest! {
        #[test]
        fn it_means_the_same(text in any::<String>()) {
            for written in [document(&[&text]), line(&[&text])] {
                prop_assert!(!written.contains(|c: char| is_harmful(c) && c != '\n'));
                let read: Vec<String> = serde_json::from_str(&written).expect("JSON");
                prop_assert_eq!(read, vec![text.clone()]);
            }
            prop_assert_eq!(line(&[&text]).matches('\n').count(), 1);
        }
    }
}
