//! What changes when an application moves from one vendor to another, before it moves.
//!
//! [`check`] takes the calls that an application makes ([`Calls`]: written by hand, read from a file with
//! [`Calls::read`], taken from requests, or with the feature `cassettes` from recordings) and judges each by the facts
//! of the two vendors: the same, to be left out, different (and how), or impossible (and the nearest way). Nothing is
//! sent. A judgement is as good as the facts: each change carries the weaker evidence of the two facts behind it, and
//! their sources.
//!
//! ```
//! use countersign::migrate::{self, Calls, Verdict};
//!
//! # fn run() -> countersign::Result<()> {
//! let [from, to] = ["docusign", "boldsign"].map(|name| countersign::vendors().iter().find(|vendor| vendor.name == name));
//! # let (Some(from), Some(to)) = (from, to) else { return Ok(()) };
//! let calls = Calls::read("[[call]]\noperation = \"create_view\"\nrelies_on = [\"return_outcome\"]", "calls.toml")?;
//! let report = migrate::check(from, to, &calls)?;
//! assert_eq!(report.verdict, Verdict::Impossible);
//! # Ok(())
//! # }
//! # run().unwrap();
//! ```

mod budget;
mod calls;
mod compare;
mod file;
mod judge;
#[cfg(feature = "cassettes")]
mod recorded;
mod report;
mod words;

use countersign_core::{Descriptor, Error, ErrorKind, Result};

pub use calls::{CallUse, Calls, EnvelopeUse};
pub use report::{Budget, Change, ErrorChange, HttpCalls, Report, RouteBudget, Row, Side, Topic, Verdict};
pub use words::{Argument, Reliance};

/// The example of a calls file, with everything that can be said and what it means.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Judges each call and each envelope of an application that moves from one vendor to another.
///
/// # Errors
/// `Unsupported` when the adapter of one of the vendors has no complete facts of its vendor.
pub fn check(from: &'static Descriptor, to: &'static Descriptor, calls: &Calls) -> Result<Report> {
    if let Some(vendor) = [from, to].into_iter().find(|vendor| !vendor.facts.gaps().is_empty()) {
        let message = format!("how {} behaves is not written down in its adapter", vendor.name);
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint(
            "the adapter's vendor.toml has to have all facts and mappings: see docs/src/develop/adding-a-vendor.md",
        ));
    }
    let both = judge::Move { from: &from.facts, to: &to.facts };
    let errors = both.errors(&calls.calls);
    let rows = calls.calls.iter().map(|call| both.call(call));
    let mut rows: Vec<Row> =
        rows.chain(calls.envelopes.iter().map(|envelope| both.envelope(envelope))).collect();
    for row in &mut rows {
        let is_of = |error: &&ErrorChange| row.operation.is_some_and(|one| error.operations.contains(&one));
        let errors = errors.iter().filter(is_of).map(|error| error.change.verdict);
        row.changes.sort_by_key(|change| std::cmp::Reverse(change.verdict));
        row.verdict =
            row.changes.iter().map(|change| change.verdict).chain(errors).max().unwrap_or(Verdict::Same);
    }
    let budget = budget::budget(both.from, both.to, calls);
    let worst = rows.iter().map(|row| row.verdict).max().unwrap_or(Verdict::Same);
    let verdict =
        if budget.as_ref().is_some_and(|budget| !budget.fits) { Verdict::Impossible } else { worst };
    Ok(Report { from: Side::of(from), to: Side::of(to), verdict, rows, errors, budget })
}
