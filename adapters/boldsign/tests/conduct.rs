//! The table of the vendor's conduct is whole.

use countersign_boldsign::DESCRIPTOR;
use countersign_core::{ErrorKind, Evidence, Operation};

#[test]
fn every_row_is_there_once_and_says_where_it_is_from() {
    let conduct = DESCRIPTOR.conduct.unwrap();
    assert_eq!(conduct.gaps(), Vec::<String>::new());
    let sources = conduct
        .envelope
        .iter()
        .map(|row| row.source)
        .chain(conduct.fields.iter().map(|row| row.source))
        .chain(conduct.references.iter().map(|row| row.source));
    assert!(sources.into_iter().all(|source| !source.is_empty()));
}

/// What the vendor's own rules can make of a refusal is in the table of its operation, or can come everywhere.
#[test]
fn the_kinds_of_the_rules_can_occur() {
    let conduct = DESCRIPTOR.conduct.unwrap();
    for rule in
        DESCRIPTOR.rules.iter().filter(|rule| !countersign_core::Refusal::EVERYWHERE.contains(&rule.kind))
    {
        let row = conduct.refusals.iter().find(|row| {
            row.kind == rule.kind && rule.operation.is_none_or(|operation| operation == row.operation)
        });
        let elsewhere = rule.kind == ErrorKind::QuotaExceeded && rule.operation.is_none();
        assert!(row.is_some() || elsewhere, "{rule:?} comes in no operation");
    }
}

/// A link for a signer who is done, locked out or waiting is refused by the adapter; BoldSign's answer is not public.
#[test]
fn what_no_page_says_is_marked_as_a_guess() {
    let conduct = DESCRIPTOR.conduct.unwrap();
    assert_eq!(conduct.resend.unlocks.evidence, Evidence::Guessed);
    for kind in [
        ErrorKind::EnvelopeClosed,
        ErrorKind::RecipientNotInTurn,
        ErrorKind::RecipientLocked,
        ErrorKind::RecipientDone,
    ] {
        let mut rows = conduct.refusals.iter();
        let row = rows.find(|row| row.operation == Operation::CreateView && row.kind == kind).unwrap();
        assert_eq!(row.evidence, Evidence::Guessed, "{kind}");
    }
}
