//! The same calls at two accounts, and what differs, without what has to differ.
//!
//! A move to another vendor becomes a snapshot that somebody has reviewed: [`assert_same_behavior!`] plays the
//! [`Step`]s at both [`Side`]s and snapshots what came of each, the differences spelled out. A vendor that behaves
//! otherwise one day is a test that fails. The sides can be live accounts, a sandbox, or recordings that are played
//! back: anything that implements [`Operations`].
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

use countersign_core::{EnvelopeId, Operations};

pub use direct::Direct;
pub use step::{Step, Which};

use normal::Labels;

/// An account at which the calls are played, and its envelopes.
pub struct Side<'o> {
    operations: &'o dyn Operations,
    envelopes: Vec<(String, EnvelopeId)>,
}

impl fmt::Debug for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Side")
            .field("vendor", &self.operations.descriptor().name)
            .field("envelopes", &self.envelopes)
            .finish()
    }
}

impl<'o> Side<'o> {
    /// An account.
    #[must_use]
    pub fn new(operations: &'o dyn Operations) -> Self {
        Self { operations, envelopes: Vec::new() }
    }

    /// The calls name this envelope by a word of theirs, since both sides have an envelope of their own for it.
    #[must_use]
    pub fn with_envelope(mut self, name: impl Into<String>, id: EnvelopeId) -> Self {
        self.envelopes.push((name.into(), id));
        self
    }

    /// The envelope that the calls mean; a name that was not given is taken for an id.
    fn envelope(&self, named: &EnvelopeId) -> EnvelopeId {
        let found = self.envelopes.iter().find(|(name, _)| name == named.as_str());
        found.map_or_else(|| named.clone(), |(_, id)| id.clone())
    }
}

/// What came of the steps at both sides. Its text is the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behavior {
    /// The steps in order.
    pub steps: Vec<Compared>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compared {
    /// Something happened between the calls.
    Between(String),
    /// A call.
    Call {
        /// Its title.
        title: String,
        /// The operation's stable name.
        operation: &'static str,
        /// How it ended at each side: `done`, or the kind of the error.
        ended: [String; 2],
        /// What differs, by the path of the member.
        differences: Vec<Difference>,
    },
}

/// A member of what a call came to that is not the same at both sides. Where a call is done at one side and refused at
/// the other, only what there is of the refusal is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Its path, such as `recipients.1.status`; lists count from 1.
    pub member: String,
    /// Its value at the old side; `None` where there is no such member.
    pub old: Option<String>,
    /// Its value at the new side.
    pub new: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{}: {old} -> {new}", self.member),
            (Some(old), None) => write!(f, "{}: {old} -> (not there)", self.member),
            (None, Some(new)) => write!(f, "{}: (not there) -> {new}", self.member),
            (None, None) => f.write_str(&self.member),
        }
    }
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
