//! One configured account.

use std::sync::Arc;

use countersign_core::{Descriptor, Provider, Result, Settings};

use crate::client::Client;
use crate::registry::vendors;

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

    /// A client over the network. Clients made so share one pool of connections; rate budget and ledger are shared
    /// by the clones of one client only.
    ///
    /// # Errors
    /// As [`Account::provider`].
    pub fn client(&self) -> Result<Client> {
        Ok(Client::builder(self.provider()?).transport(super::transport()).account(self.name()).build())
    }
}
