//! The rows as a table to read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign::{Outcome, Retry};

use super::cell::Row;

const HEAD: [&str; 8] =
    ["vendor", "operation", "step", "kind", "outcome", "retry", "seen in the world", "verdict"];

/// The table. Faults with the same result share a row, unless `every` asks for one each.
pub fn table(rows: &[Row], every: bool) -> String {
    // By the place of the first row of the step, and all but the fault.
    let mut groups: BTreeMap<(usize, [String; 8]), Vec<String>> = BTreeMap::new();
    let step = |row: &Row| (row.cell.vendor, row.cell.job, row.cell.step.name);
    for (number, row) in rows.iter().enumerate() {
        let first = rows.iter().position(|other| step(other) == step(row));
        let place = first.filter(|_| !every).unwrap_or(number);
        let (kind, outcome, retry) = match row.error {
            None => ("-".to_owned(), "success", "-".to_owned()),
            Some((kind, outcome, retry)) => (format!("{kind:?}"), said(outcome), again(retry)),
        };
        let (vendor, job, step) = step(row);
        let verdict = if row.wrong.is_empty() { "holds".to_owned() } else { row.wrong.join("; ") };
        let [vendor, job, step, outcome] = [vendor, job.name(), step, outcome].map(str::to_owned);
        let cells = [vendor, job, step, kind, outcome, retry, row.seen.clone(), verdict];
        let fault = row.cell.fault.name;
        let fault = if row.cell.always { format!("{fault} (always)") } else { fault.to_owned() };
        groups.entry((place, cells)).or_default().push(fault);
    }
    let mut text = line(&HEAD.map(str::to_owned), "faults");
    for ((_, cells), faults) in &groups {
        text.push_str(&line(cells, &shared(faults)));
    }
    let wrong = rows.iter().filter(|row| !row.wrong.is_empty()).count();
    let _ = writeln!(text, "\n{} cells, {wrong} wrong", rows.len());
    text
}

fn line(cells: &[String; 8], faults: &str) -> String {
    let [vendor, job, step, kind, outcome, retry, seen, verdict] = cells;
    format!("{vendor:8} {job:14} {step:10} {kind:18} {outcome:9} {retry:7} {seen:18} {verdict:8} {faults}\n")
}

/// Faults that end alike once and always are named once.
fn shared(faults: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for fault in faults {
        let once = fault.trim_end_matches(" (always)");
        if fault != once && names.iter().any(|name| name == once) {
            continue;
        }
        let only_once = !faults.contains(&format!("{once} (always)"));
        names.push(if fault == once && only_once { format!("{once} (once)") } else { fault.clone() });
    }
    names.join("; ")
}

fn said(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NoEffect => "no effect",
        Outcome::Refused => "refused",
        Outcome::Unknown => "unknown",
    }
}

fn again(retry: Retry) -> String {
    match retry {
        Retry::Never => "never".to_owned(),
        Retry::After(None) => "yes".to_owned(),
        Retry::After(Some(wait)) => format!("{} s", wait.as_secs()),
    }
}
