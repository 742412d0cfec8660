//! Cassettes: what an application and a vendor said to each other, written down without secrets, and played back
//! where there is no network.
//!
//! - [`Recorder`] is a transport that sends over another one and keeps a [`Cassette`].
//! - [`Tracer`] is a transport that hands out each exchange at once, for the vendor's support: ids and dates stay.
//! - [`Replayer`] is a transport that answers from one.
//! - [`Scanner`] searches files for what must not be in them. A recorder writes nothing that it finds fault with, and
//!   [`load`] reads nothing such.
//!
//! # The file
//!
//! One file for a story, in JSON with line breaks: bodies are JSON and have members that are `null`, for which TOML has
//! no form; a reader for YAML would be one more parser in the process; and a change in one member is a change in one
//! line. It names the vendor, what it is evidence of, and the calls in order: for each the operation and the request by
//! our names, then the exchanges that it took.
//!
//! # Placeholders
//!
//! | in the file | stands for |
//! | --- | --- |
//! | `person-1@example.com` | an address; `person-1+tag-1@…` the same with a tag, `Person-1@…` in other letter case |
//! | `{name:1}`, `{text:1}` | a name; a text that a user wrote |
//! | `{phone:1}`, `{national:1+49}` | a phone number; the same behind its country code |
//! | `{id:1}`, `{int:1}` | an id, a large number; a `'` behind the number is the same in other letter case |
//! | `{date}`, `{date+12h}`, `{day-3d}`, `{unix}`, `{millis}`, `{seconds}`, `{httpdate}` | a date, and how far from the recording |
//! | `{secret:1}`, `https://link-1.example.com/` | an access code, a token; a signing link |
//! | `https://url-1.example.com/` | any other link; `?q` behind it if it had a query |
//! | `{many}` | ten or more calls left of a limit |
//!
//! Placeholders are numbered as they appear, each kind separately: the same scenario gives the same file, with any
//! recipients and at any time. Small numbers, statuses and codes stay as they are, and so do the vendor's sentences in
//! refusals, since their words decide what a refusal means. All other text is a placeholder, whether it looks harmless
//! or not. What cannot be known: that a single plain word, such as a value under a member that no vendor has
//! documented, is personal; pass those to [`Recorder::never`].

mod dates;
mod detect;
mod differences;
mod disk;
mod file;
mod labels;
mod lenient;
mod matching;
mod names;
mod patterns;
#[cfg(test)]
mod properties;
mod recorder;
mod redact;
mod rehydrate;
mod replayer;
mod scanner;
mod strict;
mod tracer;
mod wire;

pub use disk::{files, load};
pub use file::{Answered, Body, Cassette, Exchange, Fault, RecordedCall, SUFFIX, Sent, Source, VERSION};
pub use recorder::Recorder;
pub use replayer::Replayer;
pub use scanner::{Finding, Findings, Scanner};
pub use tracer::{Traced, Tracer};

/// Ten or more calls left of a limit.
pub(crate) const MANY: &str = "{many}";
