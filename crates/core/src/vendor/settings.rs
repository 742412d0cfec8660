//! One account's configuration as an adapter sees it: keys and texts, read one by one.
//!
//! Errors name the key, its location and the allowed values. They never repeat values, because a mistyped key may
//! hold a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use secrecy::{ExposeSecret, SecretString};

use super::setting_value::{Surroundings, Value, convert, lines, nearest, open_to_all, secret_in};
use crate::auth::{MemoryTokenStore, TokenSlot, TokenStore, fingerprint};
use crate::error::{Error, ErrorKind, Result};
use crate::locked;
use crate::model::{BaseUrl, InvalidValue, is_guid, is_open_to_all};
use crate::redact::shortened;

/// The maximum number of secrets under one key.
const SECRETS: usize = 100;

/// A table of the configuration.
#[derive(Clone)]
pub struct Settings {
    path: String,
    values: Arc<BTreeMap<String, Value>>,
    asked: Arc<Mutex<BTreeSet<String>>>,
    surroundings: Arc<Surroundings>,
    store: Option<Arc<dyn TokenStore>>,
    tenant: String,
    files: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({}: {:?})", self.path, self.values.keys().collect::<Vec<_>>())
    }
}

impl Settings {
    /// A table at `path` in the configuration, such as `accounts.acme`.
    ///
    /// Relative file names start at `folder`; `origin` returns the source of a key for error messages.
    #[must_use]
    pub fn new(
        path: impl Into<String>,
        table: serde_json::Map<String, serde_json::Value>,
        folder: Option<&Path>,
        origin: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            path: path.into(),
            values: Arc::new(convert(table)),
            asked: Arc::default(),
            surroundings: Arc::new(Surroundings {
                folder: folder.map(Path::to_path_buf),
                origin: Box::new(origin),
                warnings: Mutex::default(),
            }),
            store: None,
            tenant: String::new(),
            files: true,
        }
    }

    /// For tables that come from others: keys that name files are unknown, so no file of this machine is read.
    #[must_use]
    pub fn without_files(mut self) -> Self {
        self.files = false;
        self
    }

    /// Sets the storage for users' tokens; by default they are kept in memory.
    #[must_use]
    pub fn with_token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Puts the tokens under keys of this tenant, which begin with its name and `/`.
    #[must_use]
    pub fn of_tenant(mut self, tenant: &str) -> Self {
        self.tenant = format!("{tenant}/");
        self
    }

    /// The token storage entry of this account. `identity` is everything that invalidates tokens when it changes:
    /// vendor, host, application, user. Accounts with the same name in other files have separate entries.
    pub fn token_slot(&self, identity: &[&str]) -> TokenSlot {
        let name = self.path.rsplit('.').next().unwrap_or_default();
        let store = self.store.clone().unwrap_or_else(|| Arc::new(MemoryTokenStore::new()));
        TokenSlot::new(store, format!("{}{name}-{}", self.tenant, fingerprint(identity))).of_account(name)
    }

    /// Warns about a probable mistake: in the log, and for [`Settings::warnings`]. Once for each text.
    pub fn warn(&self, text: String) {
        let mut warnings = locked(&self.surroundings.warnings);
        if !warnings.contains(&text) {
            tracing::warn!(target: "countersign::config", "{text}");
            warnings.push(text);
        }
    }

    /// The warnings so far, of all tables of the configuration.
    pub fn warnings(&self) -> Vec<String> {
        locked(&self.surroundings.warnings).clone()
    }

    /// The keys that are there.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.ask(key);
        self.values.contains_key(key)
    }

    /// Marks keys as known that other code reads.
    pub fn allow(&self, keys: &[&str]) {
        keys.iter().for_each(|key| self.ask(key));
    }

    /// The text under a key, without white space around it: environment variables often end with a line break.
    ///
    /// # Errors
    /// `Config` if the key holds a table or list.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        Ok(self.raw(key)?.map(|text| text.expose_secret().trim().to_owned()))
    }

    /// The text under a required key.
    ///
    /// # Errors
    /// `Config` if it is missing, empty, or not a text.
    pub fn required(&self, key: &str, expected: &str) -> Result<String> {
        match self.text(key)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.missing(key, expected)),
        }
    }

    /// A required GUID, without surrounding white space.
    ///
    /// # Errors
    /// As [`Settings::required`], and `Config` if it is not a GUID.
    pub fn required_guid(&self, key: &str, expected: &str) -> Result<String> {
        let refused = |_| self.wrong(key, Self::NO_GUID).with_hint(format!("give {expected}"));
        Self::guid(key, &self.required(key, expected)?).map_err(refused)
    }

    /// Checks a GUID and removes surrounding white space, for a configuration in code.
    ///
    /// # Errors
    /// `Config`, which names the key, if it is not a GUID.
    pub fn guid(key: &str, text: &str) -> Result<String> {
        match text.trim() {
            guid if is_guid(guid) => Ok(guid.to_owned()),
            _ => Err(Error::new(ErrorKind::Config, format!("`{key}` {}", Self::NO_GUID))
                .with_hint("give a GUID: 8-4-4-4-12 hexadecimal digits")),
        }
    }

    const NO_GUID: &'static str = "is not a GUID";

    /// A checked value under a key.
    ///
    /// # Errors
    /// `Config` with the problem and what is expected, without the value.
    pub fn parsed<T: FromStr<Err = InvalidValue>>(&self, key: &str) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|invalid: InvalidValue| {
            self.wrong(key, invalid.problem()).with_hint(format!("give {}", invalid.expected()))
        })
    }

    /// A host that may receive credentials.
    ///
    /// # Errors
    /// `Config` like [`Settings::parsed`], and for http to another machine.
    pub fn host(&self, key: &str) -> Result<Option<BaseUrl>> {
        let url: Option<BaseUrl> = self.parsed(key)?;
        let refused = |_| self.wrong(key, Self::OPEN_LINE).with_hint(Self::HTTPS);
        Self::check_host(key, url.as_ref()).map_err(refused)?;
        Ok(url)
    }

    /// Rejects a host that must not receive credentials, for a configuration in code.
    ///
    /// # Errors
    /// `Config`, which names the key.
    pub fn check_host(key: &str, url: Option<&BaseUrl>) -> Result<()> {
        if url.is_none_or(BaseUrl::may_carry_credentials) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Config, format!("`{key}` {}", Self::OPEN_LINE)).with_hint(Self::HTTPS))
    }

    const OPEN_LINE: &'static str = "is http, which would send the credentials in clear";
    const HTTPS: &'static str =
        "give an https URL; plain http only for this machine (localhost, 127.0.0.1, ::1)";

    /// One of several allowed values under a key, compared without letter case.
    ///
    /// # Errors
    /// `Config`, which lists the values.
    pub fn choice(&self, key: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        match words.iter().find(|word| word.eq_ignore_ascii_case(&text)) {
            Some(word) => Ok(Some(word)),
            None => Err(self
                .wrong(key, "has an unknown value")
                .with_hint(format!("allowed: {}", words.join(", ")))),
        }
    }

    /// A secret: under the key itself, or in the file that `<key>_file` names (at most 64 KiB). Surrounding blanks
    /// and line breaks are removed. Warns about a file that every user of the machine can read.
    ///
    /// # Errors
    /// `Config` if both are given, or the file cannot be read or is too large.
    pub fn secret(&self, key: &str) -> Result<Option<SecretString>> {
        let file_key = format!("{key}_file");
        let (direct, file) = (self.raw(key)?, if self.files { self.raw(&file_key)? } else { None });
        match (direct, file) {
            (Some(_), Some(_)) => Err(self.set_twice(key, &file_key)),
            (Some(secret), None) if secret.expose_secret().trim().is_empty() => {
                Err(self.wrong(key, "is empty").with_hint("give the secret, or the name of its file"))
            }
            (Some(secret), None) => {
                self.warn_of_open_file(key);
                Ok(Some(SecretString::from(secret.expose_secret().trim())))
            }
            (None, Some(name)) => self.read_file(&file_key, name.expose_secret()).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// A required secret.
    ///
    /// # Errors
    /// As [`Settings::secret`], and `Config` if it is missing.
    pub fn required_secret(&self, key: &str, expected: &str) -> Result<SecretString> {
        let expected = if self.files { format!("{expected}, or `{key}_file`") } else { expected.to_owned() };
        self.secret(key)?.ok_or_else(|| self.missing(key, &expected))
    }

    /// Several secrets: a list of texts or one text under the key itself, or the file that `<key>_file` names (at
    /// most 64 KiB). A text or a file holds one secret per line; empty lines are ignored. Empty without the key.
    ///
    /// # Errors
    /// `Config` if both are given, one is empty, there are more than a hundred, or the file cannot be read or is
    /// too large.
    pub fn secrets(&self, key: &str) -> Result<Vec<SecretString>> {
        let file_key = format!("{key}_file");
        let secrets = match self.list(key).map_err(|error| error.with_hint("give a list of secrets"))? {
            Some(_) if self.has(&file_key) => return Err(self.set_twice(key, &file_key)),
            Some(secrets) => {
                self.warn_of_open_file(key);
                secrets.to_vec()
            }
            None => self.secret(key)?.iter().flat_map(lines).collect(),
        };
        if secrets.iter().any(|secret| secret.expose_secret().trim().is_empty()) {
            return Err(self.wrong(key, "has an empty secret").with_hint("give each secret, or remove it"));
        }
        if secrets.len() > SECRETS {
            return Err(self.wrong(key, "has more than a hundred secrets").with_hint("remove old secrets"));
        }
        Ok(secrets)
    }

    /// A list of texts, or one text. Empty without the key. Fails with `Config` if it holds other values.
    pub fn texts(&self, key: &str) -> Result<Vec<String>> {
        Ok(match self.list(key)? {
            Some(all) => all.iter().map(|one| one.expose_secret().into()).collect(),
            None => self.text(key)?.into_iter().collect(),
        })
    }

    fn list(&self, key: &str) -> Result<Option<&[SecretString]>> {
        self.ask(key);
        match self.values.get(key) {
            Some(Value::List(Some(texts))) => Ok(Some(texts)),
            Some(Value::List(None)) => Err(self.wrong(key, "holds values other than texts")),
            _ => Ok(None),
        }
    }

    fn set_twice(&self, key: &str, file_key: &str) -> Error {
        let problem = format!("is set in addition to `{key}`");
        self.wrong(file_key, &problem).with_hint("set only one of the two")
    }

    /// The table under a required key.
    ///
    /// # Errors
    /// `Config` if it is missing or not a table.
    pub fn table(&self, key: &str, expected: &str) -> Result<Settings> {
        self.ask(key);
        match self.values.get(key) {
            Some(Value::Table(values)) => Ok(Settings {
                path: self.path_of(key),
                values: Arc::clone(values),
                asked: Arc::default(),
                ..self.clone()
            }),
            Some(_) => Err(self.wrong(key, "is not a table").with_hint(format!("give {expected}"))),
            None => Err(self.missing(key, expected)),
        }
    }

    /// Rejects keys that were never read. Call it after reading all keys.
    ///
    /// # Errors
    /// `Config`, which names the first unknown key and lists the known ones.
    pub fn finish(&self) -> Result<()> {
        let asked = locked(&self.asked);
        match self.values.keys().find(|key| !asked.contains(*key)) {
            None => Ok(()),
            Some(unknown) => {
                let known: Vec<&str> = asked.iter().map(String::as_str).collect();
                let absent = known.iter().copied().filter(|key| !self.values.contains_key(*key));
                let meant = nearest(unknown, absent).map(|key| format!("did you mean `{key}`? "));
                let hint = format!("{}allowed here: {}", meant.unwrap_or_default(), known.join(", "));
                Err(self.wrong(unknown, "is not a known key").with_hint(hint))
            }
        }
    }

    /// An error about a key: its problem. Add a hint that says what is expected.
    #[must_use]
    pub fn wrong(&self, key: &str, problem: &str) -> Error {
        let path = self.path_of(key);
        let origin = &self.surroundings.origin;
        // A missing key has no location; its table has one.
        let place = match origin(&path).or_else(|| origin(&self.path)) {
            Some(origin) => format!(" in {origin}"),
            None => String::new(),
        };
        Error::new(ErrorKind::Config, format!("`{}`{place} {problem}", shortened(&path)))
    }

    fn missing(&self, key: &str, expected: &str) -> Error {
        let asked = locked(&self.asked);
        match nearest(key, self.keys().filter(|present| !asked.contains(*present))) {
            Some(mistyped) => self
                .wrong(key, &format!("is missing, and `{mistyped}` is not a known key"))
                .with_hint(format!("write `{key}` instead of `{mistyped}`: {expected}")),
            None => self.wrong(key, "is missing").with_hint(format!("give {expected}")),
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn ask(&self, key: &str) {
        if self.files || !key.ends_with("_file") {
            locked(&self.asked).insert(key.to_owned());
        }
    }

    fn raw(&self, key: &str) -> Result<Option<SecretString>> {
        self.ask(key);
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.clone())),
            Some(Value::Table(_)) => Err(self.wrong(key, "is a table").with_hint("give a text")),
            Some(Value::List(_)) => Err(self.wrong(key, "is a list").with_hint("give a text")),
        }
    }

    fn read_file(&self, key: &str, name: &str) -> Result<SecretString> {
        let folder = self.surroundings.folder.as_ref();
        let path = folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let hint = "give the name of a readable text file";
        let secret = secret_in(&path).map_err(|problem| self.wrong(key, &problem).with_hint(hint))?;
        if is_open_to_all(&path) {
            self.warn(open_to_all(&self.path_of(key), "names a file that", &path));
        }
        Ok(secret)
    }

    /// A secret in the configuration itself requires that other users cannot read its file.
    fn warn_of_open_file(&self, key: &str) {
        let key = self.path_of(key);
        let file = (self.surroundings.origin)(&key).map(PathBuf::from);
        if let Some(file) = file.filter(|file| is_open_to_all(file)) {
            self.warn(open_to_all(&key, "is a secret in a file that", &file));
        }
    }
}
