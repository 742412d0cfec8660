//! Finds the account that owns an envelope, without asking a vendor.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use countersign_core::model::read_text;
use countersign_core::store::{Ownership, Scope};
use countersign_core::{EnvelopeId, Error, ErrorKind, Result};

use super::reference::EnvelopeRef;

/// Larger than any map that is read as a whole.
const LONGEST: u64 = 256 * 1024 * 1024;

/// By a list of envelopes with their accounts.
#[derive(Debug, Clone, Default)]
pub struct ByMap(HashMap<EnvelopeId, String>);

impl ByMap {
    /// From envelopes with their accounts; of two entries for the same envelope the later one counts.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = EnvelopeRef>) -> Self {
        let rows = rows.into_iter();
        Self(rows.map(|row| (row.envelope().clone(), row.account().to_owned())).collect())
    }

    /// From a file with one `account:envelope` per line. Empty lines and those that begin with `#` are ignored.
    ///
    /// # Errors
    /// `Config` if the file cannot be read, with the number of an invalid line, or of a line that repeats an
    /// envelope with another account.
    pub fn read(file: &Path) -> Result<Self> {
        let bad =
            |problem: String| Error::new(ErrorKind::Config, format!("the map {} {problem}", file.display()));
        let text = read_text(file, LONGEST).map_err(|problem| bad(problem.to_string()))?;
        let mut map = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let row: EnvelopeRef = line
                .parse()
                .map_err(|invalid| bad(format!("has no envelope in line {number}: {invalid}")))?;
            let before = map.insert(row.envelope().clone(), row.account().to_owned());
            if before.is_some_and(|before| before != row.account()) {
                return Err(bad(format!(
                    "has in line {number} an envelope that an earlier line assigns to another account"
                ))
                .with_hint("an envelope is owned by one account: remove one of the lines"));
            }
        }
        Ok(Self(map))
    }
}

#[async_trait]
impl Ownership for ByMap {
    async fn owner(&self, _scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>> {
        Ok(self.0.get(envelope).cloned())
    }
}

/// By a function that does not wait; for one that does, implement [`Ownership`].
pub struct ByFunction<F>(pub F);

impl<F> fmt::Debug for ByFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByFunction")
    }
}

#[async_trait]
impl<F: Fn(&EnvelopeId) -> Option<String> + Send + Sync + 'static> Ownership for ByFunction<F> {
    async fn owner(&self, _scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>> {
        Ok((self.0)(envelope))
    }
}
