//! A vendor in the sandbox, ready to be called through the client; and accounts at a stand-in for a vendor, without
//! one.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign::budget::Budget;
use countersign::provider::{Descriptor, Feature, Provider, RecipientField, Settings};
use countersign::transport::{Limits, Transport};
use countersign::{Account, Client, Config, RetryPolicy};
use countersign_sandbox::{Configuration, Options, Sandbox, Vendor, World};
use serde::Deserialize;
use serde_json::{Map, Value};

/// One vendor of a running sandbox, with a client configured as a user's would be.
#[derive(Debug)]
pub struct Stage {
    /// The vendor, as the sandbox names it.
    pub vendor: Vendor,
    /// The name in the configuration.
    pub name: &'static str,
    /// The account, to make further clients from.
    pub account: Account,
    /// The client.
    pub client: Client,
    /// The sandbox's world, to act as a signer in and to look at.
    pub world: World,
    /// Keeps the sandbox running.
    pub sandbox: Sandbox,
}

/// A stage for each vendor, each with a sandbox of its own, so that no test sees another's mails.
///
/// # Errors
/// When the sandbox cannot start or does not give a usable configuration.
pub async fn stages() -> Result<Vec<Stage>, Box<dyn Error>> {
    let mut stages = Vec::new();
    for vendor in Vendor::all().iter().copied() {
        let name = vendor.id();
        let sandbox = Sandbox::start(Options::default()).await?;
        let account = Config::read(None, sandbox.settings())?.account(Some(name))?.clone();
        let client = account.client()?;
        stages.push(Stage { vendor, name, account, client, world: sandbox.world(), sandbox });
    }
    Ok(stages)
}

/// A stage for each vendor that offers this, in the order of [`stages`].
///
/// # Errors
/// As [`stages`].
pub async fn stages_with(feature: Feature) -> Result<Vec<Stage>, Box<dyn Error>> {
    let mut all = stages().await?;
    all.retain(|stage| stage.offers(feature));
    Ok(all)
}

impl Stage {
    /// Whether the vendor offers this.
    pub fn offers(&self, feature: Feature) -> bool {
        self.account.vendor().facts.offers(feature).is_ok()
    }

    /// Whether the vendor's lists show who is locked by wrong access codes.
    pub fn lists_locks(&self) -> bool {
        self.account.vendor().facts.lists(RecipientField::AccessCodeFailed)
    }

    /// A client of its own for the same account: with no token yet, over this transport, with these limits, and with a
    /// deadline if one is given. Calls are repeated as usual, but a suite that waits in real time makes no pauses, and
    /// makes more calls than an account may.
    ///
    /// # Errors
    /// As [`Account::provider`].
    pub fn client_over(
        &self,
        transport: Arc<dyn Transport>,
        limits: Limits,
        deadline: Option<Duration>,
    ) -> countersign::Result<Client> {
        let retry = RetryPolicy { base: Duration::ZERO, max_wait: Duration::ZERO, ..RetryPolicy::default() };
        let builder = Client::builder(self.account.provider()?)
            .transport(transport)
            .limits(limits)
            .retry(retry)
            .budget(Budget::default().uncounted());
        Ok(match deadline {
            Some(deadline) => builder.deadline(deadline).build(),
            None => builder.build(),
        })
    }
}

/// A configuration file with an account at each vendor of a sandbox.
pub fn config(sandbox: &Sandbox) -> String {
    let line = |(name, value): (String, String)| {
        let key = name.trim_start_matches("COUNTERSIGN_").to_lowercase().replace("__", ".");
        format!("{key} = '''{value}'''\n")
    };
    sandbox.settings().into_iter().map(line).collect()
}

/// One account of a sandbox, as its table in a configuration file.
pub fn table(rows: Configuration) -> Map<String, Value> {
    let mut table = Map::new();
    for (key, value) in rows {
        let value = Value::from(value.expose());
        match key.split_once('.') {
            None => drop(table.insert(key.to_owned(), value)),
            Some((part, key)) => {
                let inner = table.entry(part).or_insert_with(|| Map::new().into());
                inner.as_object_mut().and_then(|inner| inner.insert(key.to_owned(), value));
            }
        }
    }
    table
}

/// What `fixtures/<vendor>/stub.toml` says.
#[derive(Debug, Deserialize)]
pub struct Stub {
    /// A good list of recipients, as the vendor answers it.
    pub list: String,
    account: Map<String, Value>,
}

impl Stub {
    /// Reads the vendor's file.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn of(vendor: &Descriptor) -> Result<Self, Box<dyn Error>> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        Ok(toml::from_str(&std::fs::read_to_string(fixtures.join(vendor.name).join("stub.toml"))?)?)
    }

    /// A provider whose API is at this URL.
    ///
    /// # Errors
    /// As the adapter's own for a configuration.
    pub fn provider(&self, vendor: &Descriptor, url: &str) -> countersign::Result<Arc<dyn Provider>> {
        let mut account = self.account.clone();
        account.insert("base_url".to_owned(), url.into());
        (vendor.build)(&Settings::new("accounts.stub", account, None, |_| None))
    }
}
