//! What the sandbox does, with evidence: `rules.toml` in the vendors folder for all vendors, and in each vendor's
//! folder.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::vendors::RULES;
use crate::world::Vendor;

/// The evidence for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor's own documentation, specification or client code.
    Docs,
    /// Published real traffic.
    Recorded,
    /// Reported publicly by users.
    Observed,
    /// Third-party guides or code.
    ThirdParty,
    /// No evidence; the sandbox had to choose.
    Guess,
}

/// One rule of a vendor as the sandbox implements it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The vendor; none for a rule of every vendor.
    pub vendor: Option<Vendor>,
    /// What the sandbox does.
    pub what: String,
    /// The evidence.
    pub evidence: Evidence,
    /// Where it is documented.
    pub source: String,
}

#[derive(Deserialize)]
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

/// The contents of every file of rules.
fn files() -> impl Iterator<Item = Result<Vec<Rule>, toml::de::Error>> {
    let shared = [(None, include_str!("vendors/rules.toml"))];
    let own = RULES.iter().map(|(vendor, text)| (Some(*vendor), *text));
    shared.into_iter().chain(own).map(|(vendor, text)| read(vendor, text))
}

/// All rules with their evidence. If a source says that part of a rule is a guess, that part is a guess.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    // A file that cannot be read fails the test below.
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| files().filter_map(Result::ok).flatten().collect());
    ALL.iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Traits;

    #[test]
    fn every_file_is_read_and_every_rule_names_its_source_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for rule in files().flat_map(|file| file.unwrap()) {
            assert!(!rule.source.is_empty() && seen.insert((rule.vendor, rule.what.clone())), "{rule:?}");
        }
        assert_eq!(rules().count(), seen.len());
        for (vendor, text) in RULES {
            assert_eq!(Traits::parse(text).unwrap().name, vendor.name());
        }
    }
}
