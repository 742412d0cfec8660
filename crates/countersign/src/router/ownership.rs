//! Which account owns an envelope, without asking a vendor.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use countersign_core::{EnvelopeId, Error, ErrorKind, Result};

use super::reference::EnvelopeRef;

/// Knows which account owns an envelope: an application's own table of envelopes, as a rule.
///
/// An error stops the call. It is not taken for "not known": whoever cannot look must not send to another account.
#[async_trait]
pub trait Ownership: fmt::Debug + Send + Sync + 'static {
    /// The name of the account that owns the envelope; `None` where it is not known here, and the next is asked.
    async fn owner(&self, envelope: &EnvelopeId) -> Result<Option<String>>;

    /// The router has found out by asking that this account owns the envelope. Whoever keeps a table may write it down.
    async fn found(&self, envelope: &EnvelopeId, account: &str) -> Result<()> {
        let _ = (envelope, account);
        Ok(())
    }
}

/// By how ids begin: for applications that give their envelopes such ids, or vendors whose ids tell. The longest
/// beginning that fits counts.
#[derive(Debug, Clone, Default)]
pub struct ByPrefix(Vec<(String, String)>);

impl ByPrefix {
    /// From pairs of a beginning and an account.
    #[must_use]
    pub fn new<P: Into<String>, A: Into<String>>(rows: impl IntoIterator<Item = (P, A)>) -> Self {
        Self(rows.into_iter().map(|(prefix, account)| (prefix.into(), account.into())).collect())
    }
}

#[async_trait]
impl Ownership for ByPrefix {
    async fn owner(&self, envelope: &EnvelopeId) -> Result<Option<String>> {
        let fitting = self.0.iter().filter(|(prefix, _)| envelope.starts_with(prefix));
        Ok(fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, account)| account.clone()))
    }
}

/// By a list of envelopes with their accounts.
#[derive(Debug, Clone, Default)]
pub struct ByMap(HashMap<EnvelopeId, String>);

impl ByMap {
    /// From envelopes with their accounts; of two for the same envelope the later counts.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = EnvelopeRef>) -> Self {
        let rows = rows.into_iter();
        Self(rows.map(|row| (row.envelope().clone(), row.account().to_owned())).collect())
    }

    /// From a file with one `account:envelope` per line. Empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// `Config` when the file cannot be read, names the line that is none, or an envelope that stands there with two
    /// accounts.
    pub fn read(file: &Path) -> Result<Self> {
        let bad =
            |problem: String| Error::new(ErrorKind::Config, format!("the map {} {problem}", file.display()));
        let text = std::fs::read_to_string(file)
            .map_err(|error| bad(format!("cannot be read ({})", error.kind())))?;
        let mut map = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let row: EnvelopeRef = line
                .parse()
                .map_err(|invalid| bad(format!("has in line {number} no envelope: {invalid}")))?;
            let before = map.insert(row.envelope().clone(), row.account().to_owned());
            if before.is_some_and(|before| before != row.account()) {
                return Err(bad(format!(
                    "has in line {number} an envelope that stood there with another account"
                ))
                .with_hint("an envelope is owned by one account: take one of the lines out"));
            }
        }
        Ok(Self(map))
    }

    /// How many envelopes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[async_trait]
impl Ownership for ByMap {
    async fn owner(&self, envelope: &EnvelopeId) -> Result<Option<String>> {
        Ok(self.0.get(envelope).cloned())
    }
}

/// By a function that needs not wait; for one that does, implement [`Ownership`].
pub struct ByFunction<F>(pub F);

impl<F> fmt::Debug for ByFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByFunction")
    }
}

#[async_trait]
impl<F: Fn(&EnvelopeId) -> Option<String> + Send + Sync + 'static> Ownership for ByFunction<F> {
    async fn owner(&self, envelope: &EnvelopeId) -> Result<Option<String>> {
        Ok((self.0)(envelope))
    }
}
