//! One configured account.

use std::sync::Arc;

use countersign_core::{Descriptor, Provider, Result, Settings, TokenStore};

use crate::budget::Budget;
use crate::client::{Client, ClientBuilder};
use crate::webhook::Webhook;

const WEBHOOK_SECRETS: &str = "webhook_secrets";
const WEBHOOK_SECRETS_FILE: &str = "webhook_secrets_file";

/// One configured account: a vendor and its settings. The vendor's settings are checked when a client is created.
#[derive(Debug, Clone)]
pub struct Account {
    name: String,
    descriptor: &'static Descriptor,
    settings: Settings,
}

impl Account {
    pub(super) fn understand(name: &str, tables: &Settings, vendors: &[&'static Descriptor]) -> Result<Self> {
        let settings = tables.table(name, "a table with `vendor` and the vendor's keys")?;
        let words: Vec<&'static str> = vendors.iter().map(|vendor| vendor.name).collect();
        let list = words.join(", ");
        settings.required("vendor", &format!("one of: {list}"))?;
        let word = settings.choice("vendor", &words)?;
        let descriptor = vendors.iter().find(|vendor| Some(vendor.name) == word);
        let descriptor = descriptor.ok_or_else(|| settings.wrong("vendor", "is not built in"))?;
        // Read by the webhook receiver, and not by the vendor's part.
        settings.allow(&[WEBHOOK_SECRETS, WEBHOOK_SECRETS_FILE]);
        Ok(Self { name: name.to_owned(), descriptor, settings })
    }

    pub(super) fn with_token_store(mut self, store: &Arc<dyn TokenStore>) -> Self {
        self.settings = self.settings.with_token_store(Arc::clone(store));
        self
    }

    /// The account's name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The vendor.
    pub fn vendor(&self) -> &'static Descriptor {
        self.descriptor
    }

    /// Creates the vendor's provider from the account's settings.
    ///
    /// # Errors
    /// `Config`, which names the wrong key.
    pub fn provider(&self) -> Result<Arc<dyn Provider>> {
        // Its key is not the adapter's, which would refuse it.
        self.budget()?;
        (self.descriptor.build)(&self.settings)
    }

    /// A new rate budget, by the account's key `limits`.
    ///
    /// # Errors
    /// `Config`, which names the key.
    pub fn budget(&self) -> Result<Budget> {
        Budget::from_settings(self.descriptor, &self.settings)
    }

    /// Receives the account's webhooks: checks them with `webhook_secrets` (a list or one text), or with
    /// `webhook_secrets_file` (one per line). Several secrets are for rotation. Without a secret, every webhook is
    /// rejected except a vendor's address check.
    ///
    /// # Errors
    /// `Config` about those keys; `Unsupported` if the vendor's webhooks are not supported.
    pub fn webhook(&self) -> Result<Webhook> {
        let webhook = Webhook::new(self.descriptor, self.settings.secrets(WEBHOOK_SECRETS)?)?;
        Ok(webhook.with_account(&self.name))
    }

    /// A client over the network. Clients created this way share one connection pool; rate budget and ledger are
    /// shared only by the clones of one client.
    ///
    /// # Errors
    /// As [`Account::provider`].
    pub fn client(&self) -> Result<Client> {
        Ok(self.client_builder()?.build())
    }

    /// As [`Account::client`], for a client with a ledger, a deadline or other parts of its own.
    ///
    /// # Errors
    /// As [`Account::provider`].
    pub fn client_builder(&self) -> Result<ClientBuilder> {
        Ok(Client::builder(self.provider()?)
            .transport(super::transport())
            .budget(self.budget()?)
            .account(self.name()))
    }
}
