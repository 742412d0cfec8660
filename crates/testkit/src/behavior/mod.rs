//! Compares the same calls at two accounts, ignoring what has to differ.
//!
//! A move to another vendor becomes a reviewed snapshot: [`assert_same_behavior!`] makes the [`Step`]s at both
//! [`Side`]s and stores the results in a snapshot, including the differences. If a vendor behaves differently one
//! day, a test fails. The sides can be live accounts, a sandbox, or replayed recordings: anything that implements
//! [`Operations`](countersign_core::Operations).
//!
//! Values that have to differ are replaced, and equal values stay recognizable: ids, names, addresses, phone
//! numbers and client ids are numbered in order of appearance, separately for each side; a link is `{link}`; a time
//! is `{time}`, and the expiry of a link is its distance from now; vendors' names in texts are `{vendor}`. Vendors'
//! own words (`VendorFields`) and messages are omitted; kinds, outcomes, statuses and hints are included. The text
//! contains no access code and no link.
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

/// The results of the steps at both sides. Its text is the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behavior {
    /// The steps in order.
    pub steps: Vec<Compared>,
}

impl Behavior {
    /// Whether there is no difference.
    pub fn is_same(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Compared::Between(_) => true,
            Compared::Call { ended: [old, new], differences, .. } => old == new && differences.is_empty(),
        })
    }
}

/// Runs the steps at the old side and at the new one, step by step, and compares the results.
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

/// Runs calls at two accounts and stores the differences in a snapshot, with [`insta`](https://docs.rs/insta),
/// which the caller's manifest need not include. Within an `async` function:
///
/// ```ignore
/// assert_same_behavior!(old, new, steps);              // the snapshot is named after the test
/// assert_same_behavior!("docusign_to_boldsign", old, new, steps);
/// ```
///
/// `old` and `new` are [`Side`](crate::behavior::Side)s, `steps` a slice or `Vec` of
/// [`Step`](crate::behavior::Step)s. Fails if the result differs from the reviewed snapshot.
#[macro_export]
macro_rules! assert_same_behavior {
    ($name:literal, $old:expr, $new:expr, $steps:expr $(,)?) => {{
        let behavior = $crate::behavior::compare(&$old, &$new, &$steps).await;
        $crate::insta::assert_snapshot!($name, behavior.to_string());
    }};
    ($old:expr, $new:expr, $steps:expr $(,)?) => {{
        let behavior = $crate::behavior::compare(&$old, &$new, &$steps).await;
        $crate::insta::assert_snapshot!(behavior.to_string());
    }};
}

#[cfg(test)]
mod tests {
    #[test]
    fn callers_of_the_macro_need_no_crate_but_this_one() {
        let (_, made) = include_str!("mod.rs").split_once("macro_rules!").expect("the macro");
        let (made, _) = made.split_once("#[cfg(test)]").expect("its end");
        let crates: Vec<&str> = made.match_indices("::insta").map(|(at, _)| &made[at - 6..at]).collect();
        assert_eq!(crates, ["$crate", "$crate"], "{made}");
    }
}
