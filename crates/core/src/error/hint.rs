//! The default next step, which fits the outcome, the retry advice and the vendor's account.

use crate::error::{ErrorKind, Outcome, Retry};

/// For an operation that may have taken effect and must not be repeated.
const LOOK_FIRST: &str = "check whether it took effect: list the recipients, ask them, or open the vendor's own application; do not \
     repeat the call before that";

/// The hint for an error without one. `is_silent`: the vendor gave neither a code nor a message.
pub(super) fn usual_hint(kind: ErrorKind, outcome: Outcome, retry: Retry, is_silent: bool) -> &'static str {
    let broke = matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::InvalidResponse);
    match (outcome, retry) {
        (Outcome::Unknown, Retry::Never) => LOOK_FIRST,
        (Outcome::Unknown, Retry::After(_)) if broke => {
            "repeat the call: this is safe even if it already took effect"
        }
        (_, Retry::After(_)) if kind == ErrorKind::InvalidResponse => {
            "repeat the call; if the answer is still unreadable, report it to the vendor's support"
        }
        (_, Retry::After(_)) if broke => "repeat the call after a pause",
        (_, Retry::After(None)) if kind == ErrorKind::RateLimited => "repeat the call after a few minutes",
        _ if kind == ErrorKind::InvalidRequest && is_silent => {
            "the vendor does not say which value it rejects: compare the request with what the vendor accepts"
        }
        _ if kind == ErrorKind::Unexpected && is_silent => {
            "the vendor does not say why: its support can find the call by its time, or by the request id if \
             there is one"
        }
        _ => kind.remedy(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::{Error, Problem};

    #[test]
    fn a_hint_agrees_with_outcome_and_retry() {
        let waits = [Retry::Never, Retry::After(None), Retry::After(Some(Duration::from_secs(7)))];
        for kind in ErrorKind::ALL {
            for (outcome, retry) in waits.map(|retry| (Outcome::Unknown, retry)) {
                let error = Error::new(*kind, "x").with_outcome(outcome, retry);
                assert_eq!(error.hint() == LOOK_FIRST, retry == Retry::Never, "{kind} {retry:?}");
            }
        }
        let hint =
            |kind, retry| Error::new(kind, "x").with_outcome(Outcome::NoEffect, retry).hint().to_owned();
        for kind in [ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::InvalidResponse] {
            let hint = hint(kind, Retry::After(None));
            assert!(
                hint.starts_with("repeat the call") && !hint.contains("if the outcome"),
                "{kind}: {hint}"
            );
        }
        assert!(!hint(ErrorKind::RateLimited, Retry::After(None)).contains("the error says"));
    }

    #[test]
    fn a_hint_speaks_of_the_vendors_message_only_where_there_is_one() {
        let silent = Problem::new(400);
        let telling = Problem::new(400).with_message(Some("no such role".into()));
        for kind in [ErrorKind::InvalidRequest, ErrorKind::Unexpected] {
            let hint =
                |problem: &Problem| Error::new(kind, "x").with_problem(problem.clone()).hint().to_owned();
            assert!(hint(&telling).contains("message"), "{kind}");
            assert!(!hint(&silent).contains("message"), "{kind}");
        }
    }
}
