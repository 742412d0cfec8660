//! The vendor's table is honest; the tests of the workspace check that it is whole.

use countersign_boldsign::DESCRIPTOR;
use countersign_core::{ErrorKind, Evidence, Operation};

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
