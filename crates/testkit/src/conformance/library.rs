//! The scenarios, built in, so that they reach adapters elsewhere.

use super::scenario::Scenario;

macro_rules! library {
    ($($folder:literal: $($name:literal)*;)*) => {
        const FILES: &[(&str, &str, &str)] = &[$($((
            $folder,
            $name,
            include_str!(concat!("../../../../fixtures/scenarios/", $folder, "/", $name, ".toml")),
        ),)*)*];
    };
}

library! {}

/// Every scenario, by operation and name.
///
/// # Panics
/// When a file is wrong; a test of this crate reads all of them.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let read = |(folder, name, text): &(&str, &str, &str)| {
        Scenario::parse(folder, name, text).unwrap_or_else(|problem| panic!("{problem}"))
    };
    FILES.iter().map(read).collect()
}
