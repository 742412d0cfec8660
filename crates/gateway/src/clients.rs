//! Clients of tenants' accounts, built at first use and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::auth::TokenStore;
use countersign::ledger::{Ledger, Scope};
use countersign::provider::{Descriptor, Provider, Settings};
use countersign::transport::{HttpTransport, Transport};
use countersign::webhook::Webhook;
use countersign::{BaseUrl, Client, Error, ErrorKind, Result};
use serde_json::{Map, Value};

use crate::directory::AccountRow;

/// The key of the secrets that webhooks are signed with.
const WEBHOOK_SECRETS: &str = "webhook_secrets";

/// The most clients that are kept. Beyond it all are dropped, which costs each account one sign-in.
const MOST: usize = 2_000;

/// Clients by account, and what they share.
#[derive(Debug)]
pub(crate) struct Clients {
    ledger: Arc<dyn Ledger>,
    tokens: Arc<dyn TokenStore>,
    transport: Arc<dyn Transport>,
    /// Hosts with port to which settings may point in addition to the vendors' own.
    allowed_hosts: Vec<String>,
    built: Mutex<HashMap<String, Client>>,
}

impl Clients {
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        tokens: Arc<dyn TokenStore>,
        allowed_hosts: Vec<String>,
    ) -> Self {
        let transport = Arc::new(HttpTransport::default());
        Self { ledger, tokens, transport, allowed_hosts, built: Mutex::default() }
    }

    /// The client of an account that was built before.
    pub(crate) fn get(&self, account: &AccountRow) -> Option<Client> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).get(&account.id).cloned()
    }

    /// Builds the client of a tenant's account.
    ///
    /// # Errors
    /// `Config`, which names the wrong key.
    pub(crate) fn build(
        &self,
        tenant: &str,
        account: &AccountRow,
        settings: Map<String, Value>,
    ) -> Result<Client> {
        // The name in logs and metrics; the tenant's own name for the account could be an address.
        let client = Client::builder(self.provider(&account.vendor, &account.id, settings)?)
            .transport(Arc::clone(&self.transport))
            .ledger(Arc::clone(&self.ledger))
            .scope(Scope::of_account(Some(tenant)))
            .account(account.id.as_str())
            .build();
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if built.len() >= MOST {
            built.clear();
        }
        // Another request may have been first, and its client has the tokens and the budget.
        Ok(built.entry(account.id.clone()).or_insert(client).clone())
    }

    pub(crate) fn forget(&self, account: &AccountRow) {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).remove(&account.id);
    }

    /// Checks settings. Nothing is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for an unknown vendor; `Config`, which names the wrong key.
    pub(crate) fn check(&self, vendor: &str, settings: Map<String, Value>) -> Result<()> {
        self.provider(vendor, "settings", settings).map(drop)
    }

    /// `name` is that of the account in the store of tokens, and in errors.
    fn provider(&self, vendor: &str, name: &str, settings: Map<String, Value>) -> Result<Arc<dyn Provider>> {
        let descriptor = vendor_named(vendor)?;
        self.check_table(descriptor, "", &settings)?;
        let settings =
            Settings::new(name, settings, None, |_| None).with_token_store(Arc::clone(&self.tokens));
        if settings.has(WEBHOOK_SECRETS) {
            webhook_of(descriptor, &settings)?;
        }
        (descriptor.build)(&settings)
    }

    /// What checks the webhooks of an account.
    ///
    /// # Errors
    /// `Config` if the secrets are wrong; `Unsupported` if the vendor's webhooks are not supported.
    pub(crate) fn webhook(&self, account: &AccountRow, settings: Map<String, Value>) -> Result<Webhook> {
        let descriptor = vendor_named(&account.vendor)?;
        webhook_of(descriptor, &Settings::new("settings", settings, None, |_| None))
    }

    /// Settings come from tenants: they must not make the gateway read files of its machine, or call hosts of its
    /// network.
    fn check_table(&self, vendor: &Descriptor, path: &str, table: &Map<String, Value>) -> Result<()> {
        for (key, value) in table {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match value {
                Value::Object(table) => self.check_table(vendor, &path, table)?,
                Value::String(text) => self.check_text(vendor, &path, text)?,
                Value::Array(items) => {
                    items
                        .iter()
                        .filter_map(Value::as_str)
                        .try_for_each(|text| self.check_text(vendor, &path, text))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_text(&self, vendor: &Descriptor, key: &str, text: &str) -> Result<()> {
        let wrong = |problem: &str, hint: &'static str| {
            Err(Error::new(ErrorKind::Config, format!("`settings.{key}` {problem}")).with_hint(hint))
        };
        if key.ends_with("_file") {
            let hint = "give the value itself, under the key without `_file`";
            return wrong("names a file of the gateway's machine", hint);
        }
        // The gateway calls no redirect URI: it is where a browser goes.
        if key.rsplit('.').next() == Some("redirect_uri") {
            return Ok(());
        }
        // A text that the library does not read as a URL reaches no host.
        let Ok(url) = BaseUrl::new(text.trim()) else { return Ok(()) };
        if self.may_call(vendor, &url) {
            return Ok(());
        }
        let hint =
            "omit it to use the vendor's own host, or ask the operator to allow this one (--allow-host)";
        wrong("names a host that is not allowed", hint)
    }

    /// Whether a host is the vendor's own, or allowed by the operator.
    fn may_call(&self, vendor: &Descriptor, url: &BaseUrl) -> bool {
        let facts = &vendor.facts;
        let host = url.url().host_str().unwrap_or_default();
        let is_below = |domain: &String| {
            let rest = host.strip_suffix(domain.as_str());
            url.is_https() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let is_same = |own: &String| BaseUrl::new(own).is_ok_and(|own| own.authority() == url.authority());
        facts.api_domains.iter().any(is_below)
            || facts.hosts.iter().flat_map(|host| [&host.api, &host.auth]).flatten().any(is_same)
            || self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(url.authority()))
    }
}

/// Without a secret, every webhook is refused.
fn webhook_of(vendor: &'static Descriptor, settings: &Settings) -> Result<Webhook> {
    Webhook::new(vendor, settings.secrets(WEBHOOK_SECRETS)?)
}

/// The built-in vendor with this name.
///
/// # Errors
/// `InvalidRequest`, which lists the names.
fn vendor_named(name: &str) -> Result<&'static Descriptor> {
    countersign::vendors().iter().find(|vendor| vendor.name == name).copied().ok_or_else(|| {
        let names: Vec<&str> = countersign::vendors().iter().map(|vendor| vendor.name).collect();
        Error::new(ErrorKind::InvalidRequest, "the vendor is not known")
            .with_hint(format!("give one of: {}", names.join(", ")))
    })
}
