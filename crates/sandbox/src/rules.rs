//! What the sandbox does, and on which evidence: `rules.toml` beside the vendors for what all do, and beside each of them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::vendors::RULES;
use crate::world::Vendor;

/// How well a rule is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor's own documentation, specification or client code says so.
    Docs,
    /// Users saw it and reported it in public.
    Observed,
    /// Somebody else's guide or code says so.
    ThirdParty,
    /// Nobody says so; the sandbox had to do something.
    Guess,
}

/// One rule of a vendor as the sandbox plays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Whose rule; none for every vendor's.
    pub vendor: Option<Vendor>,
    /// What the sandbox does.
    pub what: String,
    /// How well founded.
    pub evidence: Evidence,
    /// Where to read about it.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<(String, Evidence, String)>,
}

fn read(vendor: Option<Vendor>, text: &str) -> Result<Vec<Rule>, toml::de::Error> {
    let file: File = toml::from_str(text)?;
    Ok(file
        .rules
        .into_iter()
        .map(|(what, evidence, source)| Rule { vendor, what, evidence, source })
        .collect())
}

/// Every file of rules, read.
fn files() -> impl Iterator<Item = Result<Vec<Rule>, toml::de::Error>> {
    let shared = [(None, include_str!("vendors/rules.toml"))];
    let own = RULES.iter().map(|(vendor, text)| (Some(*vendor), *text));
    shared.into_iter().chain(own).map(|(vendor, text)| read(vendor, text))
}

/// All rules with their evidence. Where a source says that part of a rule is a guess, that part is.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    // A file that cannot be read fails the test below.
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| files().filter_map(Result::ok).flatten().collect());
    ALL.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_every_rule_names_its_source_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for rule in files().flat_map(|file| file.unwrap()) {
            assert!(!rule.source.is_empty() && seen.insert((rule.vendor, rule.what.clone())), "{rule:?}");
        }
        assert_eq!(rules().count(), seen.len());
    }
}
