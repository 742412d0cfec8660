//! What a DocuSign envelope is made of, and how far it can be. Fields: `envelopeDefinition` in
//! docusign/OpenAPI-Specifications; what BoldSign's migration guide says of DocuSign
//! (boldsign/docusign-to-boldsign-api-migration) where it is named.

use countersign_core::Evidence::{Documented, Guessed};
use countersign_core::Said::{As, No, Otherwise};
use countersign_core::{EnvelopePart as P, EnvelopeStage as S, Saying};

const DEFINITION: &str = "docusign/OpenAPI-Specifications, envelopeDefinition";
const RECIPIENTS: &str = "docusign/OpenAPI-Specifications, recipients";
const TABS: &str = "docusign/OpenAPI-Specifications, tabs";
const STATUS: &str = "docusign/OpenAPI-Specifications, envelope.status";
const GUIDE: &str = "boldsign/docusign-to-boldsign-api-migration, the guide's own table";

pub(super) static PARTS: &[Saying<P>] = &[
    Saying::new(P::AccountInCalls, As("accountId in every path"), Documented, DEFINITION),
    Saying::new(P::SendAtOnce, As("status `sent`"), Documented, DEFINITION),
    Saying::new(P::Draft, As("status `created`"), Documented, DEFINITION),
    Saying::new(P::Subject, As("emailSubject"), Documented, DEFINITION),
    Saying::new(P::MessageText, As("emailBlurb"), Documented, DEFINITION),
    Saying::new(P::DocumentBytes, As("documents[].documentBase64"), Documented, DEFINITION),
    Saying::new(P::Signer, As("signers"), Documented, RECIPIENTS),
    Saying::new(P::InPersonSigner, As("inPersonSigners with hostName and hostEmail"), Documented, RECIPIENTS),
    Saying::new(P::CarbonCopy, As("carbonCopies with name and routingOrder"), Documented, RECIPIENTS),
    Saying::new(P::Reviewer, As("certifiedDeliveries"), Documented, RECIPIENTS),
    Saying::new(P::Editor, As("editors"), Documented, RECIPIENTS),
    Saying::new(P::Agent, As("agents"), Documented, RECIPIENTS),
    Saying::new(P::Intermediary, As("intermediaries"), Documented, RECIPIENTS),
    Saying::new(P::Witness, As("witnesses"), Documented, RECIPIENTS),
    Saying::new(P::RecipientId, As("recipientId"), Documented, RECIPIENTS),
    Saying::new(P::RoutingOrder, As("routingOrder, always enforced"), Documented, RECIPIENTS),
    Saying::new(P::ClientUserId, As("clientUserId"), Documented, RECIPIENTS),
    Saying::new(
        P::EmbeddedSigning,
        Otherwise(
            "clientUserId",
            "every signer who is to sign in the application needs a client user id when the envelope is made; the same person gets no mail then",
        ),
        Documented,
        RECIPIENTS,
    ),
    Saying::new(P::AccessCode, As("accessCode"), Documented, RECIPIENTS),
    Saying::new(P::PhoneAuthentication, As("phoneAuthentication, smsAuthentication"), Documented, RECIPIENTS),
    Saying::new(P::EmailOtp, No("set an access code and tell it yourself"), Guessed, GUIDE),
    Saying::new(P::IdVerification, As("identityVerification"), Documented, RECIPIENTS),
    Saying::new(P::KnowledgeBased, As("idCheckConfigurationName"), Documented, RECIPIENTS),
    Saying::new(P::CustomFields, As("customFields"), Documented, DEFINITION),
    Saying::new(P::PlacedFields, As("tabs: xPosition and yPosition as texts"), Documented, TABS),
    Saying::new(P::FormulaFields, As("formulaTabs"), Documented, TABS),
    Saying::new(P::ApproveFields, As("approveTabs, declineTabs"), Documented, TABS),
    Saying::new(P::AnchorStrings, As("anchorString"), Documented, TABS),
    Saying::new(
        P::TextTags,
        Otherwise(
            "anchorString",
            "fields are placed where a text of the document is found; the tags have no meaning of their own",
        ),
        Documented,
        TABS,
    ),
    Saying::new(P::Brand, As("brandId"), Documented, DEFINITION),
    Saying::new(P::EnvelopeWebhook, As("eventNotification"), Documented, DEFINITION),
    Saying::new(
        P::AccountWebhook,
        As("Connect configuration"),
        Documented,
        "developers.docusign.com/platform/webhooks/connect",
    ),
];

pub(super) static STAGES: &[Saying<S>] = &[
    Saying::new(S::Draft, As("created"), Documented, STATUS),
    Saying::new(S::Sent, As("sent"), Documented, STATUS),
    Saying::new(S::Opened, As("delivered"), Documented, STATUS),
    Saying::new(S::Completed, As("completed"), Documented, STATUS),
    Saying::new(S::Declined, As("declined"), Documented, STATUS),
    Saying::new(S::Voided, As("voided"), Documented, STATUS),
    Saying::new(
        S::Expired,
        Otherwise("voided", "an envelope that runs out of time ends as one that was taken back"),
        Guessed,
        "general knowledge of DocuSign; not found in the specification",
    ),
];
