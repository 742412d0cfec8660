//! The vendor's own service as a backend: envelopes that were prepared by hand, or that the backend makes itself.

mod made;
mod mails;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{Provider, SystemClock, Transport};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::backend::{Backend, Events, Stage};
use super::scenario::{Account, Scenario};
use super::step::Step;
pub use made::{EnvelopeMaker, LiveServer, Made};
pub use mails::MailSink;

/// The file that lists what was prepared at which vendor. Unknown keys are rejected.
///
/// ```toml
/// config = "countersign.toml"       # the configuration with the accounts, relative to this file; may be left out
///
/// [vendors.acme]
/// account = "sandbox-of-acme"       # the account's name in it
///
/// # An envelope that is as the scenario has it before the call: made, sent, and with its `before` steps of signers done.
/// # The recipients of the scenario by their keys, as they are on that envelope. Each run may use it up.
/// [vendors.acme.prepared."create_view/happy_path"]
/// envelope = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001"
/// people.anna = { name = "Anna Ek", email = "anna@your-domain.example", client_id = "c-1" }
/// people.bo = { name = "Bo Öst", email = "bo@your-domain.example", client_id = "c-2" }
///
/// # Or instead of all this a server of your own, at which the backend makes the envelopes ([`LiveServer`]). The keys depend on
/// # the vendor; `mails` says where the mails of that server can be read ([`MailSink`]).
/// [vendors.other]
/// server = { base_url = "http://127.0.0.1:3000", api_key_file = "other.key" }
/// mails.url = "http://127.0.0.1:8025/api/v1/search?query=to:{to}"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LiveFile {
    /// The configuration with the accounts, relative to this file.
    pub config: Option<String>,
    /// By the vendor's short name.
    pub vendors: BTreeMap<String, LiveVendor>,
}

/// The prepared envelopes of one vendor, or the server that makes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LiveVendor {
    /// The account's name in the configuration.
    pub account: Option<String>,
    /// A server of the vendor's where the backend makes the envelopes itself.
    pub server: Option<Map<String, Value>>,
    /// Where that server's mails can be read. Without it, no mail is checked.
    pub mails: Option<MailSink>,
    /// By scenario.
    #[serde(default)]
    pub prepared: BTreeMap<String, Prepared>,
}

/// One prepared envelope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Prepared {
    /// Its id.
    pub envelope: String,
    /// The real recipients, by key.
    pub people: BTreeMap<String, Actor>,
}

/// A real recipient for a scenario; absent values stay as in the scenario.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Actor {
    /// Their name on the envelope.
    pub name: Option<String>,
    /// Their address on the envelope.
    pub email: Option<String>,
    /// Country code and number.
    pub phone: Option<(String, String)>,
    /// Their position in the order.
    pub order: Option<u32>,
    /// The application's own id of the recipient.
    pub client_id: Option<String>,
}

impl LiveFile {
    /// Reads the file's text.
    ///
    /// # Errors
    /// The problem, with the line, the key and the allowed values.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}

/// The vendor itself. Costs calls, mails and envelopes of the account; runs only on request.
#[derive(Debug)]
pub struct Live(Envelopes);

#[derive(Debug)]
enum Envelopes {
    Prepared { provider: Arc<dyn Provider>, transport: Arc<dyn Transport>, all: BTreeMap<String, Prepared> },
    Made(LiveServer),
}

impl Live {
    /// With the prepared envelopes of this account, over this transport.
    pub fn new(provider: Arc<dyn Provider>, transport: Arc<dyn Transport>, vendor: LiveVendor) -> Self {
        Self(Envelopes::Prepared { provider, transport, all: vendor.prepared })
    }

    /// With envelopes that a server makes.
    pub fn made(maker: LiveServer) -> Self {
        Self(Envelopes::Made(maker))
    }
}

/// The recipients' actions were done when the envelope was prepared; links are not opened here.
#[derive(Debug)]
struct DoneBefore;

impl Events for DoneBefore {}

#[async_trait]
impl Backend for Live {
    fn name(&self) -> &str {
        "live"
    }

    fn complete(&self) -> bool {
        false
    }

    fn repeatable(&self) -> bool {
        false
    }

    fn excludes(&self, scenario: &Scenario) -> Option<String> {
        if let Envelopes::Made(maker) = &self.0 {
            return maker.excludes(scenario);
        }
        let story = &scenario.story;
        let staged =
            |step: &Step| matches!(step, Step::Waits { .. } | Step::CallsUsedUp | Step::TokenExpires);
        (story.account != Account::Own || story.before.iter().any(staged)).then(|| {
            "it needs other credentials, used-up limits, or time to pass, which cannot be prepared".to_owned()
        })
    }

    fn ready(&self, scenario: &Scenario) -> Result<(), String> {
        let Envelopes::Prepared { all, .. } = &self.0 else { return Ok(()) };
        let id = scenario.id();
        let prepared = all.get(&id).ok_or("no envelope was prepared for it")?;
        let people = &scenario.story.people;
        let nobody = people.iter().find(|person| !prepared.people.contains_key(&person.key));
        let stranger = prepared.people.keys().find(|key| scenario.person(key).is_none());
        match (nobody, stranger) {
            (Some(person), _) => Err(format!("`prepared.\"{id}\"` has no recipient for {}", person.key)),
            (_, Some(key)) => Err(format!("`prepared.\"{id}\"` has {key}, who is not in the scenario")),
            _ => Ok(()),
        }
    }

    fn recast(&self, scenario: &mut Scenario) {
        let prepared = match &self.0 {
            Envelopes::Made(maker) => return maker.recast(scenario),
            Envelopes::Prepared { all, .. } => all.get(&scenario.id()),
        };
        let Some(prepared) = prepared else { return };
        for person in &mut scenario.story.people {
            let Some(actor) = prepared.people.get(&person.key).cloned() else { continue };
            person.name = actor.name.unwrap_or_else(|| person.name.clone());
            person.email = actor.email.unwrap_or_else(|| person.email.clone());
            person.phone = actor.phone.or_else(|| person.phone.clone());
            person.order = actor.order.unwrap_or(person.order);
            person.client_id = actor.client_id.or_else(|| person.client_id.clone());
        }
    }

    async fn stage(&self, scenario: &Scenario) -> Result<Stage, String> {
        let (provider, transport, all) = match &self.0 {
            Envelopes::Made(maker) => return maker.stage(scenario).await,
            Envelopes::Prepared { provider, transport, all } => (provider, transport, all),
        };
        let prepared = all.get(&scenario.id()).ok_or("no envelope was prepared for it")?;
        let (provider, transport) = (Arc::clone(provider), Arc::clone(transport));
        // The credentials are visible in the requests.
        Ok(Stage::new(provider, transport, Arc::new(SystemClock), &prepared.envelope, DoneBefore))
    }
}
