//! The scenario on the terminal: side by side if there is room, otherwise one after the other.

use serde::Serialize;

use super::stage::Step;
use crate::render::table::{BAD, FAINT, GOOD, STRONG, paint};

/// The scenario at one vendor.
#[derive(Debug, Serialize)]
pub(crate) struct Played {
    pub(crate) vendor: &'static str,
    pub(crate) title: &'static str,
    pub(crate) passed: bool,
    pub(crate) steps: Vec<Step>,
}

/// The narrowest terminal for two columns.
const WIDE: usize = 96;
const GAP: usize = 3;

/// All scenarios.
pub(crate) fn text(stories: &[Played], width: u16) -> String {
    let width = usize::from(width).min(140);
    let told = if stories.len() > 1 && width >= WIDE {
        side_by_side(stories, width)
    } else {
        stories
            .iter()
            .map(|story| side_by_side(std::slice::from_ref(story), width))
            .collect::<Vec<_>>()
            .join("\n")
    };
    format!("{told}\n{}", verdict(stories))
}

fn side_by_side(stories: &[Played], width: usize) -> String {
    let column = (width.saturating_sub(3 + GAP * (stories.len().saturating_sub(1)))) / stories.len().max(1);
    let mut lines = Vec::new();
    let titles = stories
        .iter()
        .map(|story| vec![Line::new(Look::Strong, format!("{}: {}", story.vendor, story.title))]);
    beside(&mut lines, &titles.collect::<Vec<_>>(), column);
    let longest = stories.iter().max_by_key(|story| story.steps.len()).map(|story| story.steps.as_slice());
    for (at, step) in longest.unwrap_or_default().iter().enumerate() {
        lines.push(String::new());
        lines.push(paint(STRONG, &format!("{:>2} {}", at + 1, step.step)));
        let shared =
            stories.iter().all(|story| story.steps.get(at).is_none_or(|one| one.expected == step.expected));
        if shared {
            let expected = wrap(&format!("expected: {}", step.expected), width.saturating_sub(3));
            lines.extend(expected.iter().map(|text| format!("   {}", paint(FAINT, text))));
        }
        let cells = stories.iter().map(|story| match story.steps.get(at) {
            Some(step) => cell(step, column, !shared),
            None => vec![Line::new(Look::Bad, "✗ not reached".to_owned())],
        });
        beside(&mut lines, &cells.collect::<Vec<_>>(), column);
    }
    lines.join("\n") + "\n"
}

#[derive(Clone, Copy)]
enum Look {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
}

/// A line of a cell; colour is added last, so that it does not count as width.
struct Line {
    look: Look,
    text: String,
}

impl Line {
    fn new(look: Look, text: String) -> Self {
        Self { look, text }
    }

    fn padded(&self, width: usize) -> String {
        let blanks = " ".repeat(width.saturating_sub(self.text.chars().count()));
        let text = match self.look {
            Look::Plain => self.text.clone(),
            Look::Strong => paint(STRONG, &self.text),
            Look::Faint => paint(FAINT, &self.text),
            Look::Good => self.marked(GOOD),
            Look::Bad => self.marked(BAD),
        };
        text + &blanks
    }

    /// Colours only the mark.
    fn marked(&self, style: anstyle::Style) -> String {
        match self.text.split_once(' ') {
            Some((mark, rest)) => format!("{} {rest}", paint(style, mark)),
            None => paint(style, &self.text),
        }
    }
}

fn cell(step: &Step, width: usize, with_expected: bool) -> Vec<Line> {
    let (mark, look) = if step.passed { ("✓", Look::Good) } else { ("✗", Look::Bad) };
    let mut lines = Vec::new();
    let first = |at: usize, text: String| {
        if at == 0 { (look, format!("{mark} {text}")) } else { (Look::Plain, format!("  {text}")) }
    };
    for (at, text) in wrap(&step.seen, width.saturating_sub(2)).into_iter().enumerate() {
        let (look, text) = first(at, text);
        lines.push(Line::new(look, text));
    }
    if with_expected {
        let expected = wrap(&format!("expected: {}", step.expected), width.saturating_sub(2));
        lines.extend(expected.into_iter().map(|text| Line::new(Look::Faint, format!("  {text}"))));
    }
    lines
}

fn beside(lines: &mut Vec<String>, cells: &[Vec<Line>], width: usize) {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let empty = Line::new(Look::Plain, String::new());
    for at in 0..height {
        let row = cells.iter().map(|cell| cell.get(at).unwrap_or(&empty).padded(width));
        let row = row.collect::<Vec<_>>().join(&" ".repeat(GAP));
        lines.push(format!("   {}", row.trim_end()));
    }
}

/// Breaks between words; a word longer than the line gets its own line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn verdict(stories: &[Played]) -> String {
    let steps = || stories.iter().flat_map(|story| &story.steps);
    let names: Vec<&str> = stories.iter().map(|story| story.vendor).collect();
    let failed = steps().filter(|step| !step.passed).count();
    if failed == 0 && stories.iter().all(|story| story.passed) {
        let count = steps().count();
        return paint(GOOD, &format!("✓ {count} checks passed; the same code ran at: {}", names.join(", ")))
            + "\n";
    }
    paint(BAD, &format!("✗ {failed} of {} checks failed", steps().count())) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: &'static str, seen: &str, passed: bool) -> Step {
        Step { step, expected: "as expected".into(), seen: seen.into(), passed }
    }

    fn stories() -> Vec<Played> {
        let one = vec![
            step("First", "all well", true),
            step("Second", "a longer sentence that has to be wrapped at some place", true),
        ];
        let other = vec![step("First", "something else", false)];
        vec![
            Played { vendor: "acme", title: "Acme Sign", passed: true, steps: one },
            Played { vendor: "other", title: "Other Sign", passed: false, steps: other },
        ]
    }

    #[test]
    fn two_columns_on_a_wide_terminal() {
        let shown = anstream::adapter::strip_str(&text(&stories(), 100)).to_string();
        assert!(shown.lines().all(|line| line.chars().count() <= 100));
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn one_after_the_other_on_a_narrow_one() {
        let shown = anstream::adapter::strip_str(&text(&stories(), 50)).to_string();
        assert!(shown.lines().all(|line| line.chars().count() <= 55));
        insta::assert_snapshot!(shown);
    }
}
