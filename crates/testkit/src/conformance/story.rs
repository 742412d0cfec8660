//! The arguments of a scenario's call, and the faults of its requests.

use serde::Deserialize;

/// The arguments of the call. The operation decides which of them are used.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Arguments {
    /// An envelope id other than the prepared one's, in clear.
    pub envelope: Option<String>,
    /// The key of a recipient.
    pub recipient: Option<String>,
    /// How to refer to the recipient.
    pub by: By,
    /// A recipient in the text form of `RecipientRef`, instead of `recipient`.
    pub reference: Option<String>,
    /// Resend to every recipient whose turn it is.
    pub everyone: bool,
    /// Where the browser goes after signing.
    pub return_url: Option<String>,
    /// The lifetime of the link.
    pub expires_in_seconds: Option<u64>,
    /// The id of the application's authentication event.
    pub assertion_id: Option<String>,
    /// The text of the resent mail.
    pub message: Option<String>,
    /// Resend even if the envelope's mails are switched off.
    pub allow_muted: bool,
    /// The new access code. A secret: it must not be visible anywhere.
    pub code: Option<String>,
    /// Notify the recipient that the code has changed.
    pub notify: bool,
}

/// How a call refers to a recipient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum By {
    /// By address.
    #[default]
    Email,
    /// By address and position in the order.
    EmailAndOrder,
    /// By the id in the vendor's list.
    Id,
    /// By the application's own id of an embedded recipient.
    ClientId,
    /// By phone number.
    Phone,
    /// By the last list, without reading again.
    Known,
}

/// A fault, or an answer instead of the vendor's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// The request that it applies to.
    pub at: At,
    /// The type of fault.
    pub what: What,
    /// Whether the vendor still processes the request.
    #[serde(default)]
    pub worked: bool,
    /// How many requests it applies to.
    #[serde(default = "once")]
    pub times: u32,
    /// The name of the vendor's answer in the vendor's file; for `what = "answer"`.
    pub answer: Option<String>,
}

fn once() -> u32 {
    1
}

/// A request of a call. The vendor's file says how to recognize it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum At {
    /// Obtaining credentials.
    SignIn,
    /// Reading the list.
    Read,
    /// The main request of the operation.
    Act,
}

/// The type of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// No connection: the request is never sent.
    NotSent,
    /// The connection is interrupted, or no answer arrives, after sending.
    Broken,
    /// No answer arrived in time.
    Timeout,
    /// A gateway's 502 with an HTML page.
    BadGateway,
    /// A 200 with an HTML page.
    Page,
    /// The right answer, cut in the middle.
    Cut,
    /// One of the vendor's own answers, by its name in the vendor's file.
    Answer,
}
