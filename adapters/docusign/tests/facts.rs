//! The vendor's table is whole.

use countersign_core::vendor::ErrorMapping;
use countersign_core::{ErrorKind, Evidence, RecipientStatus};
use countersign_docusign::DESCRIPTOR;

#[test]
fn nothing_is_missing() {
    assert_eq!(
        countersign_testkit::check_facts("vendor.toml", include_str!("../vendor.toml")),
        Vec::<String>::new()
    );
}

/// What the vendor's own rules can make of a refusal is in the table of its operation, or can come everywhere.
#[test]
fn the_kinds_of_the_rules_can_occur() {
    for rule in
        DESCRIPTOR.facts.refusals.rules().iter().filter(|rule| !ErrorMapping::EVERYWHERE.contains(&rule.kind))
    {
        let row = DESCRIPTOR.facts.mappings.error.iter().find(|row| {
            row.kind == rule.kind && rule.operation.is_none_or(|operation| operation == row.operation)
        });
        let elsewhere = rule.kind == ErrorKind::QuotaExceeded && rule.operation.is_none();
        assert!(row.is_some() || elsewhere, "{rule:?} comes in no operation");
    }
}

/// No reference says what a resend does for an embedded signer, what is answered to a bad code, or what becomes of the
/// recipients of a voided envelope.
#[test]
fn what_no_page_says_is_marked_as_a_guess() {
    let facts = &DESCRIPTOR.facts;
    assert_eq!(
        facts.behavior.resend_mails_embedded.as_ref().map(|fact| fact.evidence),
        Some(Evidence::Guessed)
    );
    let refused = facts.mappings.error.iter().find(|row| row.kind == ErrorKind::AccessCodeRefused).unwrap();
    assert_eq!(refused.evidence, Evidence::Guessed);
    let revoked = facts.mappings.status.iter().find(|row| row.what == RecipientStatus::Revoked).unwrap();
    assert_eq!(revoked.evidence, Evidence::Guessed);
}
