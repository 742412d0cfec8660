//! The sources of keys. figment merges them; it is used only in this module.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use countersign_core::model::read_text;
use countersign_core::redact::shortened;
use countersign_core::vendor::nearest;
use countersign_core::{Error, ErrorKind, Result, Settings};
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

pub(super) const PREFIX: &str = "COUNTERSIGN_";

/// figment's name for the source of variables.
const VARIABLES: &str = "variables";

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

pub(super) fn file(figment: Figment, file: &Path) -> Result<Figment> {
    let text = read_text(file, LONGEST).map_err(|problem| {
        Error::new(ErrorKind::Config, format!("the file {} {problem}", file.display()))
            .with_hint("check the name given with --config, or omit it to use the usual locations")
    })?;
    Ok(figment.merge(Toml::string(&text)))
}

/// Variables as a source. Every value stays a text: guessing types would corrupt secrets such as `0123` or `[a]`.
#[derive(Default)]
pub(super) struct Variables {
    found: Vec<(Vec<String>, String)>,
    /// The default account.
    pub(super) account: Option<String>,
    /// Names without a meaning. Some container platforms set such variables for a service with our name.
    pub(super) unknown: Vec<String>,
}

impl Variables {
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut read = Self::default();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX).filter(|_| name != FILE) else { continue };
            if name == ACCOUNT {
                read.account = Some(value).filter(|account| !account.is_empty());
                continue;
            }
            let path: Vec<String> = key.split("__").map(str::to_ascii_lowercase).collect();
            if path.first().is_some_and(|first| is_meant(first)) {
                read.found.push((path, value));
            } else {
                read.unknown.push(name);
            }
        }
        read.found.sort();
        read
    }
}

impl Variables {
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
}

/// Whether a variable's first part is one of our keys, or a mistyped one, which is rejected later.
fn is_meant(first: &str) -> bool {
    first.starts_with("accounts_") || KEYS.contains(&first) || nearest(first, KEYS.into_iter()).is_some()
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(VARIABLES)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut root = Dict::new();
        for (path, value) in &self.found {
            insert(&mut root, path, value);
        }
        Ok(Map::from([(Profile::Default, root)]))
    }
}

fn insert(dict: &mut Dict, path: &[String], value: &str) {
    match path {
        [] => {}
        [last] => {
            dict.insert(last.clone(), Value::from(value));
        }
        [first, rest @ ..] => {
            let inner = dict.entry(first.clone()).or_insert_with(|| Value::from(Dict::new()));
            // A text under a key that is a table in another source is replaced; sorting puts the table's keys
            // later.
            if !matches!(inner, Value::Dict(..)) {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// All keys. Errors about them name the file, or the variable that begins with `prefix`.
pub(super) fn settings(figment: &Figment, file: Option<&Path>, prefix: &'static str) -> Result<Settings> {
    let value: serde_json::Value = figment.extract().map_err(|error| understandable(&error, file))?;
    let serde_json::Value::Object(table) = value else {
        return Err(Error::new(ErrorKind::Config, "the configuration is not a table"));
    };
    let (origins, place) = (figment.clone(), file.map(Path::to_path_buf));
    let origin = move |key: &str| origin(&origins, key, place.as_deref(), prefix);
    Ok(Settings::new("", table, file.and_then(Path::parent), origin))
}

/// Names the file or the variable of a key.
fn origin(figment: &Figment, key: &str, file: Option<&Path>, prefix: &str) -> Option<String> {
    let metadata = figment.find_metadata(key)?;
    match file {
        Some(file) if metadata.name != VARIABLES => Some(file.display().to_string()),
        _ => {
            let name = format!("{prefix}{}", key.replace('.', "__").to_ascii_uppercase());
            Some(format!("variable {}", shortened(&name)))
        }
    }
}

/// figment's errors repeat values; only the position of a syntax error is used.
fn understandable(error: &figment::Error, file: Option<&Path>) -> Error {
    let place = place(&error.to_string()).map(|(line, column)| format!(" at line {line}, column {column}"));
    let file = file.map_or_else(|| "the configuration".to_owned(), |file| file.display().to_string());
    let message = format!("{file} is not valid TOML{}", place.unwrap_or_default());
    Error::new(ErrorKind::Config, message).with_hint("correct the syntax there; texts must be in quotes")
}

/// Line and column from a message that may contain anything else: only numbers are used.
fn place(message: &str) -> Option<(u32, u32)> {
    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    let (_, rest) = message.split_once("TOML parse error at line ")?;
    let (line, column) = rest.split_once(", column ")?;
    Some((line.parse().ok()?, number(column)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_two_numbers_and_nothing_else() {
        assert_eq!(place("TOML parse error at line 3, column 9\n  |\n3 | key = \"secret"), Some((3, 9)));
        for other in ["found string \"x at line my secret\"", "TOML parse error at line secret, column 1", ""]
        {
            assert_eq!(place(other), None);
        }
    }
}
