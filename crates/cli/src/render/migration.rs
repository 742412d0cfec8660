//! The differences between two vendors: for the terminal, and as Markdown.

use anstyle::Style;
use countersign::migrate::{Budget, Change, ErrorChange, Report, RouteBudget, Row, Side, Verdict};
use countersign::provider::{Evidence, FactRow};

use super::table::{self, BAD, FAINT, GOOD, STRONG, WARN, counted, paint, safe};

/// A part of the report, before it has a form.
struct Section {
    title: String,
    /// Behind the title: a verdict and a remark.
    verdict: Option<Verdict>,
    remark: String,
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Section {
    fn new(title: impl Into<String>, headings: &[&str], rows: Vec<Vec<String>>) -> Self {
        let headings = headings.iter().map(|name| (*name).to_owned()).collect();
        Self { title: title.into(), verdict: None, remark: String::new(), headings, rows }
    }
}

fn sections(report: &Report) -> Vec<Section> {
    let (now, then) = (format!("at {}", report.from.name), format!("at {}", report.to.name));
    let of_row = |row: &Row| {
        let rows = row.changes.iter().map(cells).collect();
        let section = Section::new(title(row), &["verdict", "what", &now, &then, SOURCES], rows);
        Section { verdict: Some(row.verdict), remark: cost(row), ..section }
    };
    let error = |error: &ErrorChange| {
        let mut cells = cells(&error.change);
        cells[1] = format!("{} ({})", error.change.what, operations(error));
        cells
    };
    let errors = report.errors.iter().map(error).collect();
    let budget = report.budget.iter().map(limits).collect();
    let tables = [
        Section::new("kinds of errors", &["verdict", "kind", &now, &then, SOURCES], errors),
        Section::new("calls in an hour", &[&now, &then, "an account there has", "fits", SOURCES], budget),
        Section::new("what to change", &["verdict", "about", "what to do", "for"], steps(report)),
    ];
    let tables = tables.into_iter().filter(|section| !section.rows.is_empty());
    report.rows.iter().map(of_row).chain(tables).collect()
}

/// The last column, for Markdown alone.
const SOURCES: &str = "sources";

fn title(row: &Row) -> String {
    let what = row.operation.map_or("envelope", countersign::Operation::as_str);
    row.name.as_ref().map_or_else(|| what.to_owned(), |name| format!("{what}, {}", safe(name)))
}

/// How many HTTP calls it takes when all goes well.
fn cost(row: &Row) -> String {
    let Some(calls) = row.http_calls else { return String::new() };
    let before = if calls.from == calls.to { "as now".to_owned() } else { format!("now {}", calls.from) };
    format!(", {} ({before})", counted(calls.to, "HTTP call"))
}

fn cells(change: &Change) -> Vec<String> {
    let verdict = format!("{}{}", word(change.verdict), mark(change.evidence));
    vec![verdict, about(change), change.from.clone(), change.to.clone(), change.sources.join("; ")]
}

/// The topic and the thing, unless the thing names its topic.
fn about(change: &Change) -> String {
    let topic = change.topic.as_str().replace('_', " ");
    if change.what.starts_with(&topic) { change.what.clone() } else { format!("{topic}: {}", change.what) }
}

fn word(verdict: Verdict) -> String {
    verdict.as_str().replace('_', " ")
}

/// The evidence, if it is less than documented.
fn mark(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Recorded | Evidence::Documented => "",
        Evidence::Observed => " [observed]",
        Evidence::Guessed => " [guessed]",
    }
}

fn operations(error: &ErrorChange) -> String {
    error.operations.iter().map(|operation| operation.as_str()).collect::<Vec<_>>().join(", ")
}

/// The nearest ways and the notes: each once, the worst first, with all that it is for.
fn steps(report: &Report) -> Vec<Vec<String>> {
    let rows = report.rows.iter().flat_map(|row| row.changes.iter().map(move |change| (title(row), change)));
    let errors = report.errors.iter().map(|error| (operations(error), &error.change));
    let mut steps: Vec<([String; 3], Verdict, Vec<String>)> = Vec::new();
    for (of, change) in rows.chain(errors) {
        let Some(way) = change.nearest.clone() else { continue };
        let step = [word(change.verdict), about(change), way];
        match steps.iter_mut().find(|(known, ..)| *known == step) {
            Some((.., all)) if all.contains(&of) => {}
            Some((.., all)) => all.push(of),
            None => steps.push((step, change.verdict, vec![of])),
        }
    }
    steps.sort_by_key(|(_, verdict, _)| std::cmp::Reverse(*verdict));
    steps.into_iter().map(|(step, _, of)| step.into_iter().chain([of.join("; ")]).collect()).collect()
}

/// Whether an account's limit is enough.
fn limits(budget: &Budget) -> Vec<String> {
    let limit = |row: &FactRow<'_>| {
        let note = if row.note.is_empty() { String::new() } else { format!(" ({})", row.note) };
        format!("{}: {}{}{note}", row.title, row.value, mark(row.evidence))
    };
    let fits = if budget.fits {
        if budget.routes.is_empty() { "yes" } else { "yes, if the calls are spread over the hour" }
    } else if budget.routes.is_empty() {
        "no: spread the calls, use recipients from earlier lists, or ask the vendor for more"
    } else {
        "no: spread the calls, or ask the vendor for more"
    };
    let route = |route: &RouteBudget| {
        let RouteBudget { name, needed, limit, evidence, .. } = route;
        format!("{name}: {limit}{}, needed in an hour: {needed}", mark(*evidence))
    };
    let limits: Vec<_> = budget.limits.iter().map(limit).chain(budget.routes.iter().map(route)).collect();
    let of_routes = budget.routes.iter().map(|route| route.source);
    let mut sources: Vec<_> = budget.limits.iter().map(|row| row.source).chain(of_routes).collect();
    sources.dedup();
    let needed = [budget.needed_from, budget.needed].map(|calls| counted(calls, "HTTP call"));
    needed.into_iter().chain([limits.join("; "), fits.to_owned(), sources.join("; ")]).collect()
}

/// All of it in figures, and how sure it is.
fn summary(report: &Report) -> [String; 2] {
    let calls = report.rows.iter().filter(|row| row.operation.is_some()).count();
    let kinds = [(calls, "call"), (report.rows.len() - calls, "envelope")].into_iter();
    let kinds = kinds.filter(|(count, _)| *count > 0).map(|(count, kind)| counted(count, kind));
    let verdict = |(verdict, one, more): (Verdict, &str, &str)| {
        let count = report.rows.iter().filter(|row| row.verdict == verdict).count();
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { more }))
    };
    let verdicts = [
        (Verdict::Same, "same", "same"),
        (Verdict::LeaveOut, "to leave out", "to leave out"),
        (Verdict::Differs, "differs", "differ"),
        (Verdict::Impossible, "impossible", "impossible"),
    ];
    let verdicts = verdicts.into_iter().filter_map(verdict).collect::<Vec<_>>().join(", ");
    let tally = format!("{}: {verdicts}", kinds.collect::<Vec<_>>().join(" and "));
    let side = |side: &Side| match side.verified_live {
        Some(when) => format!("{}: tested live {when}", side.name),
        None => format!("{}: never tested live", side.name),
    };
    [tally, format!("{}; {}", side(&report.from), side(&report.to))]
}

pub(crate) fn text(report: &Report, width: u16) -> String {
    let [tally, caution] = summary(report);
    let head = paint(STRONG, &format!("{} -> {}: {tally}", report.from.name, report.to.name));
    let mut text = format!("{head}\n{}\n", paint(FAINT, &caution));
    for Section { title, verdict, remark, headings, rows } in sections(report) {
        let verdict = verdict.map(|verdict| format!(": {}", paint(style(verdict), &word(verdict))));
        text += &format!("\n{}{}{remark}\n", paint(STRONG, &title), verdict.unwrap_or_default());
        let shown = headings.iter().filter(|heading| *heading != SOURCES).count();
        if !rows.is_empty() {
            let rows = rows.into_iter().map(|row| row.into_iter().take(shown));
            let table = table::text(width, headings.iter().map(String::as_str).take(shown), rows);
            text += &format!("{}\n", table.trim_end());
        }
    }
    text
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Same => GOOD,
        Verdict::Impossible => BAD,
        _ => WARN,
    }
}

/// For a page or a ticket, with sources.
pub(crate) fn markdown(report: &Report) -> String {
    let cell = |text: &String| safe(text).replace('|', "\\|").replace('\n', " ");
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    let [tally, caution] = summary(report);
    let mut text = format!("# From {} to {}\n\n{tally}. {caution}.\n", report.from.title, report.to.title);
    for Section { title, verdict, remark, headings, rows } in sections(report) {
        let verdict = verdict.map(|verdict| format!(": {}", word(verdict))).unwrap_or_default();
        text += &format!("\n## {}{verdict}{remark}\n", cell(&title));
        if !rows.is_empty() {
            text += &format!("\n{}{}", line(&headings), line(&vec!["---".to_owned(); headings.len()]));
            text.extend(rows.iter().map(|row| line(row)));
        }
    }
    text
}
