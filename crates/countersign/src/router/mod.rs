//! Several accounts at once, such as while one moves from one vendor to another.

mod ownership;
mod probe;
mod reference;
mod rules;

use std::sync::Arc;

use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, CreateView, EnvelopeId, Error, ErrorKind, ListRecipients,
    Recipients, ResendRecipient, Resent, Result, SigningView,
};

use crate::client::Client;
use crate::config::Config;
use probe::Accounts;

pub use ownership::{ByFunction, ByMap, ByPrefix, Ownership};
pub use reference::{EnvelopeName, EnvelopeRef};
pub use rules::Rule as RoutingRule;

/// Several accounts, at one vendor or at several. Cheap to clone.
///
/// - **An envelope that exists** goes to the account that owns it and to no other: signatures and certificates belong to
///   where they were made. Who owns it is said by the caller ([`EnvelopeRef`]), or by the [`Ownership`]s in their order,
///   or, if that is switched on, by asking every account once ([`RouterBuilder::probing`]).
/// - **New work** goes where the [`RoutingRule`]s say ([`Router::route_new`]). Making the envelope is the caller's, at
///   that vendor; what is kept is best an [`EnvelopeRef`].
/// - **Nothing ever falls over** to another account: an operation that fails at the owner has failed.
#[derive(Debug, Clone)]
pub struct Router {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    accounts: Accounts,
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
    /// A router without accounts yet.
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
    /// `Config` that lists the names there are.
    pub fn client(&self, account: &str) -> Result<&Client> {
        self.inner.accounts.get(account).ok_or_else(|| unknown(account, &self.inner.accounts))
    }

    /// The account that owns an envelope.
    ///
    /// # Errors
    /// `Config` for an account that is not there. `InvalidRequest` if nobody knows the owner and asking is switched off.
    /// After asking: `EnvelopeNotFound` if every account's vendor says that it has none; else the kind of the first
    /// account that cannot tell. An account that cannot tell is never taken for the owner.
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
            if let Some(owner) = ownership.owner(envelope).await? {
                return Ok(owner);
            }
        }
        let Some(probed) = &self.inner.probed else {
            let message = "nobody knows which account owns the envelope";
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(
                "name the account with the envelope, `account:envelope`, or let the router ask (probing)",
            ));
        };
        let (owner, asked) = probed.owner(&self.inner.accounts, envelope).await?;
        if asked {
            for ownership in &self.inner.ownerships {
                if let Err(error) = ownership.found(envelope, &owner).await {
                    // It is remembered here; a table that was not written must not stop the call.
                    tracing::warn!(
                        kind = error.kind().as_str(),
                        "an envelope's owner could not be written down"
                    );
                }
            }
        }
        Ok(owner)
    }

    /// Where new work goes: by its tenant (empty where there are none) and a key that stays the same for the same
    /// work, such as the id of the order.
    ///
    /// # Errors
    /// `Config` if no rule takes it.
    pub fn route_new(&self, tenant: &str, key: &str) -> Result<(&str, &Client)> {
        let rule = self.inner.rules.iter().find(|rule| rule.takes(tenant, key)).ok_or_else(|| {
            Error::new(ErrorKind::Config, "no rule says where this new work goes")
                .with_hint("let the last rule be one for all: RoutingRule::all(account)")
        })?;
        let found = self.inner.accounts.get_key_value(rule.account());
        let (name, client) = found.ok_or_else(|| unknown(rule.account(), &self.inner.accounts))?;
        Ok((name, client))
    }

    /// [`Client::create_view`] at the account that owns the envelope.
    ///
    /// # Errors
    /// As there and as [`Router::locate`].
    pub async fn create_view(
        &self,
        envelope: impl Into<EnvelopeName>,
        request: impl FnOnce(EnvelopeId) -> CreateView,
    ) -> Result<SigningView> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.create_view(&request(reference.envelope().clone())).await
    }

    /// [`Client::resend_recipient`] at the account that owns the envelope.
    ///
    /// # Errors
    /// As there and as [`Router::locate`].
    pub async fn resend_recipient(
        &self,
        envelope: impl Into<EnvelopeName>,
        request: impl FnOnce(EnvelopeId) -> ResendRecipient,
    ) -> Result<Resent> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.resend_recipient(&request(reference.envelope().clone())).await
    }

    /// [`Client::change_access_code`] at the account that owns the envelope.
    ///
    /// # Errors
    /// As there and as [`Router::locate`].
    pub async fn change_access_code(
        &self,
        envelope: impl Into<EnvelopeName>,
        request: impl FnOnce(EnvelopeId) -> ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.change_access_code(&request(reference.envelope().clone())).await
    }

    /// [`Client::list_recipients`] at the account that owns the envelope.
    ///
    /// # Errors
    /// As there and as [`Router::locate`].
    pub async fn list_recipients(&self, envelope: impl Into<EnvelopeName>) -> Result<Recipients> {
        let Located { client, reference } = self.locate(envelope).await?;
        client.list_recipients(&ListRecipients::new(reference.envelope().clone())).await
    }
}

/// Makes a [`Router`].
#[derive(Debug, Default)]
pub struct RouterBuilder {
    accounts: Vec<(String, Client)>,
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
    /// `Config` for an account that is not complete.
    pub fn config(mut self, config: &Config) -> Result<Self> {
        for account in config.accounts() {
            self.accounts.push((account.name().to_owned(), account.client()?));
        }
        Ok(self)
    }

    /// Adds somebody who knows owners; they are asked in the order in which they were added.
    #[must_use]
    pub fn ownership(mut self, ownership: impl Ownership) -> Self {
        self.ownerships.push(Arc::new(ownership));
        self
    }

    /// Whether to ask every account for the recipients of an envelope whose owner nobody knows, once per envelope; the
    /// owner is remembered in this process. It costs a read at each account, and vendors limit how often an envelope may
    /// be read.
    #[must_use]
    pub fn probing(mut self, probing: bool) -> Self {
        self.probing = probing;
        self
    }

    /// Adds a rule for new work, behind those that are there.
    #[must_use]
    pub fn rule(mut self, rule: RoutingRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The router.
    ///
    /// # Errors
    /// `Config` for a name that stands there twice or cannot be part of an [`EnvelopeRef`], and for a rule that names an
    /// account that is not there.
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
                    .with_hint("give each a name of its own"));
            }
        }
        if let Some(rule) = self.rules.iter().find(|rule| !accounts.contains_key(rule.account())) {
            return Err(unknown(rule.account(), &accounts));
        }
        let probed = self.probing.then(probe::Found::default);
        let inner = Inner { accounts, ownerships: self.ownerships, probed, rules: self.rules };
        Ok(Router { inner: Arc::new(inner) })
    }
}

fn unknown(account: &str, accounts: &Accounts) -> Error {
    let names: Vec<&str> = accounts.keys().map(String::as_str).collect();
    Error::new(ErrorKind::Config, format!("there is no account `{account}`"))
        .with_hint(format!("there are: {}", names.join(", ")))
}
