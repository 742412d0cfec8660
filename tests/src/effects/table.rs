//! The rows as a table to read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use countersign::{Outcome, Retry};

use super::cell::Row;

/// What rows are put together by: all but the fault.
type Key = (&'static str, super::job::Job, usize, &'static str, String, String, String, String, String);

/// The table. Faults with the same result share a row, unless `every` asks for one each.
pub fn table(rows: &[Row], every: bool) -> String {
    let mut groups: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    let mut steps: Vec<(&str, super::job::Job, &str)> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let step = (row.vendor, row.job, row.step);
        let place = steps.iter().position(|known| *known == step).unwrap_or_else(|| {
            steps.push(step);
            steps.len() - 1
        });
        let place = if every { number } else { place };
        let (kind, outcome, retry) = match row.error {
            None => ("-".to_owned(), "success", "-".to_owned()),
            Some((kind, outcome, retry)) => (format!("{kind:?}"), said(outcome), again(retry)),
        };
        let verdict = if row.wrong.is_empty() { "holds".to_owned() } else { row.wrong.join("; ") };
        let key = (
            row.vendor,
            row.job,
            place,
            row.step,
            kind,
            outcome.to_owned(),
            retry,
            row.seen.clone(),
            verdict,
        );
        let fault = if row.always { format!("{} (always)", row.fault) } else { row.fault.to_owned() };
        groups.entry(key).or_default().push(fault);
    }
    let mut text = String::new();
    line(
        &mut text,
        ["vendor", "operation", "step", "kind", "outcome", "retry", "seen in the world", "verdict"],
        "faults",
    );
    for ((vendor, job, _, step, kind, outcome, retry, seen, verdict), faults) in &groups {
        line(&mut text, [vendor, job.name(), step, kind, outcome, retry, seen, verdict], &shared(faults));
    }
    let wrong = rows.iter().filter(|row| !row.wrong.is_empty()).count();
    let _ = writeln!(text, "\n{} cells, {wrong} wrong", rows.len());
    text
}

fn line(
    text: &mut String,
    [vendor, job, step, kind, outcome, retry, seen, verdict]: [&str; 8],
    faults: &str,
) {
    let _ = writeln!(
        text,
        "{vendor:8} {job:14} {step:10} {kind:18} {outcome:9} {retry:7} {seen:18} {verdict:8} {faults}"
    );
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
