//! Errors as readable text: what happened, what differs, whether it took effect, what to do next.

use std::error::Error as _;

use countersign::{Detail, Error, ErrorKind, Outcome, Problem, Retry};

use super::table::{BAD, STRONG, WARN, paint, safe};
use countersign::redact::shortened;

pub(crate) fn text(error: &Error) -> String {
    let mut lines = vec![format!("{} {}", paint(BAD, "error:"), safe(&error.to_string()))];
    lines.extend(error.details().iter().map(|detail| format!("  {}", difference(detail))));
    lines.extend(error.problem().and_then(words_of_the_vendor));
    lines.extend(root_cause(error).map(|cause| format!("  because: {}", safe(&cause))));
    if let Some(id) = error.request_id() {
        lines.push(format!("  request id for the vendor's support: {}", safe(id)));
    }
    if error.outcome() == Outcome::Unknown {
        let warning = "it may have taken effect: check at the vendor before you repeat it";
        lines.push(format!("  {}", paint(WARN, warning)));
    }
    match error.retry() {
        Retry::Never => {}
        Retry::After(None) => lines.push("  the same command may be repeated after a pause".to_owned()),
        Retry::After(Some(wait)) => {
            lines.push(format!("  the same command may be repeated after {} s", wait.as_secs()));
        }
    }
    lines.push(format!("{} {}", paint(STRONG, "next:"), safe(error.hint())));
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// The vendor's message or, if there is none, the beginning of the answer.
fn words_of_the_vendor(problem: &Problem) -> Option<String> {
    if let Some(message) = &problem.message {
        return Some(format!("  vendor's message: {}", safe(message)));
    }
    let body = problem.body.as_str().trim();
    (!body.is_empty()).then(|| format!("  beginning of the answer: {}", safe(body)))
}

/// The underlying cause of a transport failure; for other kinds the message already contains it.
fn root_cause(error: &Error) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout) {
        return None;
    }
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string())
}

fn difference(detail: &Detail) -> String {
    let field = shortened(&detail.field);
    match (&detail.sent, &detail.present) {
        (Some(sent), Some(present)) => {
            format!("{field}: requested \"{}\", the envelope has \"{}\"", shortened(sent), shortened(present))
        }
        (Some(sent), None) => format!("{field}: requested \"{}\", the envelope has none", shortened(sent)),
        (None, Some(present)) => format!("{field}: {}", safe(present)),
        (None, None) => format!("{field} differs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::Operation;
    use std::time::Duration;

    fn plain(error: &Error) -> String {
        anstream::adapter::strip_str(&text(error)).to_string()
    }

    #[test]
    fn a_refusal_with_differences() {
        let problem = Problem::new(400)
            .with_code(Some("UNKNOWN_ENVELOPE_RECIPIENT".into()))
            .with_message(Some("The recipient you have identified is not a valid recipient.".into()));
        let error = Error::new(ErrorKind::RecipientNotFound, "what was sent differs in: name")
            .in_operation("acme", Operation::CreateView)
            .with_problem(problem)
            .with_details(vec![
                Detail::new("name", Some("John Doe".into()), Some("Jon Doe".into())),
                Detail::new("client user id", Some("77".into()), None),
                Detail::new("candidate", None, Some("id:2 (order 1)".into())),
            ])
            .with_outcome(Outcome::Refused, Retry::Never);
        insta::assert_snapshot!(plain(&error));
    }

    #[test]
    fn an_unknown_outcome_is_said_plainly() {
        let error = Error::new(ErrorKind::Timeout, "no answer in time")
            .in_operation("acme", Operation::ResendRecipient)
            .with_outcome(Outcome::Unknown, Retry::Never);
        insta::assert_snapshot!(plain(&error));
    }

    #[test]
    fn a_wait_is_told() {
        let error = Error::new(ErrorKind::RateLimited, "the hourly allowance is used up")
            .with_outcome(Outcome::Refused, Retry::After(Some(Duration::from_secs(95))));
        insta::assert_snapshot!(plain(&error));
    }

    #[test]
    fn nothing_from_outside_drives_the_terminal() {
        let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\nerror: forged\u{202e}\u{9b}31m";
        let error = Error::new(ErrorKind::Unexpected, format!("odd {hostile}"))
            .with_problem(
                Problem::new(500).with_code(Some(hostile.into())).with_message(Some(hostile.into())),
            )
            .with_details(vec![Detail::new("name", Some(hostile.into()), Some(hostile.into()))])
            .with_hint(format!("see {hostile}"));
        let shown = plain(&error);
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        insta::assert_snapshot!(shown);
    }
}
