//! What a BoldSign document is made of, and how far it can be. Sources: BoldSign's OpenAPI document; its migration
//! guide (boldsign/docusign-to-boldsign-api-migration), which has known mistakes and is only followed where the OpenAPI
//! document does not say otherwise. Nearest ways that no page names are marked as guessed.

use countersign_core::Evidence::{Documented, Guessed};
use countersign_core::Said::{As, No, Otherwise};
use countersign_core::{EnvelopePart as P, EnvelopeStage as S, Saying};

const SEND: &str = "boldsign/boldsign-java-sdk, api/openapi.yaml, POST /v1/document/send";
const SIGNER: &str = "boldsign/boldsign-java-sdk, api/openapi.yaml, DocumentSigner";
const GUIDE: &str = "boldsign/docusign-to-boldsign-api-migration";
const SEND_PAGE: &str = "developers.boldsign.com/documents/send-document";
const STATUS: &str = "boldsign/boldsign-java-sdk, api/openapi.yaml, DocumentProperties.status";
const WEBHOOKS: &str = "developers.boldsign.com/webhooks/introduction";

pub(super) static PARTS: &[Saying<P>] = &[
    Saying::new(
        P::AccountInCalls,
        Otherwise("X-API-KEY", "the key decides the account and the environment; no call names them"),
        Documented,
        GUIDE,
    ),
    Saying::new(
        P::SendAtOnce,
        Otherwise(
            "POST /v1/document/send",
            "answers before the document is there: calls are refused as not ready for seconds to minutes, and a creation that failed shows only in the webhook event SendFailed",
        ),
        Documented,
        SEND_PAGE,
    ),
    Saying::new(
        P::Draft,
        Otherwise(
            "createEmbeddedRequestUrl, draftSend",
            "a draft is prepared on a page, and sent with a call of its own",
        ),
        Documented,
        GUIDE,
    ),
    Saying::new(P::Subject, As("title"), Documented, SEND),
    Saying::new(P::MessageText, As("message"), Documented, SEND),
    Saying::new(P::DocumentBytes, As("files as data URIs, or parts of a form"), Documented, SEND),
    Saying::new(P::Signer, As("signerType Signer"), Documented, SIGNER),
    Saying::new(
        P::InPersonSigner,
        Otherwise(
            "signerType InPersonSigner with hostEmail",
            "one row in the list of signers; the host is told by hostEmail",
        ),
        Documented,
        SIGNER,
    ),
    Saying::new(
        P::CarbonCopy,
        Otherwise("cc[].emailAddress", "only an address: no name, and no place in the order"),
        Documented,
        SEND,
    ),
    Saying::new(
        P::Reviewer,
        Otherwise("signerType Reviewer", "the nearest of its kinds to a certified delivery"),
        Documented,
        GUIDE,
    ),
    Saying::new(
        P::Editor,
        No(
            "there is none: have the document ready before it is sent, and correct signers with the route changeRecipient",
        ),
        Guessed,
        SIGNER,
    ),
    Saying::new(
        P::Agent,
        No("there is none: name all signers when sending, and correct them with the route changeRecipient"),
        Guessed,
        SIGNER,
    ),
    Saying::new(
        P::Intermediary,
        No("there is none: name all signers when sending, and correct them with the route changeRecipient"),
        Guessed,
        SIGNER,
    ),
    Saying::new(
        P::Witness,
        No("there is none: a further signer behind the one who is witnessed, if your law allows it"),
        Guessed,
        SIGNER,
    ),
    Saying::new(
        P::RecipientId,
        No(
            "signers are told apart by e-mail and order; signerDetails[].id is BoldSign's own and no call takes it",
        ),
        Documented,
        SIGNER,
    ),
    Saying::new(
        P::RoutingOrder,
        Otherwise(
            "signerOrder (a number) with enableSigningOrder: true",
            "the order counts only where it is switched on",
        ),
        Documented,
        SEND,
    ),
    Saying::new(
        P::ClientUserId,
        No(
            "there is no mark: any signer can be given a link; name signers by e-mail (and order) and keep your own ids in your records or in metaData",
        ),
        Documented,
        GUIDE,
    ),
    Saying::new(
        P::EmbeddedSigning,
        Otherwise(
            "disableEmails, enableEmbeddedSigning",
            "any signer can be given a link, and all are mailed as well unless mails are switched off for the whole document",
        ),
        Documented,
        SEND,
    ),
    Saying::new(
        P::AccessCode,
        As("authenticationType AccessCode with authenticationCode"),
        Documented,
        SIGNER,
    ),
    Saying::new(
        P::PhoneAuthentication,
        Otherwise(
            "authenticationType SMSOTP",
            "a code by SMS, no call; a signer who fails it cannot be unlocked over the API",
        ),
        Documented,
        GUIDE,
    ),
    Saying::new(P::EmailOtp, As("authenticationType EmailOTP"), Documented, SIGNER),
    Saying::new(P::IdVerification, As("authenticationType IdVerification"), Documented, SIGNER),
    Saying::new(P::KnowledgeBased, As("authenticationType KBA"), Documented, SIGNER),
    Saying::new(
        P::CustomFields,
        Otherwise(
            "metaData, labels",
            "names with values, and words to search by; at most 50 entries, as far as the OpenAPI document can be read so",
        ),
        Guessed,
        SEND,
    ),
    Saying::new(
        P::PlacedFields,
        Otherwise(
            "formFields[] with bounds",
            "numbers instead of texts, and a width and height for each field",
        ),
        Documented,
        SEND,
    ),
    Saying::new(P::FormulaFields, As("formFields[] of type Formula"), Documented, SEND),
    Saying::new(
        P::ApproveFields,
        No("there is none: a signer declines on the page itself, and approves by signing"),
        Documented,
        SEND,
    ),
    Saying::new(
        P::AnchorStrings,
        No("the document's own text is not searched: write text tags into the file, or give positions"),
        Documented,
        GUIDE,
    ),
    Saying::new(P::TextTags, As("text tags"), Documented, GUIDE),
    Saying::new(P::Brand, As("brandId"), Documented, SEND),
    Saying::new(
        P::EnvelopeWebhook,
        No(
            "there is one for the account: set it up in the web application, and pick out your documents by their id",
        ),
        Documented,
        WEBHOOKS,
    ),
    Saying::new(
        P::AccountWebhook,
        As("webhook of the account, set up in the web application"),
        Documented,
        WEBHOOKS,
    ),
];

pub(super) static STAGES: &[Saying<S>] = &[
    Saying::new(S::Draft, As("Draft"), Documented, STATUS),
    Saying::new(
        S::Sent,
        Otherwise(
            "InProgress",
            "one word until the end; whether somebody has opened it is told per signer (isViewed)",
        ),
        Documented,
        STATUS,
    ),
    Saying::new(
        S::Opened,
        Otherwise(
            "InProgress",
            "one word until the end; whether somebody has opened it is told per signer (isViewed)",
        ),
        Documented,
        STATUS,
    ),
    Saying::new(S::Completed, As("Completed"), Documented, STATUS),
    Saying::new(S::Declined, As("Declined"), Documented, STATUS),
    Saying::new(S::Voided, As("Revoked"), Documented, STATUS),
    Saying::new(S::Expired, As("Expired"), Documented, STATUS),
];
