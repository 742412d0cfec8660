//! Explanations of error kinds and vendor codes.

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
    let title = format!("(a kind, the same for every vendor; exit code {})", kind.exit_code);
    let ways = kind.ways.iter().map(|way| (way.vendor, way.way.clone()));
    let codes = codes.iter().map(|code| (code.vendor, format!("error {}: {}", code.label(), code.meaning)));
    let facts = [("meaning", kind.meaning.to_owned()), ("remedy", kind.remedy.to_owned())];
    block(kind.kind, &title, facts.into_iter().chain(ways).chain(codes))
}

fn code_block(code: &Code) -> String {
    let facts = [
        ("kind", format!("{} (exit code {})", code.kind, code.exit_code)),
        ("in", code.operation.unwrap_or_default().to_owned()),
        ("meaning", code.meaning.to_owned()),
        ("remedy", code.remedy.to_owned()),
        ("source", code.source.to_owned()),
    ];
    block(&code.label(), &format!("({})", code.vendor), facts)
}

fn status_block(status: &StatusMeaning) -> String {
    let kind = format!("{} (exit code {})", status.kind, status.exit_code);
    let facts = [("kind", kind), ("meaning", status.meaning.to_owned())];
    block(&status.status.to_string(), "(HTTP status, if no row of the vendor above applies)", facts)
}

/// A title with a remark, and labelled lines below it; those without a value are left out.
fn block<'l>(title: &str, remark: &str, facts: impl IntoIterator<Item = (&'l str, String)>) -> String {
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let facts: String = facts.map(|(label, value)| format!("  {label:<8}  {value}\n")).collect();
    format!("{} {remark}\n{facts}", paint(STRONG, title))
}
