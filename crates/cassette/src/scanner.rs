//! Searching files for what must not be in them.

use std::fmt;
use std::path::{Path, PathBuf};

use countersign_core::{Detail, Error, ErrorKind, ExposeSecret, Result, SecretString, redact};
use serde::Serialize;

use crate::detect::{forms, suspicions};
use crate::file::SUFFIX;
use crate::lenient::strings;
use crate::redact::SHORTEST;
use crate::strict::Strict;

/// From so many characters on, a secret that is known is looked for within texts; a shorter one would be found
/// everywhere, and counts where it stands alone.
const LONG: usize = 6;

/// Searches texts, files and folders for secrets and personal data.
///
/// Everywhere: tokens (JSON Web Tokens, values of `Bearer` and `Basic`, keys in PEM form, long runs that are as mixed
/// as keys are), values of members and fields whose names say that they are secret, links and e-mail addresses outside
/// the domains that are reserved for examples (RFC 2606), phone numbers, and the texts that the caller names. They are
/// found in clear, percent-encoded, escaped as in JSON, and in Base64, also within one another.
///
/// In cassettes beside that: whatever a recorder would have replaced, such as names, ids, dates and texts.
#[derive(Debug, Default)]
pub struct Scanner {
    markers: Vec<SecretString>,
}

/// Something that must not be where it is. Never holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The member under which it stands, where there is one and its name is harmless.
    pub member: Option<String>,
    /// What it is.
    pub what: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)?;
        match &self.member {
            Some(member) => write!(f, " under `{member}`"),
            None => Ok(()),
        }
    }
}

/// What a search has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Findings {
    /// How many files were searched.
    pub files: usize,
    /// What must not be there, by file and line.
    pub found: Vec<Finding>,
}

impl Findings {
    /// Refuses what was searched, if anything was found.
    ///
    /// # Errors
    /// `InvalidRequest` with the places.
    pub fn refuse(&self, what: &str) -> Result<()> {
        if self.found.is_empty() {
            return Ok(());
        }
        let details = self.found.iter().map(|one| Detail::new("found", None, Some(one.to_string())));
        let places = self.found.len();
        let message = format!("{what} holds what no cassette may hold, in {places} place(s), and is refused");
        Err(Error::new(ErrorKind::InvalidRequest, message)
            .with_details(details.collect())
            .with_hint("record it again; texts written by hand take placeholders, such as {secret:1}"))
    }
}

impl Scanner {
    /// A scanner that knows secrets by their looks and places.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for this text as well, in any form. Texts of less than three characters are not looked for.
    #[must_use]
    pub fn with_marker(mut self, marker: impl Into<SecretString>) -> Self {
        self.markers.push(marker.into());
        self
    }

    /// Searches a text. The file's name tells what it is: a cassette, JSON, or plain text.
    pub fn scan_text(&self, file: &Path, text: &str) -> Findings {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_cassette = name.ends_with(SUFFIX);
        let mut found = Vec::new();
        let mut add = |line: usize, member: Option<&str>, what: &'static str| {
            let member = member.filter(|member| self.in_text(member, false).is_empty()).map(str::to_owned);
            found.push(Finding { file: file.to_path_buf(), line, member, what });
        };
        if is_cassette || file.extension().is_some_and(|end| end == "json") {
            let mut strict = is_cassette.then(Strict::new);
            for one in strings(text) {
                let member = (!one.is_name).then_some(one.member.as_str()).filter(|name| !name.is_empty());
                for what in self.in_text(&one.text, one.is_number) {
                    add(one.line, member, what);
                }
                let in_place = crate::strict::in_place(&one);
                for what in in_place.into_iter().chain(strict.as_mut().and_then(|strict| strict.check(&one)))
                {
                    add(one.line, member, what);
                }
            }
        } else {
            for (at, line) in text.lines().enumerate() {
                for what in self.in_text(line, false) {
                    add(at + 1, None, what);
                }
            }
        }
        found.sort();
        found.dedup();
        Findings { files: 1, found }
    }

    /// Searches all text files of a folder and of the folders in it.
    ///
    /// # Errors
    /// `InvalidRequest` when the folder, or a file in it, cannot be read.
    pub fn scan_folder(&self, folder: &Path) -> Result<Findings> {
        let mut all = Findings::default();
        let mut open = vec![folder.to_path_buf()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).map_err(|error| unreadable(&path, &error))?;
                for entry in entries {
                    open.push(entry.map_err(|error| unreadable(&path, &error))?.path());
                }
                continue;
            }
            // Bytes that are no text are read as far as they are some.
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            let found = self.scan_text(&path, &String::from_utf8_lossy(&bytes));
            all.files += 1;
            all.found.extend(found.found);
        }
        all.found.sort();
        Ok(all)
    }

    /// What a text shows, in any form.
    fn in_text(&self, text: &str, is_number: bool) -> Vec<&'static str> {
        let mut found = Vec::new();
        for form in forms(text) {
            if !is_number {
                found.extend(suspicions(&form));
            }
            if self.shows_marker(&form, is_number) {
                found.push("a text that was named as a secret");
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn shows_marker(&self, text: &str, is_number: bool) -> bool {
        self.markers.iter().any(|marker| {
            let secret = marker.expose_secret();
            let length = secret.chars().count();
            if is_number {
                // Shorter ones are counts and statuses.
                return length >= SHORTEST && text == secret;
            }
            if length < LONG {
                return length >= 3 && text == secret;
            }
            matches!(redact(text, std::slice::from_ref(marker)), std::borrow::Cow::Owned(_))
        })
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("{} cannot be read ({error})", path.display());
    Error::new(ErrorKind::InvalidRequest, message).with_hint("give a folder, or a file, that you may read")
}
