//! `countersign cassette`.

use countersign::Result;
use countersign::cassette::{Finding, Scanner};
use serde::Serialize;

use crate::args::ScanArgs;
use crate::context::invalid;
use crate::exit;
use crate::render::table::{self, BAD, GOOD, counted, paint, safe, safe_or_dash};
use crate::report::Report;

#[derive(Serialize)]
struct Searched {
    files: usize,
    found: Vec<Finding>,
}

pub(super) fn scan(args: &ScanArgs) -> Result<Report> {
    let mut scanner = Scanner::new();
    for name in &args.marker_env {
        let marker = std::env::var(name).ok().filter(|text| text.chars().count() >= 3).ok_or_else(|| {
            let message = format!("the variable {name} is shorter than three characters or not set");
            invalid(message, "set it to the text that must not be in the files")
        })?;
        scanner = scanner.with_marker(marker);
    }
    let mut all = Searched { files: 0, found: Vec::new() };
    for path in &args.paths {
        let searched = scanner.scan_folder(path)?;
        all.files += searched.files;
        all.found.extend(searched.found);
    }
    let report = Report::new(text(&all), &all);
    if all.found.is_empty() {
        return Ok(report);
    }
    let next = "next: record again what was recorded; in files written by hand use placeholders, such as {secret:1}\n";
    Ok(report.with_notes(next).with_code(exit::YOURS))
}

fn text(all: &Searched) -> String {
    let files = counted(all.files, "file");
    if all.found.is_empty() {
        return format!("{}\n", paint(GOOD, &format!("{files} searched, nothing found")));
    }
    let row = |one: &Finding| {
        let file = safe(&one.file.display().to_string()).into_owned();
        [file, one.line.to_string(), one.what.to_owned(), safe_or_dash(one.member.as_deref())]
    };
    let rows = table::text(table::width(), ["file", "line", "what", "under"], all.found.iter().map(row));
    let places = all.found.len();
    let told = format!("{files} searched, data that must not be there found in {places} place(s)");
    format!("{}\n{}\n", rows, paint(BAD, &told))
}
