//! Wraps running text to the width of a terminal. Words stay whole, so that URLs and identifiers can be copied.

use std::fmt::Write as _;

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, wrap};

/// The largest indent after a label.
const LABEL: usize = 16;

/// Wraps each line that is too long. Following lines are indented like the line's text, after a label such as `
/// kind  `.
pub(crate) fn wrapped(text: &str, width: u16) -> String {
    text.lines().fold(String::with_capacity(text.len()), |mut all, line| {
        if line.is_ascii() && line.len() <= usize::from(width) || is_code(line) {
            let _ = writeln!(all, "{line}");
        } else {
            hanging(&mut all, line, width, hang(line));
        }
        all
    })
}

/// Adds a line, wrapped, with `hang` columns before the following lines.
pub(crate) fn hanging(all: &mut String, line: &str, width: u16, hang: usize) {
    let body = line.trim_start();
    let (start, rest) = (line.strip_suffix(body).unwrap_or_default(), " ".repeat(hang));
    let options = options(usize::from(width)).initial_indent(start).subsequent_indent(&rest);
    for line in wrap(body, options) {
        let _ = writeln!(all, "{line}");
    }
}

/// Breaks lines at blanks only.
pub(crate) fn options<'i>(width: usize) -> Options<'i> {
    Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
}

/// A body, shown exactly as it is sent.
fn is_code(line: &str) -> bool {
    line.starts_with("  ") && line.trim_start().starts_with(['{', '}', '[', ']', '"'])
}

/// Where the text of a line begins: after its label and two blanks, otherwise after its own indent and two more.
fn hang(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let label = line.get(indent..).and_then(|rest| {
        let gap = rest.find("  ")?;
        let text = rest.get(gap..)?;
        Some(indent + gap + (text.len() - text.trim_start().len()))
    });
    label.filter(|label| *label <= LABEL).unwrap_or(indent + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_lines_fit() {
        let url = "https://www.example.com/a/very/long/path/that/no/terminal/of/sixty/columns/holds?x=1";
        let text = format!(
            "error: the first sentence is somewhat longer than a narrow terminal is wide, so it goes on\n  \
             meaning  a label has its text in a column of its own, which goes on below itself when it is long\n  \
             source   {url}\n  {{\"a\": \"a body is shown just as it is sent, and that is why it is not wrapped here\"}}\n"
        );
        for width in [60, 80, 120] {
            let shown = wrapped(&text, width);
            assert!(shown.contains(url));
            let long = |line: &&str| line.chars().count() > usize::from(width);
            let lines: Vec<&str> = shown.lines().filter(long).collect();
            assert!(lines.iter().all(|line| line.contains(url) || is_code(line)), "{lines:?}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&shown), words(&text));
        }
        assert!(wrapped(&text, 60).contains("\n           "), "behind the label");
        assert_eq!(wrapped("short\n\nlines\n", 60), "short\n\nlines\n");
    }
}
