//! How DocuSign names recipients, and what its list tells. Fields: reference of `EnvelopeRecipients: list` and
//! `signer` in docusign/OpenAPI-Specifications.

use countersign_core::Evidence::{Documented, Guessed, Observed};
use countersign_core::Said::{As, No, Otherwise};
use countersign_core::{RecipientField as F, RecipientStatus, RefKind, Saying};

const LIST: &str = "DocuSign reference, EnvelopeRecipients: list";
const STATUS_CODES: &str =
    "developers.docusign.com/docs/esign-rest-api/esign101/concepts/recipients/status-codes";

pub(super) static REFERENCES: &[Saying<RefKind>] = &[
    Saying::new(
        RefKind::Id,
        Otherwise(
            "recipientId",
            "a text that the creator of the envelope chose; stored ids of another vendor mean nothing here",
        ),
        Documented,
        LIST,
    ),
    Saying::new(RefKind::Email, As("email"), Documented, LIST),
    Saying::new(RefKind::EmailAndOrder, As("email and routingOrder"), Documented, LIST),
    Saying::new(RefKind::ClientUserId, As("clientUserId"), Documented, LIST),
    Saying::new(RefKind::Phone, As("phoneNumber"), Documented, LIST),
    Saying::new(RefKind::Known, As("as listed"), Documented, LIST),
];

pub(super) static FIELDS: &[Saying<F>] = &[
    Saying::new(F::Id, As("recipientId"), Documented, LIST),
    Saying::new(F::GlobalId, As("recipientIdGuid"), Documented, LIST),
    Saying::new(F::Name, As("name"), Documented, LIST),
    Saying::new(F::Email, As("email"), Documented, LIST),
    Saying::new(F::Phone, As("phoneNumber"), Documented, LIST),
    Saying::new(F::Role, As("one array per kind"), Documented, LIST),
    Saying::new(F::RoleName, As("roleName"), Documented, LIST),
    Saying::new(F::Order, As("routingOrder"), Documented, LIST),
    Saying::new(F::InTurn, As("currentRoutingOrder"), Documented, LIST),
    Saying::new(F::CopyNameAndOrder, As("carbonCopies: name, routingOrder"), Documented, LIST),
    Saying::new(F::CopyStatus, As("carbonCopies: completed when mailed"), Documented, LIST),
    Saying::new(F::Embedded, As("clientUserId is there or not"), Documented, LIST),
    Saying::new(F::ClientUserId, As("clientUserId"), Documented, LIST),
    Saying::new(
        F::AccessCodeRequired,
        Otherwise("accessCode", "a code that is not shown to this caller looks like none"),
        Guessed,
        "docusign/OpenAPI-Specifications, example of listing recipients; whether every caller sees it is not documented",
    ),
    Saying::new(
        F::AccessCodeFailed,
        Otherwise(
            "accessCodeResult",
            "may show after one wrong code or only when the signer is locked out: not documented",
        ),
        Observed,
        "stackoverflow.com/questions/27848717",
    ),
    Saying::new(
        F::AccessCodePassed,
        As("accessCodeResult"),
        Observed,
        "stackoverflow.com/questions/48272647",
    ),
    Saying::new(F::OtherChecks, As("one result per check"), Documented, LIST),
    Saying::new(
        F::DeliveryFailed,
        Otherwise("autoresponded", "any automatic answer of their mail system: a bounce, or out of office"),
        Documented,
        STATUS_CODES,
    ),
    Saying::new(F::SentAt, As("sentDateTime"), Documented, LIST),
    Saying::new(F::ViewedAt, As("deliveredDateTime"), Documented, LIST),
    Saying::new(F::SignedAt, As("signedDateTime"), Documented, LIST),
    Saying::new(F::DeclinedAt, As("declinedDateTime"), Documented, LIST),
    Saying::new(F::DeclineReason, As("declinedReason"), Documented, LIST),
    Saying::new(
        F::EnvelopeStatus,
        No("the list does not tell it: read the envelope itself (GET envelopes/{id}), or use webhooks"),
        Documented,
        LIST,
    ),
];

pub(super) static STATUSES: &[Saying<RecipientStatus>] = &[
    Saying::new(RecipientStatus::Waiting, As("created"), Observed, STATUS_CODES),
    Saying::new(RecipientStatus::Notified, As("sent"), Documented, STATUS_CODES),
    Saying::new(RecipientStatus::Viewed, As("delivered"), Documented, STATUS_CODES),
    Saying::new(RecipientStatus::Signed, As("completed"), Documented, STATUS_CODES),
    Saying::new(RecipientStatus::Declined, As("declined"), Documented, STATUS_CODES),
    Saying::new(
        RecipientStatus::DeliveryFailed,
        Otherwise("autoresponded", "any automatic answer of their mail system: a bounce, or out of office"),
        Documented,
        STATUS_CODES,
    ),
    Saying::new(
        RecipientStatus::Expired,
        No(
            "an envelope that runs out of time is voided, and its recipients keep their last status: ask for the envelope's status",
        ),
        Guessed,
        STATUS_CODES,
    ),
    Saying::new(
        RecipientStatus::Revoked,
        No("a voided envelope's recipients keep their last status: ask for the envelope's status"),
        Guessed,
        STATUS_CODES,
    ),
];
