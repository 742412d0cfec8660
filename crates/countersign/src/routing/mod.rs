//! Several accounts at once, for example while an application moves from one vendor to another.
//!
//! ```no_run
//! use countersign::routing::{ByMap, EnvelopeRef, Router, RoutingRule};
//! use countersign::Config;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let router = Router::builder()
//!     .config(&Config::load(None)?)?
//!     .ownership(ByMap::read("in-flight.txt".as_ref())?) // account:envelope, one per line
//!     .rule(RoutingRule::share(30, "new")?) // always the same 30 % of the keys
//!     .rule(RoutingRule::all("old"))
//!     .build()?;
//! let (account, _client) = router.route_new("tenant-7", "order-4711")?; // where a new envelope is made
//! let made = EnvelopeRef::new(account, "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001".parse()?)?;
//! let (owner, client) = router.locate(made.envelope()).await?; // of an envelope that exists
//! # Ok(())
//! # }
//! ```

mod ownership;
mod probe;
mod reference;
mod rules;

use std::sync::Arc;

use countersign_core::store::Scope;
use countersign_core::{EnvelopeId, Error, ErrorKind, Result};

use crate::client::Client;

pub use countersign_core::store::{Found, Ownership};
pub use ownership::{ByFunction, ByMap};
pub use reference::EnvelopeRef;
pub use rules::Rule as RoutingRule;

/// Several accounts, at one vendor or at several. Cheap to clone.
///
/// - **An existing envelope** is handled by the account that owns it and by no other: signatures and certificates
///   belong to the account in which they were made. Its name is part of an [`EnvelopeRef`]. Without one,
///   [`Router::locate`] finds the owner in the [`Ownership`]s in order, or, if enabled, by asking every account once
///   ([`RouterBuilder::probing`]).
/// - **New work** follows the [`RoutingRule`]s ([`Router::route_new`]). The caller creates the envelope at that
///   vendor, and should store an [`EnvelopeRef`].
/// - **There is no failover between accounts**: an operation that fails at the owner has failed.
#[derive(Debug, Clone)]
pub struct Router {
    inner: Arc<RouterBuilder>,
}

impl Router {
    /// A router without accounts.
    #[must_use]
    pub fn builder() -> RouterBuilder {
        RouterBuilder {
            accounts: Vec::new(),
            scope: Scope::of_account(None),
            ownerships: Vec::new(),
            probing: false,
            probed: probe::Found::default(),
            rules: Vec::new(),
        }
    }

    /// The accounts' names, in alphabetical order.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.inner.accounts.iter().map(|(name, _)| name.as_str())
    }

    /// A client of one account.
    ///
    /// # Errors
    /// `Config`, which lists the available names.
    pub fn client(&self, account: &str) -> Result<&Client> {
        self.inner.client(account)
    }

    /// The account that owns an envelope, in its full name, and a client of that account.
    ///
    /// # Errors
    /// `Config` for an unknown account. `InvalidRequest` if the owner is not known and probing is off. With
    /// probing: `EnvelopeNotFound` if every account's vendor explicitly says that the envelope does not exist;
    /// otherwise the kind of the first account that did not answer clearly. Such an account is never assumed to be
    /// the owner.
    pub async fn locate(&self, envelope: &EnvelopeId) -> Result<(EnvelopeRef, &Client)> {
        let owner = self.owner(envelope).await?;
        let client = self.client(&owner)?;
        Ok((EnvelopeRef::new(owner, envelope.clone())?, client))
    }

    async fn owner(&self, envelope: &EnvelopeId) -> Result<String> {
        for ownership in &self.inner.ownerships {
            if let Some(owner) = ownership.owner(&self.inner.scope, envelope).await? {
                return Ok(owner);
            }
        }
        if !self.inner.probing {
            let message = "it is not known which account owns the envelope";
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(
                "give the account with the envelope, `account:envelope`, or let the router ask (probing)",
            ));
        }
        let (mut owner, asked) = self.inner.probed.owner(&self.inner.accounts, envelope).await?;
        if asked {
            for ownership in &self.inner.ownerships {
                match ownership.found(&self.inner.scope, envelope, &owner).await {
                    Ok(Found::Kept) => {}
                    // Another process found it first, at an account that shows the same envelopes.
                    Ok(Found::OwnedBy(other)) => owner = other,
                    Err(error) => {
                        // It is cached here; a table that could not be written must not stop the call.
                        tracing::warn!(
                            kind = error.kind().as_str(),
                            "an envelope's owner could not be stored"
                        );
                    }
                }
            }
        }
        Ok(owner)
    }

    /// The account for new work, by its tenant (empty if there are none) and a key that stays the same for the same
    /// work, such as the id of the order.
    ///
    /// # Errors
    /// `Config` if no rule matches.
    pub fn route_new(&self, tenant: &str, key: &str) -> Result<(&str, &Client)> {
        let rule = self.inner.rules.iter().find(|rule| rule.takes(tenant, key)).ok_or_else(|| {
            Error::new(ErrorKind::Config, "no rule matches this new work")
                .with_hint("add a last rule that matches everything: RoutingRule::all(account)")
        })?;
        Ok((rule.account(), self.client(rule.account())?))
    }
}

/// Builds a [`Router`].
#[derive(Debug)]
pub struct RouterBuilder {
    accounts: Vec<(String, Client)>,
    scope: Scope,
    ownerships: Vec<Arc<dyn Ownership>>,
    probing: bool,
    probed: probe::Found,
    rules: Vec<RoutingRule>,
}

impl RouterBuilder {
    /// Adds an account under a name.
    #[must_use]
    pub fn account(mut self, name: impl Into<String>, client: Client) -> Self {
        self.accounts.push((name.into(), client));
        self
    }

    /// Adds every account of a configuration under its name.
    ///
    /// # Errors
    /// `Config` for an incomplete account.
    #[cfg(feature = "config")]
    pub fn config(mut self, config: &crate::Config) -> Result<Self> {
        for account in config.accounts() {
            self.accounts.push((account.name().to_owned(), account.client()?));
        }
        Ok(self)
    }

    /// Adds a source of owners; sources are asked in the order in which they were added.
    #[must_use]
    pub fn ownership(mut self, ownership: impl Ownership) -> Self {
        self.ownerships.push(Arc::new(ownership));
        self
    }

    /// The scope of the owners in the sources, such as a tenant; by default `-`.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether to ask every account for the recipients of an envelope whose owner is not known, once per envelope;
    /// the owner is cached in this process. It costs one read at each account, and vendors limit how often an
    /// envelope may be read.
    #[must_use]
    pub fn probing(mut self, probing: bool) -> Self {
        self.probing = probing;
        self
    }

    /// Adds a rule for new work, after the existing ones.
    #[must_use]
    pub fn rule(mut self, rule: RoutingRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Builds the router.
    ///
    /// # Errors
    /// `Config` for a duplicate name, for a name that cannot be part of an [`EnvelopeRef`], and for a rule with an
    /// unknown account.
    pub fn build(mut self) -> Result<Router> {
        self.accounts.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, _) in &self.accounts {
            if let Err(invalid) = EnvelopeRef::new(name.as_str(), EnvelopeId::new("any")?) {
                let message = format!("the name of an account {}", invalid.problem());
                return Err(
                    Error::new(ErrorKind::Config, message).with_hint("give it a short name without colons")
                );
            }
        }
        let mut pairs = self.accounts.iter().zip(self.accounts.iter().skip(1));
        if let Some(((name, _), _)) = pairs.find(|((one, _), (next, _))| one == next) {
            return Err(Error::new(ErrorKind::Config, format!("there are two accounts `{name}`"))
                .with_hint("give each a different name"));
        }
        self.rules.iter().try_for_each(|rule| self.client(rule.account()).map(drop))?;
        Ok(Router { inner: Arc::new(self) })
    }

    fn client(&self, account: &str) -> Result<&Client> {
        let found = self.accounts.iter().find(|(name, _)| name == account);
        found.map(|(_, client)| client).ok_or_else(|| {
            let names: Vec<&str> = self.accounts.iter().map(|(name, _)| name.as_str()).collect();
            Error::new(ErrorKind::Config, format!("there is no account `{account}`"))
                .with_hint(format!("there are: {}", names.join(", ")))
        })
    }
}
