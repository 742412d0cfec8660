//! The arguments of a scenario's call, and what goes wrong with its requests.

use serde::Deserialize;

/// The arguments of the call. Which of them count depends on the operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Arguments {
    /// Another envelope id than the staged one's, in clear.
    pub envelope: Option<String>,
    /// The key of a person.
    pub recipient: Option<String>,
    /// How the person is named.
    pub by: By,
    /// A recipient in the text form of `RecipientRef`, in place of `recipient`.
    pub reference: Option<String>,
    /// Resend to everybody who is due.
    pub everyone: bool,
    /// Where the browser goes after signing.
    pub return_url: Option<String>,
    /// How long the link is to live.
    pub expires_in_seconds: Option<u64>,
    /// The id of the application's authentication event.
    pub assertion_id: Option<String>,
    /// The text of the resent mail.
    pub message: Option<String>,
    /// Resend although the envelope's mails are switched off.
    pub allow_muted: bool,
    /// The new access code. A secret: it must be seen nowhere.
    pub code: Option<String>,
    /// Tell them that the code has changed.
    pub notify: bool,
}

/// How a person is named in a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum By {
    /// By address.
    #[default]
    Email,
    /// By address and place in the order.
    EmailAndOrder,
    /// By the id that the vendor's list gave.
    Id,
    /// By the application's own id of an embedded person.
    ClientId,
    /// By phone number.
    Phone,
    /// By what was listed last, without asking again.
    Known,
}

/// Something that goes wrong on the way, or an answer in the vendor's place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// Which request it befalls.
    pub at: At,
    /// What goes wrong.
    pub what: What,
    /// Whether the vendor does what it was asked all the same.
    #[serde(default)]
    pub worked: bool,
    /// How many requests it befalls.
    #[serde(default = "once")]
    pub times: u32,
    /// Which of the vendor's own answers comes; for `what = "answer"`. The vendor's file has it under this name.
    #[serde(default)]
    pub answer: Option<String>,
}

fn once() -> u32 {
    1
}

/// Which request of a call. The vendor's file says how to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum At {
    /// Getting credentials.
    SignIn,
    /// Reading the list.
    Read,
    /// What the operation is about.
    Act,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// No connection: the request never leaves.
    NotSent,
    /// The connection breaks, or no answer comes, after sending.
    Broken,
    /// No answer in time.
    Timeout,
    /// A gateway's 502 with a page of HTML.
    BadGateway,
    /// A 200 with a page of HTML.
    Page,
    /// The right answer, cut in the middle.
    Cut,
    /// One of the vendor's own answers, by its name in the vendor's file.
    Answer,
}
