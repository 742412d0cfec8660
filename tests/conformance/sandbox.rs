//! The sandbox as a backend: over real HTTP on loopback, in this process, a world of its own for each trial.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use countersign::provider::Descriptor;
use countersign::transport::HttpTransport;
use countersign::{Clock, SigningLink, Timestamp};
use countersign_sandbox::{
    Act, ActOutcome, Making, NewEnvelope, NewRecipient, Options, Phone, Role as Plays, Sandbox, Secret,
    Vendor, World,
};
use countersign_testkit::conformance::{
    Backend, DECLINE_REASON, EnvelopeState, Events, Opening, Person, Role, START, Scenario, Stage, Step,
};
use tokio::runtime::Runtime;

use crate::accounts;

/// Until a document that is made in the background is there.
const MAKING_SECONDS: u32 = 60;

/// Plays one vendor.
#[derive(Debug, Clone)]
pub(crate) struct InSandbox {
    vendor: Vendor,
    descriptor: &'static Descriptor,
}

/// A sandbox with one envelope in it.
#[derive(Debug)]
struct Played {
    /// Keeps it running.
    _sandbox: Sandbox,
    world: World,
    vendor: Vendor,
    envelope: String,
    people: Vec<Person>,
}

/// The sandboxes run beside the trials, not within them: their logs are not the adapter's.
fn beside() -> Result<&'static Runtime, String> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME
        .get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build());
    runtime.as_ref().map_err(ToString::to_string)
}

impl InSandbox {
    /// The backend for a vendor, if the sandbox plays it.
    pub(crate) fn of(descriptor: &'static Descriptor) -> Option<Self> {
        Some(Self { vendor: Vendor::named(descriptor.name)?, descriptor })
    }
}

#[async_trait]
impl Backend for InSandbox {
    fn name(&self) -> &str {
        "sandbox"
    }

    /// Starts a sandbox and makes the envelope.
    async fn stage(&self, scenario: &Scenario) -> Result<Stage, String> {
        let start: Timestamp = START.parse().map_err(|error| format!("{error}"))?;
        let options = Options { seed: 1, frozen_at: Some(start), ..Options::default() };
        let started = beside()?.spawn(Sandbox::start(options));
        let sandbox = started.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        let (provider, secrets) = accounts::provider(self.vendor, self.descriptor, &sandbox, scenario)?;
        let (url, world) = (sandbox.url(), sandbox.world());
        let made = world.make_envelope(envelope(self.vendor, scenario)).map_err(|refused| refused.message)?;
        let clock = Arc::new(ItsClock(world.clone()));
        let (envelope, people) = (made.id.clone(), scenario.story.people.clone());
        let events = Played { _sandbox: sandbox, world, vendor: self.vendor, envelope, people };
        let mut stage = Stage::new(provider, Arc::new(HttpTransport::default()), clock, made.id, events);
        let host = url.trim_start_matches("http://").to_owned();
        stage.places = vec![
            (format!("{url}/regions/eu"), "{vendor}".to_owned()),
            (url, "{vendor}".to_owned()),
            (host, "{host}".to_owned()),
            (stage.envelope.clone(), "{envelope}".to_owned()),
        ];
        stage.secrets = secrets;
        Ok(stage)
    }
}

fn envelope(vendor: Vendor, scenario: &Scenario) -> NewEnvelope {
    let story = &scenario.story;
    let making = match story.envelope.state {
        EnvelopeState::Draft => Making::Draft,
        EnvelopeState::Creating => Making::Background { seconds: MAKING_SECONDS },
        _ => Making::Sent,
    };
    NewEnvelope {
        making,
        emails_disabled: !story.envelope.mails,
        recipients: story.people.iter().map(recipient).collect(),
        ..NewEnvelope::new(vendor, "Lease")
    }
}

fn recipient(person: &Person) -> NewRecipient {
    let role = match person.role {
        Role::CarbonCopy => Plays::CarbonCopy,
        Role::Reviewer => Plays::Reviewer,
        _ => Plays::Signer,
    };
    let mut new = NewRecipient::new(&person.name, &person.email).with_order(person.order).with_role(role);
    if let Some(id) = &person.client_id {
        new = new.with_embedded(id.as_str());
    }
    if let Some(code) = &person.access_code {
        new = new.with_access_code(code.as_str());
    }
    new.phone = person.phone.clone().map(|(country_code, number)| Phone { country_code, number });
    new
}

impl Played {
    /// The sandbox numbers recipients by their place.
    fn id_of(&self, who: &str) -> Result<(String, &Person), String> {
        let at = self.people.iter().position(|person| person.key == who);
        let person = at.and_then(|at| self.people.get(at).map(|person| ((at + 1).to_string(), person)));
        person.ok_or_else(|| format!("nobody has the key `{who}`"))
    }

    fn act(&self, who: &str, act: Act) -> Result<ActOutcome, String> {
        let (id, _) = self.id_of(who)?;
        let result = self.world.act(&self.envelope, &id, act).map_err(|refused| refused.message)?;
        Ok(result.outcome)
    }

    /// Types the code, if one is asked for.
    fn let_in(&self, who: &str, code: Option<&str>) -> Result<(), String> {
        let (id, person) = self.id_of(who)?;
        let envelope = self.world.envelope(&self.envelope).ok_or("the envelope is gone")?;
        let asked = envelope.recipient(&id).is_some_and(|r| r.has_access_code && !r.code_accepted);
        let Some(code) = code.or(person.access_code.as_deref()).filter(|_| asked) else { return Ok(()) };
        match self.act(who, Act::EnterCode { code: Secret::new(code) })? {
            ActOutcome::CodeAccepted => Ok(()),
            other => Err(format!("the code was not accepted: {other:?}")),
        }
    }
}

/// The time of a sandbox.
#[derive(Debug)]
struct ItsClock(World);

impl Clock for ItsClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

#[async_trait]
impl Events for Played {
    async fn happen(&mut self, step: &Step, link: Option<&SigningLink>) -> Result<Option<Opening>, String> {
        let refused = |refused: countersign_sandbox::Refused| refused.message;
        match step {
            Step::Opens { who } => {
                self.let_in(who, None)?;
                self.act(who, Act::Open)?;
            }
            Step::TypesCode { who, code } => self.let_in(who, code.as_deref())?,
            Step::LocksOut { who } => {
                let wrong = || Act::EnterCode { code: Secret::new("a wrong code") };
                while self.act(who, wrong())? != ActOutcome::Locked {}
            }
            Step::Signs { who, new_name } => {
                self.let_in(who, None)?;
                self.act(who, Act::Sign { new_name: new_name.clone() })?;
            }
            Step::Leaves { who, new_name } => {
                self.let_in(who, None)?;
                self.act(who, Act::FinishLater { new_name: new_name.clone() })?;
            }
            Step::Declines { who } => {
                self.let_in(who, None)?;
                self.act(who, Act::Decline { reason: DECLINE_REASON.to_owned() })?;
            }
            Step::Bounces { who } => {
                self.world.bounce(&self.envelope, &self.id_of(who)?.0).map_err(refused)?;
            }
            Step::Voids => self.world.void(&self.envelope, "Sent by mistake").map_err(refused)?,
            Step::Expires => self.world.expire(&self.envelope).map_err(refused)?,
            Step::IsEdited => self.world.edit_elsewhere(&self.envelope, true).map_err(refused)?,
            Step::Waits { seconds } => self.world.advance(Duration::from_secs(*seconds)),
            Step::TokenExpires => self.world.revoke_tokens(self.vendor),
            Step::CallsUsedUp => self.world.change_settings(|settings| settings.limit_calls(1)),
            Step::OpensLink { who, .. } => {
                let url = link.ok_or("the call returned no link")?.expose();
                return match self.act(who, Act::OpenLink { url: Secret::new(url) })? {
                    ActOutcome::LinkUsedUp => Ok(Some(Opening::UsedUp)),
                    _ => Ok(Some(Opening::Works)),
                };
            }
            other => return Err(format!("the sandbox does not know the step {other:?}")),
        }
        Ok(None)
    }

    async fn mails(&mut self, _at_least: usize) -> Result<Option<Vec<String>>, String> {
        let of_it = self.world.outbox().into_iter().filter(|mail| mail.envelope == self.envelope);
        let key = |id: &str| Some(self.people.get(id.parse::<usize>().ok()?.checked_sub(1)?)?.key.clone());
        Ok(Some(of_it.filter_map(|mail| key(&mail.recipient)).collect()))
    }
}
