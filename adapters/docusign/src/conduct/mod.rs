//! How DocuSign behaves, as data: links, resends, access codes, refusals, limits. None of it was tried against a live
//! account; each row says on what it rests.

mod envelope;
mod words;

use std::time::Duration;

use countersign_core::{
    AccessCodeConduct, Burst, CallCount, Conduct, ErrorKind, Evidence, Fact, Feature, LinkConduct, LinkLife,
    Operation, Rate, Refusal, ResendConduct,
};

use ErrorKind as K;
use Evidence::{Documented, Guessed, Observed};
use Operation::{ChangeAccessCode, CreateView, ListRecipients, ResendRecipient};

const VIEWS: &str = "DocuSign reference, EnvelopeViews: createRecipient";
const EXAMPLES: &str = "docusign/code-examples-node, embedded signing: the return URL has ?state=123";
const UPDATE: &str = "DocuSign reference, EnvelopeRecipients: update";
const RULES_AND_LIMITS: &str = "developers.docusign.com/docs/esign-rest-api/esign101/rules-and-limits/";
const RESOURCE_LIMITS: &str = "developers.docusign.com/platform/resource-limits/";
const UNLOCKING: &str = "stackoverflow.com/questions/48272647 and 47539595; the specification's text on resending to a recipient who failed";
const START_URL: &str = "docusign/OpenAPI-Specifications, signer.embeddedRecipientStartURL, has it so by design; for resends only stackoverflow.com/questions/47539595, where one asker got a mail";

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);

/// How DocuSign behaves.
pub(crate) static CONDUCT: Conduct = Conduct {
    link: LinkConduct {
        life: Fact::documented(
            LinkLife { usual: FIVE_MINUTES, shortest: FIVE_MINUTES, longest: FIVE_MINUTES },
            VIEWS,
        )
        .note("ask for the link when the signer is there, and redirect at once"),
        single_use: Fact::documented(Some(true), VIEWS)
            .note("a link preview or a mail scanner that opens the link uses it up (an inference)"),
        embedded_only: Fact::documented(true, VIEWS)
            .note("give each signer a client user id when the envelope is made; others sign by mail"),
        repeated_signer: Fact::observed(
            true,
            "DocuSign reference: recipientId in the view request; guides for recipients who share name and e-mail",
        ),
        return_query: Fact::documented(true, EXAMPLES),
    },
    resend: ResendConduct {
        one_recipient: Fact::observed(
            true,
            "stackoverflow.com/questions/21565765; DocuSign reference, EnvelopeRecipients: update",
        ),
        per_day: Fact::documented(None, RULES_AND_LIMITS).note(
            "no limit for resends is documented; changes of one envelope have limits that are not published",
        ),
        mails_embedded: Fact::guessed(false, START_URL)
            .note("give the signer a link (create_view); or set embeddedRecipientStartURL when the envelope is made"),
        mails_muted: Fact::guessed(false, "docusign/OpenAPI-Specifications, suppressEmails; what a resend does is not documented"),
        before_turn: Fact::observed(true, "guides of users: accepted, and nobody is mailed"),
        unlocks: Fact::observed(Some(true), UNLOCKING),
    },
    access_code: AccessCodeConduct {
        first_code: Fact::documented(true, UPDATE),
        unlocks: Fact::guessed(None, UNLOCKING).note("change the code with notify, or resend: either unlocks"),
        unlocks_with_notify: Fact::observed(Some(true), UNLOCKING),
        forbidden: Fact::documented(
            "< > & # ;",
            "docusign/OpenAPI-Specifications, accessCodeFormat; `;` is from a copy of the user guide",
        ),
        longest: Fact::documented(Some(50), "docusign/OpenAPI-Specifications, signer.accessCode"),
    },
    references: words::REFERENCES,
    fields: words::FIELDS,
    statuses: words::STATUSES,
    envelope: envelope::PARTS,
    envelope_stages: envelope::STAGES,
    refusals: REFUSALS,
    calls: CALLS,
    rate: Rate {
        per_hour: Fact::documented(3_000, RULES_AND_LIMITS).note("the default; accounts may have another limit"),
        trial_per_hour: None,
        burst: Some(
            Fact::documented(Burst { calls: 500, within: Duration::from_secs(30) }, RESOURCE_LIMITS)
                .note("200 in the demo environment"),
        ),
    },
};

/// DocuSign's list does not tell whether the envelope has ended, so the recipient counts.
const DONE: &str = "the recipient has nothing more to do, whether or not the envelope has ended";

/// Evidence is that of DocuSign's own refusal; what the adapter decides from the list is as sure as the list.
static REFUSALS: &[Refusal] = &[
    Refusal::new(ListRecipients, K::EnvelopeNotFound, Refusal::UNKNOWN_ID, Documented),
    Refusal::new(CreateView, K::EnvelopeNotFound, Refusal::UNKNOWN_ID, Documented),
    Refusal::new(
        CreateView,
        K::EnvelopeNotReady,
        "nobody was asked to sign yet: it looks like a draft",
        Observed,
    ),
    Refusal::new(CreateView, K::EnvelopeClosed, Refusal::ENDED, Guessed),
    Refusal::new(CreateView, K::RecipientNotFound, Refusal::NOBODY, Documented),
    Refusal::new(CreateView, K::RecipientAmbiguous, Refusal::SEVERAL, Documented),
    Refusal::new(
        CreateView,
        K::RecipientNotEmbedded,
        "the envelope has no client user id for them",
        Documented,
    ),
    Refusal::new(CreateView, K::RecipientNotInTurn, Refusal::OTHERS_FIRST, Observed),
    Refusal::new(CreateView, K::RecipientLocked, Refusal::LOCKED_OUT, Observed),
    Refusal::new(CreateView, K::RecipientDone, DONE, Documented),
    Refusal::new(ResendRecipient, K::EnvelopeNotFound, Refusal::UNKNOWN_ID, Documented),
    Refusal::new(ResendRecipient, K::EnvelopeClosed, Refusal::ENDED, Documented),
    Refusal::new(ResendRecipient, K::EnvelopeBusy, Refusal::EDITED, Documented),
    Refusal::new(ResendRecipient, K::RecipientNotFound, Refusal::NOBODY, Documented),
    Refusal::new(ResendRecipient, K::RecipientAmbiguous, Refusal::SEVERAL, Documented),
    Refusal::new(ResendRecipient, K::RecipientDone, DONE, Documented),
    Refusal::new(ChangeAccessCode, K::EnvelopeNotFound, Refusal::UNKNOWN_ID, Documented),
    Refusal::new(ChangeAccessCode, K::EnvelopeClosed, Refusal::ENDED, Documented),
    Refusal::new(ChangeAccessCode, K::EnvelopeBusy, Refusal::EDITED, Documented),
    Refusal::new(ChangeAccessCode, K::RecipientNotFound, Refusal::NOBODY, Documented),
    Refusal::new(ChangeAccessCode, K::RecipientAmbiguous, Refusal::SEVERAL, Documented),
    Refusal::new(ChangeAccessCode, K::RecipientDone, DONE, Documented),
    // The signs and the length are documented; what is answered to a code that breaks the account's format is not.
    Refusal::new(ChangeAccessCode, K::AccessCodeRefused, Refusal::BAD_CODE, Guessed),
];

/// After DocuSign did not know a recipient, the list is read again where it was not just read, and the call made once
/// more; a view is at last asked for by user id.
static CALLS: &[CallCount] = &[
    CallCount { operation: ListRecipients, option: None, known: 1, usual: 1, most: 1 },
    CallCount { operation: CreateView, option: None, known: 1, usual: 2, most: 4 },
    CallCount { operation: ResendRecipient, option: None, known: 1, usual: 2, most: 3 },
    CallCount {
        operation: ResendRecipient,
        option: Some(Feature::ResendEveryone),
        known: 2,
        usual: 2,
        most: 2,
    },
    CallCount { operation: ChangeAccessCode, option: None, known: 1, usual: 2, most: 3 },
];
