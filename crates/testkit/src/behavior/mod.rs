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
//! contains no access code and no link. If a call succeeds at one side and fails at the other, only the members of the
//! failure are compared.
//!
//! [`assert_same_behavior!`]: crate::assert_same_behavior

mod normal;
mod step;

use std::fmt::{self, Write as _};

pub use step::{Side, Step, Which};

use normal::{Labels, Members};
use step::Ended;

/// The results of the steps at both sides. Its text is the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behavior {
    text: String,
    is_same: bool,
}

impl Behavior {
    /// Whether there is no difference.
    pub fn is_same(&self) -> bool {
        self.is_same
    }
}

/// Runs the steps at the old side and at the new one, step by step, and compares the results.
pub async fn compare(old: &Side<'_>, new: &Side<'_>, steps: &[Step]) -> Behavior {
    let mut labels = Labels::new([old.operations.descriptor(), new.operations.descriptor()]);
    let mut found = Behavior { text: String::new(), is_same: true };
    for (number, step) in (1..).zip(steps) {
        let _ = write!(found.text, "{number}. {}", step.title());
        let (before, after) = (step.run(old, Which::Old).await, step.run(new, Which::New).await);
        if let (Some(before), Some(after)) = (before, after) {
            found.call(&before, &after, &mut labels);
        }
        found.text.push('\n');
    }
    found
}

impl Behavior {
    fn call(&mut self, old: &Ended, new: &Ended, labels: &mut Labels) {
        let (mut before, mut after) = (labels.members(0, old), labels.members(1, new));
        // Next to a failure, the members of a reply are irrelevant.
        match (&old.result, &new.result) {
            (Ok(_), Err(_)) => before.clear(),
            (Err(_), Ok(_)) => after.clear(),
            _ => {}
        }
        let said = |call: &Ended| call.result.as_ref().err().map_or("done", |error| error.kind().as_str());
        let ended = match (said(old), said(new)) {
            (old, new) if old == new => old.to_owned(),
            (old, new) => format!("{old} -> {new}"),
        };
        let is_same = before == after && said(old) == said(new);
        self.is_same &= is_same;
        let verdict = if is_same { "same" } else { "differs" };
        let _ = write!(self.text, " ({}): {verdict}: {ended}", old.operation);
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort();
        names.dedup();
        for name in names.into_iter().filter(|name| before.get(*name) != after.get(*name)) {
            let value = |of: &Members| of.get(name).map_or("(not there)", String::as_str).to_owned();
            let _ = write!(self.text, "\n     {name}: {} -> {}", value(&before), value(&after));
        }
    }
}

impl fmt::Display for Behavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
