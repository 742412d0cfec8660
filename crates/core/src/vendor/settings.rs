//! One account's configuration as an adapter sees it: keys and texts, asked for one by one.
//!
//! Errors name the key, where it stands and what is allowed; values are never repeated, since a mistyped key may
//! hold a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::auth::{MemoryTokenStore, TokenSlot, TokenStore, fingerprint};
use crate::error::{Error, ErrorKind, Result};
use crate::model::InvalidValue;

/// The largest file that a `…_file` key may name.
const FILE_BYTES: u64 = 64 * 1024;

/// The most secrets under one key.
const SECRETS: usize = 100;

/// A table of the configuration.
#[derive(Clone)]
pub struct Settings {
    path: String,
    values: Arc<BTreeMap<String, Value>>,
    asked: Arc<Mutex<BTreeSet<String>>>,
    surroundings: Arc<Surroundings>,
    store: Option<Arc<dyn TokenStore>>,
}

#[derive(Clone)]
enum Value {
    Text(SecretString),
    Table(Arc<BTreeMap<String, Value>>),
    /// Of texts; `None` when it holds something else.
    List(Option<Vec<SecretString>>),
}

/// Names the source of a key, such as a file or a variable.
type Origin = dyn Fn(&str) -> Option<String> + Send + Sync;

struct Surroundings {
    folder: Option<PathBuf>,
    origin: Box<Origin>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({}: {:?})", self.path, self.values.keys().collect::<Vec<_>>())
    }
}

impl Settings {
    /// A table that stands at `path` in the configuration, such as `accounts.acme`.
    ///
    /// `folder` is where relative file names start; `origin` names the source of a key for error messages.
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
            }),
            store: None,
        }
    }

    /// With a place for the tokens of people who sign in; without one they are kept in memory.
    #[must_use]
    pub fn with_token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// The place for the tokens of this account. `identity` is all that makes tokens good for nothing when it changes:
    /// vendor, host, application, user. Accounts of the same name in other files do not meet.
    #[must_use]
    pub fn token_slot(&self, identity: &[&str]) -> TokenSlot {
        let name = self.path.rsplit('.').next().unwrap_or_default();
        let store = self.store.clone().unwrap_or_else(|| Arc::new(MemoryTokenStore::new()));
        TokenSlot::new(store, format!("{name}-{}", fingerprint(identity))).of_account(name)
    }

    /// The keys that are there.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Whether a key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.ask(key);
        self.values.contains_key(key)
    }

    /// Counts keys as known that somebody else reads.
    pub fn allow(&self, keys: &[&str]) {
        keys.iter().for_each(|key| self.ask(key));
    }

    /// The text under a key.
    ///
    /// # Errors
    /// `Config` when the key holds a table or list.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        Ok(self.raw(key)?.map(|text| text.expose_secret().to_owned()))
    }

    /// The text under a key that must be there.
    ///
    /// # Errors
    /// `Config` when it is missing, empty, or no text.
    pub fn required(&self, key: &str, expected: &str) -> Result<String> {
        match self.text(key)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(self.missing(key, expected)),
        }
    }

    /// A checked value under a key.
    ///
    /// # Errors
    /// `Config` with what is wrong and what would be right, without the value.
    pub fn parsed<T: FromStr<Err = InvalidValue>>(&self, key: &str) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|invalid: InvalidValue| {
            self.wrong(key, invalid.problem()).with_hint(format!("give {}", invalid.expected()))
        })
    }

    /// One of a few words under a key, compared without letter case.
    ///
    /// # Errors
    /// `Config` that lists the words.
    pub fn choice(&self, key: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        match words.iter().find(|word| word.eq_ignore_ascii_case(text.trim())) {
            Some(word) => Ok(Some(word)),
            None => Err(self
                .wrong(key, "has a word that is not known here")
                .with_hint(format!("allowed: {}", words.join(", ")))),
        }
    }

    /// A secret: under the key itself, or in the file that `<key>_file` names (at most 64 KiB; line ends behind the
    /// secret are dropped).
    ///
    /// # Errors
    /// `Config` when both are given, or the file cannot be read or is too large.
    pub fn secret(&self, key: &str) -> Result<Option<SecretString>> {
        let file_key = format!("{key}_file");
        let (direct, file) = (self.raw(key)?, self.raw(&file_key)?);
        match (direct, file) {
            (Some(_), Some(_)) => {
                Err(self.wrong(&file_key, &format!("stands beside `{key}`")).with_hint("give one of the two"))
            }
            (Some(secret), None) if secret.expose_secret().trim().is_empty() => {
                Err(self.wrong(key, "is empty").with_hint("give the secret, or the name of its file"))
            }
            (Some(secret), None) => Ok(Some(secret)),
            (None, Some(name)) => self.read_file(&file_key, name.expose_secret()).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// A secret that must be there.
    ///
    /// # Errors
    /// As [`Settings::secret`], and `Config` when it is missing.
    pub fn required_secret(&self, key: &str, expected: &str) -> Result<SecretString> {
        self.secret(key)?.ok_or_else(|| self.missing(key, &format!("{expected}, or `{key}_file`")))
    }

    /// Several secrets: a list of texts or one text under the key itself, or the file that `<key>_file` names (at most
    /// 64 KiB). A text and a file hold one secret per line; empty lines count for nothing. Empty without the key.
    ///
    /// # Errors
    /// `Config` when both are given, one is empty, there are more than a hundred, or the file cannot be read or is too
    /// large.
    pub fn secrets(&self, key: &str) -> Result<Vec<SecretString>> {
        let file_key = format!("{key}_file");
        self.ask(key);
        self.ask(&file_key);
        let secrets = match self.values.get(key) {
            Some(Value::List(_)) if self.values.contains_key(&file_key) => {
                return Err(self
                    .wrong(&file_key, &format!("stands beside `{key}`"))
                    .with_hint("give one of the two"));
            }
            Some(Value::List(Some(secrets))) => secrets.clone(),
            Some(Value::List(None)) => {
                return Err(self
                    .wrong(key, "holds something else than texts")
                    .with_hint("give a list of secrets"));
            }
            _ => self.secret(key)?.iter().flat_map(lines).collect(),
        };
        if secrets.iter().any(|secret| secret.expose_secret().trim().is_empty()) {
            return Err(self
                .wrong(key, "has an empty secret")
                .with_hint("give each secret, or leave it out"));
        }
        if secrets.len() > SECRETS {
            return Err(self
                .wrong(key, "has more than a hundred secrets")
                .with_hint("remove those of the past"));
        }
        Ok(secrets)
    }

    /// The table under a key that must be there.
    ///
    /// # Errors
    /// `Config` when it is missing or no table.
    pub fn table(&self, key: &str, expected: &str) -> Result<Settings> {
        self.ask(key);
        match self.values.get(key) {
            Some(Value::Table(values)) => Ok(Settings {
                path: self.path_of(key),
                values: Arc::clone(values),
                asked: Arc::default(),
                surroundings: Arc::clone(&self.surroundings),
                store: self.store.clone(),
            }),
            Some(_) => Err(self.wrong(key, "is not a table").with_hint(format!("give {expected}"))),
            None => Err(self.missing(key, expected)),
        }
    }

    /// Refuses keys that nobody asked for. To be called when everything has been asked for.
    ///
    /// # Errors
    /// `Config` that names the first unknown key and lists the known ones.
    pub fn finish(&self) -> Result<()> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match self.values.keys().find(|key| !asked.contains(*key)) {
            None => Ok(()),
            Some(unknown) => {
                let known: Vec<&str> = asked.iter().map(String::as_str).collect();
                Err(self
                    .wrong(unknown, "is not a known key")
                    .with_hint(format!("allowed here: {}", known.join(", "))))
            }
        }
    }

    /// An error about a key: what is wrong with it. Give the hint that says what would be right.
    #[must_use]
    pub fn wrong(&self, key: &str, problem: &str) -> Error {
        let path = self.path_of(key);
        let origin = &self.surroundings.origin;
        // A key that is missing has no place; its table has one.
        let place = match origin(&path).or_else(|| origin(&self.path)) {
            Some(origin) => format!(" in {origin}"),
            None => String::new(),
        };
        Error::new(ErrorKind::Config, format!("`{path}`{place} {problem}"))
    }

    fn missing(&self, key: &str, expected: &str) -> Error {
        self.wrong(key, "is missing").with_hint(format!("give {expected}"))
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn ask(&self, key: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
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
        let path = match &self.surroundings.folder {
            Some(folder) => folder.join(name),
            None => PathBuf::from(name),
        };
        let cannot =
            |problem: &str| self.wrong(key, problem).with_hint("give the name of a readable text file");
        let unreadable =
            |error: std::io::Error| cannot(&format!("names a file that cannot be read ({})", error.kind()));
        let file = std::fs::File::open(&path).map_err(unreadable)?;
        // A pipe or a device has no length to ask for beforehand, and some have no end.
        let mut text = String::new();
        file.take(FILE_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
        if text.len() as u64 > FILE_BYTES {
            return Err(cannot("names a file of more than 64 KiB"));
        }
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(cannot("names an empty file"));
        }
        Ok(SecretString::from(text))
    }
}

/// One secret per line.
fn lines(text: &SecretString) -> Vec<SecretString> {
    let lines = text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(SecretString::from).collect()
}

fn item(value: &serde_json::Value) -> Option<SecretString> {
    match value {
        serde_json::Value::String(text) => Some(SecretString::from(text.as_str())),
        serde_json::Value::Number(number) => Some(SecretString::from(number.to_string())),
        _ => None,
    }
}

fn convert(table: serde_json::Map<String, serde_json::Value>) -> BTreeMap<String, Value> {
    table
        .into_iter()
        .filter_map(|(key, value)| {
            let value = match value {
                serde_json::Value::Null => return None,
                serde_json::Value::String(text) => Value::Text(SecretString::from(text)),
                serde_json::Value::Object(table) => Value::Table(Arc::new(convert(table))),
                serde_json::Value::Array(items) => Value::List(items.iter().map(item).collect()),
                plain => Value::Text(SecretString::from(plain.to_string())),
            };
            Some((key, value))
        })
        .collect()
}
