//! Tables that fit the terminal, and colours, which are dropped if the output is not a terminal or `NO_COLOR` is
//! set.

use std::borrow::Cow;

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

/// A table with plain headings and no frames, wrapped to the width.
pub(crate) fn plain<'h>(width: u16, headings: impl IntoIterator<Item = &'h str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(headings.into_iter().map(str::to_uppercase).collect::<Vec<_>>());
    table
}

/// The table as text, without trailing blanks. If a column is too narrow for a word, the cells of each row are
/// stacked, so that URLs and identifiers stay whole.
pub(crate) fn text(table: &Table) -> String {
    let text = laid_out(table);
    let mut words = table.row_iter().flat_map(Row::cell_iter).flat_map(|cell| words(&cell.content()));
    if words.all(|word| text.contains(&word)) { text } else { as_blocks(table) }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn as_blocks(table: &Table) -> String {
    let headings: Vec<String> =
        table.header().into_iter().flat_map(Row::cell_iter).map(Cell::content).collect();
    let widest = headings.iter().map(|heading| heading.chars().count() + 2).max().unwrap_or(0);
    let width = table.width().unwrap_or(USUAL);
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

fn laid_out(table: &Table) -> String {
    table.lines().fold(String::new(), |mut text, line| {
        // The padding before the first column is the same on every line.
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
        text
    })
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
