//! Exit codes: one per group of kinds, so that scripts can tell what to do without reading texts.

use countersign::{Error, ErrorKind, Outcome};

/// All went well.
pub(crate) const OK: u8 = 0;
/// A step of the demonstration differs, or something happened that has no code of its own.
pub(crate) const UNEXPECTED: u8 = 1;
/// The command line itself is wrong.
pub(crate) const USAGE: u8 = 2;
/// The request or the configuration is wrong.
pub(crate) const YOURS: u8 = 3;
/// Not let in, or not believed.
pub(crate) const ACCESS: u8 = 4;
/// The envelope.
pub(crate) const ENVELOPE: u8 = 5;
const RECIPIENT: u8 = 6;
const LIMITS: u8 = 7;
/// The vendor, or the way there.
pub(crate) const VENDOR: u8 = 8;
/// It may have happened.
pub(crate) const UNKNOWN: u8 = 9;

/// A migration is possible, with differences.
pub(crate) const DIFFERS: u8 = 10;
/// Something that the application relies on is impossible at the other vendor.
pub(crate) const IMPOSSIBLE: u8 = 11;

/// Somebody stopped the work on a file before its end; 128 and the number of the signal, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// The table, as `--help` and the manual show it.
const MEANINGS: [(u8, &str); 11] = [
    (OK, "done"),
    (UNEXPECTED, "something unexpected; a step of the demo differs"),
    (USAGE, "the command line is wrong"),
    (YOURS, "yours to correct: request, option that the vendor lacks, configuration"),
    (ACCESS, "access: not signed in, consent required, permission denied"),
    (ENVELOPE, "the envelope: not found, not ready, closed, busy"),
    (
        RECIPIENT,
        "the recipient or the code: not found, ambiguous, not embedded, not in turn, locked, done, refused",
    ),
    (LIMITS, "limits: too many calls, quota used up"),
    (VENDOR, "the vendor or the way there: unavailable, timeout, unreadable or unknown answer"),
    (UNKNOWN, "outcome unknown: it may have happened; wins over the others. Look before repeating"),
    (INTERRUPTED, "the work on a file was stopped by Ctrl-C"),
];

/// The code for an error.
pub(crate) fn code(error: &Error) -> u8 {
    // Without a vendor it is something on this machine.
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

/// The part of the help text.
pub(crate) fn documentation() -> String {
    let mut text = "Exit codes:".to_owned();
    for (code, meaning) in MEANINGS {
        text.push_str(&format!("\n  {code}  {meaning}"));
    }
    text
}

/// The codes of a migration check, for its help text: verdicts are no failures, so they are not among the others.
pub(crate) fn migration_documentation() -> String {
    format!(
        "Exit codes: {OK} all is the same; {DIFFERS} something differs; {IMPOSSIBLE} something is impossible, or the \
         calls do not fit the limit. Below these the usual ones: {YOURS} the file or the configuration is wrong, {USAGE} \
         the command line."
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
