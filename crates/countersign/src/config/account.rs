//! One configured account.

use std::sync::Arc;

use countersign_core::{Descriptor, Provider, Result, Settings};

use crate::client::Client;
use crate::registry::vendors;
use crate::webhooks::Webhook;

const WEBHOOK_SECRETS: &str = "webhook_secrets";
const WEBHOOK_SECRETS_FILE: &str = "webhook_secrets_file";

/// One configured account: a vendor and the settings for it. The vendor's part is checked when a client is made.
#[derive(Debug, Clone)]
pub struct Account {
    name: String,
    descriptor: &'static Descriptor,
    settings: Settings,
}

impl Account {
    pub(super) fn understand(name: &str, tables: &Settings) -> Result<Self> {
        let settings = tables.table(name, "a table with `vendor` and the vendor's keys")?;
        let words: Vec<&'static str> = vendors().iter().map(|vendor| vendor.name).collect();
        let list = words.join(", ");
        settings.required("vendor", &format!("one of: {list}"))?;
        let word = settings.choice("vendor", &words)?;
        let descriptor = vendors().iter().find(|vendor| Some(vendor.name) == word);
        let descriptor = descriptor.ok_or_else(|| settings.wrong("vendor", "is not built in"))?;
        // Read when webhooks are taken, and not by the vendor's part.
        settings.allow(&[WEBHOOK_SECRETS, WEBHOOK_SECRETS_FILE]);
        Ok(Self { name: name.to_owned(), descriptor, settings })
    }

    /// The account's name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> &'static Descriptor {
        self.descriptor
    }

    /// Makes the vendor's provider from the account's settings.
    ///
    /// # Errors
    /// `Config` that names the key at fault.
    pub fn provider(&self) -> Result<Arc<dyn Provider>> {
        (self.descriptor.build)(&self.settings)
    }

    /// Takes the account's webhooks: checks them with `webhook_secrets` (a list or one text), or with
    /// `webhook_secrets_file` (one per line). Several secrets are for the time of a change. Without any, every webhook
    /// is refused but a vendor's check of the address.
    ///
    /// # Errors
    /// `Config` about those keys; `Unsupported` when the vendor's webhooks cannot be taken.
    pub fn webhook(&self) -> Result<Webhook> {
        let webhook = Webhook::new(self.descriptor, self.settings.secrets(WEBHOOK_SECRETS)?)?;
        Ok(webhook.with_account(&self.name))
    }

    /// A client over the network. Clients made so share one pool of connections; rate budget and ledger are shared
    /// by the clones of one client only.
    ///
    /// # Errors
    /// As [`Account::provider`].
    pub fn client(&self) -> Result<Client> {
        Ok(Client::builder(self.provider()?).transport(super::transport()).account(self.name()).build())
    }
}
