//! `countersign webhook verify`: reads a saved webhook and checks it.

use std::path::Path;
use std::sync::Arc;

use countersign::provider::{TextFileError, without_mark};
use countersign::webhook::{Received, WebhookRefusal};
use countersign::{Clock, Error, ErrorKind, Result, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::shown::{Told, at_length};
use crate::args::{Global, VerifyArgs};
use crate::context::{self, invalid};
use crate::exit;
use crate::private::{self, name};
use crate::render::table::{BAD, GOOD, paint};
use crate::report::Report;

/// Longer than any saved webhook.
const LONGEST: u64 = 64 * 1024 * 1024;

/// A clock fixed at the given time.
#[derive(Debug)]
struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub(crate) async fn run(global: &Global, args: &VerifyArgs) -> Result<Report> {
    let mut webhook = context::webhook(global, args.body_limit).await?;
    if let Some(at) = args.at {
        webhook = webhook.with_clock(Arc::new(Then(at)));
    }
    let saved = match (&args.request, &args.headers, &args.body) {
        (Some(request), _, _) => Saved::split(without_mark(&read(request)?), request)?,
        (None, Some(headers), Some(body)) => Saved::from_files(headers, body)?,
        _ => return Err(Error::new(ErrorKind::InvalidRequest, "no webhook is given")),
    };
    let result = webhook.receive(&saved.query, &saved.headers, &saved.body);
    let (text, notes, code) = match &result {
        Ok(Received::Notifications(all)) => (all.iter().map(at_length).collect(), String::new(), exit::OK),
        Ok(_) => {
            let check = "this is the vendor's address check; it carries no event";
            (format!("{} {check}\n", paint(GOOD, "taken:")), String::new(), exit::OK)
        }
        Err(refused) => {
            let (refusal, reason, hint) = (&refused.message, refused.reason, refused.hint());
            let notes = format!("{} {refusal} ({reason})\nnext: {hint}\n", paint(BAD, "refused:"));
            (String::new(), notes, code(reason))
        }
    };
    Ok(Report::new(text, &Told::of(&result)).with_notes(notes).with_code(code))
}

/// The exit code of a rejection; the help of `verify` has the same table.
fn code(reason: WebhookRefusal) -> u8 {
    match reason {
        WebhookRefusal::NoSecret | WebhookRefusal::TooLarge => exit::YOURS,
        WebhookRefusal::Unreadable => exit::VENDOR,
        _ => exit::ACCESS,
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Saved {
    /// Of the request line, if there is one.
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Saved {
    fn from_files(headers: &Path, body: &Path) -> Result<Self> {
        // A byte order mark in the body may be the sender's, and is signed then.
        let (query, headers) = parse(without_mark(&read(headers)?), headers)?;
        Ok(Self { query, headers, body: read(body)? })
    }

    /// Of a whole request.
    fn split(all: &[u8], file: &Path) -> Result<Self> {
        let end =
            |mark: &[u8]| all.windows(mark.len()).position(|part| part == mark).map(|at| (at, mark.len()));
        let ends = [end(b"\r\n\r\n"), end(b"\n\n")];
        let Some((at, length)) = ends.into_iter().flatten().min() else {
            return Err(wrong(file, "has no empty line between headers and body"));
        };
        let (head, rest) = all.split_at(at);
        let (query, headers) = parse(head, file)?;
        let mut body = rest.get(length..).unwrap_or_default();
        if headers.contains_key(http::header::TRANSFER_ENCODING) {
            return Err(wrong(file, "has a chunked body").with_hint(
                "save the body as the receiver reads it, without chunk lengths, and remove that header",
            ));
        }
        let told = headers.get(http::header::CONTENT_LENGTH);
        if let Some(told) = told.and_then(|told| told.to_str().ok()?.parse::<usize>().ok()) {
            // Editors add a line break at the end of a file.
            body = body.get(..told).ok_or_else(|| {
                wrong(file, "has a shorter body than its Content-Length").with_hint("save all of it")
            })?;
        }
        Ok(Self { query, headers, body: body.to_vec() })
    }
}

/// Reads `Name: value` lines, and the query of a request line before them; empty lines are skipped.
fn parse(text: &[u8], file: &Path) -> Result<(String, HeaderMap)> {
    let (mut query, mut headers) = (String::new(), HeaderMap::new());
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let pair = colon.map(|at| line.split_at(at));
        let name = pair.and_then(|(name, _)| HeaderName::from_bytes(name).ok());
        let value = pair.and_then(|(_, value)| HeaderValue::from_bytes(value.get(1..)?.trim_ascii()).ok());
        match (name, value) {
            (Some(name), Some(value)) => {
                headers.append(name, value);
            }
            _ if number == 1 => query = query_of(line),
            _ => return Err(wrong(file, &format!("has no header on line {number}"))),
        }
    }
    Ok((query, headers))
}

/// `signature=…` of `POST /hook?signature=… HTTP/1.1`.
fn query_of(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let target = line.split_ascii_whitespace().nth(1).and_then(|target| target.parse::<http::Uri>().ok());
    target.and_then(|target| target.query().map(str::to_owned)).unwrap_or_default()
}

fn read(file: &Path) -> Result<Vec<u8>> {
    private::read(file, LONGEST).map_err(|problem| match problem {
        TextFileError::TooLarge(_) => wrong(file, "is longer than any webhook"),
        problem => {
            invalid(format!("{} {problem}", name(file)), "give a file that exists, or `-` for standard input")
        }
    })
}

fn wrong(file: &Path, problem: &str) -> Error {
    invalid(
        format!("{} {problem}", name(file)),
        "a saved request consists of the request line, the headers as `Name: value`, an empty line, and the \
         unchanged body",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Result<Saved> {
        Saved::split(text.as_bytes(), Path::new("f"))
    }

    #[test]
    fn a_request_is_taken_apart_byte_for_byte() {
        for text in [
            "POST /hook?s=a&t=%20 HTTP/1.1\r\nX-A: 1\r\nx-a:2 \r\n\r\n{\"a\":\r\n\r\n1}\n",
            "POST /hook HTTP/1.1\nX-A: 1\nx-a:2 \n\n{\"a\":\r\n\r\n1}\n",
            "X-A: 1\nx-a:2\nContent-Length: 12\n\n{\"a\":\r\n\r\n1}\nand more",
        ] {
            let saved = split(text).unwrap();
            assert_eq!(saved.body, b"{\"a\":\r\n\r\n1}\n", "{text:?}");
            let values: Vec<_> = saved.headers.get_all("x-a").iter().collect();
            assert_eq!(values, ["1", "2"]);
            assert_eq!(saved.query, if text.contains('?') { "s=a&t=%20" } else { "" }, "{text:?}");
        }
        assert_eq!(split("X-A: 1\n\n").unwrap().body, b"");
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in [
            "",
            "{}",
            "POST / HTTP/1.1\nno header\n\nbody",
            "A: 1\nContent-Length: 9\n\nshort",
            "A: 1\nTransfer-Encoding: chunked\n\n1\na\n0\n",
        ] {
            assert_eq!(split(text).unwrap_err().kind(), ErrorKind::InvalidRequest, "{text:?}");
        }
    }
}
