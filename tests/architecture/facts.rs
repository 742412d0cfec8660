//! Finds facts of vendors where none belong: hosts, headers and names of members of any `vendor.toml`, as string
//! literals.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

static LITERAL: LazyLock<Regex> = LazyLock::new(|| pattern(r#""((?:[^"\\]|\\.)*)""#));
/// A name in camel case or with hyphens.
static NAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:[a-z][a-z0-9]*(?:[A-Z][A-Za-z0-9]*)+|[a-z]+(?:-[a-z]+)+)$"));
static KEY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?:^|[{,])\s*"?([A-Za-z-]+)"?\s*="#));
static HOST: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)/?$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

/// The facts of one `vendor.toml` that are words of the vendor's.
#[derive(Default)]
pub(crate) struct Words {
    hosts: BTreeSet<String>,
    names: BTreeSet<String>,
    /// Those of members that are secret, personal or free, without case and separators, as lists of such names have
    /// them.
    members: BTreeSet<String>,
}

impl Words {
    pub(crate) fn read(&mut self, file: &Path) {
        let text = std::fs::read_to_string(file).expect("a vendor.toml");
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let keys = KEY.captures_iter(line).map(|found| found[1].to_owned());
            let texts = LITERAL.captures_iter(line).map(|found| found[1].to_owned());
            for word in keys.chain(texts) {
                if line.starts_with("secret_") || line.starts_with("personal_") || line.starts_with("free_") {
                    self.members.extend(Some(plain(&word)).filter(|_| NAME.is_match(&word)));
                }
                // A source is no fact of the vendor's, but a page about one.
                let is_fact = ["api", "auth", "api_domains"].iter().any(|key| line.starts_with(key));
                match HOST.captures(&word) {
                    Some(host) if is_fact => drop(self.hosts.insert(host[1].to_owned())),
                    _ if NAME.is_match(&word) => drop(self.names.insert(word)),
                    _ => {}
                }
            }
        }
        assert!(!self.hosts.is_empty() && !self.names.is_empty(), "{}", file.display());
    }

    /// The literals in a source file that state a vendor's fact, with their lines. Tests may.
    pub(crate) fn stated_in(&self, text: &str) -> Vec<String> {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let mut found = Vec::new();
        for (number, line) in
            code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for literal in LITERAL.captures_iter(line).map(|found| found[1].to_owned()) {
                let small = literal.to_lowercase();
                let is_fact = self.names.contains(&literal)
                    || self.members.contains(&literal)
                    // What every proxy sends is no vendor's.
                    || (small.starts_with("x-") && small != "x-forwarded-for")
                    || self.hosts.iter().any(|host| small.contains(host));
                if is_fact {
                    found.push(format!("{}: {literal:?}", number + 1));
                }
            }
        }
        found
    }
}

/// A name without case and separators.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[test]
fn facts_are_found_in_every_form() {
    let words = Words {
        hosts: BTreeSet::from(["api.acme.example".to_owned()]),
        names: BTreeSet::from(["magicWord".to_owned(), "letter-sent".to_owned()]),
        members: BTreeSet::from(["magicword".to_owned()]),
    };
    let text = "a(\"magicWord\");\n// \"magicWord\"\nb(\"magicword\", \"magic\");\nc(\"X-Acme-Left\");\n\
                d(\"https://api.acme.example/v1\", \"letter-sent\");\n#[cfg(test)]\nmod tests { \"magicWord\" }";
    let lines: Vec<String> = words.stated_in(text).iter().map(|one| one[..1].to_owned()).collect();
    assert_eq!(lines, ["1", "3", "4", "5", "5"]);
}
