//! Tables that fit the terminal, and colours, used sparingly: they are dropped where output goes to no terminal or
//! `NO_COLOR` is set.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use countersign::{Timestamp, escape_control};

pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// A text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The width of running text when nothing tells one: a pipe, a file.
const USUAL: u16 = 100;

/// The columns of the terminal, or `COLUMNS`; none for a pipe or a file.
pub(crate) fn told_width() -> Option<u16> {
    let variable = || std::env::var("COLUMNS").ok()?.parse::<u16>().ok();
    let width = terminal_size::terminal_size().map(|(width, _)| width.0).or_else(variable);
    width.filter(|width| *width > 0).map(|width| width.max(40))
}

/// The columns there are for what has to be wrapped in any case.
pub(crate) fn width() -> u16 {
    told_width().unwrap_or(USUAL)
}

/// A table with plain headings and without frames, wrapped to the width.
pub(crate) fn plain<'h>(width: u16, headings: impl IntoIterator<Item = &'h str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(headings.into_iter().map(str::to_uppercase).collect::<Vec<_>>());
    table
}

/// The table as text, without blanks at line ends.
pub(crate) fn text(table: &Table) -> String {
    table.lines().fold(String::new(), |mut text, line| {
        // The padding before the first column is the same on every line.
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
        text
    })
}

/// What a vendor wrote, fit for a terminal.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    escape_control(text)
}

/// What a vendor wrote, or a dash.
pub(crate) fn safe_or_dash(text: Option<&str>) -> String {
    match text {
        Some(text) if !text.is_empty() => safe(text).into_owned(),
        _ => "-".to_owned(),
    }
}

/// An instant in UTC, to the minute.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
