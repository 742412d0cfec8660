//! The kinds of failure, the same for every vendor.

use std::fmt;
use std::str::FromStr;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $short:literal, $remedy:literal;)*) => {
        /// What kind of failure it was. The same words for every vendor; new ones may be added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $name,)* }

        impl ErrorKind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name,)*];

            /// The stable name, as in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorKind::$name => $word,)* }
            }

            /// A few words for a line of text.
            #[must_use]
            pub fn short(self) -> &'static str {
                match self { $(ErrorKind::$name => $short,)* }
            }

            /// What usually helps, where the vendor's code gives nothing better.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(ErrorKind::$name => $remedy,)* }
            }
        }
    };
}

kinds! {
    /// The request is wrong as it stands; nothing but another request helps.
    InvalidRequest = "invalid_request", "invalid request", "correct the value that the message names";
    /// This vendor has no way to say what was asked.
    Unsupported = "unsupported", "not supported", "leave the option out, or see `countersign vendors` for what this vendor can do";
    /// The configuration is wrong or incomplete.
    Config = "config", "configuration error", "correct the key that the message names";
    /// The vendor does not accept the credentials.
    Unauthenticated = "unauthenticated", "not signed in", "check key or token, and that they belong to this environment and region";
    /// The user never allowed this application to act for them.
    ConsentRequired = "consent_required", "consent required", "open the consent URL once as the user to act for, then repeat the call";
    /// The credentials are good, but not for this.
    PermissionDenied = "permission_denied", "permission denied", "use the sender's account, or ask its administrator for the right";
    /// No such envelope in this account and environment.
    EnvelopeNotFound = "envelope_not_found", "envelope not found", "check the envelope id, the account and the environment it was made in";
    /// The envelope is not ready yet: still being created, or a draft.
    EnvelopeNotReady = "envelope_not_ready", "envelope not ready", "wait some seconds and repeat the call; if it stays so for minutes, its creation failed";
    /// The envelope is completed, declined, voided or expired.
    EnvelopeClosed = "envelope_closed", "envelope closed", "nothing more can be done on this envelope; make a new one if a signature is still needed";
    /// Somebody is editing the envelope.
    EnvelopeBusy = "envelope_busy", "envelope busy", "wait until the other edit has ended, then repeat the call";
    /// Nobody on the envelope is the named recipient.
    RecipientNotFound = "recipient_not_found", "recipient not found", "list the recipients and name one by its id";
    /// Several people on the envelope are meant by the name given.
    RecipientAmbiguous = "recipient_ambiguous", "recipient ambiguous", "name the recipient by id, or by e-mail and order";
    /// The recipient signs by mail, not within the application.
    RecipientNotEmbedded = "recipient_not_embedded", "recipient not embedded", "resend the mail to this recipient, or make the recipient embedded when the envelope is made";
    /// Others have to act first.
    RecipientNotInTurn = "recipient_not_in_turn", "not the recipient's turn", "wait until those before them in the routing order have finished";
    /// Too many wrong access codes, or another failed check.
    RecipientLocked = "recipient_locked", "recipient locked", "change the access code and resend to give the signer new attempts; the envelope need not be voided";
    /// The recipient has signed, declined, or is otherwise past doing anything.
    RecipientDone = "recipient_done", "recipient already done", "nothing is to be done for this recipient";
    /// The vendor does not take this access code.
    AccessCodeRefused = "access_code_refused", "access code refused", "choose another code that follows the account's rules";
    /// The recipient has no access code that could be changed.
    AccessCodeNotEnabled = "access_code_not_enabled", "access code not enabled", "switch access-code authentication on for this recipient first";
    /// Too many calls; later again.
    RateLimited = "rate_limited", "rate limited", "wait as long as the error says, then repeat the call";
    /// A plan's or a day's allowance is used up.
    QuotaExceeded = "quota_exceeded", "quota exceeded", "wait until the allowance is renewed, or enlarge the plan";
    /// The vendor, or something on the way, is out of order.
    Unavailable = "unavailable", "vendor unavailable", "repeat the call later, if the error says that it may be repeated";
    /// No answer in time.
    Timeout = "timeout", "timed out", "if the outcome is unknown, look at the vendor before repeating";
    /// An answer came that cannot be read.
    InvalidResponse = "invalid_response", "unreadable answer", "if the outcome is unknown, look at the vendor before repeating; report the answer's request id";
    /// A refusal that this library does not know.
    Unexpected = "unexpected", "unexpected refusal", "see the vendor's code and message; report them if they should be known";
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ErrorKind {
    type Err = ();

    /// Reads the stable name, in any case and with `-`, `_` or nothing between the words.
    fn from_str(text: &str) -> Result<Self, ()> {
        let plain = |s: &str| -> String {
            s.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        let wanted = plain(text);
        Self::ALL.iter().copied().find(|kind| plain(kind.as_str()) == wanted).ok_or(())
    }
}

impl serde::Serialize for ErrorKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
