//! Where keys come from. figment merges them; nothing of it shows outside this folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use countersign_core::{Error, ErrorKind, Result};
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider, Source};

const PREFIX: &str = "COUNTERSIGN_";

/// Variables with the prefix that are options of the command line and no configuration keys.
const OPTIONS: [&str; 2] = ["CONFIG", "ACCOUNT"];

/// The places where a file is looked for, in order.
pub(super) fn usual_places() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let user = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".config")));
    let mut places = vec![PathBuf::from("countersign.toml")];
    places.extend(user.map(|folder| folder.join("countersign").join("countersign.toml")));
    places
}

/// The user's folder for what programs have to remember.
pub(super) fn state_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
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
    // Read here only to tell a missing file from a bad one; figment takes a missing file for an empty one.
    if let Err(error) = std::fs::File::open(file) {
        let message = format!("the file {} cannot be read ({})", file.display(), error.kind());
        return Err(Error::new(ErrorKind::Config, message)
            .with_hint("check the name given with --config, or leave it out to use the usual places"));
    }
    Ok(figment.merge(Toml::file_exact(file)))
}

/// Variables as a source. Every value stays text: guessing types would tear secrets such as `0123` or `[a]`.
pub(super) struct Variables(Vec<(Vec<String>, String)>);

impl Variables {
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut found: Vec<(Vec<String>, String)> = variables
            .into_iter()
            .filter_map(|(name, value)| {
                let key = name.strip_prefix(PREFIX)?;
                if OPTIONS.contains(&key) {
                    return None;
                }
                Some((key.split("__").map(str::to_ascii_lowercase).collect(), value))
            })
            .collect();
        found.sort();
        Self(found)
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("variables")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut root = Dict::new();
        for (path, value) in &self.0 {
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
            // A text under a key that is a table elsewhere is replaced; sorting puts the table's keys later.
            if !matches!(inner, Value::Dict(..)) {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// Names the file or the variable that a key came from.
pub(super) fn origin(figment: &Figment, key: &str) -> Option<String> {
    let metadata = figment.find_metadata(key)?;
    match &metadata.source {
        Some(Source::File(path)) => Some(path.display().to_string()),
        _ => Some(format!("variable {PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())),
    }
}

/// figment's errors repeat values; only the place of a syntax error is taken from them.
pub(super) fn understandable(error: &figment::Error, file: Option<&Path>) -> Error {
    let place = place(&error.to_string()).map(|(line, column)| format!(" at line {line}, column {column}"));
    let file = file.map_or_else(|| "the configuration".to_owned(), |file| file.display().to_string());
    let message = format!("{file} is not valid TOML{}", place.unwrap_or_default());
    Error::new(ErrorKind::Config, message).with_hint("correct the syntax there; texts stand in quotes")
}

/// Line and column out of a message that may hold anything else: only numbers are taken over.
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
