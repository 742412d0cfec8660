//! The scenario on the terminal: side by side if there is room, otherwise one after the other.

use anstream::adapter::strip_str;
use serde::Serialize;
use textwrap::wrap;

use super::stage::Step;
use crate::render::table::{BAD, FAINT, GOOD, STRONG, paint};
use crate::render::wrap::options;

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

pub(crate) fn text(stories: &[Played], width: u16) -> String {
    let width = usize::from(width).min(140);
    let columns = if width >= WIDE { stories.len() } else { 1 };
    let told = stories.chunks(columns.max(1)).map(|some| side_by_side(some, width)).collect::<Vec<_>>();
    format!("{}\n{}", told.join("\n"), verdict(stories))
}

fn side_by_side(stories: &[Played], width: usize) -> String {
    let column = (width.saturating_sub(3 + GAP * (stories.len().saturating_sub(1)))) / stories.len().max(1);
    let mut lines = Vec::new();
    let titles =
        stories.iter().map(|story| vec![paint(STRONG, &format!("{}: {}", story.vendor, story.title))]);
    beside(&mut lines, &titles.collect::<Vec<_>>(), column);
    let longest = stories.iter().max_by_key(|story| story.steps.len()).map(|story| story.steps.as_slice());
    for (at, step) in longest.unwrap_or_default().iter().enumerate() {
        lines.push(String::new());
        lines.push(paint(STRONG, &format!("{:>2} {}", at + 1, step.step)));
        let shared =
            stories.iter().all(|story| story.steps.get(at).is_none_or(|one| one.expected == step.expected));
        if shared {
            let expected = format!("expected: {}", step.expected);
            let expected = wrap(&expected, options(width.saturating_sub(3)));
            lines.extend(expected.iter().map(|text| format!("   {}", paint(FAINT, text))));
        }
        let cells = stories.iter().map(|story| match story.steps.get(at) {
            Some(step) => cell(step, column, !shared),
            None => vec![format!("{} not reached", paint(BAD, "✗"))],
        });
        beside(&mut lines, &cells.collect::<Vec<_>>(), column);
    }
    lines.join("\n") + "\n"
}

fn cell(step: &Step, width: usize, with_expected: bool) -> Vec<String> {
    let mark = if step.passed { paint(GOOD, "✓") } else { paint(BAD, "✗") };
    let options = options(width.saturating_sub(2));
    let mut cell: Vec<String> = wrap(&step.seen, &options).iter().map(|line| format!("  {line}")).collect();
    if let Some(first) = cell.first_mut() {
        first.replace_range(..1, &mark);
    }
    if with_expected {
        let expected = format!("expected: {}", step.expected);
        cell.extend(wrap(&expected, &options).iter().map(|line| paint(FAINT, &format!("  {line}"))));
    }
    cell
}

/// The cells of a row; colour does not count as width.
fn beside(lines: &mut Vec<String>, cells: &[Vec<String>], width: usize) {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let padded = |line: &String| {
        let shown = strip_str(line).to_string().chars().count();
        format!("{line}{}", " ".repeat(width.saturating_sub(shown)))
    };
    for at in 0..height {
        let row = cells.iter().map(|cell| padded(cell.get(at).unwrap_or(&String::new())));
        let row = row.collect::<Vec<_>>().join(&" ".repeat(GAP));
        lines.push(format!("   {}", row.trim_end()));
    }
}

fn verdict(stories: &[Played]) -> String {
    let steps = || stories.iter().flat_map(|story| &story.steps);
    let names: Vec<&str> = stories.iter().map(|story| story.vendor).collect();
    let (count, failed) = (steps().count(), steps().filter(|step| !step.passed).count());
    let passed = format!("✓ {count} checks passed; the same code ran at: {}", names.join(", "));
    match failed {
        0 => paint(GOOD, &passed) + "\n",
        _ => paint(BAD, &format!("✗ {failed} of {count} checks failed")) + "\n",
    }
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
