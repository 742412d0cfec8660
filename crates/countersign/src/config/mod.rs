//! Accounts from a file and from variables.
//!
//! A TOML file first: the one that is named, else `countersign.toml` in the working folder, else
//! `countersign/countersign.toml` in the user's configuration folder. Then variables: `COUNTERSIGN_` and the key's
//! path with `__` between its parts, such as `COUNTERSIGN_ACCOUNTS__ACME__AUTH__TOKEN`. Unknown keys are refused;
//! errors name key and place, never a value.
//!
//! Tokens of people who sign in with a browser are kept in the folder `token_store`; without that key in
//! `countersign/tokens` in the user's folder for state (`$XDG_STATE_HOME`, else `~/.local/state`).

mod account;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_core::{Error, ErrorKind, Result, Settings};
use figment::Figment;

use crate::token_files::FileTokenStore;

pub use account::Account;

/// The configured accounts.
#[derive(Debug, Clone)]
pub struct Config {
    accounts: Vec<Account>,
    default_account: Option<String>,
    file: Option<PathBuf>,
}

impl Config {
    /// Reads the file (the named one, or the first that exists of the usual places) and the variables.
    ///
    /// # Errors
    /// `Config`: a named file that cannot be read, bad TOML, an unknown key, a vendor that is not built in.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let file = match file {
            Some(named) => Some(named.to_path_buf()),
            None => source::usual_places().into_iter().find(|path| path.is_file()),
        };
        Self::read(file.as_deref(), std::env::vars_os().filter_map(source::readable))
    }

    /// Reads a file, if one is given, and the given variables instead of the process's.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            figment = source::file(figment, file)?;
        }
        figment = figment.merge(source::Variables::new(variables));
        Self::understand(&figment, file)
    }

    /// Every account, by name.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    /// The name of the account that is used when none is named.
    #[must_use]
    pub fn default_account(&self) -> Option<&str> {
        match (&self.default_account, self.accounts.as_slice()) {
            (Some(name), _) => Some(name),
            (None, [only]) => Some(only.name()),
            (None, _) => None,
        }
    }

    /// The file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// An account by name; without a name the default one, or the only one.
    ///
    /// # Errors
    /// `Config` that lists the names there are.
    pub fn account(&self, name: Option<&str>) -> Result<&Account> {
        let names: Vec<&str> = self.accounts.iter().map(Account::name).collect();
        if names.is_empty() {
            return Err(Error::new(ErrorKind::Config, "no account is configured").with_hint(
                "write a countersign.toml with a table [accounts.NAME], or try `countersign demo`, which needs none",
            ));
        }
        let known = format!("configured: {}", names.join(", "));
        let Some(name) = name.or_else(|| self.default_account()) else {
            return Err(Error::new(
                ErrorKind::Config,
                "several accounts are configured and none is the default",
            )
            .with_hint(format!("name one with --account, or set `default_account`; {known}")));
        };
        self.accounts.iter().find(|account| account.name() == name).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("there is no account `{name}`")).with_hint(known)
        })
    }

    fn understand(figment: &Figment, file: Option<&Path>) -> Result<Self> {
        let value: serde_json::Value =
            figment.extract().map_err(|error| source::understandable(&error, file))?;
        let serde_json::Value::Object(table) = value else {
            return Err(Error::new(ErrorKind::Config, "the configuration is no table"));
        };
        let origins = figment.clone();
        let folder = file.and_then(Path::parent);
        let root = Settings::new("", table, folder, move |key| source::origin(&origins, key));
        let default_account = root.text("default_account")?;
        let token_folder = match root.text("token_store")? {
            Some(name) => Some(folder.unwrap_or(Path::new("")).join(name)),
            None => source::state_folder().map(|state| state.join("tokens")),
        };
        let root = root.with_token_store(Arc::new(FileTokenStore::new(token_folder)));
        let accounts = if root.has("accounts") {
            let tables = root.table("accounts", "a table per account, such as [accounts.acme]")?;
            tables.keys().map(|name| Account::understand(name, &tables)).collect::<Result<Vec<_>>>()?
        } else {
            Vec::new()
        };
        root.finish()?;
        if let Some(name) = &default_account
            && !accounts.iter().any(|account: &Account| account.name() == name)
        {
            let names: Vec<&str> = accounts.iter().map(Account::name).collect();
            let hint = if names.is_empty() {
                "add a table [accounts.NAME]; none is configured".to_owned()
            } else {
                format!("configured: {}", names.join(", "))
            };
            return Err(root
                .wrong("default_account", "names an account that is not configured")
                .with_hint(hint));
        }
        Ok(Self { accounts, default_account, file: file.map(Path::to_path_buf) })
    }
}

pub(crate) fn transport() -> Arc<countersign_http::HttpTransport> {
    static SHARED: std::sync::OnceLock<Arc<countersign_http::HttpTransport>> = std::sync::OnceLock::new();
    Arc::clone(SHARED.get_or_init(Arc::default))
}
