//! `countersign webhook verify`.

use std::sync::Arc;

use countersign::{Clock, Error, ErrorKind, Received, Result, Timestamp, WebhookRefusal};

use super::request::Saved;
use super::shown::{Told, at_length};
use crate::args::{Global, VerifyArgs};
use crate::context;
use crate::exit;
use crate::render::style::{BAD, GOOD, paint};
use crate::report::Report;

/// Stands at the time that was asked about.
#[derive(Debug)]
struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub(super) fn run(global: &Global, args: &VerifyArgs) -> Result<Report> {
    let mut webhook = context::webhook(global)?;
    if let Some(at) = args.at {
        webhook = webhook.with_clock(Arc::new(Then(at)));
    }
    let saved = match (&args.request, &args.headers, &args.body) {
        (Some(request), _, _) => Saved::from_request(request)?,
        (None, Some(headers), Some(body)) => Saved::from_files(headers, body)?,
        _ => return Err(Error::new(ErrorKind::InvalidRequest, "no webhook is named")),
    };
    let result = webhook.receive(&saved.headers, &saved.body);
    let told = Told::of(&result);
    Ok(match &result {
        Ok(Received::Notification(notification)) => Report::new(at_length(notification), &told),
        Ok(_) => {
            let text =
                format!("{} the vendor checks the address; it means nothing else\n", paint(GOOD, "taken:"));
            Report::new(text, &told)
        }
        Err(refused) => {
            let text = format!("{} {} ({})\n", paint(BAD, "refused:"), refused.message, refused.reason);
            Report::new(String::new(), &told)
                .with_notes(format!("{text}next: {}\n", refused.hint()))
                .with_code(code(refused.reason))
        }
    })
}

/// The exit code of a refusal; the help of `verify` has the same table.
fn code(reason: WebhookRefusal) -> u8 {
    match reason {
        WebhookRefusal::NoSecret | WebhookRefusal::TooLarge => exit::YOURS,
        WebhookRefusal::Unreadable => exit::VENDOR,
        _ => exit::ACCESS,
    }
}
