//! The made-up vendor, played in memory: a backend of the suite in one file.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::{Limits, SigningLink, Transport, TransportError};
use countersign_testkit::FakeClock;
use countersign_testkit::conformance::{
    Account, Backend, EnvelopeState, Events, Opening, Person, Role, START, Scenario, Stage, Step,
};
use serde_json::json;

use crate::adapter::{Acme, Mistake};

const ENVELOPE: &str = "env-1";
/// A key that must be seen nowhere.
const KEY: &str = "planted-key-of-the-made-up-vendor";

/// Plays the made-up vendor for an adapter with or without a mistake.
#[derive(Debug)]
pub(crate) struct InMemory(pub(crate) Mistake);

#[derive(Debug)]
struct World {
    people: Vec<(Person, &'static str, &'static str)>,
    /// Status of every answer, where it is not a list.
    refuses: Option<u16>,
    over: bool,
}

#[derive(Debug)]
struct Played {
    vendor: Arc<Vendor>,
    clock: Arc<FakeClock>,
}

/// Answers requests out of the world.
#[derive(Debug)]
struct Vendor(Mutex<World>);

#[async_trait]
impl Backend for InMemory {
    fn name(&self) -> &str {
        "memory"
    }

    async fn stage(&self, scenario: &Scenario) -> Result<Stage, String> {
        let story = &scenario.story;
        let refuses = match (story.account, story.envelope.state) {
            (Account::WrongKey, _) => Some(401),
            (Account::Other, _) => Some(403),
            (_, EnvelopeState::Creating) => Some(425),
            _ => None,
        };
        let first = if story.envelope.state == EnvelopeState::Draft { "later" } else { "asked" };
        let people = story.people.iter().map(|person| {
            let code = if person.access_code.is_some() { "set" } else { "none" };
            (person.clone(), if person.order == 1 { first } else { "later" }, code)
        });
        let world = World { people: people.collect(), refuses, over: false };
        let provider = Acme::new(KEY, self.0).map_err(|error| error.to_string())?;
        let (vendor, clock) = (Arc::new(Vendor(Mutex::new(world))), Arc::new(FakeClock::at(START)));
        let events = Played { vendor: Arc::clone(&vendor), clock: Arc::clone(&clock) };
        let mut stage = Stage::new(Arc::new(provider), vendor, clock, ENVELOPE, events);
        stage.secrets = vec![KEY.into()];
        Ok(stage)
    }
}

#[async_trait]
impl Events for Played {
    async fn happen(&mut self, step: &Step, _link: Option<&SigningLink>) -> Result<Option<Opening>, String> {
        let mut world = self.vendor.0.lock().unwrap_or_else(PoisonError::into_inner);
        match step {
            Step::Opens { who } => world.set(who, "seen"),
            Step::Leaves { who, new_name } => {
                world.set(who, "seen");
                world.rename(who, new_name.as_deref());
            }
            Step::Signs { who, .. } => {
                world.set(who, "signed");
                world.next();
            }
            Step::Declines { who } => {
                world.set(who, "refused");
                world.over = true;
            }
            Step::LocksOut { who } => world.lock_out(who),
            Step::Bounces { who } => world.set(who, "bounced"),
            Step::Voids => world.end("revoked"),
            Step::Expires => world.end("expired"),
            Step::CallsUsedUp => world.refuses = Some(429),
            Step::Waits { seconds } => self.clock.advance(Duration::from_secs(*seconds)),
            other => return Err(format!("the made-up vendor does not know the step {other:?}")),
        }
        Ok(None)
    }
}

impl World {
    fn set(&mut self, who: &str, state: &'static str) {
        for (_, now, _) in self.people.iter_mut().filter(|(person, ..)| person.key == who) {
            *now = state;
        }
    }

    fn rename(&mut self, who: &str, name: Option<&str>) {
        for (person, ..) in self.people.iter_mut().filter(|(person, ..)| person.key == who) {
            person.name = name.unwrap_or(&person.name).to_owned();
        }
    }

    fn lock_out(&mut self, who: &str) {
        for (.., code) in self.people.iter_mut().filter(|(person, ..)| person.key == who) {
            *code = "failed";
        }
    }

    fn end(&mut self, state: &'static str) {
        self.over = true;
        self.people.iter_mut().for_each(|(_, now, _)| *now = state);
    }

    fn next(&mut self) {
        let current = self.current();
        for (person, state, _) in &mut self.people {
            if Some(person.order) == current && *state == "later" {
                *state = "asked";
            }
        }
    }

    fn current(&self) -> Option<u32> {
        let open = self.people.iter().filter(|(_, state, _)| !self.over && *state != "signed");
        open.map(|(person, ..)| person.order).min()
    }

    fn list(&self) -> String {
        let people = self.people.iter().zip(1..).map(|((person, state, code), id)| {
            let role = match person.role {
                Role::CarbonCopy => "reads",
                Role::Reviewer => "approves",
                _ => "signs",
            };
            let email = Some(&person.email).filter(|email| !email.is_empty());
            let phone = person.phone.as_ref().map(|(country, number)| format!("{country}{number}"));
            json!({"id": id.to_string(), "name": person.name, "email": email, "phone": phone, "role": role,
                "place": person.order, "state": state, "code": code})
        });
        json!({"current": self.current(), "people": people.collect::<Vec<_>>()}).to_string()
    }
}

#[async_trait]
impl Transport for Vendor {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let world = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = request.uri().path() == format!("/v1/envelopes/{ENVELOPE}");
        let status = world.refuses.unwrap_or(if known { 200 } else { 404 });
        let body = match status {
            200 => world.list(),
            404 => "no such envelope".to_owned(),
            _ => String::new(),
        };
        let mut response = http::Response::new(Bytes::from(body));
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        if status == 429 {
            let an_hour = http::HeaderValue::from_static("3600");
            response.headers_mut().insert(http::header::RETRY_AFTER, an_hour);
        }
        Ok(response)
    }
}
