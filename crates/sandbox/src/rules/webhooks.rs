//! How both vendors send webhooks, as played here.

use super::Evidence::{Docs, Guess};
use super::Rule;
use crate::vendors::Vendor;

const fn docusign(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Docusign), what, evidence, source }
}

const fn boldsign(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Boldsign), what, evidence, source }
}

const fn both(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: None, what, evidence, source }
}

pub(super) const RULES: &[Rule] = &[
    both(
        "Webhooks go out one after the other in the order of events, unless faults or retries change it",
        Guess,
        "a choice of this sandbox; neither vendor promises an order",
    ),
    both(
        "Stamps in webhooks are the machine's time, also when the world's clock was moved; a stopped world's where it is stopped",
        Guess,
        "a choice of this sandbox: receivers judge stamps by their own clock",
    ),
    both(
        "A webhook counts as taken with any status of 200 to 299",
        Guess,
        "BoldSign asks for 200; DocuSign's page says little",
    ),
    docusign(
        "Connect sends JSON SIM: event, uri, retryCount, configurationId, generatedDateTime, data",
        Docs,
        "developers.docusign.com, JSON SIM event model; connect.schema-v2.json in docusign/OpenAPI-Specifications",
    ),
    docusign(
        "Each active secret signs the body: base64 HMAC-SHA256 in X-DocuSign-Signature-1, -2, …",
        Docs,
        "developers.docusign.com, Connect, validate",
    ),
    docusign(
        "A failed webhook is tried again once a day, ten times",
        Docs,
        "specification, requiresAcknowledgement; another account says 15 seconds and growing, for days",
    ),
    docusign(
        "A retry carries the same generatedDateTime and a higher retryCount",
        Guess,
        "retryCount is in the schema, what it does to the time is not documented",
    ),
    docusign("The receiver has 100 seconds", Docs, "developers.docusign.com, Connect"),
    docusign(
        "envelope-delivered comes with the first recipient who opens the envelope",
        Guess,
        "follows from how this sandbox keeps the envelope's status",
    ),
    docusign("recipientId is the id within the envelope", Guess, "the schema's sample is empty"),
    docusign(
        "Envelopes that run out of time are told as envelope-voided",
        Guess,
        "they end as voided; the event is not documented",
    ),
    boldsign(
        "X-BoldSign-Signature: t, s0 and, while a secret is being changed, s1: hex HMAC-SHA256 over t, a full stop and the body",
        Docs,
        "developers.boldsign.com, verify webhook events; boldsign/api-csharp-sdk",
    ),
    boldsign(
        "Each attempt is stamped and signed anew",
        Guess,
        "retries after hours would be refused by the vendor's own check otherwise",
    ),
    boldsign(
        "A failed webhook is tried again after 1, 15 and 45 minutes, 1, 8 and 24 hours",
        Docs,
        "developers.boldsign.com, webhook configuration and lifecycle; that each counts from the attempt before is a guess",
    ),
    boldsign(
        "An endpoint that keeps failing is not disabled here",
        Guess,
        "the vendor does so after seven days",
    ),
    boldsign(
        "The receiver has 10 seconds",
        Docs,
        "developers.boldsign.com, webhook configuration and lifecycle",
    ),
    boldsign(
        "The check of an endpoint has X-BoldSign-Event: Verification and no signature",
        super::Evidence::ThirdParty,
        "change log of neilberkman/boldsign, 0.8.1; its body is a guess",
    ),
    boldsign(
        "context names the actor: the signer's id, or the sender; Completed names who finished last",
        Docs,
        "developers.boldsign.com, event context; the last part is a guess",
    ),
    boldsign("Declined comes with the document already declined", Guess, "not documented"),
    boldsign("A reminder to several is one event that names nobody", Guess, "not documented"),
];
