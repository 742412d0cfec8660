//! What changes between two vendors: for people at a terminal, and as Markdown.

use countersign::Evidence;
use countersign::migrate::{Budget, Change, Report, Row, Verdict};

use super::table::{self, BAD, FAINT, GOOD, STRONG, WARN, paint, safe};

fn verdict(verdict: Verdict) -> String {
    let style = match verdict {
        Verdict::Same => GOOD,
        Verdict::Differs => WARN,
        Verdict::Impossible => BAD,
    };
    paint(style, verdict.as_str())
}

/// What is less than documented.
fn mark(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "",
        Evidence::Observed => " [observed]",
        Evidence::Guessed => " [guessed]",
    }
}

fn title(row: &Row) -> String {
    let what = row.operation.map_or("envelope", countersign::Operation::as_str);
    match &row.name {
        Some(name) => format!("{what}, {}", safe(name)),
        None => what.to_owned(),
    }
}

/// How many HTTP calls it takes when all goes well.
fn cost(row: &Row) -> String {
    let Some(calls) = row.http_calls else { return String::new() };
    let plural = if calls.to == 1 { "" } else { "s" };
    let before = if calls.from == calls.to { "as now".to_owned() } else { format!("now {}", calls.from) };
    format!(", {} HTTP call{plural} ({before})", calls.to)
}

fn tally(report: &Report) -> String {
    let count = |verdict| report.count(verdict);
    format!(
        "{} same, {} differ, {} impossible",
        count(Verdict::Same),
        count(Verdict::Differs),
        count(Verdict::Impossible)
    )
}

/// How sure all of it is.
fn caution(report: &Report) -> String {
    let side = |side: &countersign::migrate::Side| match side.verified_live {
        Some(when) => format!("{}: tried live {when}", side.name),
        None => format!("{}: never tried live", side.name),
    };
    format!("{}; {}", side(&report.from), side(&report.to))
}

/// A table for the terminal.
pub(crate) fn text(report: &Report, width: u16) -> String {
    let mut text = format!(
        "{}\n{}\n",
        paint(STRONG, &format!("{} -> {}: {}", report.from.name, report.to.name, tally(report))),
        paint(FAINT, &caution(report))
    );
    for row in &report.rows {
        text.push_str(&format!("\n{}: {}{}\n", paint(STRONG, &title(row)), verdict(row.verdict), cost(row)));
        if row.changes.is_empty() {
            text.push_str("  nothing that is known of changes\n");
            continue;
        }
        let now = format!("at {}", report.from.name);
        let then = format!("at {}", report.to.name);
        let mut table = table::plain(width, ["", "what", &now, &then]);
        for change in &row.changes {
            table.add_row([
                verdict_word(change),
                format!("{}: {}", change.topic.as_str(), change.what),
                change.from.clone(),
                format!("{}{}", change.to, next(change)),
            ]);
        }
        text.push_str(&table::text(&table));
    }
    if let Some(budget) = &report.budget {
        text.push_str(&format!(
            "\n{}: {}\n",
            paint(STRONG, "calls in an hour"),
            sentence(budget, report.to.name)
        ));
    }
    text
}

fn verdict_word(change: &Change) -> String {
    format!("{}{}", change.verdict.as_str(), mark(change.evidence))
}

fn next(change: &Change) -> String {
    let label = if change.verdict == Verdict::Impossible { "Nearest way" } else { "Note" };
    change.nearest.as_deref().map(|way| format!(". {label}: {way}")).unwrap_or_default()
}

/// Whether an account's limit is enough.
fn sentence(budget: &Budget, vendor: &str) -> String {
    let fits = if budget.fits {
        "fits"
    } else {
        "does not fit: spread the calls, use recipients from earlier lists, or ask the vendor for more"
    };
    let trial = budget
        .trial_limit
        .map(|limit| format!("; the service for trying out has {limit}"))
        .unwrap_or_default();
    let burst = budget
        .burst
        .map(|burst| format!(", at most {} in {} s", burst.calls, burst.within.as_secs()))
        .unwrap_or_default();
    let note = if budget.note.is_empty() { String::new() } else { format!(" ({})", budget.note) };
    format!(
        "{} HTTP calls now, {} at {vendor}; an account there has {}{burst}{note}{trial}{}: {fits}",
        budget.needed_from,
        budget.needed,
        budget.limit,
        mark(budget.evidence)
    )
}

/// For a page or a ticket, with the sources.
pub(crate) fn markdown(report: &Report) -> String {
    let cell = |text: &str| safe(text).replace('|', "\\|").replace('\n', " ");
    let mut text = format!(
        "# From {} to {}\n\n{}. {}.\n",
        report.from.title,
        report.to.title,
        tally(report),
        caution(report)
    );
    for row in &report.rows {
        text.push_str(&format!("\n## {}: {}{}\n\n", cell(&title(row)), row.verdict.as_str(), cost(row)));
        if row.changes.is_empty() {
            text.push_str("Nothing that is known of changes.\n");
            continue;
        }
        text.push_str(&format!(
            "| verdict | what | at {} | at {} | note, or the nearest way | sources |\n| --- | --- | --- | --- | --- | --- |\n",
            report.from.name, report.to.name
        ));
        for change in &row.changes {
            let cells = [
                &verdict_word(change),
                &format!("{}: {}", change.topic.as_str(), change.what),
                &change.from,
                &change.to,
                change.nearest.as_deref().unwrap_or_default(),
                &change.sources.join("; "),
            ];
            text.push_str(&format!("| {} |\n", cells.map(cell).join(" | ")));
        }
    }
    if let Some(budget) = &report.budget {
        text.push_str(&format!(
            "\n## Calls in an hour\n\n{}. Source: {}.\n",
            sentence(budget, report.to.name),
            budget.source
        ));
    }
    text
}
