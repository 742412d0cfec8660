//! The value under a configuration key, and mistyped keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use secrecy::{ExposeSecret, SecretString};

use crate::model::read_text;
use crate::redact::shortened;

/// The maximum size of a file that a `…_file` key may name.
const FILE_BYTES: u64 = 64 * 1024;

/// Returns the source of a key, such as a file or a variable.
type Origin = dyn Fn(&str) -> Option<String> + Send + Sync;

/// What all tables of a configuration share.
pub(super) struct Surroundings {
    pub(super) folder: Option<PathBuf>,
    pub(super) origin: Box<Origin>,
    pub(super) warnings: Mutex<Vec<String>>,
}

#[derive(Clone)]
pub(super) enum Value {
    Text(SecretString),
    Table(Arc<BTreeMap<String, Value>>),
    /// A list of texts; `None` if it contains anything else.
    List(Option<Vec<SecretString>>),
}

/// The one of these keys from which `key` differs by one or two letters.
#[must_use]
pub fn nearest<'k>(key: &str, among: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let most = if key.len() < 6 { 1 } else { 2 };
    // Longer differences are not typing errors, and comparing long keys is slow.
    let near = among.filter(|one| one.len().abs_diff(key.len()) <= most);
    let near = near.map(|one| (strsim::osa_distance(one, key), one)).filter(|(far, _)| *far <= most);
    near.min().map(|(_, one)| one)
}

pub(super) fn open_to_all(key: &str, what: &str, file: &Path) -> String {
    let (key, file) = (shortened(key), file.display());
    format!("`{key}` {what} every user of this machine can read; restrict it with `chmod 600 {file}`")
}

/// The content of a file, or what is wrong with its name.
pub(super) fn secret_in(path: &Path) -> Result<SecretString, String> {
    let text = read_text(path, FILE_BYTES).map_err(|problem| format!("names a file that {problem}"))?;
    match text.trim() {
        "" => Err("names an empty file".to_owned()),
        secret => Ok(SecretString::from(secret)),
    }
}

/// One secret per line.
pub(super) fn lines(text: &SecretString) -> Vec<SecretString> {
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

pub(super) fn convert(table: serde_json::Map<String, serde_json::Value>) -> BTreeMap<String, Value> {
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
