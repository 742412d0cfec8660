//! How BoldSign behaves, as data: links, reminders, access codes, refusals, limits. None of it was tried against a
//! live account; each row says on what it rests. "Documented" is BoldSign's OpenAPI document (boldsign-java-sdk,
//! `api/openapi.yaml`) or its help pages, "observed" its own integration tests or users' code.

mod envelope;
mod words;

use std::time::Duration;

use countersign_core::{
    AccessCodeConduct, CallCount, Conduct, ErrorKind, Evidence, Fact, Feature, LinkConduct, LinkLife,
    Operation, Rate, Refusal, ResendConduct,
};

use ErrorKind as K;
use Evidence::{Documented, Guessed, Observed};
use Operation::{ChangeAccessCode, CreateView, ListRecipients, ResendRecipient};

const OPENAPI: &str = "boldsign/boldsign-java-sdk, api/openapi.yaml";
const LINK_PAGE: &str = "developers.boldsign.com/how-to-guides/embedded-link-expiration";
const REMINDER_PAGE: &str = "support.boldsign.com/kb/article/23064";
const MUTED_PAGE: &str = "support.boldsign.com/kb/article/22136";
const UNLOCK_PAGE: &str = "support.boldsign.com/kb/article/14181";
const RATE_PAGE: &str = "developers.boldsign.com/api-overview/rate-limit";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HALF_A_YEAR: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// How BoldSign behaves.
pub(crate) static CONDUCT: Conduct = Conduct {
    link: LinkConduct {
        life: Fact::documented(
            LinkLife { usual: HALF_A_YEAR, shortest: DAY, longest: HALF_A_YEAR },
            LINK_PAGE,
        )
        .note("give expires_in, one day at least; redirect at once and never store the link"),
        single_use: Fact::guessed(
            Some(false),
            "developers.boldsign.com/how-to-guides/embedded-link-expiration speaks of 180 days and of no single use; users' texts disagree",
        )
        .note("redirect at once and never store or mail the link; give expires_in"),
        embedded_only: Fact::observed(
            false,
            "boldsign/docusign-to-boldsign-api-migration: no marker is needed; users' code disagrees in part",
        )
        .note("set enableEmbeddedSigning when the document is sent all the same: whether it matters is not documented"),
        repeated_signer: Fact::documented(false, OPENAPI)
            .note("give each signer of a document an address of their own, or resend the mail to them"),
        return_query: Fact::observed(
            false,
            "users' code: `?documentId=` is appended even behind a query",
        )
        .note("put what the URL has to carry into its path, or keep it under the document id that is appended"),
    },
    resend: ResendConduct {
        one_recipient: Fact::documented(false, OPENAPI)
            .note("a reminder goes to an address: give each signer of a document an address of their own"),
        per_day: Fact::documented(Some(1), REMINDER_PAGE)
            .note("give the signer a link of your own (create_view), as often as you like"),
        mails_embedded: Fact::documented(true, MUTED_PAGE)
            .note("do not resend; give the signer a link (create_view)"),
        mails_muted: Fact::documented(true, MUTED_PAGE)
            .note("such a resend is refused unless allow_muted says that a mail is wanted"),
        before_turn: Fact::guessed(
            false,
            "BoldSign's answer is not documented; refused here, since it could use up the day's one reminder",
        )
        .note("resend when it is their turn"),
        unlocks: Fact::guessed(
            Some(false),
            "support.boldsign.com/kb/article/14181 names a new access code as the way; of reminders it says nothing",
        )
        .note("a new access code unlocks (change_access_code)"),
    },
    access_code: AccessCodeConduct {
        first_code: Fact::documented(false, "developers.boldsign.com/documents/change-access-code")
            .note("the signer needs an access code at send time; or switch it on first (route addAuthentication)"),
        unlocks: Fact::documented(Some(true), UNLOCK_PAGE),
        unlocks_with_notify: Fact::documented(Some(true), UNLOCK_PAGE),
        forbidden: Fact::observed("", "the vendor's Postman sample uses !@#; the page says alphanumeric"),
        longest: Fact::documented(None, OPENAPI).note("none is declared for a change; at sending it is 50"),
    },
    references: words::REFERENCES,
    fields: words::FIELDS,
    statuses: words::STATUSES,
    envelope: envelope::PARTS,
    envelope_stages: envelope::STAGES,
    refusals: REFUSALS,
    calls: CALLS,
    rate: Rate {
        per_hour: Fact::documented(2_000, RATE_PAGE)
            .note("of all keys and applications of the account together; varies by plan, and support can raise it"),
        trial_per_hour: Some(Fact::documented(50, RATE_PAGE)),
        burst: None,
    },
};

const NOT_READY: &str = "the document is still being created, seconds to minutes after sending; or its creation failed, or the id is unknown here";
const NO_SUCH: &str = "the id is no document's: one that could be is refused as not ready";
const DONE: &str = "the recipient has nothing more to do, while the document is open";

/// Evidence is that of BoldSign's own refusal; what the adapter decides from the document is as sure as the document.
static REFUSALS: &[Refusal] = &[
    Refusal::new(ListRecipients, K::EnvelopeNotReady, NOT_READY, Documented),
    Refusal::new(ListRecipients, K::EnvelopeNotFound, NO_SUCH, Observed),
    Refusal::new(CreateView, K::EnvelopeNotReady, NOT_READY, Documented),
    Refusal::new(CreateView, K::EnvelopeNotFound, NO_SUCH, Observed),
    // What BoldSign answers to a link for a document that has ended, or for a signer who is done, locked out or not in
    // turn, is not public: the adapter refuses before it asks.
    Refusal::new(CreateView, K::EnvelopeClosed, Refusal::ENDED, Guessed),
    Refusal::new(CreateView, K::RecipientNotFound, Refusal::NOBODY, Documented),
    Refusal::new(CreateView, K::RecipientAmbiguous, Refusal::SEVERAL, Documented),
    Refusal::new(CreateView, K::RecipientNotInTurn, Refusal::OTHERS_FIRST, Guessed),
    Refusal::new(CreateView, K::RecipientLocked, Refusal::LOCKED_OUT, Guessed),
    Refusal::new(CreateView, K::RecipientDone, DONE, Guessed),
    Refusal::new(ResendRecipient, K::EnvelopeNotReady, NOT_READY, Documented),
    Refusal::new(ResendRecipient, K::EnvelopeNotFound, NO_SUCH, Observed),
    Refusal::new(ResendRecipient, K::EnvelopeClosed, Refusal::ENDED, Documented),
    Refusal::new(ResendRecipient, K::RecipientNotFound, Refusal::NOBODY, Documented),
    Refusal::new(ResendRecipient, K::RecipientAmbiguous, Refusal::SEVERAL, Documented),
    Refusal::new(ResendRecipient, K::RecipientNotInTurn, Refusal::OTHERS_FIRST, Guessed),
    Refusal::new(ResendRecipient, K::RecipientDone, DONE, Documented),
    Refusal::new(
        ResendRecipient,
        K::QuotaExceeded,
        "the document's one manual reminder of the day is used up",
        Observed,
    ),
    Refusal::new(ChangeAccessCode, K::EnvelopeNotReady, NOT_READY, Documented),
    Refusal::new(ChangeAccessCode, K::EnvelopeNotFound, NO_SUCH, Observed),
    Refusal::new(ChangeAccessCode, K::EnvelopeClosed, Refusal::ENDED, Guessed),
    Refusal::new(ChangeAccessCode, K::RecipientNotFound, Refusal::NOBODY, Documented),
    Refusal::new(ChangeAccessCode, K::RecipientAmbiguous, Refusal::SEVERAL, Documented),
    Refusal::new(
        ChangeAccessCode,
        K::RecipientLocked,
        "the signer failed another check than the access code",
        Guessed,
    ),
    Refusal::new(ChangeAccessCode, K::RecipientDone, DONE, Guessed),
    Refusal::new(ChangeAccessCode, K::AccessCodeRefused, Refusal::BAD_CODE, Observed),
    Refusal::new(
        ChangeAccessCode,
        K::AccessCodeNotEnabled,
        "the signer has no access code that could be changed",
        Documented,
    ),
];

/// A resend reads the document first, since only it tells whether mails are switched off: a known recipient with
/// allow_muted takes one call less. A refusal for a known recipient is explained by a read.
static CALLS: &[CallCount] = &[
    CallCount { operation: ListRecipients, option: None, known: 1, usual: 1, most: 1 },
    CallCount { operation: CreateView, option: None, known: 1, usual: 2, most: 2 },
    CallCount { operation: ResendRecipient, option: None, known: 2, usual: 2, most: 2 },
    CallCount { operation: ChangeAccessCode, option: None, known: 1, usual: 2, most: 2 },
    CallCount {
        operation: ChangeAccessCode,
        option: Some(Feature::AccessCodeNotify),
        known: 3,
        usual: 3,
        most: 3,
    },
];
