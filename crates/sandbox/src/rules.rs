//! What the sandbox does, and on which evidence.

mod boldsign;
mod both;
mod docusign;
mod docusign_signing;
mod pages;
mod webhooks;

use serde::Serialize;

use crate::vendors::Vendor;

/// How well a rule is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Whose rule; none for both.
    pub vendor: Option<Vendor>,
    /// What the sandbox does.
    pub what: &'static str,
    /// How well founded.
    pub evidence: Evidence,
    /// Where to read about it.
    pub source: &'static str,
}

/// All rules with their evidence. Where a source says that part of a rule is a guess, that part is.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let all = [
        both::RULES,
        docusign::RULES,
        docusign_signing::RULES,
        boldsign::RULES,
        pages::RULES,
        webhooks::RULES,
    ];
    all.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_names_its_source_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for rule in rules() {
            assert!(!rule.source.is_empty() && seen.insert((rule.vendor, rule.what)), "{rule:?}");
        }
    }
}
