//! The same calls at two accounts, and what differs, without what has to differ.
//!
//! A move to another vendor becomes a snapshot that somebody has reviewed: [`assert_same_behavior!`] plays the
//! [`Step`]s at both [`Side`]s and snapshots what came of each, the differences spelled out. A vendor that behaves
//! otherwise one day is a test that fails. The sides can be live accounts, a sandbox, or recordings that are played
//! back: anything that implements [`Operations`](countersign_core::Operations).
//!
//! What has to differ is taken out, and what belongs together stays together: ids, names, addresses, phone numbers and
//! client ids are numbered in the order in which they appear, each side for itself; a link is `{link}`; an instant is `{time}`, and the end of a
//! link's life its distance from now; vendors' names in texts are `{vendor}`. Vendors' own words (`VendorFields`) and
//! messages are left out; kinds, outcomes, statuses and hints are there. No access code and no link comes into the text.
//!
//! [`assert_same_behavior!`]: crate::assert_same_behavior

mod compare;
mod direct;
mod normal;
mod step;

use std::fmt;

pub use compare::{Compared, Difference};
pub use direct::Direct;
pub use step::{Side, Step, Which};

use normal::Labels;

/// What came of the steps at both sides. Its text is the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behavior {
    /// The steps in order.
    pub steps: Vec<Compared>,
}

impl Behavior {
    /// Whether nothing differs at all.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Compared::Between(_) => true,
            Compared::Call { ended: [old, new], differences, .. } => old == new && differences.is_empty(),
        })
    }
}

/// Plays the steps at the old side and at the new one, step by step, and compares.
pub async fn compare(old: &Side<'_>, new: &Side<'_>, steps: &[Step]) -> Behavior {
    let mut labels = Labels::new([old.operations.descriptor(), new.operations.descriptor()]);
    let mut found = Vec::with_capacity(steps.len());
    for step in steps {
        let before = step.run(old, Which::Old).await;
        let after = step.run(new, Which::New).await;
        found.push(match (before, after) {
            (Some(before), Some(after)) => compare::call(step, &before, &after, &mut labels),
            _ => Compared::Between(step.title().to_owned()),
        });
    }
    Behavior { steps: found }
}

impl fmt::Display for Behavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.steps.iter().enumerate() {
            let number = number + 1;
            match step {
                Compared::Between(title) => writeln!(f, "{number}. {title}")?,
                Compared::Call { title, operation, ended: [old, new], differences } => {
                    let ended = if old == new { old.clone() } else { format!("{old} -> {new}") };
                    let verdict = if old == new && differences.is_empty() { "same" } else { "differs" };
                    writeln!(f, "{number}. {title} ({operation}): {verdict}: {ended}")?;
                    for difference in differences {
                        writeln!(f, "     {difference}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Plays calls at two accounts and snapshots what differs, with [`insta`](https://docs.rs/insta) (a dev-dependency of
/// the caller's). Within an `async` function:
///
/// ```ignore
/// assert_same_behavior!(old, new, steps);              // the snapshot is named after the test
/// assert_same_behavior!("docusign_to_boldsign", old, new, steps);
/// ```
///
/// `old` and `new` are [`Side`](crate::behavior::Side)s, `steps` a slice or `Vec` of
/// [`Step`](crate::behavior::Step)s. Fails where the snapshot that was reviewed says otherwise.
#[macro_export]
macro_rules! assert_same_behavior {
    ($name:literal, $old:expr, $new:expr, $steps:expr $(,)?) => {{
        let behavior = $crate::behavior::compare(&$old, &$new, &$steps).await;
        ::insta::assert_snapshot!($name, behavior.to_string());
    }};
    ($old:expr, $new:expr, $steps:expr $(,)?) => {{
        let behavior = $crate::behavior::compare(&$old, &$new, &$steps).await;
        ::insta::assert_snapshot!(behavior.to_string());
    }};
}
