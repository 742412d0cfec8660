//! Explanations of error kinds and vendor codes.

use std::fmt::Write as _;

use super::table::{self, STRONG, paint};
use crate::explain::{Code, Explanation, Kind, StatusMeaning};

/// Everything: the kinds, then the vendors' codes.
pub(crate) fn all(kinds: &[Kind], codes: &[Code], width: u16) -> String {
    let kind =
        |one: &Kind| [one.kind, &one.exit_code.to_string(), one.meaning, one.remedy].map(str::to_owned);
    let code = |one: &Code| [one.vendor, &one.label(), one.kind].map(str::to_owned);
    format!(
        "{}\n\n{}\n{}\n\n{}\n`countersign explain CODE` shows the meaning, remedy and source of one.\n",
        paint(STRONG, "Kinds, the same for every vendor"),
        table::text(width, ["kind", "exit", "meaning", "remedy"], kinds.iter().map(kind)),
        paint(STRONG, "Vendors' codes"),
        table::text(width, ["vendor", "code, status or phrase", "kind"], codes.iter().map(code)),
    )
}

pub(crate) fn found(explanation: &Explanation) -> String {
    let mut blocks = Vec::new();
    blocks.extend(explanation.kind.iter().map(|kind| kind_block(kind, &explanation.codes)));
    if explanation.kind.is_none() {
        blocks.extend(explanation.codes.iter().map(code_block));
    }
    blocks.extend(explanation.status.iter().map(status_block));
    blocks.join("\n")
}

fn kind_block(kind: &Kind, codes: &[Code]) -> String {
    let mut text = format!(
        "{} (a kind, the same for every vendor; exit code {})\n",
        paint(STRONG, kind.kind),
        kind.exit_code
    );
    fact(&mut text, "meaning", kind.meaning);
    fact(&mut text, "remedy", kind.remedy);
    for way in &kind.ways {
        fact(&mut text, way.vendor, &way.way);
    }
    for code in codes {
        fact(&mut text, code.vendor, &format!("error {}: {}", code.label(), code.meaning));
    }
    text
}

fn code_block(code: &Code) -> String {
    let mut text = format!("{} ({})\n", paint(STRONG, &code.label()), code.vendor);
    fact(&mut text, "kind", &format!("{} (exit code {})", code.kind, code.exit_code));
    if let Some(operation) = code.operation {
        fact(&mut text, "in", operation);
    }
    fact(&mut text, "meaning", code.meaning);
    fact(&mut text, "remedy", code.remedy);
    if !code.source.is_empty() {
        fact(&mut text, "source", code.source);
    }
    text
}

fn status_block(status: &StatusMeaning) -> String {
    let mut text = format!(
        "{} (HTTP status, if no row of the vendor above applies)\n",
        paint(STRONG, &status.status.to_string())
    );
    fact(&mut text, "kind", &format!("{} (exit code {})", status.kind, status.exit_code));
    fact(&mut text, "meaning", status.meaning);
    text
}

/// A labelled line; writing to a string cannot fail.
fn fact(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:<8}  {value}");
}
