//! Envelopes that the backend makes at a server, with recipients of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use countersign_core::{ExposeSecret as _, Provider, SecretString, SigningLink, SystemClock, Transport};

use super::mails::MailSink;
use crate::conformance::backend::{Events, Stage};
use crate::conformance::scenario::Scenario;
use crate::conformance::step::{Opening, Step};

/// How often mails are looked for that must come, and the pause between. Servers hand them over in the background.
const LOOKS: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the envelopes of scenarios through a vendor's public API, for a server that the suite may use freely.
#[async_trait]
pub trait EnvelopeMaker: fmt::Debug + Send + Sync + 'static {
    /// Why a scenario cannot run there, if so.
    fn excludes(&self, scenario: &Scenario) -> Option<String>;

    /// Makes the envelope, and sends it unless the scenario wants a draft.
    ///
    /// # Errors
    /// What the server answered.
    async fn make(&self, scenario: &Scenario, title: &str) -> Result<Made, String>;

    /// Performs an event that is not a call of the application.
    ///
    /// # Errors
    /// What the server answered.
    async fn happen(
        &self,
        made: &Made,
        step: &Step,
        link: Option<&SigningLink>,
    ) -> Result<Option<Opening>, String>;

    /// Deletes the envelope.
    ///
    /// # Errors
    /// What the server answered.
    async fn delete(&self, made: &Made) -> Result<(), String>;
}

/// An envelope that was made for a scenario.
#[derive(Debug)]
#[non_exhaustive]
pub struct Made {
    /// Its id.
    pub envelope: String,
    /// The account of the scenario.
    pub provider: Arc<dyn Provider>,
    /// The way to the server.
    pub transport: Arc<dyn Transport>,
    /// Credentials.
    pub secrets: Vec<SecretString>,
    /// By the recipient's key: the part of the link that is theirs alone, which tells apart mails to the same address.
    pub tokens: BTreeMap<String, SecretString>,
    /// How many recipients are invited by mail.
    pub invited: usize,
    /// Words of mails that ask for nothing (a cancellation, say). They come when they like, and are not counted.
    pub notices: &'static [&'static str],
}

impl Made {
    /// An envelope without anything else.
    #[must_use]
    pub fn new(envelope: String, provider: Arc<dyn Provider>, transport: Arc<dyn Transport>) -> Self {
        let (secrets, tokens) = (Vec::new(), BTreeMap::new());
        Self { envelope, provider, transport, secrets, tokens, invited: 0, notices: &[] }
    }
}

/// A server that makes envelopes, and the place of its mails. Every run has addresses of its own.
#[derive(Debug, Clone)]
pub struct LiveServer {
    server: Arc<dyn EnvelopeMaker>,
    mails: Option<MailSink>,
    run: String,
}

impl LiveServer {
    /// Envelopes of this server; without a sink, mails are not checked.
    #[must_use]
    pub fn new(server: Arc<dyn EnvelopeMaker>, mails: Option<MailSink>) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { server, mails, run: format!("r{:x}", since.as_millis()) }
    }

    pub(super) fn excludes(&self, scenario: &Scenario) -> Option<String> {
        self.server.excludes(scenario)
    }

    /// The scenario with addresses that only this run has, at hosts that cannot exist. Characters that servers refuse
    /// in addresses are replaced.
    pub(super) fn recast(&self, scenario: &mut Scenario) {
        let host = format!("{}.{}.{}.", scenario.name, scenario.call.as_str(), self.run).replace('_', "-");
        let address = |old: &str| {
            let (name, rest) = old.split_once('@')?;
            let usual = |c: char| c.is_ascii_alphanumeric() || "+-._:'".contains(c);
            let name: String = name.chars().map(|c| if usual(c) { c } else { '-' }).collect();
            Some(format!("{name}@{host}{rest}"))
        };
        for person in &mut scenario.story.people {
            person.email = address(&person.email).unwrap_or_default();
        }
        if let Some(reference) = &mut scenario.story.call.reference {
            *reference = address(reference).unwrap_or_else(|| reference.clone());
        }
    }

    pub(super) async fn stage(&self, scenario: &Scenario) -> Result<Stage, String> {
        let made = self.server.make(scenario, &format!("Conformance {scenario} {}", self.run)).await?;
        let mut people: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for person in scenario.story.people.iter().filter(|person| !person.email.is_empty()) {
            people.entry(person.email.clone()).or_default().push(person.key.clone());
        }
        let (provider, transport) = (Arc::clone(&made.provider), Arc::clone(&made.transport));
        let secrets = made.secrets.iter().chain(made.tokens.values()).cloned().collect();
        let (envelope, events) = (made.envelope.clone(), OnServer { maker: self.clone(), made, people });
        let stage = Stage::new(provider, transport, Arc::new(SystemClock), envelope, events);
        Ok(Stage { secrets, ..stage })
    }
}

#[derive(Debug)]
struct OnServer {
    maker: LiveServer,
    made: Made,
    /// The keys by address.
    people: BTreeMap<String, Vec<String>>,
}

impl OnServer {
    async fn read(&self, sink: &MailSink) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for (address, keys) in &self.people {
            for mail in sink.to(address, self.made.notices, self.made.transport.as_ref()).await? {
                let token = |key: &String| self.made.tokens.get(key);
                let is_in = |token: &SecretString| mail.contains(token.expose_secret());
                let key = keys.iter().find(|key| token(key).is_some_and(is_in)).or(keys.first());
                found.extend(key.cloned());
            }
        }
        Ok(found)
    }
}

#[async_trait]
impl Events for OnServer {
    async fn happen(&mut self, step: &Step, link: Option<&SigningLink>) -> Result<Option<Opening>, String> {
        self.maker.server.happen(&self.made, step, link).await
    }

    async fn mails(&mut self, at_least: usize) -> Result<Option<Vec<String>>, String> {
        let Some(sink) = &self.maker.mails else { return Ok(None) };
        let mut keys = self.read(sink).await?;
        for _ in 0..LOOKS {
            if keys.len() >= at_least.max(self.made.invited) {
                return Ok(Some(keys));
            }
            tokio::time::sleep(PAUSE).await;
            keys = self.read(sink).await?;
        }
        match keys.len() < self.made.invited {
            true => Err("the invitations have not arrived where `mails` looks for them".to_owned()),
            false => Ok(Some(keys)),
        }
    }

    async fn clean_up(&mut self) -> Result<(), String> {
        self.maker.server.delete(&self.made).await
    }
}
