//! From DocuSign's codes to kinds: one row per code.
//!
//! The first row that fits wins. Codes are compared without letter case, since limit codes come in mixed case, and
//! most rows name no HTTP status: limits moved from 400 to 429 during 2026, and for many codes the status is not
//! publicly confirmed. Codes and meanings come from DocuSign's pages "Error codes" and "Rules and limits" and from
//! the named threads; rows whose source ends in "unconfirmed" rest on public lists only.

use countersign_core::{ErrorKind, Rule};

use ErrorKind::{
    Config, ConsentRequired, EnvelopeBusy, EnvelopeClosed, EnvelopeNotFound, InvalidRequest,
    PermissionDenied, QuotaExceeded, RateLimited, RecipientDone, RecipientLocked, RecipientNotFound,
    RecipientNotInTurn, Unauthenticated, Unexpected,
};

const ERROR_CODES: &str = "https://developers.docusign.com/docs/esign-rest-api/esign101/error-codes/";
const LISTS: &str = "https://developers.docusign.com/docs/esign-rest-api/esign101/error-codes/ (named in public lists; HTTP status unconfirmed)";
const RULES_AND_LIMITS: &str =
    "https://developers.docusign.com/docs/esign-rest-api/esign101/rules-and-limits/";
const CHANGE_OF_2026: &str =
    "community.docusign.com thread 26920, on the limits' move from 400 to 429 (April 2026)";
const UPDATE: &str =
    "https://developers.docusign.com/docs/esign-rest-api/reference/envelopes/enveloperecipients/update/";
const LOCKS: &str = "https://developers.docusign.com/docs/esign-rest-api/esign101/concepts/envelopes/lock/";
const NEW_ATTEMPTS: &str = "change the access code with notify, or resend: either gives the signer new attempts; the envelope need not be voided";
const RIGHTS: &str =
    "use the account and user that sent the envelope, or ask the account's administrator for the right";
const LATER: &str = "wait as long as the error says, then repeat the call; the refused call did nothing";

/// Every code that is publicly known to come from the four operations, their neighbours and the sign-in.
pub(crate) const RULES: &[Rule] = &[
    // The recipient.
    Rule::code(
        "UNKNOWN_ENVELOPE_RECIPIENT",
        RecipientNotFound,
        "no recipient of the envelope matches name, e-mail and client user id",
    )
    .remedy("list the recipients again and use their present values")
    .source("https://github.com/docusign/docusign-esign-csharp-client/issues/446"),
    Rule::code("RECIPIENT_NOT_IN_SEQUENCE", RecipientNotInTurn, "others in the routing order have to act first")
        .source("community.docusign.com thread 4506"),
    Rule::code("ACTIVATION_FAILED", RecipientLocked, "the signer typed wrong access codes")
        .remedy(NEW_ATTEMPTS)
        .source("https://stackoverflow.com/questions/47539595"),
    Rule::code("RECIPIENT_HAS_FAILED_SECURITY_CHECK", RecipientLocked, "the signer failed a security check")
        .remedy(NEW_ATTEMPTS)
        .source("https://stackoverflow.com/questions/27848717"),
    Rule::code(
        "ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE",
        PermissionDenied,
        "the envelope belongs to another account, or the recipient signs by mail and has no link to give out",
    )
    .remedy("use the account that sent the envelope; a recipient who shall sign in the application needs a client user id when the envelope is made")
    .source("https://github.com/docusign/docusign-esign-csharp-client/issues/44"),
    Rule::code("INVALID_USERID", InvalidRequest, "the user id is no id of a user here")
        .remedy("check that environment, base_url and account belong together")
        .source("https://github.com/docusign/docusign-esign-csharp-client/issues/400"),
    Rule::code(
        "RECIPIENT_UPDATE_FAILED",
        RecipientDone,
        "the recipient can no longer be changed: already signed, or locked by the template",
    )
    .source(UPDATE),
    Rule::code("SUCCESS", Unexpected, "DocuSign reported success under a status of failure")
        .remedy("inside an answer this code means success and is treated so; report it if it comes as a refusal")
        .source("https://stackoverflow.com/questions/48272647"),
    Rule::code("INVALID_EMAIL_ADDRESS_FOR_RECIPIENT", InvalidRequest, "the recipient's e-mail address is not valid")
        .source(ERROR_CODES),
    Rule::code(
        "NO_AUTHENTICATION_METHOD_FOR_RECIPIENT",
        InvalidRequest,
        "the account demands a check of the recipient and none is set",
    )
    .remedy("give the recipient an access code or another check")
    .source(LISTS),
    Rule::code("ENVELOPE_HAS_DUPLICATE_RECIPIENTS", InvalidRequest, "the envelope has the same recipient twice")
        .source(LISTS),
    Rule::code("RECIPIENT_LIMIT_EXCEEDED", InvalidRequest, "the envelope has too many recipients")
        .remedy("use fewer recipients")
        .source(CHANGE_OF_2026),
    // The envelope.
    Rule::code(
        "ENVELOPE_DOES_NOT_EXIST",
        EnvelopeNotFound,
        "no such envelope in this account and environment, or it was purged",
    )
    .source(ERROR_CODES),
    Rule::code(
        "ENVELOPE_INVALID_STATUS",
        EnvelopeClosed,
        "the envelope's state does not allow this: completed, declined, voided, or a draft",
    )
    .remedy("nothing can be done on an envelope that has ended; a draft has to be sent first")
    .source(UPDATE),
    Rule::code("ENVELOPE_IS_INCOMPLETE", InvalidRequest, "the envelope lacks parts that it needs for sending")
        .remedy("complete the envelope: subject, documents, recipients")
        .source(ERROR_CODES),
    Rule::code("ENVELOPE_CANNOT_VOID_INVALID_STATE", EnvelopeClosed, "the envelope can no longer be voided")
        .source(ERROR_CODES),
    Rule::code(
        "ONESIGNALLSIGN_NOT_SATISFIED",
        InvalidRequest,
        "the envelope breaks the rule for signing without fields",
    )
    .remedy("give each signer a signature field")
    .source(LISTS),
    Rule::code("EDIT_LOCK_NOT_LOCK_OWNER", EnvelopeBusy, "somebody else is editing the envelope")
        .remedy("wait until the edit has ended, at most 30 minutes, then repeat the call")
        .source(LOCKS),
    Rule::code("EDIT_LOCK_INVALID_STATE_FOR_LOCK", EnvelopeClosed, "the envelope can no longer be edited")
        .source(LOCKS),
    Rule::code("EDIT_LOCK_TEMPLATE_ALREADY_LOCKED", EnvelopeBusy, "somebody else is editing the template")
        .remedy("wait until the edit has ended, at most 30 minutes, then repeat the call")
        .source(LOCKS),
    // Allowances and limits; recognised by code under 400 and 429.
    Rule::code("ENVELOPE_ALLOWANCE_EXCEEDED", QuotaExceeded, "the plan's envelopes are used up").source(LISTS),
    Rule::code("ENVELOPE_SEND_LIMIT_EXCEEDED", RateLimited, "too many envelopes were sent in a short time")
        .remedy(LATER)
        .source(CHANGE_OF_2026),
    Rule::code("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", RateLimited, "the account's calls of this hour are used up")
        .remedy(LATER)
        .source(RULES_AND_LIMITS),
    Rule::code("BURST_APIINVOCATION_LIMIT_EXCEEDED", RateLimited, "too many calls of the account within 30 seconds")
        .remedy(LATER)
        .source("https://developers.docusign.com/platform/resource-limits/"),
    Rule::code(
        "Hourly_APIInvocation_Envelope_Limit_Exceeded",
        RateLimited,
        "too many changes of this envelope within the hour",
    )
    .remedy(LATER)
    .source(CHANGE_OF_2026),
    Rule::code(
        "Burst_APIInvocation_Envelope_Limit_Exceeded",
        RateLimited,
        "too many changes of this envelope within 30 seconds",
    )
    .remedy(LATER)
    .source(CHANGE_OF_2026),
    Rule::code(
        "Hourly_Envelope_Polling_Limit_Exceeded",
        RateLimited,
        "too many reads of this envelope within the hour",
    )
    .remedy("wait as long as the error says, and read an envelope at most once in 15 minutes; use webhooks instead")
    .source(CHANGE_OF_2026),
    Rule::code(
        "Burst_Envelope_Polling_Limit_Exceeded",
        RateLimited,
        "too many reads of this envelope within 30 seconds",
    )
    .remedy("wait as long as the error says, and read an envelope at most once in 15 minutes; use webhooks instead")
    .source(CHANGE_OF_2026),
    // The request.
    Rule::code("INVALID_REQUEST_BODY", InvalidRequest, "the request's body is missing or cannot be read")
        .source("https://github.com/docusign/docusign-esign-node-client/issues/136"),
    Rule::code("INVALID_REQUEST_PARAMETER", InvalidRequest, "a value in the request is not allowed")
        .remedy("see DocuSign's message; one about `from_date` means that the envelope id did not arrive")
        .source("https://github.com/docusign/docusign-esign-csharp-client/issues/89"),
    Rule::code("INVALID_CONTENT_TYPE", InvalidRequest, "the content type is not accepted")
        .remedy("something on the way changed the request's headers; check proxies")
        .source("https://stackoverflow.com/questions/49816824"),
    Rule::code("RESOURCE_NOT_FOUND", Config, "the address that was called does not exist")
        .remedy("check base_url: it is the host alone, as userinfo names it")
        .source("https://github.com/docusign/docusign.github.io (API logger sample)"),
    // Identity and rights.
    Rule::code(
        "AUTHORIZATION_INVALID_TOKEN",
        Unauthenticated,
        "the token has run out, was revoked, or belongs to another environment",
    )
    .source(ERROR_CODES),
    Rule::code("USER_AUTHENTICATION_FAILED", Unauthenticated, "the token is missing or no longer good")
        .source(ERROR_CODES),
    Rule::code(
        "PARTNER_AUTHENTICATION_FAILED",
        Unauthenticated,
        "the integration key is not known or not enabled in this environment",
    )
    .remedy("use the environment the key belongs to; for production the key has to pass go-live first")
    .source(ERROR_CODES),
    Rule::code("USER_LACKS_PERMISSIONS", PermissionDenied, "the user lacks a right for this")
        .remedy(RIGHTS)
        .source(LISTS),
    Rule::code("ACCOUNT_LACKS_PERMISSIONS", PermissionDenied, "the account's plan or settings do not allow this")
        .remedy("ask the account's administrator to enable the feature")
        .source(LISTS),
    Rule::code("USER_LACKS_MEMBERSHIP", PermissionDenied, "the user is no member of the account")
        .remedy("check that `account_id` is an account of the user who signs in")
        .source(LISTS),
    Rule::code(
        "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
        PermissionDenied,
        "the account is not one of the user's",
    )
    .remedy("check that `account_id` is an account of the user who signs in")
    .source(LISTS),
    Rule::code(
        "USER_NOT_ENVELOPE_SENDER_OR_RECIPIENT",
        PermissionDenied,
        "the envelope was neither sent nor received by this user",
    )
    .remedy(RIGHTS)
    .source(LISTS),
    Rule::code("ACCOUNT_DOES_NOT_EXIST_IN_SYSTEM", Config, "no such account on this host")
        .remedy("check `account_id` and `environment`; leave base_url out to have the host looked up")
        .source(LISTS),
    // The sign-in.
    Rule::code("consent_required", ConsentRequired, "the user never allowed this integration to act for them")
        .source("https://github.com/docusign/code-examples-node (lib/DSJwtAuth.js)"),
    Rule::code(
        "invalid_grant/issuer_not_found",
        Unauthenticated,
        "the integration key is not known in this environment",
    )
    .remedy("check `auth.integration_key`, and that `environment` is the one it belongs to")
    .source("https://github.com/docusign/docusign-esign-php-client/issues/187"),
    Rule::code(
        "invalid_grant/no_valid_keys_or_signatures",
        Unauthenticated,
        "the signature does not fit a key of the integration, or the machine's clock is wrong",
    )
    .remedy("check that the private key belongs to the integration key, and that this machine's clock is right")
    .source("https://github.com/docusign/docusign-esign-csharp-client/issues/323"),
    Rule::code("invalid_grant/user_not_found", Unauthenticated, "the user to act for is not known here")
        .remedy("`auth.user_id` is the user's GUID, not the e-mail and not the account; check the environment")
        .source("community.docusign.com thread 26189"),
    Rule::code("invalid_grant/expired_client_token", Unauthenticated, "the signed request had run out on arrival")
        .remedy("check this machine's clock")
        .source(LISTS),
    Rule::code("invalid_grant", Unauthenticated, "the sign-in was refused")
        .remedy("check integration key, user id, private key and environment, and this machine's clock")
        .source("https://developers.docusign.com/platform/auth/jwt-get-token/"),
    Rule::code("unsupported_grant_type", InvalidRequest, "the sign-in request did not arrive as a form")
        .remedy("something on the way changed the request; check proxies and oauth_url")
        .source("https://developers.docusign.com/platform/auth/jwt-get-token/"),
    Rule::code("unauthorized_client", Unauthenticated, "the integration may not sign in this way")
        .remedy("check in DocuSign's Apps and Keys page that the integration key allows the grant that `auth` names: for JWT an RSA key, for a sign-in in the browser its redirect URI")
        .source("https://developers.docusign.com/platform/auth/jwt-get-token/ (HTTP status unconfirmed)"),
    Rule::code("invalid_token", Unauthenticated, "the token is not good for userinfo")
        .source("https://github.com/docusign/docusign-esign-node-client/issues/95"),
    Rule {
        status: Some(401),
        ..Rule::code(
            "internal_server_error+reference_id",
            Unauthenticated,
            "userinfo does not take the token: it has run out, or DocuSign is out of order (it calls both an internal error)",
        )
        .remedy("repeat the call; if it stays so, sign in again, or check the token and that it belongs to this environment")
        .source("https://github.com/docusign/docusign-esign-java-client/issues/84")
    },
    // The edge.
    Rule::status(444, InvalidRequest, "DocuSign's edge took the request for an attack and blocked it")
        .remedy("change what looks like an attack, such as `${…}` in a name or URL")
        .source("https://github.com/docusign/docusign-esign-node-client/issues/295"),
];
