//! Clients of tenants' accounts, built at first use and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::auth::TokenStore;
use countersign::budget::Budget;
use countersign::ledger::{Ledger, Scope};
use countersign::provider::{Descriptor, Provider, Settings};
use countersign::redact::shortened;
use countersign::transport::{HttpTransport, Transport};
use countersign::webhook::{Notification, Webhook};
use countersign::{BaseUrl, Client, Error, ErrorKind, Result};
use serde_json::{Map, Value};

use crate::directory::AccountRow;
use crate::hosts::{AllowedHosts, OwnHosts};

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
    hosts: AllowedHosts,
    /// With the generation of the account.
    built: Mutex<HashMap<String, (i64, Client)>>,
}

impl Clients {
    pub(crate) fn new(ledger: Arc<dyn Ledger>, tokens: Arc<dyn TokenStore>, hosts: AllowedHosts) -> Self {
        let transport = Arc::new(HttpTransport::default());
        Self { ledger, tokens, transport, hosts, built: Mutex::default() }
    }

    /// The hosts that settings may name, and that clients may call.
    pub(crate) fn hosts(&self) -> &AllowedHosts {
        &self.hosts
    }

    /// The client of an account that was built before.
    pub(crate) fn get(&self, account: &AccountRow) -> Option<Client> {
        let built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        let (generation, client) = built.get(&account.id)?;
        (*generation >= account.generation).then(|| client.clone())
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
        let (provider, budget) = self.provider(&account.vendor, [tenant, &account.id], settings)?;
        let transport = OwnHosts {
            vendor: provider.descriptor(),
            hosts: self.hosts.clone(),
            inner: Arc::clone(&self.transport),
        };
        let client = Client::builder(provider)
            .budget(budget)
            .transport(Arc::new(transport))
            .ledger(Arc::clone(&self.ledger))
            .scope(Scope::of_account(Some(tenant)))
            .account(account.id.as_str())
            .build();
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if built.len() >= MOST {
            built.clear();
        }
        // Another request may have been first, and its client has the tokens and the budget.
        let first = built.entry(account.id.clone()).or_insert_with(|| (account.generation, client.clone()));
        if first.0 < account.generation {
            *first = (account.generation, client);
        }
        Ok(first.1.clone())
    }

    pub(crate) fn forget(&self, account: &AccountRow) {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).remove(&account.id);
    }

    /// Checks settings. Nothing is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for an unknown vendor; `Config`, which names the wrong key.
    pub(crate) fn check(&self, vendor: &str, settings: Map<String, Value>) -> Result<()> {
        self.provider(vendor, ["", "settings"], settings).map(drop)
    }

    /// `tenant` and `name` are those of the account in the store of tokens, and `name` that in errors.
    fn provider(
        &self,
        vendor: &str,
        [tenant, name]: [&str; 2],
        settings: Map<String, Value>,
    ) -> Result<(Arc<dyn Provider>, Budget)> {
        let descriptor = vendor_named(vendor)?;
        if settings.contains_key("vendor") {
            return Err(Error::new(ErrorKind::Config, "`settings.vendor` is not a setting")
                .with_hint("give `vendor` beside `settings`"));
        }
        self.check_table(descriptor, "", &settings)?;
        let settings = Settings::new(name, settings, None, |_| None)
            .without_files()
            .with_token_store(Arc::clone(&self.tokens))
            .of_tenant(tenant);
        if settings.has(WEBHOOK_SECRETS) {
            webhook_of(descriptor, &settings)?;
        }
        let budget = Budget::from_settings(descriptor, &settings)?;
        let provider = (descriptor.build)(&settings).map_err(|error| {
            // In a file, the vendor is among the account's keys.
            let hint = error.hint().replace(", vendor", "");
            error.with_hint(hint)
        })?;
        Ok((provider, budget))
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
            let key = shortened(key);
            Err(Error::new(ErrorKind::Config, format!("`settings.{key}` {problem}")).with_hint(hint))
        };
        if key.ends_with("_file") {
            let hint = "give the value itself, under the key without `_file`";
            return wrong("names a file of the gateway's machine", hint);
        }
        // Only a private key has several lines, and webhook secrets may be one per line.
        let has_lines = text.trim_start().starts_with("-----BEGIN ") || key == WEBHOOK_SECRETS;
        if !has_lines && text.trim().contains(|c: char| c.is_whitespace() || c.is_control()) {
            return wrong("has a blank, a line break or a control character inside", "copy the value again");
        }
        // The gateway calls no redirect URI: it is where a browser goes.
        if key.rsplit('.').next() == Some("redirect_uri") {
            return Ok(());
        }
        // A text that the library does not read as a URL reaches no host.
        let Ok(url) = BaseUrl::new(text.trim()) else { return Ok(()) };
        if self.hosts.allow(vendor, &url) {
            return Ok(());
        }
        let hint =
            "omit it to use the vendor's own host, or ask the operator to allow this one (--allow-host)";
        wrong("names a host that is not allowed", hint)
    }
}

/// Whether a webhook names another account of the vendor than the settings. One of both may be a short number and the
/// other one a long id, which cannot be compared.
pub(crate) fn is_of_another_account(settings: &Map<String, Value>, told: &Notification) -> bool {
    let set = settings.get("account_id").and_then(Value::as_str).map(str::trim);
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    set.zip(told.account.as_deref())
        .is_some_and(|(set, told)| is_number(set) == is_number(told) && !set.eq_ignore_ascii_case(told))
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
