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
//! let recipients = router.list_recipients(&made).await?; // asks the owner and no other
//! # Ok(())
//! # }
//! ```

mod ownership;
mod probe;
mod reference;
mod rules;

use std::sync::Arc;

use countersign_core::store::Scope;
use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, CreateView, EnvelopeId, Error, ErrorKind, ListRecipients,
    Recipients, ResendRecipient, Resent, Result, SigningView,
};

use crate::client::Client;
use probe::Accounts;

pub use countersign_core::store::{Found, Ownership};
pub use ownership::{ByFunction, ByMap, ByPrefix};
pub use reference::{EnvelopeName, EnvelopeRef};
pub use rules::Rule as RoutingRule;

/// Several accounts, at one vendor or at several. Cheap to clone.
///
/// - **An existing envelope** is handled by the account that owns it and by no other: signatures and certificates
///   belong to the account in which they were made. The owner is given by the caller ([`EnvelopeRef`]), found in the
///   [`Ownership`]s in order, or, if enabled, found by asking every account once ([`RouterBuilder::probing`]).
/// - **New work** follows the [`RoutingRule`]s ([`Router::route_new`]). The caller creates the envelope at that
///   vendor, and should store an [`EnvelopeRef`].
/// - **There is no failover between accounts**: an operation that fails at the owner has failed. Operations
///   fail as those of the [`Client`], and as [`Router::locate`].
#[derive(Debug, Clone)]
pub struct Router {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    accounts: Accounts,
    scope: Scope,
    ownerships: Vec<Arc<dyn Ownership>>,
    probed: Option<probe::Found>,
    rules: Vec<RoutingRule>,
}

/// An envelope with a client of the account that owns it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Located {
    /// A client of the account.
    pub client: Client,
    /// The envelope, with the account's name.
    pub reference: EnvelopeRef,
}

impl Router {
    /// A router without accounts.
    #[must_use]
    pub fn builder() -> RouterBuilder {
        RouterBuilder::default()
    }

    /// The accounts' names, in alphabetical order.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.inner.accounts.keys().map(String::as_str)
    }

    /// A client of one account.
    ///
    /// # Errors
    /// `Config`, which lists the available names.
    pub fn client(&self, account: &str) -> Result<&Client> {
        self.inner.accounts.get(account).ok_or_else(|| unknown(account, &self.inner.accounts))
    }

    /// The account that owns an envelope.
    ///
    /// # Errors
    /// `Config` for an unknown account. `InvalidRequest` if the owner is not known and probing is off. With
    /// probing: `EnvelopeNotFound` if every account's vendor explicitly says that the envelope does not exist;
    /// otherwise the kind of the first account that did not answer clearly. Such an account is never assumed to be
    /// the owner.
    pub async fn locate(&self, envelope: impl Into<EnvelopeName>) -> Result<Located> {
        let id = match envelope.into() {
            EnvelopeName::Ref(reference) => {
                let client = self.client(reference.account())?.clone();
                return Ok(Located { client, reference });
            }
            EnvelopeName::Id(id) => id,
        };
        let owner = self.owner(&id).await?;
        let client = self.client(&owner)?.clone();
        Ok(Located { client, reference: EnvelopeRef::new(owner, id)? })
    }

    async fn owner(&self, envelope: &EnvelopeId) -> Result<String> {
        for ownership in &self.inner.ownerships {
            if let Some(owner) = ownership.owner(&self.inner.scope, envelope).await? {
                return Ok(owner);
            }
        }
        let Some(probed) = &self.inner.probed else {
            let message = "it is not known which account owns the envelope";
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(
                "give the account with the envelope, `account:envelope`, or let the router ask (probing)",
            ));
        };
        let (mut owner, asked) = probed.owner(&self.inner.accounts, envelope).await?;
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
        let found = self.inner.accounts.get_key_value(rule.account());
        let (name, client) = found.ok_or_else(|| unknown(rule.account(), &self.inner.accounts))?;
        Ok((name, client))
    }

    /// [`Client::create_view`] at the account that owns the envelope.
    pub async fn create_view(
        &self,
        envelope: impl Into<EnvelopeName>,
        request: impl FnOnce(EnvelopeId) -> CreateView,
    ) -> Result<SigningView> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.create_view(&request(reference.envelope().clone())).await
    }

    /// [`Client::resend_recipient`] at the account that owns the envelope.
    pub async fn resend_recipient(
        &self,
        envelope: impl Into<EnvelopeName>,
        request: impl FnOnce(EnvelopeId) -> ResendRecipient,
    ) -> Result<Resent> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.resend_recipient(&request(reference.envelope().clone())).await
    }

    /// [`Client::change_access_code`] at the account that owns the envelope.
    pub async fn change_access_code(
        &self,
        envelope: impl Into<EnvelopeName>,
        request: impl FnOnce(EnvelopeId) -> ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.change_access_code(&request(reference.envelope().clone())).await
    }

    /// [`Client::list_recipients`] at the account that owns the envelope.
    pub async fn list_recipients(&self, envelope: impl Into<EnvelopeName>) -> Result<Recipients> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.list_recipients(&ListRecipients::new(reference.envelope().clone())).await
    }
}

/// Builds a [`Router`].
#[derive(Debug, Default)]
pub struct RouterBuilder {
    accounts: Vec<(String, Client)>,
    scope: Option<Scope>,
    ownerships: Vec<Arc<dyn Ownership>>,
    probing: bool,
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
        self.scope = Some(scope);
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
    pub fn build(self) -> Result<Router> {
        let mut accounts = Accounts::new();
        for (name, client) in self.accounts {
            let any = EnvelopeId::new("any")?;
            if let Err(invalid) = EnvelopeRef::new(name.as_str(), any) {
                let message = format!("the name of an account {}", invalid.problem());
                return Err(
                    Error::new(ErrorKind::Config, message).with_hint("give it a short name without colons")
                );
            }
            if accounts.insert(name.clone(), client).is_some() {
                return Err(Error::new(ErrorKind::Config, format!("there are two accounts `{name}`"))
                    .with_hint("give each a different name"));
            }
        }
        if let Some(rule) = self.rules.iter().find(|rule| !accounts.contains_key(rule.account())) {
            return Err(unknown(rule.account(), &accounts));
        }
        let probed = self.probing.then(probe::Found::default);
        let scope = self.scope.unwrap_or_else(|| Scope::of_account(None));
        let inner = Inner { accounts, scope, ownerships: self.ownerships, probed, rules: self.rules };
        Ok(Router { inner: Arc::new(inner) })
    }
}

fn unknown(account: &str, accounts: &Accounts) -> Error {
    let names: Vec<&str> = accounts.keys().map(String::as_str).collect();
    Error::new(ErrorKind::Config, format!("there is no account `{account}`"))
        .with_hint(format!("there are: {}", names.join(", ")))
}
