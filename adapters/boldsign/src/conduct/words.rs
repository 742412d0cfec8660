//! How BoldSign names recipients, and what its document tells of them. Fields: `DocumentProperties` in BoldSign's
//! OpenAPI document.

use countersign_core::Evidence::Documented;
use countersign_core::Said::{As, No, Otherwise};
use countersign_core::{RecipientField as F, RecipientStatus, RefKind, Saying};

const PROPERTIES: &str = "boldsign/boldsign-java-sdk, api/openapi.yaml, DocumentProperties";
const HISTORY: &str = "boldsign/boldsign-java-sdk, api/openapi.yaml, documentHistory";
const FROM_HISTORY: &str = "read from the document's history by address: none for an address that occurs twice, or for phone numbers";

pub(super) static REFERENCES: &[Saying<RefKind>] = &[
    Saying::new(
        RefKind::Id,
        Otherwise(
            "e-mail and order",
            "BoldSign takes no id of a signer, so ids are made of address and order; stored ids of another vendor mean nothing here",
        ),
        Documented,
        PROPERTIES,
    ),
    Saying::new(RefKind::Email, As("signerEmail"), Documented, PROPERTIES),
    Saying::new(RefKind::EmailAndOrder, As("signerEmail and order"), Documented, PROPERTIES),
    Saying::new(
        RefKind::ClientUserId,
        No("name the recipient by e-mail (and order), and keep your own id in your records"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(RefKind::Phone, As("phoneNumber"), Documented, PROPERTIES),
    Saying::new(RefKind::Known, As("as listed"), Documented, PROPERTIES),
];

pub(super) static FIELDS: &[Saying<F>] = &[
    Saying::new(
        F::Id,
        Otherwise(
            "signerEmail and order",
            "made of address and order, so it changes when either is corrected",
        ),
        Documented,
        PROPERTIES,
    ),
    Saying::new(
        F::GlobalId,
        Otherwise("signerDetails[].id", "read-only: no call takes it, and copies have none"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(F::Name, As("signerName"), Documented, PROPERTIES),
    Saying::new(F::Email, As("signerEmail"), Documented, PROPERTIES),
    Saying::new(F::Phone, As("phoneNumber"), Documented, PROPERTIES),
    Saying::new(
        F::Role,
        Otherwise("signerType", "three kinds and copies: Signer, Reviewer, InPersonSigner, ccDetails"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(
        F::RoleName,
        Otherwise("signerRole", "signers only: copies have none"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(F::Order, As("order"), Documented, PROPERTIES),
    Saying::new(
        F::InTurn,
        Otherwise(
            "enableSigningOrder and order",
            "derived; everybody is in turn where the order is not switched on",
        ),
        Documented,
        PROPERTIES,
    ),
    Saying::new(
        F::CopyNameAndOrder,
        No("ccDetails has the address alone: keep names in your own records"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(
        F::CopyStatus,
        Otherwise("ccDetails: isViewed", "a copy is never done: it waits, or was looked at"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(
        F::Embedded,
        No(
            "no signer is marked, since any can be given a link: keep in your records who signs in the application",
        ),
        Documented,
        PROPERTIES,
    ),
    Saying::new(
        F::ClientUserId,
        No("keep your own id beside the signer's address, in your records"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(F::AccessCodeRequired, As("authenticationType"), Documented, PROPERTIES),
    Saying::new(
        F::AccessCodeFailed,
        As("isAuthenticationFailed"),
        Documented,
        "boldsign/api-csharp-sdk, Model/DocumentSignerDetails.cs",
    ),
    Saying::new(
        F::AccessCodePassed,
        No("only that none failed is told; the status `viewed` is the nearest sign that they got in"),
        Documented,
        "boldsign/api-csharp-sdk, Model/DocumentSignerDetails.cs",
    ),
    Saying::new(
        F::OtherChecks,
        Otherwise("authenticationType", "one kind of check for a signer, instead of an access code"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(F::DeliveryFailed, As("isDeliveryFailed"), Documented, PROPERTIES),
    Saying::new(
        F::SentAt,
        No("none per recipient: the document's createdDate, or the webhook event Sent"),
        Documented,
        PROPERTIES,
    ),
    Saying::new(F::ViewedAt, Otherwise("documentHistory", FROM_HISTORY), Documented, HISTORY),
    Saying::new(F::SignedAt, Otherwise("documentHistory", FROM_HISTORY), Documented, HISTORY),
    Saying::new(F::DeclinedAt, Otherwise("documentHistory", FROM_HISTORY), Documented, HISTORY),
    Saying::new(
        F::DeclineReason,
        Otherwise(
            "declineMessage",
            "one for the document: told where one signer declined; per signer in the webhook",
        ),
        Documented,
        PROPERTIES,
    ),
    Saying::new(F::EnvelopeStatus, As("status"), Documented, PROPERTIES),
];

pub(super) static STATUSES: &[Saying<RecipientStatus>] = &[
    Saying::new(RecipientStatus::Waiting, As("NotCompleted, not in turn"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::Notified, As("NotCompleted, in turn"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::Viewed, As("NotCompleted, isViewed"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::Signed, As("Completed"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::Declined, As("Declined"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::DeliveryFailed, As("isDeliveryFailed"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::Expired, As("Expired"), Documented, PROPERTIES),
    Saying::new(RecipientStatus::Revoked, As("Revoked"), Documented, PROPERTIES),
];
