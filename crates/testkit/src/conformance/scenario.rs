//! A scenario as its file has it: people, what happened so far, the call, faults, what must be true.

use std::fmt;

use countersign_core::Operation;
use serde::Deserialize;

use super::expect::Expect;
use super::step::Step;
use super::story::{Arguments, Fault};

/// The four operations, in the order of the documentation: each has a folder of scenarios by its name.
pub const OPERATIONS: [Operation; 4] = [
    Operation::CreateView,
    Operation::ResendRecipient,
    Operation::ChangeAccessCode,
    Operation::ListRecipients,
];

/// One vendor-neutral story with one call, and what must be true of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scenario {
    /// Which operation is called.
    pub call: Operation,
    /// The name within the operation: the file's name without its ending.
    pub name: String,
    /// What the file says.
    pub story: Story,
}

impl Scenario {
    /// Reads a scenario from the text of its file.
    ///
    /// # Errors
    /// What is wrong, with the place in the file, the key at fault and what is allowed there.
    pub fn parse(folder: &str, name: &str, text: &str) -> Result<Self, String> {
        let path = format!("scenarios/{folder}/{name}.toml");
        let call = OPERATIONS
            .into_iter()
            .find(|operation| operation.as_str() == folder)
            .ok_or_else(|| format!("{path}: the folder is none of the four operations"))?;
        let story: Story = toml::from_str(text).map_err(|error| format!("{path}: {error}"))?;
        let scenario = Self { call, name: name.to_owned(), story };
        scenario.check().map_err(|problem| format!("{path}: {problem}"))?;
        Ok(scenario)
    }

    /// `operation/name`: how patches name it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.call.as_str(), self.name)
    }

    /// The person with this key.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.story.people.iter().find(|person| person.key == key)
    }

    /// Every key that stands for a person must be one of the people's.
    fn check(&self) -> Result<(), String> {
        let story = &self.story;
        for (at, person) in story.people.iter().enumerate() {
            if story.people.iter().take(at).any(|earlier| earlier.key == person.key) {
                return Err(format!("two people have the key `{}`", person.key));
            }
        }
        let named = story.before.iter().chain(&story.after).filter_map(Step::who);
        let named = named.chain(story.call.recipient.as_deref()).chain(story.expect.people());
        for key in named {
            if self.person(key).is_none() {
                let keys: Vec<&str> = story.people.iter().map(|person| person.key.as_str()).collect();
                return Err(format!("nobody has the key `{key}`; there are: {}", keys.join(", ")));
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

/// The text of a scenario. Unknown keys are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Story {
    /// One sentence: what is to be learned from it.
    pub about: String,
    /// Everybody on the envelope; their places in this list are 1, 2, …
    #[serde(default)]
    pub people: Vec<Person>,
    /// The envelope.
    #[serde(default)]
    pub envelope: Envelope,
    /// With which credentials the call is made.
    #[serde(default)]
    pub account: Account,
    /// What happened before the call, in order.
    #[serde(default)]
    pub before: Vec<Step>,
    /// The arguments of the call.
    #[serde(default)]
    pub call: Arguments,
    /// What goes wrong with the call's requests.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Replaces every word of the vendor's that tells a state by one that nobody has heard of, in what is read.
    #[serde(default)]
    pub unknown_words: bool,
    /// What happens after the call, and what must come of it.
    #[serde(default)]
    pub after: Vec<Step>,
    /// What must be true.
    pub expect: Expect,
}

impl Story {
    /// For a vendor that cannot do what is asked: that has to be found out whatever happened before.
    pub(crate) fn only_asks(&mut self) {
        self.before.clear();
        self.faults.clear();
        self.after.clear();
        self.unknown_words = false;
    }
}

/// Somebody on the envelope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Person {
    /// The name within the scenario.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Address; empty for people reached by phone.
    #[serde(default)]
    pub email: String,
    /// Country code (`+49`) and number, for people reached by phone.
    #[serde(default)]
    pub phone: Option<(String, String)>,
    /// Place in the routing order, from 1.
    #[serde(default = "first")]
    pub order: u32,
    /// The application's own id of the person: they sign embedded, where the vendor makes that difference.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The code that they are asked for. A secret: it must be seen nowhere.
    #[serde(default)]
    pub access_code: Option<String>,
    /// What they are there to do.
    #[serde(default)]
    pub role: Role,
}

fn first() -> u32 {
    1
}

/// What somebody is there to do.
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
    /// How far it is.
    pub state: EnvelopeState,
    /// Whether the vendor sends its own mails.
    pub mails: bool,
}

impl Default for Envelope {
    fn default() -> Self {
        Self { state: EnvelopeState::Sent, mails: true }
    }
}

/// How far an envelope is before anybody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EnvelopeState {
    /// Sent; people can sign.
    Sent,
    /// Made, not sent.
    Draft,
    /// Accepted by the vendor, which still makes it in the background.
    Creating,
}

/// With which credentials the call is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Account {
    /// Those of the sender.
    #[default]
    Own,
    /// Good ones, but for an account or region in which the envelope is not.
    Other,
    /// Ones that the vendor does not accept.
    WrongKey,
}
