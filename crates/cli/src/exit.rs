//! Exit codes: one per group of error kinds, so that scripts can react without reading texts.

use countersign::{Error, ErrorKind, Outcome};

pub(crate) const OK: u8 = 0;
pub(crate) const UNEXPECTED: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const YOURS: u8 = 3;
pub(crate) const ACCESS: u8 = 4;
pub(crate) const ENVELOPE: u8 = 5;
const RECIPIENT: u8 = 6;
const LIMITS: u8 = 7;
pub(crate) const VENDOR: u8 = 8;
pub(crate) const UNKNOWN: u8 = 9;

/// The migration is possible, with differences.
pub(crate) const DIFFERS: u8 = 10;
/// The other vendor lacks something that the application relies on.
pub(crate) const IMPOSSIBLE: u8 = 11;

/// The work on a file was interrupted; 128 plus the number of the signal, as in shells.
pub(crate) const INTERRUPTED: u8 = 130;

/// The table in `--help` and the manual.
const MEANINGS: [(u8, &str); 11] = [
    (OK, "done"),
    (UNEXPECTED, "unexpected error, or a failed step of the demo"),
    (USAGE, "the command line is wrong"),
    (YOURS, "request or configuration to correct, including options that the vendor lacks"),
    (ACCESS, "access: not signed in, consent required, permission denied"),
    (ENVELOPE, "the envelope: not found, not ready, closed, busy"),
    (
        RECIPIENT,
        "the recipient or the code: not found, ambiguous, not embedded, not in turn, locked, completed, refused",
    ),
    (LIMITS, "limits: too many calls, quota used up"),
    (VENDOR, "the vendor or the network: unavailable, timeout, unreadable or unknown answer"),
    (
        UNKNOWN,
        "outcome unknown: it may have taken effect; check before repeating. Takes precedence over the \
               others",
    ),
    (INTERRUPTED, "the work on a file was interrupted by Ctrl-C"),
];

/// The code for an error.
pub(crate) fn code(error: &Error) -> u8 {
    // Without a vendor it is a problem on this machine.
    match (error.kind(), error.vendor()) {
        (ErrorKind::Unexpected, None) => UNEXPECTED,
        (kind, _) => of(kind, error.outcome()),
    }
}

/// The code for a kind with an outcome.
pub(crate) fn of(kind: ErrorKind, outcome: Outcome) -> u8 {
    use ErrorKind as K;
    if outcome == Outcome::Unknown {
        return UNKNOWN;
    }
    match kind {
        K::InvalidRequest | K::Unsupported | K::Config => YOURS,
        K::Unauthenticated | K::ConsentRequired | K::PermissionDenied => ACCESS,
        K::EnvelopeNotFound | K::EnvelopeNotReady | K::EnvelopeClosed | K::EnvelopeBusy => ENVELOPE,
        K::RecipientNotFound
        | K::RecipientAmbiguous
        | K::RecipientNotEmbedded
        | K::RecipientNotInTurn
        | K::RecipientLocked
        | K::RecipientDone
        | K::AccessCodeRefused
        | K::AccessCodeNotEnabled => RECIPIENT,
        K::RateLimited | K::QuotaExceeded => LIMITS,
        K::Unavailable | K::Timeout | K::InvalidResponse | K::Unexpected => VENDOR,
        _ => UNEXPECTED,
    }
}

/// The section of the help text.
pub(crate) fn documentation() -> String {
    let mut text = "Exit codes:".to_owned();
    for (code, meaning) in MEANINGS {
        text.push_str(&format!("\n  {code}  {meaning}"));
    }
    text
}

/// The codes of a migration check, for its help text. Verdicts are not failures, so they are not in the other
/// table.
pub(crate) fn migration_documentation() -> String {
    format!(
        "Exit codes: {OK} everything is the same; {DIFFERS} something differs or can be left out; {IMPOSSIBLE} something is \
         impossible, or the calls exceed the limit. Errors: {YOURS} the file or the configuration is wrong, \
         {USAGE} the command line."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_group() {
        for kind in ErrorKind::ALL {
            let code = of(*kind, Outcome::Refused);
            assert!((YOURS..=VENDOR).contains(&code), "{kind} has {code}");
            assert_eq!(of(*kind, Outcome::NoEffect), code);
        }
        assert_eq!(of(ErrorKind::Config, Outcome::NoEffect), 3);
        assert_eq!(of(ErrorKind::ConsentRequired, Outcome::NoEffect), 4);
        assert_eq!(of(ErrorKind::EnvelopeBusy, Outcome::Refused), 5);
        assert_eq!(of(ErrorKind::RecipientLocked, Outcome::NoEffect), 6);
        assert_eq!(of(ErrorKind::AccessCodeRefused, Outcome::Refused), 6);
        assert_eq!(of(ErrorKind::QuotaExceeded, Outcome::Refused), 7);
        assert_eq!(of(ErrorKind::Unexpected, Outcome::Refused), 8);
    }

    #[test]
    fn an_unknown_outcome_wins() {
        for kind in ErrorKind::ALL {
            assert_eq!(of(*kind, Outcome::Unknown), 9);
        }
    }
}
