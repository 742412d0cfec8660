//! What changes when an application moves from one vendor to another, before it moves.
//!
//! [`check`] takes the calls that an application makes ([`Calls`]: written by hand, read from a file with
//! [`Calls::read`], taken from requests, or with the feature `cassettes` from recordings) and judges each from what the two vendors' tables say: the same, different
//! (and how), or impossible (and the nearest way). Nothing is sent. A judgement is as good as the tables: each change
//! carries the weaker evidence of the two facts behind it, and their sources.
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

mod calls;
mod file;
mod judge;
mod lives;
#[cfg(feature = "cassettes")]
mod recorded;
mod report;
mod words;

use countersign_core::{Descriptor, Error, ErrorKind, Result};

pub use calls::{CallUse, Calls, EnvelopeUse};
pub use report::{Budget, Change, HttpCalls, Report, Row, Side, Topic, Verdict};
pub use words::{Argument, Reliance};

/// The example of a calls file, with everything that can be said and what it means.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Judges each call and each envelope of an application that moves from one vendor to another.
///
/// # Errors
/// `Unsupported` when the adapter of one of the vendors has no table of its vendor's conduct.
pub fn check(from: &'static Descriptor, to: &'static Descriptor, calls: &Calls) -> Result<Report> {
    let side = |vendor: &'static Descriptor| {
        vendor.conduct.map(|conduct| judge::Vendor { descriptor: vendor, conduct }).ok_or_else(|| {
            let message = format!("how {} behaves is not written down in its adapter", vendor.name);
            Error::new(ErrorKind::Unsupported, message)
                .with_hint("the adapter's Descriptor has to have a `conduct`: see adapters/TEMPLATE.md")
        })
    };
    Ok(judge::judge(&side(from)?, &side(to)?, calls))
}
