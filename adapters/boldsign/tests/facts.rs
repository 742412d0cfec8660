//! The vendor's table is whole.

use countersign_boldsign::DESCRIPTOR;
use countersign_core::vendor::ErrorMapping;
use countersign_core::{ErrorKind, Evidence, Operation};

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

/// A link for a signer who is done, locked out or waiting is refused by the adapter; BoldSign's answer is not public.
#[test]
fn what_no_page_says_is_marked_as_a_guess() {
    let facts = &DESCRIPTOR.facts;
    assert_eq!(facts.behavior.resend_unlocks.as_ref().map(|fact| fact.evidence), Some(Evidence::Guessed));
    for kind in [
        ErrorKind::EnvelopeClosed,
        ErrorKind::RecipientNotInTurn,
        ErrorKind::RecipientLocked,
        ErrorKind::RecipientDone,
    ] {
        let mut rows = facts.mappings.error.iter();
        let row = rows.find(|row| row.operation == Operation::CreateView && row.kind == kind).unwrap();
        assert_eq!(row.evidence, Evidence::Guessed, "{kind}");
    }
}
