//! The name of a vendor, as part of crates, features and folders.

use std::fmt;
use std::str::FromStr;

/// Crates of this repository with names that an adapter's crate would clash with.
const TAKEN: [&str; 10] =
    ["acme", "cassette", "cli", "core", "gateway", "http", "offline", "sandbox", "testkit", "tests"];

/// Words that cannot be a Rust module.
const KEYWORDS: &str = " abstract as async await become box break const continue crate do dyn else enum extern false \
                        final fn for gen if impl in let loop macro match mod move mut override priv pub ref return \
                        self static struct super trait true try type typeof unsafe unsized use virtual where while \
                        yield ";

/// A vendor's name: 2 to 20 lower-case letters and digits, a letter first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// As in folders, features and configurations.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As in types and titles.
    #[must_use]
    pub fn capitalised(&self) -> String {
        let mut letters = self.0.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !plain || !text.starts_with(|c: char| c.is_ascii_lowercase()) || !(2..=20).contains(&text.len()) {
            return Err(
                "expected 2 to 20 lower-case letters and digits, a letter first, such as `examplesign`"
                    .to_owned(),
            );
        }
        if KEYWORDS.contains(&format!(" {text} ")) {
            return Err("is a keyword of the Rust language".to_owned());
        }
        if TAKEN.contains(&text) {
            return Err("has another meaning in this repository".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_be_a_crate_a_feature_and_a_module() {
        for good in ["examplesign", "pdf24", "ab"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        let long = "x".repeat(21);
        let wrong =
            ["", "a", "ExampleSign", "sign-well", "sign_well", "2sign", "ü", "../x", "type", "core", "acme"];
        for bad in wrong.into_iter().chain([long.as_str()]) {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
        assert_eq!("examplesign".parse::<Name>().unwrap().capitalised(), "Examplesign");
    }
}
