//! What a shell offers for a word that the user has begun: account names, kinds and vendors' codes, fixed words.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;
use countersign::{Config, ErrorKind, vendors};

/// The configured accounts; none if the configuration cannot be read.
pub(super) fn accounts(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Ok(config) = Config::load(None) else { return Vec::new() };
    let names = config.accounts().filter(|account| begins(account.name(), begun));
    names
        .map(|account| CompletionCandidate::new(account.name()).help(Some(account.vendor().name.into())))
        .collect()
}

/// The arguments of `explain`.
pub(super) fn codes(begun: &OsStr) -> Vec<CompletionCandidate> {
    let kinds = ErrorKind::ALL.iter().map(|kind| kind.as_str());
    let rules = vendors().iter().flat_map(|vendor| vendor.facts.refusals.rules());
    let mut words: Vec<&str> = kinds.chain(rules.filter_map(|rule| rule.code.as_deref())).collect();
    words.retain(|word| begins(word, begun));
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(CompletionCandidate::new).collect()
}

/// The values of --authentication-method.
pub(super) fn methods(begun: &OsStr) -> Vec<CompletionCandidate> {
    let words =
        ["none", "email", "password", "sso", "biometric", "knowledge", "paper", "certificate", "other:"];
    words.into_iter().filter(|word| begins(word, begun)).map(CompletionCandidate::new).collect()
}

fn begins(word: &str, begun: &OsStr) -> bool {
    word.starts_with(&*begun.to_string_lossy())
}
