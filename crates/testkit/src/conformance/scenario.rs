//! A scenario, as in its file: recipients, earlier events, the call, faults, the expectation.

use std::fmt;

use countersign_core::Operation;
use serde::Deserialize;

use super::expect::Expect;
use super::step::Step;
use super::story::{Arguments, Fault};

/// The four operations, in the order of the documentation: each has a folder of scenarios with its name.
pub const OPERATIONS: [Operation; 4] = [
    Operation::CreateView,
    Operation::ResendRecipient,
    Operation::ChangeAccessCode,
    Operation::ListRecipients,
];

/// One vendor-neutral scenario with one call, and its expectation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scenario {
    /// The operation that is called.
    pub call: Operation,
    /// The name within the operation: the file's name without its ending.
    pub name: String,
    /// The content of the file.
    pub story: Story,
}

impl Scenario {
    /// Reads a scenario from the text of its file.
    ///
    /// # Errors
    /// The problem, with the position in the file, the wrong key and the allowed values.
    pub fn parse(folder: &str, name: &str, text: &str) -> Result<Self, String> {
        let path = format!("scenarios/{folder}/{name}.toml");
        let call = OPERATIONS
            .into_iter()
            .find(|operation| operation.as_str() == folder)
            .ok_or_else(|| format!("{path}: the folder is not one of the four operations"))?;
        let story: Story = toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
        let scenario = Self { call, name: name.to_owned(), story };
        scenario.check().map_err(|problem| format!("{path}: {problem}"))?;
        Ok(scenario)
    }

    /// `operation/name`: its name in patches.
    pub fn id(&self) -> String {
        format!("{}/{}", self.call.as_str(), self.name)
    }

    /// The recipient with this key.
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.story.people.iter().find(|person| person.key == key)
    }

    /// Every key of a recipient must exist.
    fn check(&self) -> Result<(), String> {
        let story = &self.story;
        for (at, person) in story.people.iter().enumerate() {
            if story.people.iter().take(at).any(|earlier| earlier.key == person.key) {
                return Err(format!("two recipients have the key `{}`", person.key));
            }
        }
        let named = story.before.iter().chain(&story.after).filter_map(Step::who);
        let named = named.chain(story.call.recipient.clone()).chain(story.expect.people().map(str::to_owned));
        for key in named {
            if self.person(&key).is_none() {
                let keys: Vec<&str> = story.people.iter().map(|person| person.key.as_str()).collect();
                return Err(format!("no recipient has the key `{key}`; the keys are: {}", keys.join(", ")));
            }
        }
        story.expect.check(self.call)
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

/// The text of a scenario. Unknown keys are rejected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Story {
    /// One sentence: what the scenario shows.
    pub about: String,
    /// All recipients of the envelope; their positions in this list are 1, 2, …
    #[serde(default)]
    pub people: Vec<Person>,
    /// The envelope.
    #[serde(default)]
    pub envelope: Envelope,
    /// The credentials of the call.
    #[serde(default)]
    pub account: Account,
    /// The events before the call, in order.
    #[serde(default)]
    pub before: Vec<Step>,
    /// The arguments of the call.
    #[serde(default)]
    pub call: Arguments,
    /// The faults of the call's requests.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Replaces every status word of the vendor by an unknown one, in answers to reads.
    #[serde(default)]
    pub unknown_words: bool,
    /// The events after the call, and their expected results.
    #[serde(default)]
    pub after: Vec<Step>,
    /// The expectation.
    pub expect: Expect,
}

impl Story {
    /// For a vendor without the feature: the rejection must not depend on earlier events.
    pub(crate) fn only_asks(&mut self) {
        self.before.clear();
        self.faults.clear();
        self.after.clear();
        self.unknown_words = false;
    }
}

/// A recipient of the envelope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Person {
    /// The name within the scenario.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Address; empty for recipients who are contacted by phone.
    #[serde(default)]
    pub email: String,
    /// Country code (`+49`) and number, for recipients who are contacted by phone.
    pub phone: Option<(String, String)>,
    /// Position in the routing order, from 1.
    #[serde(default = "first")]
    pub order: u32,
    /// The application's own id of the recipient: they sign embedded, if the vendor distinguishes that.
    pub client_id: Option<String>,
    /// The access code. A secret: it must not be visible anywhere.
    pub access_code: Option<String>,
    /// The role.
    #[serde(default)]
    pub role: Role,
}

fn first() -> u32 {
    1
}

/// The role of a recipient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Signs.
    #[default]
    Signer,
    /// Gets a copy.
    CarbonCopy,
    /// Reads and approves.
    Reviewer,
}

/// The envelope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Envelope {
    /// Its stage.
    pub state: EnvelopeState,
    /// Whether the vendor sends its own mails.
    pub mails: bool,
}

impl Default for Envelope {
    fn default() -> Self {
        Self { state: EnvelopeState::Sent, mails: true }
    }
}

/// The stage of an envelope before any recipient acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EnvelopeState {
    /// Sent; recipients can sign.
    Sent,
    /// Created, not sent.
    Draft,
    /// Accepted by the vendor, which still creates it in the background.
    Creating,
}

/// The credentials of the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Account {
    /// Those of the sender.
    #[default]
    Own,
    /// Valid ones, but for an account or region without the envelope.
    Other,
    /// Invalid ones.
    WrongKey,
}

// The built-in scenarios, so that adapters elsewhere can use them. The folder is a link to the one in the fixtures,
// which packaging replaces with a copy.
macro_rules! library {
    ($($folder:literal: $($name:literal)*;)*) => {
        const FILES: &[(&str, &str, &str)] = &[$($((
            $folder,
            $name,
            include_str!(concat!("../../scenarios/", $folder, "/", $name, ".toml")),
        ),)*)*];
    };
}

library! {
    "create_view": "ambiguous" "assertion" "bad_gateway" "by_client_id" "by_id" "chosen_life"
        "connection_reset" "creating" "declined" "done" "draft" "expired_link" "expired_token" "happy_path"
        "locked" "no_link" "not_embedded" "not_their_turn" "other_account" "rate_limit"
        "recipient_from_list" "renamed" "repeated_signer" "return_query" "similar_recipient" "unicode_names"
        "unknown" "unknown_words" "unlocked_by_code" "unlocked_by_resend" "used_link" "voided";
    "resend_recipient": "answer_lost" "bad_gateway" "bounced" "busy" "daily_limit" "declined" "done" "draft"
        "embedded" "everyone" "everyone_completed" "expired_mail_link" "expired_token"
        "failure_inside_success" "happy_path" "locked" "message" "muted" "muted_allowed" "next_day"
        "not_sent" "not_their_turn" "phone" "rate_limit" "repeated_signer" "similar_recipient" "unknown"
        "unknown_words" "voided";
    "change_access_code": "ambiguous" "bad_gateway" "busy" "completed_since_listed" "creating" "done"
        "expired_token" "failure_inside_success" "happy_path" "locked" "locked_notify" "no_code"
        "not_their_turn" "notify" "notify_daily_limit" "notify_embedded" "notify_timeout" "odd_code"
        "other_account" "rate_limit" "recipient_from_list" "repeated_signer" "timeout" "unicode_names"
        "unknown" "unknown_words" "voided";
    "list_recipients": "bad_gateway" "bounced" "connection_reset" "creating" "declined" "done" "draft"
        "expired" "expired_token" "happy_path" "locked" "not_sent" "odd_envelope_id" "other_account" "page"
        "phone" "rate_limit" "renamed" "repeated_signer" "roles" "sign_in_down" "timeout" "unicode_names"
        "unknown_envelope" "unknown_words" "unlocked_by_code" "unlocked_by_resend" "viewed" "voided"
        "wrong_key";
}

/// Every scenario, by operation and name.
///
/// # Panics
/// Panics if a file is invalid; a test of this crate reads all of them.
pub fn scenarios() -> Vec<Scenario> {
    let read = |(folder, name, text): &(&str, &str, &str)| {
        Scenario::parse(folder, name, text).unwrap_or_else(|problem| panic!("{problem}"))
    };
    FILES.iter().map(read).collect()
}
