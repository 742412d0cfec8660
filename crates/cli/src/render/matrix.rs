//! The features of each vendor: one row per feature, one column per vendor.

use countersign::provider::Capability;
use countersign::provider::{Descriptor, Evidence, Feature, Support};
use serde::Serialize;

use super::table;
use super::wrap::hanging;

/// The features with an entry for at least one vendor.
fn features(vendors: &[&'static Descriptor]) -> impl Iterator<Item = Feature> {
    Feature::ALL
        .iter()
        .copied()
        .filter(|feature| vendors.iter().any(|vendor| row(vendor, *feature).is_some()))
}

fn row(vendor: &Descriptor, feature: Feature) -> Option<&Capability> {
    vendor.facts.capability(feature)
}

fn support(row: &Capability) -> &'static str {
    match row.support {
        Support::Native => "yes",
        Support::Emulated => "yes, in several calls",
        Support::Impossible => "no",
    }
}

fn evidence(row: &Capability) -> &'static str {
    match row.evidence {
        Evidence::Recorded => "recorded",
        Evidence::Documented => "documented",
        Evidence::Observed => "observed",
        Evidence::Guessed => "guessed",
    }
}

fn verified(vendor: &Descriptor) -> &str {
    vendor.facts.verified_live.as_deref().unwrap_or("never")
}

const LEGEND: &str = "\
recorded: seen in recorded traffic; documented: stated by the vendor; observed: seen by users or in the vendor's own \
tests; guessed: an inference, test it before relying on it. Requests that a vendor does not support are rejected \
before anything is sent.";

/// A row: what it is about, and a cell for each vendor.
fn cells(
    about: impl Into<String>,
    vendors: &[&'static Descriptor],
    of: impl Fn(&Descriptor) -> String,
) -> Vec<String> {
    std::iter::once(about.into()).chain(vendors.iter().map(|vendor| of(vendor))).collect()
}

/// The row of a feature; `mark` joins the support and its evidence.
fn feature_cells(
    feature: Feature,
    vendors: &[&'static Descriptor],
    mark: impl Fn(&str, &str) -> String,
) -> Vec<String> {
    cells(feature.title(), vendors, |vendor| match row(vendor, feature) {
        Some(row) if row.conditions.is_empty() => mark(support(row), evidence(row)),
        Some(row) => format!("{}: {}", mark(support(row), evidence(row)), row.conditions),
        None => "not known".to_owned(),
    })
}

pub(crate) fn text(vendors: &[&'static Descriptor], width: u16) -> String {
    let mut rows = vec![
        cells("interface", vendors, |vendor| vendor.facts.title.clone()),
        cells("tested against the live service", vendors, |vendor| verified(vendor).to_owned()),
    ];
    rows.extend(features(vendors).map(|feature| {
        feature_cells(feature, vendors, |support, evidence| format!("{support} [{evidence}]"))
    }));
    // A blank line behind each row, because cells span several lines.
    let rows = rows.into_iter().flat_map(|row| {
        let blank = vec![String::new(); row.len()];
        [row, blank]
    });
    let headings = std::iter::once("").chain(vendors.iter().map(|vendor| vendor.name));
    let mut text = table::text(width, headings, rows);
    hanging(&mut text, LEGEND, width, 0);
    text
}

pub(crate) fn markdown(vendors: &[&'static Descriptor]) -> String {
    let head = |vendor: &Descriptor| format!("{} (`{}`)", vendor.facts.title, vendor.name);
    let mut rows = vec![
        cells("", vendors, head),
        cells("---", vendors, |_| "---".to_owned()),
        cells("verified live?", vendors, |vendor| verified(vendor).to_owned()),
    ];
    rows.extend(features(vendors).map(|feature| {
        feature_cells(feature, vendors, |support, evidence| format!("**{support}** ({evidence})"))
    }));
    let cell = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
    let line = |row: &Vec<String>| format!("| {} |\n", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
    rows.iter().map(line).collect()
}

#[derive(Debug, Serialize)]
pub(crate) struct Matrix {
    vendors: Vec<Vendor>,
}

#[derive(Debug, Serialize)]
struct Vendor {
    name: &'static str,
    title: &'static str,
    verified_live: Option<&'static str>,
    capabilities: &'static [Capability],
}

impl Matrix {
    pub(crate) fn of(vendors: &[&'static Descriptor]) -> Self {
        let vendors = vendors.iter().map(|vendor| Vendor {
            name: vendor.name,
            title: &vendor.facts.title,
            verified_live: vendor.facts.verified_live.as_deref(),
            capabilities: &vendor.facts.capabilities,
        });
        Self { vendors: vendors.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    use countersign::provider::Facts;
    use countersign::{Error, ErrorKind, Problem};

    const ONE_FACTS: &str = r#"
title = "Acme Sign v3"
verified_live = "2026-11-01, trial account"

[capabilities]
list_recipients = { support = "native", evidence = "documented", source = "docs.example" }

[capabilities.resend_one]
support = "emulated"
conditions = "once per envelope and day; mails even | where mails are off"
evidence = "guessed"
source = "docs.example"
"#;
    const OTHER_FACTS: &str = r#"
title = "Other Sign"

[capabilities]
view_ping = { support = "impossible", conditions = "it calls no URL", evidence = "observed", source = "docs.example" }
list_recipients = { support = "native", conditions = "slow", evidence = "observed", source = "docs.example" }
"#;

    static ONE: Descriptor = vendor("acme", || Facts::load("acme", ONE_FACTS));
    static OTHER: Descriptor = vendor("other", || Facts::load("other", OTHER_FACTS));

    const fn vendor(name: &'static str, facts: fn() -> Facts) -> Descriptor {
        Descriptor {
            name,
            facts: LazyLock::new(facts),
            read_problem: |status, _, _| Problem::new(status),
            webhooks: None,
            build: |_| Err(Error::new(ErrorKind::Config, "none")),
            offline: || Err(Error::new(ErrorKind::Config, "none")),
        }
    }

    #[test]
    fn for_the_terminal() {
        let shown = text(&[&ONE, &OTHER], 80);
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn for_the_readme() {
        insta::assert_snapshot!(markdown(&[&ONE, &OTHER]));
    }

    #[test]
    fn every_vendor_that_is_built_in_fits_a_terminal() {
        for width in [60, 80, 100, 120] {
            let shown = text(countersign::vendors(), width);
            let longest = shown.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(longest <= usize::from(width), "{longest} columns at {width}");
        }
    }
}
