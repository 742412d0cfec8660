//! What people meet at the pages, and what the pages tell applications.

use super::Evidence::{Docs, Guess, ThirdParty};
use super::{Evidence, Rule};
use crate::vendors::Vendor;

const fn both(what: &'static str, evidence: Evidence, source: &'static str) -> Rule {
    Rule { vendor: None, what, evidence, source }
}

const fn docusign(what: &'static str, evidence: Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Docusign), what, evidence, source }
}

const fn boldsign(what: &'static str, evidence: Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Boldsign), what, evidence, source }
}

pub(super) const RULES: &[Rule] = &[
    both(
        "Words, looks and steps of the signing pages",
        Guess,
        "a choice of this sandbox; the vendors' pages look different",
    ),
    both("The page asks for a name to sign with, and for a reason to decline", Guess, "not documented"),
    both(
        "An empty access code is not counted as a wrong one, and loading the page again costs no attempt",
        Guess,
        "not documented",
    ),
    both(
        "An old tab or the back button after a visit has ended meets a page that says so; the button that ended it leads back once more",
        Guess,
        "not documented",
    ),
    docusign(
        "A failed identity check leads back with id_check_failed; another view is refused with RECIPIENT_HAS_FAILED_SECURITY_CHECK until the request is resent",
        Docs,
        "SOAP reference of callback events, no longer in the current REST text; stackoverflow.com/questions/27848717; that a resend is the way out is a guess",
    ),
    docusign(
        "requireIdLookup, idCheckConfigurationName or identityVerification ask for an identity check, which takes the signer's word; its result stands in idQuestionsResult or identityVerificationResult",
        Guess,
        "the names are in the specification; how they hang together was not seen",
    ),
    docusign(
        "fax_pending and exception are brought about by buttons that the vendor does not have",
        Docs,
        "the words: reference of the embedded signing view; the buttons are a choice of this sandbox",
    ),
    docusign(
        "Leaving a page that refuses leads back too: finished with viewing_complete, locked with access_code_failed, closed or not in turn with exception",
        Guess,
        "not documented",
    ),
    docusign(
        "frameAncestors are the only origins that may frame the page; without them anybody may; xFrameOptions becomes the header of that name",
        Guess,
        "eSignature v2.1 specification names the fields; how they show on the page was not seen",
    ),
    docusign(
        "More or fewer than one entry in messageOrigins, an entry that is no origin, another word in xFrameOptions: 400 INVALID_REQUEST_PARAMETER",
        Guess,
        "the limits are in the reference, the answers are not",
    ),
    docusign(
        "Nothing is posted to messageOrigins",
        Guess,
        "a choice of this sandbox: what the page and the vendor's browser library say to each other is not documented",
    ),
    boldsign(
        "In a frame the page posts {\"action\": word} to the framing page: onDocumentSigned, onDocumentSigningFailed, onDocumentReassigned, onDocumentReassigningFailed, onDocumentDeclined, onDocumentDecliningFailed",
        Docs,
        "developers.boldsign.com, embed in an iframe; the member action: boldsign/insurance-claim-demo-application",
    ),
    boldsign(
        "The message goes to any origin, comes before the way to the return URL, and onDocumentSigned is said to reviewers too",
        Guess,
        "not documented",
    ),
    boldsign(
        "Anybody may frame the page",
        Docs,
        "developers.boldsign.com, embed in an iframe; no list of origins is asked for",
    ),
    boldsign(
        "A signer may name somebody else: a new signer takes the place in the order and is mailed, the first one stays in the list with isReassigned",
        ThirdParty,
        "specification, signerDetails.isReassigned; that the row stays is seen in published samples, the rest is a guess",
    ),
];
