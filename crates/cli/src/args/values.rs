//! Values that users type: times such as `90s` or `1h30m`, words with a meaning of their own; and what a shell offers
//! for a word that the user has begun.

use std::ffi::OsStr;
use std::time::Duration;

use clap_complete::CompletionCandidate;
use countersign::provider::read_duration;
use countersign::{AuthenticationMethod, Config, ErrorKind, vendors};

/// Parses a duration of at least one second.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    read_duration(text).ok_or_else(|| {
        "is not a duration; expected numbers with a unit such as 90s, 15m, 12h, 2d or 1h30m, and at least 1s"
            .to_owned()
    })
}

/// How the application identified the signer. Vendors have more methods than this list, hence `other:`; a value
/// without it is checked, so that a typing error does not end up in a certificate of completion.
pub(super) fn authentication_method(text: &str) -> Result<AuthenticationMethod, String> {
    let plain = text.to_ascii_lowercase().replace(['-', '_'], "");
    let word = match plain.as_str() {
        "singlesignon" => "sso",
        "knowledgebased" => "knowledge",
        "paperdocuments" => "paper",
        word => word,
    };
    let named = AuthenticationMethod::NAMED.into_iter().find(|method| method.as_str() == word);
    let other = text.strip_prefix("other:").filter(|word| !word.trim().is_empty());
    named.or_else(|| other.map(|word| AuthenticationMethod::Other(word.to_owned()))).ok_or_else(|| {
        let named = AuthenticationMethod::NAMED.each_ref().map(AuthenticationMethod::as_str).join(", ");
        format!("is unknown; expected {named}, or other:VALUE in the vendor's terms")
    })
}

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
    // A code of several words is a whole sentence, which a shell would take apart.
    words.retain(|word| begins(word, begun) && !word.contains(' '));
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(CompletionCandidate::new).collect()
}

/// The values of --authentication-method.
pub(super) fn methods(begun: &OsStr) -> Vec<CompletionCandidate> {
    let words = AuthenticationMethod::NAMED.each_ref().map(AuthenticationMethod::as_str);
    words
        .into_iter()
        .chain(["other:"])
        .filter(|word| begins(word, begun))
        .map(CompletionCandidate::new)
        .collect()
}

fn begins(word: &str, begun: &OsStr) -> bool {
    word.starts_with(&*begun.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_elsewhere_and_what_is_none_says_what_would_be_right() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5_400)));
        for text in ["", "90", "5w", "0d"] {
            assert!(duration(text).expect_err(text).contains("90s, 15m, 12h, 2d"));
        }
    }

    #[test]
    fn known_words_in_any_spelling_and_other_words_on_request() {
        assert_eq!(authentication_method("SSO"), Ok(AuthenticationMethod::SingleSignOn));
        assert_eq!(authentication_method("single-sign-on"), Ok(AuthenticationMethod::SingleSignOn));
        assert_eq!(
            authentication_method("other:Kerberos"),
            Ok(AuthenticationMethod::Other("Kerberos".into()))
        );
        assert!(authentication_method("Kerberos").is_err());
        assert!(authentication_method("other:").is_err());
    }
}
