//! JSON that is safe to show in a terminal.

use std::fmt::Write as _;

use countersign::redact::is_harmful;
use serde::Serialize;

/// One document with a trailing line break.
pub(crate) fn document(value: &impl Serialize) -> String {
    written(serde_json::to_string_pretty(value))
}

/// One document on one line, with a trailing line break.
pub(crate) fn line(value: &impl Serialize) -> String {
    written(serde_json::to_string(value))
}

/// Writes control characters and direction marks that JSON allows in clear as `\u…`, which means the same to a
/// program and does nothing to a terminal. Line ends in clear are those of the layout.
fn written(json: serde_json::Result<String>) -> String {
    // Our own types always serialise; if one did not, an empty document would be misleading.
    let json = json.unwrap_or_else(|error| {
        format!(
            "{{\"error\":{{\"kind\":\"unexpected\",\"message\":\"cannot be written as JSON ({:?})\"}}}}",
            error.classify()
        )
    });
    let mut out = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if c == '\n' || !is_harmful(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out.push('\n');
    out
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
