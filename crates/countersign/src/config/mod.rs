//! Reads accounts from a file and from environment variables.
//!
//! First a TOML file: the given one, otherwise `countersign.toml` in the working folder, otherwise
//! `countersign/countersign.toml` in the user's configuration folder. Then variables: `COUNTERSIGN_` and the key's
//! path with `__` between its parts, such as `COUNTERSIGN_ACCOUNTS__ACME__AUTH__TOKEN`. Unknown keys are rejected,
//! and so are unknown variables below `COUNTERSIGN_ACCOUNTS__` and mistyped known ones; other variables with this
//! prefix are ignored with a warning. Errors name the key and its location, never a value.
//!
//! Tokens of users who sign in with a browser are stored in the folder `token_store`; without that key, in
//! `countersign/tokens` in the user's state folder (`$XDG_STATE_HOME`, otherwise `~/.local/state`). The table `[state]`
//! names a database for them, and for everything else that outlives a process ([`StateConfig`]).

mod account;
mod source;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_core::redact::shortened;
use countersign_core::{
    Descriptor, Error, ErrorKind, ExposeSecret, Result, SecretString, Settings, TokenStore,
};

use crate::auth::FileTokenStore;
use crate::registry;

pub use account::Account;

const SQLITE: &str = "sqlite:";

/// The configured accounts.
#[derive(Debug, Clone)]
pub struct Config {
    accounts: Vec<Account>,
    default_account: Option<String>,
    file: Option<PathBuf>,
    state: Option<StateConfig>,
    root: Settings,
}

impl Config {
    /// Reads the file (the given one, otherwise the one named by the variable `COUNTERSIGN_CONFIG`, otherwise the
    /// first that exists of the usual locations) and the variables. `COUNTERSIGN_ACCOUNT` sets the default account.
    ///
    /// # Errors
    /// `Config`: a given file that cannot be read, invalid TOML, an unknown key, a vendor that is not built in.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        Self::load_with(file, &[])
    }

    /// As [`Config::load`], with external vendors in addition to the built-in ones.
    ///
    /// ```no_run
    /// # fn run(acme: &'static countersign::provider::Descriptor) -> countersign::Result<()> {
    /// let config = countersign::Config::load_with(None, &[acme])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Config::load`]; `Config` if two vendors have the same name.
    pub fn load_with(file: Option<&Path>, vendors: &[&'static Descriptor]) -> Result<Self> {
        let variable = || std::env::var_os(source::FILE).filter(|name| !name.is_empty()).map(PathBuf::from);
        let file = match file.map(Path::to_path_buf).or_else(variable) {
            Some(named) => Some(named),
            None => source::usual_places().into_iter().find(|path| path.is_file()),
        };
        Self::read_with(file.as_deref(), std::env::vars_os().filter_map(source::readable), vendors)
    }

    /// Reads a file, if one is given, and the given variables instead of the process's.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read(file: Option<&Path>, variables: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        Self::read_with(file, variables, &[])
    }

    /// As [`Config::read`], with external vendors in addition to the built-in ones.
    ///
    /// # Errors
    /// As [`Config::load_with`].
    pub fn read_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        vendors: &[&'static Descriptor],
    ) -> Result<Self> {
        let vendors = registry::with(vendors)?;
        let mut variables = source::Variables::new(variables);
        let (account, unknown) = (variables.account.take(), std::mem::take(&mut variables.unknown));
        let mut config = Self::understand(file, variables, &vendors)?;
        config.default_account = account.or(config.default_account);
        for name in unknown {
            config.root.warn(format!("the variable {} has no meaning and is ignored", shortened(&name)));
        }
        Ok(config)
    }

    /// Reads the keys of another program's configuration in the same way: a TOML file, and over it the variables whose
    /// names begin with `prefix`, with `__` between the parts of a key. Relative file names start at the file's folder.
    ///
    /// ```
    /// # fn run() -> countersign::Result<()> {
    /// let variable = ("ACME__SERVER__LISTEN".to_owned(), "127.0.0.1:80".to_owned());
    /// let settings = countersign::Config::settings_of("ACME__", None, [variable])?;
    /// let server = settings.table("server", "a table")?;
    /// assert_eq!(server.text("listen")?.as_deref(), Some("127.0.0.1:80"));
    /// settings.finish()?;
    /// # Ok(())
    /// # }
    /// # run().unwrap();
    /// ```
    ///
    /// # Errors
    /// `Config`: a file that cannot be read, invalid TOML.
    pub fn settings_of(
        prefix: &'static str,
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings> {
        let variables = source::Variables::below(prefix, variables);
        source::settings(file, "check the name of the file", variables, prefix)
    }

    /// Probable mistakes: variables without a meaning, keys in files that every user of this machine can read.
    /// Warnings about an account's own keys are added when its provider is created. They are also logged.
    pub fn warnings(&self) -> Vec<String> {
        self.root.warnings()
    }

    /// All accounts, by name.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    /// The name of the account that is used by default.
    pub fn default_account(&self) -> Option<&str> {
        match (&self.default_account, self.accounts.as_slice()) {
            (Some(name), _) => Some(name),
            (None, [only]) => Some(only.name()),
            (None, _) => None,
        }
    }

    /// The file that was read.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Where the state is kept that outlives a process, if the file says so.
    pub fn state(&self) -> Option<&StateConfig> {
        self.state.as_ref()
    }

    /// Keeps the tokens of users who sign in with a browser in this store, in place of the folder `token_store`.
    #[must_use]
    pub fn with_token_store(mut self, store: &Arc<dyn TokenStore>) -> Self {
        self.accounts = self.accounts.into_iter().map(|account| account.with_token_store(store)).collect();
        self
    }

    /// An account by name; without a name, the default one, or the only one.
    ///
    /// # Errors
    /// `Config`, which lists the available names.
    pub fn account(&self, name: Option<&str>) -> Result<&Account> {
        let names: Vec<&str> = self.accounts.iter().map(Account::name).collect();
        if names.is_empty() {
            return Err(Error::new(ErrorKind::Config, "no account is configured").with_hint(
                "write a countersign.toml with a table [accounts.NAME], or try `countersign demo`, which needs none",
            ));
        }
        let known = configured(&names);
        let Some(name) = name.or_else(|| self.default_account()) else {
            return Err(Error::new(
                ErrorKind::Config,
                "several accounts are configured and none is the default",
            )
            .with_hint(format!("choose one with --account, or set `default_account`; {known}")));
        };
        self.accounts.iter().find(|account| account.name() == name).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("there is no account `{}`", shortened(name)))
                .with_hint(known)
        })
    }

    fn understand(
        file: Option<&Path>,
        variables: source::Variables,
        vendors: &[&'static Descriptor],
    ) -> Result<Self> {
        let hint = "check the name given with --config, or omit it to use the usual locations";
        let root = source::settings(file, hint, variables, source::PREFIX)?;
        let folder = file.and_then(Path::parent);
        let default_account = root.text("default_account")?;
        let token_folder = match root.text("token_store")? {
            Some(name) => Some(folder.unwrap_or(Path::new("")).join(name)),
            None => source::state_folder().map(|state| state.join("tokens")),
        };
        let root = root.with_token_store(Arc::new(FileTokenStore::new(token_folder)));
        let state = root.has("state").then(|| StateConfig::understand(&root, folder)).transpose()?;
        let accounts = if root.has("accounts") {
            let tables = root.table("accounts", "a table per account, such as [accounts.acme]")?;
            tables
                .keys()
                .map(|name| Account::understand(name, &tables, vendors))
                .collect::<Result<Vec<_>>>()?
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
                configured(&names)
            };
            return Err(root
                .wrong("default_account", "names an account that is not configured")
                .with_hint(hint));
        }
        Ok(Self { accounts, default_account, file: file.map(Path::to_path_buf), state, root })
    }
}

/// The table `[state]`: a database for idempotency keys, tokens and webhooks seen, and the files of the keys that
/// seal it. This crate only reads the table; the crate of the database opens it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StateConfig {
    /// The address of the database. It may contain a password.
    pub url: SecretString,
    /// Whether a pooler in transaction mode, such as PgBouncer, is between this process and the server.
    pub transaction_pooler: bool,
    /// The files of the keys: the first one wraps, all of them unwrap.
    pub keys: Vec<PathBuf>,
    folder: PathBuf,
}

impl StateConfig {
    fn understand(root: &Settings, folder: Option<&Path>) -> Result<Self> {
        let expected = "a table with `url`, such as url = \"sqlite:state.db\"";
        let table = root.table("state", expected)?;
        // Other addresses may contain a password.
        let url = match table.text("url")?.filter(|url| url.starts_with(SQLITE)) {
            Some(url) => SecretString::from(url),
            None => table.required_secret("url", "the database, such as url = \"sqlite:state.db\"")?,
        };
        let transaction_pooler = table.choice("pooler", &["none", "transaction"])? == Some("transaction");
        let folder = folder.unwrap_or(Path::new("")).to_path_buf();
        let keys = table.texts("keys")?.into_iter().map(|file| folder.join(file)).collect();
        table.finish()?;
        Ok(Self { url, transaction_pooler, keys, folder })
    }

    /// The file of an address `sqlite:FILE`, relative to the configuration's folder; `None` for other addresses.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let file = self.url.expose_secret().strip_prefix(SQLITE).filter(|file| !file.is_empty())?;
        Some(self.folder.join(file))
    }
}

fn configured(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| shortened(name)).collect();
    format!("configured: {}", names.join(", "))
}

pub(crate) fn transport() -> Arc<countersign_http::HttpTransport> {
    static SHARED: std::sync::OnceLock<Arc<countersign_http::HttpTransport>> = std::sync::OnceLock::new();
    Arc::clone(SHARED.get_or_init(Arc::default))
}
