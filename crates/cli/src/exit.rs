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
