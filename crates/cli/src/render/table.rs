//! Tables that fit the terminal, and colours, which are dropped if the output is not a terminal or `NO_COLOR` is
//! set.

use std::borrow::Cow;
use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, ContentArrangement, Row, Table, presets};
use countersign::Timestamp;
use countersign::redact::escape_control;

use super::wrap::hanging;

pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The default width of running text, for a pipe or a file.
const USUAL: u16 = 100;

/// The columns of the terminal, or `COLUMNS`; none for a pipe or a file.
pub(crate) fn told_width() -> Option<u16> {
    let variable = || std::env::var("COLUMNS").ok()?.parse::<u16>().ok();
    let width = terminal_size::terminal_size().map(|(width, _)| width.0).or_else(variable);
    width.filter(|width| *width > 0).map(|width| width.max(40))
}

/// The width for text that is always wrapped.
pub(crate) fn width() -> u16 {
    told_width().unwrap_or(USUAL)
}

/// A table with plain headings, without frames and trailing blanks, wrapped to the width. If a column is too narrow
/// for a word, the cells of each row are stacked, so that URLs and identifiers stay whole.
pub(crate) fn text<'h, R: Into<Row>>(
    width: u16,
    headings: impl IntoIterator<Item = &'h str>,
    rows: impl IntoIterator<Item = R>,
) -> String {
    let headings: Vec<String> = headings.into_iter().map(str::to_uppercase).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(&headings).add_rows(rows);
    let mut text = String::new();
    for line in table.lines() {
        // The padding before the first column is the same on every line.
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    let mut cells = table.row_iter().flat_map(Row::cell_iter).map(Cell::content);
    let is_whole = cells.all(|cell| cell.split_whitespace().all(|word| text.contains(word)));
    if is_whole { text } else { as_blocks(&table, &headings, width) }
}

fn as_blocks(table: &Table, headings: &[String], width: u16) -> String {
    let widest = headings.iter().map(|heading| heading.chars().count() + 2).max().unwrap_or(0);
    let mut text = String::new();
    for row in table.row_iter() {
        for (heading, cell) in headings.iter().zip(row.cell_iter()) {
            let (cell, column) = (cell.content(), if heading.is_empty() { 0 } else { widest });
            if !cell.trim().is_empty() {
                hanging(&mut text, &format!("{heading:<column$}{cell}"), width, column.max(2));
            }
        }
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
    }
    text
}

/// `1 file` or `2 files`.
pub(crate) fn counted(count: impl Display, what: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A vendor's text, safe for a terminal.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    escape_control(text)
}

pub(crate) fn safe_or_dash(text: Option<&str>) -> String {
    match text {
        Some(text) if !text.is_empty() => safe(text).into_owned(),
        _ => "-".to_owned(),
    }
}

pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
