//! The vendor's table is honest; the tests of the workspace check that it is whole.

use countersign_core::{ErrorKind, Evidence, RecipientStatus};
use countersign_docusign::DESCRIPTOR;

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
