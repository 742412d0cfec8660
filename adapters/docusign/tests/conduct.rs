//! The table of the vendor's conduct is whole.

use countersign_core::{ErrorKind, Evidence, RecipientStatus};
use countersign_docusign::DESCRIPTOR;

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

/// No reference says what a resend does for somebody embedded, what is answered to a bad code, or what becomes of the
/// recipients of a voided envelope.
#[test]
fn what_no_page_says_is_marked_as_a_guess() {
    let conduct = DESCRIPTOR.conduct.unwrap();
    assert_eq!(conduct.resend.mails_embedded.evidence, Evidence::Guessed);
    let refused = conduct.refusals.iter().find(|row| row.kind == ErrorKind::AccessCodeRefused).unwrap();
    assert_eq!(refused.evidence, Evidence::Guessed);
    let revoked = conduct.statuses.iter().find(|row| row.what == RecipientStatus::Revoked).unwrap();
    assert_eq!(revoked.evidence, Evidence::Guessed);
}
