//! Checks an adapter's `vendor.toml`.

use countersign_core::vendor::Facts;

/// The problems of a `vendor.toml`: a read error, with file and line; or what is missing before a migration to or
/// from the vendor can be judged. Empty if there are none.
///
/// ```
/// assert_eq!(
///     countersign_testkit::check_facts("vendor.toml", "title = 1"),
///     ["vendor.toml:1: invalid type: integer `1`, expected a string"]
/// );
/// ```
#[must_use]
pub fn check_facts(file: &str, text: &str) -> Vec<String> {
    match Facts::parse(file, text) {
        Ok(facts) => facts.gaps().into_iter().map(|gap| format!("{file}: there is no {gap}")).collect(),
        Err(error) => vec![error.to_string()],
    }
}
