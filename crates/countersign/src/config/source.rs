//! The sources of keys: a file, and over it variables.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use countersign_core::model::read_text;
use countersign_core::redact::shortened;
use countersign_core::vendor::nearest;
use countersign_core::{Error, ErrorKind, Result, Settings};
use serde_json::{Map, Value};

pub(super) const PREFIX: &str = "COUNTERSIGN_";

/// The variable that names the file.
pub(super) const FILE: &str = "COUNTERSIGN_CONFIG";

/// The variable that names the default account.
pub(super) const ACCOUNT: &str = "COUNTERSIGN_ACCOUNT";

/// Larger than any configuration.
const LONGEST: u64 = 1024 * 1024;

/// The keys other than the accounts.
const KEYS: [&str; 4] = ["accounts", "default_account", "state", "token_store"];

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The possible locations of the file, in order.
pub(super) fn usual_places() -> Vec<PathBuf> {
    let user = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".config")));
    let mut places = vec![PathBuf::from("countersign.toml")];
    places.extend(user.map(|folder| folder.join("countersign").join("countersign.toml")));
    places
}

/// The user's folder for program state.
pub(super) fn state_folder() -> Option<PathBuf> {
    let folder = variable("XDG_STATE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".local").join("state")));
    folder.map(|folder| folder.join("countersign"))
}

pub(super) fn readable((name, value): (OsString, OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

/// Variables as a source. Every value stays a text: guessing types would corrupt secrets such as `0123` or `[a]`.
#[derive(Default)]
pub(super) struct Variables {
    /// The path of a key and its text, sorted, so that of equal keys the same one counts always.
    found: Vec<(Vec<String>, String)>,
    /// The default account.
    pub(super) account: Option<String>,
    /// Names without a meaning. Some container platforms set such variables for a service with our name.
    pub(super) unknown: Vec<String>,
}

impl Variables {
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let (mut account, mut unknown) = (None, Vec::new());
        let ours = variables.into_iter().filter(|(name, value)| {
            let Some(key) = name.strip_prefix(PREFIX).filter(|_| name != FILE) else { return false };
            if name == ACCOUNT {
                account = Some(value.clone()).filter(|account| !account.is_empty());
                return false;
            }
            let is_meant = is_meant(&key.split("__").next().unwrap_or_default().to_ascii_lowercase());
            unknown.extend((!is_meant).then(|| name.clone()));
            is_meant
        });
        let read = Self::below(PREFIX, ours);
        Self { account, unknown, ..read }
    }

    /// All variables whose names begin with this.
    pub(super) fn below(prefix: &str, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let path = |name: &str| {
            let key = name.strip_prefix(prefix)?;
            Some(key.split("__").map(str::to_ascii_lowercase).collect::<Vec<String>>())
        };
        let found = variables.into_iter().filter_map(|(name, value)| Some((path(&name)?, value)));
        let mut read = Self { found: found.collect(), ..Self::default() };
        read.found.sort();
        read
    }

    /// Whether one of them sets this key, or one below it.
    fn set(&self, key: &str) -> bool {
        self.found.iter().any(|(path, _)| {
            let mut path = path.iter();
            key.split('.').all(|part| path.next().is_some_and(|set| set == part))
        })
    }
}

/// Whether a variable's first part is one of our keys, or a mistyped one, which is rejected later.
fn is_meant(first: &str) -> bool {
    first.starts_with("accounts_") || KEYS.contains(&first) || nearest(first, KEYS.into_iter()).is_some()
}

fn insert(table: &mut Map<String, Value>, path: &[String], value: &str) {
    match path {
        [] => {}
        [last] => {
            table.insert(last.clone(), Value::from(value));
        }
        [first, rest @ ..] => {
            let inner = table.entry(first.clone()).or_insert(Value::Null);
            // A text of the file under a key that variables make a table is replaced.
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// All keys. Errors about them name the file, or the variable that begins with `prefix`; `hint` is for a file that
/// cannot be read.
pub(super) fn settings(
    file: Option<&Path>,
    hint: &'static str,
    variables: Variables,
    prefix: &'static str,
) -> Result<Settings> {
    let mut table = match file {
        Some(file) => parse(file, hint)?,
        None => Map::new(),
    };
    for (path, value) in &variables.found {
        // A text under a key that other variables make a table does not count: it would replace the file's table.
        let is_below = |key: &Vec<String>| key.len() > path.len() && key.starts_with(path);
        if !variables.found.iter().any(|(key, _)| is_below(key)) {
            insert(&mut table, path, value);
        }
    }
    let (known, place) = (Value::Object(table.clone()), file.map(Path::to_path_buf));
    let origin = move |key: &str| {
        key.split('.').try_fold(&known, |table, part| table.get(part))?;
        match &place {
            Some(file) if !variables.set(key) => Some(file.display().to_string()),
            _ => {
                let name = format!("{prefix}{}", key.replace('.', "__").to_ascii_uppercase());
                Some(format!("variable {}", shortened(&name)))
            }
        }
    };
    Ok(Settings::new("", table, file.and_then(Path::parent), origin))
}

fn parse(file: &Path, hint: &'static str) -> Result<Map<String, Value>> {
    let text = read_text(file, LONGEST).map_err(|problem| {
        Error::new(ErrorKind::Config, format!("the file {} {problem}", file.display())).with_hint(hint)
    })?;
    toml::from_str(&text).map_err(|error| {
        // The parser's message repeats values; only the position is used.
        let before = error.span().and_then(|span| text.get(..span.start));
        let place = before.map(|before| {
            let (line, last) = before.split('\n').enumerate().last().unwrap_or_default();
            format!(" at line {}, column {}", line + 1, last.chars().count() + 1)
        });
        let message = format!("{} is not valid TOML{}", file.display(), place.unwrap_or_default());
        Error::new(ErrorKind::Config, message).with_hint("correct the syntax there; texts must be in quotes")
    })
}
