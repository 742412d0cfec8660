//! What BoldSign does, as played here.

use super::Evidence::{Docs, Guess, ThirdParty};
use super::Rule;
use crate::vendors::Vendor;

const fn rule(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Boldsign), what, evidence, source }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "OAuth at /connect/authorize and /connect/token: authorization code with PKCE (S256 required) and client credentials; tokens live an hour",
        Docs,
        "developers.boldsign.com, OAuth 2.0",
    ),
    rule(
        "With offline_access a refresh token comes, works once, and is followed by a new one of 30 days",
        Docs,
        "developers.boldsign.com, OAuth 2.0; whether the 30 days slide is a setting of the application there",
    ),
    rule(
        "Refused tokens: 400 with invalid_client, invalid_grant, invalid_scope, invalid_request or unsupported_grant_type",
        Guess,
        "the words are the OAuth standard's, which the vendor says it follows; status and words were not seen",
    ),
    rule(
        "Codes live two minutes and are used up by the first who shows them",
        Guess,
        "the OAuth standard; not documented",
    ),
    rule(
        "A redirect URI on this machine is accepted whether registered or not; any other one ends at a page",
        Guess,
        "a choice of this sandbox, so that command lines can listen on any port; that others must be registered is documented",
    ),
    rule(
        "Tokens do what their scopes say by route and by reading or writing; else 403",
        Guess,
        "the scopes are documented, which call needs which and the answer are not",
    ),
    rule(
        "The consent page asks every time, and nobody has to sign in to it",
        Guess,
        "a choice of this sandbox",
    ),
    rule("A visit to the signing page may be idle for a day", Guess, "not documented"),
    rule("A wrong key, or a key of another region: 401", Docs, "developers.boldsign.com, integration errors"),
    rule(
        "The body of that 401 is {\"error\"}",
        Guess,
        "the specification declares the shape; the text is not published",
    ),
    rule(
        "Rate limit: 2,000 calls an hour, X-RateLimit-* with the reset in epoch seconds, 429",
        Docs,
        "developers.boldsign.com, rate limit; support.boldsign.com 18976",
    ),
    rule(
        "The 429 has no Retry-After, its text is invented, and the limit resets at the full hour",
        Guess,
        "sources say little",
    ),
    rule(
        "Send answers 201 before the document exists; until then reads answer 403 Invalid Document ID",
        Docs,
        "developers.boldsign.com, integration errors",
    ),
    rule(
        "A document whose creation failed stays 403 for ever and is in no list",
        Docs,
        "developers.boldsign.com, send document",
    ),
    rule("Mails of a sent document go out when it exists", Guess, "follows from the background creation"),
    rule(
        "Malformed id: 400 documentId 'Provide valid document id.' on properties and revoke",
        Docs,
        "official integration tests",
    ),
    rule("The same answer to a malformed id on remind", Guess, "not documented"),
    rule("Any wrong id on getEmbeddedSignLink: 403 Invalid Document ID", Docs, "official integration tests"),
    rule(
        "Wrong id on changeAccessCode: 400 DocumentId 'The field DocumentId is invalid.'",
        Docs,
        "official integration tests",
    ),
    rule(
        "changeAccessCode on a document that is not ready yet: 403 Invalid Document ID",
        Guess,
        "not documented",
    ),
    rule("Signers as one list in a form: 400 Signers 'Value is invalid'", Docs, "official integration tests"),
    rule(
        "No signer: 400 Signers 'Minimum one signer is needed to create a document'",
        Docs,
        "official integration tests",
    ),
    rule(
        "Other refusals of send (file, name, address, code, retry count) and their texts",
        Guess,
        "only the limits are in the specification",
    ),
    rule("A signer without signerOrder gets the place in the list", Guess, "not documented"),
    rule(
        "Signing order counts only with enableSigningOrder",
        Docs,
        "specification, boldsign/boldsign-java-sdk",
    ),
    rule("Copies are mailed when the document is sent", Guess, "not documented exactly"),
    rule("Documents expire after 60 days unless told otherwise", Docs, "specification, expiryValue"),
    rule(
        "isAuthenticationFailed: null without authentication, false, true when locked",
        Docs,
        "comment in boldsign/api-csharp-sdk",
    ),
    rule("A signer whose mail came back has isDeliveryFailed", Docs, "specification, signer details"),
    rule("Dates are Unix seconds", Docs, "specification and published samples"),
    rule(
        "Unfinished signers of a declined document stay NotCompleted",
        Guess,
        "published sample shows one; the rule is not documented",
    ),
    rule(
        "displayStatus is WaitingForOthers, or NeedAttention when a signer is locked",
        Guess,
        "words of the list filter; the field is a free string",
    ),
    rule(
        "Signing links live 180 days or as long as asked, and open any number of times",
        Docs,
        "developers.boldsign.com, embedded link expiration; reuse is a guess",
    ),
    rule(
        "SignLinkValidTill in the past makes a dead link, not an error",
        Docs,
        "official Java integration test",
    ),
    rule("SignLinkValidTill beyond 180 days: 400", Guess, "the range is documented, the answer is not"),
    rule("Neither e-mail nor phone for a link: 400", Guess, "the status is 400 or 422"),
    rule("A link for a repeated address serves the first who has not finished", Guess, "not documented"),
    rule("A link for somebody not in turn or locked is given out; the page refuses", Guess, "not documented"),
    rule(
        "A link for an unknown signer, one who is done, or a closed document: 403 with a sentence",
        Guess,
        "not documented",
    ),
    rule("A link still asks for the access code", Guess, "not documented"),
    rule(
        "Making a link and signing through it are in the audit trail; Signed stands there beside EmbeddedSigned",
        Docs,
        "specification, audit actions; that both stand there is a guess",
    ),
    rule(
        "The return URL gets ?documentId=... literally, after signing and declining",
        ThirdParty,
        "several integrations; that nothing else redirects is a guess",
    ),
    rule(
        "One manual reminder per document and UTC day; another is 403",
        Docs,
        "support.boldsign.com 23064; 403 by integrations; the text, and UTC, are guesses",
    ),
    rule("Reminders are mailed even with disableEmails", Docs, "support.boldsign.com 22136"),
    rule(
        "A reminder without receiverEmails goes to everybody who has not finished",
        Docs,
        "boldsign/boldsign-mcp",
    ),
    rule(
        "With a signing order only those in turn are reminded, and naming others is silently accepted",
        Guess,
        "not documented",
    ),
    rule(
        "A malformed address in receiverEmails: 400 'The field receiverEmails is invalid.'",
        Docs,
        "official Java integration test",
    ),
    rule("An address that is not in the document: the same 400", Guess, "not documented"),
    rule("Reminding on a closed document: 403", Guess, "that it is refused is documented, the answer is not"),
    rule("A refused reminder does not use up the day's one", Guess, "not documented"),
    rule(
        "A reminder does not unlock; a new access code does",
        Docs,
        "support.boldsign.com 14181; that a reminder does not is a guess",
    ),
    rule("Empty code: 400 'The AccessCode field is required.'", Docs, "official Java integration test"),
    rule(
        "Unknown signer or order in changeAccessCode: 403 Forbidden",
        Docs,
        "official Java integration test; the body is a guess",
    ),
    rule(
        "Without ZOrder the first unfinished signer with that address is meant",
        Guess,
        "the vendor's own clients differ",
    ),
    rule(
        "Changing the code of a signer without one, who is done, or in a closed document: 403 with a sentence",
        Guess,
        "not documented",
    ),
    rule("Access codes are compared letter for letter", Guess, "not documented"),
    rule(
        "A document sent on behalf of an identity is changed only with the same onBehalfOf, otherwise 403",
        Docs,
        "developers.boldsign.com, change access code; the status is a guess",
    ),
    rule("Of other authentication kinds only the name is kept", Guess, "a choice of this sandbox"),
    rule("The brand list is empty", Guess, "a choice of this sandbox"),
];
