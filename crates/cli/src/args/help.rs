//! The long help texts and the examples, which `help.txt` has, and what the facts of vendors add to them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::Command;
use countersign::provider::{Feature, Support};
use countersign::vendors;

/// The texts by their headings: the words of a command, or a name in braces.
static TEXTS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let sections = include_str!("help.txt").split("\n# ").skip(1);
    sections.filter_map(|section| section.split_once('\n')).collect()
});

fn text(heading: &str) -> &'static str {
    TEXTS.get(heading).copied().unwrap_or_default().trim_end()
}

/// The long description of a command, and what follows its options.
pub(super) fn of_command(words: &str) -> (String, String) {
    // Two built-in vendors, so that the examples can be run as shown.
    let mut vendors = vendors().iter().map(|vendor| vendor.name);
    let text =
        ["{old}", "{new}"].into_iter().fold(text(words).replace("{many}", text("{many}")), |text, mark| {
            text.replace(mark, vendors.next().unwrap_or("VENDOR"))
        });
    let (about, examples) = text.split_at(text.find("Examples:\n").unwrap_or(text.len()));
    let paragraphs = about.trim_end().split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    (paragraphs.collect::<Vec<_>>().join("\n\n"), examples.to_owned())
}

pub(super) fn examples_and_exit_codes() -> String {
    format!("{}\n\n{}", of_command("countersign").1, text("{exit codes}"))
}

/// Adds the texts of a command, and of those below it. What it has behind its options comes behind the examples.
pub(super) fn add(command: Command, above: &str) -> Command {
    let words = format!("{above} {}", command.get_name());
    let (about, examples) = of_command(&words);
    let more = command.get_after_long_help().map(|more| format!("{examples}\n\n{more}"));
    let command = if about.is_empty() { command } else { command.long_about(about) };
    let command = if examples.is_empty() { command } else { command.after_help(examples) };
    let command = if let Some(more) = more { command.after_long_help(more) } else { command };
    command.mut_subcommands(|below| add(below, &words))
}

/// The differences between vendors in these features.
pub(super) fn differences(features: &[Feature]) -> String {
    let mut text = "Differences between vendors:".to_owned();
    for vendor in vendors() {
        for row in vendor.facts.capabilities.iter().filter(|row| features.contains(&row.feature)) {
            let support = match row.support {
                Support::Native => "",
                Support::Emulated => "in several calls; ",
                Support::Impossible => "impossible; ",
            };
            let sentence = format!("{support}{}", row.conditions);
            if !sentence.is_empty() {
                let sentence = sentence.trim_end_matches("; ");
                text.push_str(&format!("\n  {}, {}: {sentence}", vendor.name, row.feature.title()));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use countersign::{ErrorKind, Outcome};

    use super::*;
    use crate::args::Cli;
    use crate::exit;

    #[test]
    fn every_text_is_that_of_a_command_or_has_a_name() {
        for heading in TEXTS.keys().filter(|heading| !heading.starts_with('{')) {
            let mut words = heading.split(' ').skip(1);
            let found =
                words.try_fold(Cli::command(), |command, word| command.find_subcommand(word).cloned());
            assert!(found.is_some(), "{heading}");
        }
    }

    #[test]
    fn every_name_in_a_text_stands_for_one() {
        for (heading, own) in &*TEXTS {
            assert!(!own.trim().is_empty(), "{heading}");
            for mark in own.lines().filter(|line| line.starts_with('{') && line.ends_with('}')) {
                assert!(!text(mark).is_empty(), "{heading}: {mark}");
            }
        }
    }

    #[test]
    fn every_exit_code_has_its_line() {
        let of_kinds = ErrorKind::ALL.iter().map(|kind| exit::of(*kind, Outcome::Refused));
        for code in
            of_kinds.chain([exit::OK, exit::UNEXPECTED, exit::USAGE, exit::UNKNOWN, exit::INTERRUPTED])
        {
            assert!(text("{exit codes}").contains(&format!("\n  {code}  ")), "{code}");
        }
        for code in [exit::OK, exit::DIFFERS, exit::IMPOSSIBLE, exit::YOURS, exit::USAGE] {
            assert!(text("countersign migrate check").contains(&format!(" {code} ")), "{code}");
        }
    }
}
