//! What DocuSign does around signing, as played here: order, views, codes, resends.

use super::Evidence::{Docs, Guess, Observed, ThirdParty};
use super::Rule;
use crate::vendors::Vendor;

const fn rule(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Docusign), what, evidence, source }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "A correction sets name, email and accessCode; other members are ignored",
        Guess,
        "more of them are editable by documentation",
    ),
    rule(
        "Routing order is always enforced; only those whose turn it is are mailed",
        Docs,
        "developers.docusign.com, recipients",
    ),
    rule(
        "A recipient whose turn has not come is 'created' inside a sent envelope",
        Observed,
        "public payloads",
    ),
    rule(
        "An envelope is 'delivered' as soon as one recipient has opened it",
        Guess,
        "the reference can be read either way",
    ),
    rule(
        "Embedded recipients get no mail unless embeddedRecipientStartURL is set",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), signer.embeddedRecipientStartURL",
    ),
    rule(
        "Carbon copies are completed when they are mailed, at their place in the order",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), recipient status",
    ),
    rule("Seals finish by themselves", Guess, "not documented"),
    rule(
        "All thirteen recipient arrays are present, empty ones too",
        Docs,
        "reference example; a later client library for the three newest",
    ),
    rule(
        "Access codes come back in clear",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), example of listing recipients; whether for every caller is not known",
    ),
    rule(
        "Signers may adopt another name; the envelope has it from then on",
        Observed,
        "github.com/peopledoc/django-docusign/issues/65",
    ),
    rule("A name adopted before 'finish later' stays as well", Guess, "reports do not say when it is saved"),
    rule(
        "A view needs userName, email and clientUserId letter for letter as the envelope has them now",
        Observed,
        "github.com/peopledoc/pydocusign/issues/102; github.com/docusign/docusign-esign-csharp-client/issues/446",
    ),
    rule(
        "userId and clientUserId together identify a recipient as well; a userId that is no GUID: 400 INVALID_USERID",
        Observed,
        "github.com/docusign/docusign-esign-csharp-client/issues/446; its reported failure on second use is not simulated",
    ),
    rule("A recipientId in a view request must fit if given", Guess, "what it does is not documented"),
    rule(
        "View of a remote recipient with the sender's token: 400 ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE",
        Observed,
        "github.com/docusign/docusign-esign-csharp-client/issues/44; others report a read-only view instead",
    ),
    rule(
        "clientUserId missing or given where the envelope says otherwise: UNKNOWN_ENVELOPE_RECIPIENT",
        Observed,
        "github.com/jondkinney/docusign_rest/issues/38; the missing one is a guess",
    ),
    rule(
        "View before one's turn: 400 RECIPIENT_NOT_IN_SEQUENCE",
        Observed,
        "community.docusign.com thread 4506",
    ),
    rule(
        "View of a locked recipient: 400 ACTIVATION_FAILED",
        Observed,
        "stackoverflow.com/questions/47539595; the status is not confirmed",
    ),
    rule(
        "View of a draft or closed envelope: 400 ENVELOPE_INVALID_STATUS",
        Guess,
        "the exact code for this call is not known",
    ),
    rule(
        "View of a recipient who is done: 201, and a page that says so",
        Guess,
        "the vendor's answer is not known",
    ),
    rule(
        "Missing or unknown authenticationMethod, or a returnUrl without http(s): 400 INVALID_REQUEST_PARAMETER",
        Guess,
        "both fields are required by documentation, the answers are not documented",
    ),
    rule(
        "A return URL over 470 characters is cut without a word",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), recipientViewRequest.returnUrl",
    ),
    rule(
        "View links live five minutes and open once; afterwards they lead back with ttl_expired",
        Docs,
        "reference of the embedded signing view; stackoverflow.com/questions/31562997",
    ),
    rule(
        "A session ends after 20 idle minutes with session_timeout",
        Docs,
        "reference of the embedded signing view",
    ),
    rule(
        "The end of a visit is told as event=... in the return URL's query",
        Docs,
        "reference of the embedded signing view",
    ),
    rule(
        "The third wrong code leads back with access_code_failed",
        Docs,
        "SOAP reference of callback events; no longer in the current REST text",
    ),
    rule("Access codes are compared without regard to case", ThirdParty, "copy of the user guide"),
    rule(
        "accessCodeResult is Failed only after the last attempt, Passed after the right code",
        Guess,
        "when it appears is not documented",
    ),
    rule(
        "After a lock-out the recipient's status stays 'sent'",
        Observed,
        "stackoverflow.com/questions/27848717",
    ),
    rule(
        "Resending, to one or to all, gives a locked recipient new attempts",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), Connect configuration; stackoverflow.com/questions/48272647",
    ),
    rule("Resending takes the Failed accessCodeResult away", Guess, "not documented"),
    rule(
        "A new access code alone does not unlock",
        Guess,
        "best evidence says that resending is needed; not verified",
    ),
    rule("A new access code makes an accepted one count no more", Guess, "not documented"),
    rule(
        "An empty accessCode in a correction takes the code away",
        Guess,
        "the specification speaks of falling back to an envelope-wide code; not verified",
    ),
    rule(
        "Resending mails nobody who is done, not in turn, or embedded",
        ThirdParty,
        "guides; for embedded recipients stackoverflow.com/questions/47539595",
    ),
    rule(
        "A recipient whose mail came back is 'autoresponded'",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), recipient status",
    ),
    rule(
        "While somebody else edits an envelope, changes and resends get 400 EDIT_LOCK_NOT_LOCK_OWNER",
        Guess,
        "locks are documented (concepts/envelopes/lock), status and text are not",
    ),
    rule(
        "Resending makes links in earlier mails useless",
        ThirdParty,
        "support article on activation; university guide",
    ),
    rule("Mailed links open five times and live 48 hours", Observed, "community.docusign.com thread 1045"),
    rule(
        "An email given in a correction counts as new and mails a correction",
        Docs,
        "reference of updating recipients",
    ),
    rule(
        "A new email together with resend_envelope mails the old address",
        Observed,
        "github.com/docusign/docusign-esign-csharp-client/issues/418",
    ),
    rule("An email given together with resend_envelope brings one mail, not two", Guess, "not documented"),
    rule(
        "With resend_envelope a result carries errorDetails SUCCESS, otherwise none",
        Observed,
        "stackoverflow.com/questions/48272647; when it appears is a guess",
    ),
    rule(
        "Correcting a recipient who is done: 200 with RECIPIENT_UPDATE_FAILED inside",
        Docs,
        "reference of updating recipients",
    ),
    rule(
        "Correcting an unknown recipientId of a sent envelope: UNKNOWN_ENVELOPE_RECIPIENT inside a 200",
        Guess,
        "not documented",
    ),
    rule(
        "A recipient named in another type's array: INVALID_REQUEST_PARAMETER inside a 200",
        Guess,
        "not documented",
    ),
    rule(
        "Correcting or resending a closed envelope: 400 ENVELOPE_INVALID_STATUS",
        Docs,
        "reference of updating recipients, for completed ones; a guess for the others",
    ),
    rule(
        "Voiding anything but a sent or delivered envelope: 400 ENVELOPE_CANNOT_VOID_INVALID_STATE",
        Docs,
        "developers.docusign.com, error codes",
    ),
    rule("Voiding without voidedReason: 400 INVALID_REQUEST_PARAMETER", Guess, "not documented"),
    rule(
        "'I never received an access code' on the page ends the visit and locks the recipient",
        Observed,
        "stackoverflow.com/questions/47539595",
    ),
];
