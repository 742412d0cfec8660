//! What each vendor can do: features down, vendors across.

use countersign::{Capability, Descriptor, Evidence, Feature, Support};
use serde::Serialize;

use super::table;

/// The features in the order in which the vendors list them.
fn features(vendors: &[&'static Descriptor]) -> Vec<Feature> {
    let mut found = Vec::new();
    for row in vendors.iter().flat_map(|vendor| vendor.capabilities) {
        if !found.contains(&row.feature) {
            found.push(row.feature);
        }
    }
    found
}

fn row(vendor: &Descriptor, feature: Feature) -> Option<&Capability> {
    vendor.capabilities.iter().find(|row| row.feature == feature)
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
        Evidence::Documented => "documented",
        Evidence::Observed => "observed",
        Evidence::Guessed => "guessed",
    }
}

fn verified(vendor: &Descriptor) -> &'static str {
    vendor.verified_live.unwrap_or("never")
}

const LEGEND: &str = "\
documented: the vendor says so; observed: users or the vendor's own tests have
seen it; guessed: an inference, test it before relying on it. What a vendor
cannot do is refused before anything is sent.
";

/// A table for the terminal.
pub(crate) fn text(vendors: &[&'static Descriptor], width: u16) -> String {
    let mut table = table::plain(width, std::iter::once("").chain(vendors.iter().map(|vendor| vendor.name)));
    let first = |cell: &str, of: &dyn Fn(&Descriptor) -> String| {
        std::iter::once(cell.to_owned()).chain(vendors.iter().map(|vendor| of(vendor))).collect::<Vec<_>>()
    };
    table.add_row(first("interface", &|vendor| vendor.title.to_owned()));
    table.add_row(first("tried against the live service", &|vendor| verified(vendor).to_owned()));
    for feature in features(vendors) {
        table.add_row(first(feature.title(), &|vendor| match row(vendor, feature) {
            Some(row) if row.conditions.is_empty() => format!("{} [{}]", support(row), evidence(row)),
            Some(row) => format!("{} [{}]: {}", support(row), evidence(row), row.conditions),
            None => "not known".to_owned(),
        }));
    }
    // A blank line between the rows: cells run over several lines.
    let blank = vec![String::new(); vendors.len() + 1];
    let mut spaced = table::plain(width, std::iter::empty());
    if let Some(header) = table.header() {
        spaced.set_header(header.clone());
    }
    for row in table.row_iter() {
        spaced.add_row(row.clone()).add_row(blank.clone());
    }
    format!("{}{LEGEND}", table::text(&spaced))
}

/// A table for the README.
pub(crate) fn markdown(vendors: &[&'static Descriptor]) -> String {
    let mut lines = Vec::new();
    let mut line = |cells: Vec<String>| {
        let cells: Vec<String> =
            cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        lines.push(format!("| {} |", cells.join(" | ")));
    };
    let all = |first: &str, of: &dyn Fn(&Descriptor) -> String| {
        std::iter::once(first.to_owned()).chain(vendors.iter().map(|vendor| of(vendor))).collect::<Vec<_>>()
    };
    line(all("", &|vendor| format!("{} (`{}`)", vendor.title, vendor.name)));
    line(all("---", &|_| "---".to_owned()));
    line(all("verified live?", &|vendor| verified(vendor).to_owned()));
    for feature in features(vendors) {
        line(all(feature.title(), &|vendor| match row(vendor, feature) {
            Some(row) if row.conditions.is_empty() => format!("**{}** ({})", support(row), evidence(row)),
            Some(row) => format!("**{}** ({}): {}", support(row), evidence(row), row.conditions),
            None => "not known".to_owned(),
        }));
    }
    lines.join("\n") + "\n"
}

/// The same for programs.
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
            title: vendor.title,
            verified_live: vendor.verified_live,
            capabilities: vendor.capabilities,
        });
        Self { vendors: vendors.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::{Error, ErrorKind, Problem};

    static ONE: Descriptor = Descriptor {
        name: "acme",
        title: "Acme Sign v3",
        capabilities: &[
            Capability::new(Feature::ListRecipients, Support::Native, "", Evidence::Documented),
            Capability::new(
                Feature::ResendOne,
                Support::Emulated,
                "once per envelope and day; mails even | where mails are off",
                Evidence::Guessed,
            ),
        ],
        conduct: None,
        rules: &[],
        read_problem: |status, _, _| Problem::new(status),
        returns: countersign::Returns::silent(),
        webhooks: None,
        build: |_| Err(Error::new(ErrorKind::Config, "none")),
        offline: || Err(Error::new(ErrorKind::Config, "none")),
        verified_live: Some("2026-11-01, trial account"),
    };
    static OTHER: Descriptor = Descriptor {
        name: "other",
        title: "Other Sign",
        capabilities: &[
            Capability::new(Feature::ViewPing, Support::Impossible, "it calls no URL", Evidence::Observed),
            Capability::new(Feature::ListRecipients, Support::Native, "slow", Evidence::Observed),
        ],
        verified_live: None,
        ..ONE_LIKE
    };
    const ONE_LIKE: Descriptor = Descriptor {
        name: "",
        title: "",
        capabilities: &[],
        conduct: None,
        rules: &[],
        read_problem: |status, _, _| Problem::new(status),
        returns: countersign::Returns::silent(),
        webhooks: None,
        build: |_| Err(Error::new(ErrorKind::Config, "none")),
        offline: || Err(Error::new(ErrorKind::Config, "none")),
        verified_live: None,
    };

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
        for width in [80, 100] {
            let shown = text(countersign::vendors(), width);
            let longest = shown.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(longest <= usize::from(width), "{longest} columns at {width}");
        }
    }
}
