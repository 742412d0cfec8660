//! The kinds of failure, the same for every vendor.

use std::str::FromStr;

use crate::model::word::words;
use crate::redact::plain;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $short:literal, $remedy:literal;)*) => {
        words! {
            /// The kind of failure, the same for every vendor. New kinds may be added.
            ErrorKind { $($(#[$doc])* $name = $word;)* }
        }

        impl ErrorKind {
            /// A short label.
            pub fn short(self) -> &'static str {
                match self { $(ErrorKind::$name => $short,)* }
            }

            /// The usual remedy, if there is no better one for the vendor's code.
            pub fn remedy(self) -> &'static str {
                match self { $(ErrorKind::$name => $remedy,)* }
            }
        }
    };
}

kinds! {
    /// The request is invalid; only a different request can succeed.
    InvalidRequest = "invalid_request", "invalid request", "correct the value that the message names";
    /// The vendor does not support what was requested.
    Unsupported = "unsupported", "not supported",
        "omit the option, or see `countersign vendors` for what this vendor supports";
    /// The configuration is wrong or incomplete.
    Config = "config", "configuration error", "correct the key that the message names";
    /// The vendor does not accept the credentials.
    Unauthenticated = "unauthenticated", "not signed in",
        "check the key or token, and that it belongs to this environment and region";
    /// The user has not allowed this application to act for them.
    ConsentRequired = "consent_required", "consent required",
        "open the consent URL once, signed in as that user, then repeat the call";
    /// The credentials are valid, but do not allow this.
    PermissionDenied = "permission_denied", "permission denied",
        "use the sender's account, or ask its administrator for the permission";
    /// No such envelope in this account and environment.
    EnvelopeNotFound = "envelope_not_found", "envelope not found",
        "check the envelope id, the account and the environment that it was created in";
    /// The envelope is not ready yet: still being created, or a draft.
    EnvelopeNotReady = "envelope_not_ready", "envelope not ready",
        "wait a few seconds and repeat the call; if the error persists for minutes, \
         the envelope could not be created";
    /// The envelope is completed, declined, voided or expired.
    EnvelopeClosed = "envelope_closed", "envelope closed",
        "nothing more can be done on this envelope; create a new one if a signature is still needed";
    /// Another user is editing the envelope.
    EnvelopeBusy = "envelope_busy", "envelope busy",
        "wait until the other edit has ended, then repeat the call";
    /// No recipient of the envelope matches.
    RecipientNotFound = "recipient_not_found", "recipient not found",
        "list the recipients and refer to one by its id";
    /// More than one recipient of the envelope matches.
    RecipientAmbiguous = "recipient_ambiguous", "recipient ambiguous",
        "refer to the recipient by id, or by e-mail and order";
    /// The recipient signs by mail, not within the application.
    RecipientNotEmbedded = "recipient_not_embedded", "recipient not embedded",
        "resend the mail to this recipient, or create the envelope with an embedded recipient";
    /// Other recipients have to act first.
    RecipientNotInTurn = "recipient_not_in_turn", "not the recipient's turn",
        "wait until the earlier recipients in the routing order have finished";
    /// Too many wrong access codes, or another failed check.
    RecipientLocked = "recipient_locked", "recipient locked",
        "unlock the signer in the vendor's way, on the command line with `countersign unlock`; \
         the envelope need not be voided";
    /// The recipient has already signed, declined or otherwise finished.
    RecipientDone = "recipient_done", "recipient already done", "nothing needs to be done for this recipient";
    /// The vendor rejects this access code.
    AccessCodeRefused = "access_code_refused", "access code refused",
        "choose another code that follows the account's rules";
    /// The recipient has no access code that could be changed.
    AccessCodeNotEnabled = "access_code_not_enabled", "access code not enabled",
        "switch access-code authentication on for this recipient first";
    /// Too many calls; retry later.
    RateLimited = "rate_limited", "rate limited",
        "wait for the time given in the error, then repeat the call";
    /// The allowance of a plan or a day is used up.
    QuotaExceeded = "quota_exceeded", "quota exceeded",
        "wait until the allowance is renewed, or upgrade the plan";
    /// The vendor, or a system on the way to it, is not working.
    Unavailable = "unavailable", "vendor unavailable",
        "repeat the call later, if the error says that it may be repeated";
    /// No answer arrived in time.
    Timeout = "timeout", "timed out", "if the outcome is unknown, check at the vendor before repeating";
    /// An answer arrived that cannot be read.
    InvalidResponse = "invalid_response", "unreadable answer",
        "if the outcome is unknown, check at the vendor before repeating; report the answer's request id";
    /// An error that this library does not know.
    Unexpected = "unexpected", "unexpected refusal",
        "see the vendor's code and message; report them if they should be known";
}

impl FromStr for ErrorKind {
    type Err = ();

    /// Parses the stable name, in any case and with `-`, `_` or nothing between the words.
    fn from_str(text: &str) -> Result<Self, ()> {
        let wanted = plain(text);
        Self::ALL.iter().copied().find(|kind| plain(kind.as_str()) == wanted).ok_or(())
    }
}
