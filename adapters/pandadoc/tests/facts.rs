//! The vendor's table is whole.

use countersign_core::vendor::ErrorMapping;
use countersign_pandadoc::DESCRIPTOR;

#[test]
fn nothing_is_missing() {
    assert_eq!(
        countersign_testkit::check_facts("vendor.toml", include_str!("../vendor.toml")),
        Vec::<String>::new()
    );
}

/// What the vendor's own rules can make of a refusal is in the table of an operation, or can come everywhere.
#[test]
fn the_kinds_of_the_rules_can_occur() {
    for rule in
        DESCRIPTOR.facts.refusals.rules().iter().filter(|rule| !ErrorMapping::EVERYWHERE.contains(&rule.kind))
    {
        assert!(
            DESCRIPTOR.facts.mappings.error.iter().any(|row| row.kind == rule.kind),
            "{rule:?} comes in no operation"
        );
    }
}
