//! What DocuSign does at its doors, as played here: tokens, limits, creating envelopes.

use super::Evidence::{Docs, Guess, Observed, ThirdParty};
use super::Rule;
use crate::vendors::Vendor;

const fn rule(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: Some(Vendor::Docusign), what, evidence, source }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "The list of envelopes has all of them in one page, whatever its filters say",
        Guess,
        "a choice of this sandbox",
    ),
    rule(
        "Tokens of the JWT grant, with an RS256 assertion, expire; there is no refresh token",
        Docs,
        "developers.docusign.com, JSON Web Token grant; github.com/docusign/docusign-esign-node-client/issues/338",
    ),
    rule(
        "A token request that is not form-encoded gets unsupported_grant_type",
        Docs,
        "developers.docusign.com, JSON Web Token grant",
    ),
    rule(
        "Unknown integration key: invalid_grant, issuer_not_found",
        Observed,
        "github.com/docusign/docusign-esign-php-client/issues/187",
    ),
    rule(
        "Wrong key, or iat in the future: invalid_grant, no_valid_keys_or_signatures",
        Observed,
        "github.com/docusign/docusign-esign-csharp-client/issues/323",
    ),
    rule(
        "Sign-in with a browser at /oauth/auth: state is passed through, a code comes back, and PKCE (S256) is checked when a challenge was given",
        Docs,
        "developers.docusign.com, authorization code grant (confidential and public)",
    ),
    rule(
        "Without a client secret a code needs its PKCE verifier; with one in the Authorization header it does not",
        Docs,
        "developers.docusign.com, authorization code grant (confidential and public)",
    ),
    rule(
        "Codes live two minutes and are used up by the first who shows them",
        Guess,
        "that they live for minutes is documented, the rest is the OAuth standard",
    ),
    rule(
        "Tokens of a code live 8 hours, refresh tokens 30 days; a new refresh token comes with every renewal",
        Docs,
        "docusign.com/blog/developers/authorization-code-grant-refresh-tokens",
    ),
    rule(
        "A refresh token works once; without the scope extended the new one keeps the old one's end",
        Guess,
        "that a new one comes and that extended lets it roll is documented",
    ),
    rule(
        "A used, old or foreign code or refresh token, or a wrong verifier: invalid_grant without a description",
        Guess,
        "the OAuth standard; the vendor's description is not known",
    ),
    rule(
        "A wrong client secret: invalid_grant, expired_client_token",
        Observed,
        "github.com/docusign/code-examples-ruby/issues/18",
    ),
    rule(
        "An unknown integration key with a code or refresh token: unauthorized_client",
        Guess,
        "not documented",
    ),
    rule(
        "A redirect URI on this machine is accepted whether registered or not; any other one ends at a page",
        Guess,
        "a choice of this sandbox, so that command lines can listen on any port; that others must be registered is documented",
    ),
    rule(
        "Allowing the scope impersonation is the consent that the JWT grant needs",
        Docs,
        "developers.docusign.com, obtaining consent",
    ),
    rule(
        "The consent page asks every time, and nobody has to sign in to it",
        Guess,
        "a choice of this sandbox",
    ),
    rule("Unknown user: invalid_grant, user_not_found", Observed, "community.docusign.com thread 26189"),
    rule("Expired assertion: invalid_grant, expired_client_token", ThirdParty, "guides to the JWT grant"),
    rule("Wrong aud: invalid_grant, no_valid_keys_or_signatures", Guess, "the vendor's answer is not known"),
    rule(
        "An assertion living longer than an hour: invalid_grant, expired_client_token",
        Guess,
        "the limit is documented, the answer is not",
    ),
    rule(
        "A grant that does not ask for signature and impersonation: consent_required",
        Guess,
        "the vendor's answer is not known",
    ),
    rule(
        "The sandbox's own host and port are accepted as aud as well",
        Guess,
        "a choice of this sandbox, for clients that override the OAuth host",
    ),
    rule(
        "Assertions are judged by the real clock unless the world's stands still, tokens by the world's",
        Guess,
        "a choice of this sandbox",
    ),
    rule(
        "Userinfo answers a dead token with 401, internal_server_error and a reference id",
        Observed,
        "github.com/docusign/docusign-esign-java-client/issues/84",
    ),
    rule(
        "Dead or foreign token: 401 AUTHORIZATION_INVALID_TOKEN; no Authorization header: 401 USER_AUTHENTICATION_FAILED",
        Docs,
        "developers.docusign.com, error codes; the split between the two is a guess",
    ),
    rule(
        "A GUID or number of another account: 400 USER_LACKS_MEMBERSHIP; anything else: 400 ACCOUNT_DOES_NOT_EXIST_IN_SYSTEM",
        Guess,
        "both codes are documented, status and split are not",
    ),
    rule(
        "Every scalar is a string; times have seven fractional digits",
        Docs,
        "eSignature v2.1 specification (docusign/OpenAPI-Specifications), examples",
    ),
    rule(
        "Rate limits: 3,000 calls an hour, 200 in 30 seconds, X-RateLimit-* in epoch seconds, X-BurstLimit-*",
        Docs,
        "developers.docusign.com, rules and limits",
    ),
    rule("A used up limit is 429 (it was 400 before 2026)", Docs, "community.docusign.com thread 26920"),
    rule("Per-envelope polling limits are not simulated", Guess, "their thresholds are not published"),
    rule("Unknown path: 404 RESOURCE_NOT_FOUND", Docs, "API logger sample, docusign.github.io"),
    rule(
        "A blank envelope id makes the call a list and complains about from_date",
        Observed,
        "github.com/docusign/docusign-esign-csharp-client/issues/89",
    ),
    rule(
        "Unknown envelope: ENVELOPE_DOES_NOT_EXIST with 404 on GET and 400 elsewhere",
        Guess,
        "sources disagree about the status",
    ),
    rule(
        "Missing body: 400 INVALID_REQUEST_BODY; another content type than JSON: 400 INVALID_CONTENT_TYPE",
        Observed,
        "github.com/docusign/docusign-esign-node-client/issues/136; stackoverflow.com/questions/49816824",
    ),
    rule(
        "A body that is not an object: 400 INVALID_REQUEST_BODY",
        Observed,
        "github.com/docusign/docusign-esign-python-client/issues/149",
    ),
    rule(
        "Sending without subject, document or recipient: 400 ENVELOPE_IS_INCOMPLETE",
        Docs,
        "developers.docusign.com, error codes; which lack gives it is a guess",
    ),
    rule(
        "Two recipients with one id: 400 ENVELOPE_HAS_DUPLICATE_RECIPIENTS",
        Guess,
        "the code is documented, the condition is not exact",
    ),
    rule(
        "Malformed address: 400 INVALID_EMAIL_ADDRESS_FOR_RECIPIENT",
        Docs,
        "developers.docusign.com, error codes",
    ),
    rule("A recipient without recipientId is numbered by its place", Guess, "not documented"),
    rule(
        "An access code over 50 characters or with <, >, &, #: 400 INVALID_REQUEST_PARAMETER",
        Guess,
        "the rule is in the specification, the answer is not",
    ),
    rule(
        "Only a few fields are understood; the others are given back as they came",
        Guess,
        "a choice of this sandbox",
    ),
];
