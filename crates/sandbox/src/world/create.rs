//! Creates envelopes.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::context::Context;
use super::document::Document;
use super::envelope::{Envelope, EnvelopeStatus, Identity, Recipient, Role, What};
use super::events::News;
use super::new::{Making, NewEnvelope};
use super::refused::{Reason, Refused};
use super::sources::{Ids, after};
use super::state::State;
use super::vendor::{Policy, Vendor};
use crate::secret::{Secret, unguessable};

/// An envelope as parsed by a vendor's route.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) vendor: Vendor,
    pub(crate) policy: Policy,
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) documents: Vec<Document>,
    pub(crate) ordered: bool,
    pub(crate) emails_disabled: bool,
    pub(crate) return_url: Option<String>,
    pub(crate) extra: Map<String, Value>,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) when: When,
}

/// When a planned envelope is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Draft,
    Now,
    /// Created in the background, after this many seconds.
    Later(u32),
    /// A draft, which exists after this many seconds.
    DraftLater(u32),
    /// Its creation fails in the background, silently.
    Never,
}

impl Plan {
    pub(crate) fn from_new(new: NewEnvelope) -> Result<Self, Refused> {
        let invalid = |text: &str| Err(Refused::new(Reason::Invalid, text));
        if new.recipients.is_empty() {
            return invalid("an envelope needs at least one recipient");
        }
        if new.recipients.iter().any(|r| r.email.is_empty() && r.phone.is_none() && r.role != Role::Seal) {
            return invalid("every recipient needs an e-mail address or a phone number");
        }
        let when = match new.making {
            Making::Sent => When::Now,
            Making::Draft => When::Draft,
            Making::Background { .. } if !new.vendor.traits().makes_in_background => {
                return invalid("this vendor creates envelopes immediately");
            }
            Making::Background { seconds } => When::Later(seconds),
        };
        let policy = new.vendor.traits().policy;
        let document = new.document.clone().unwrap_or_else(|| sample_text(&new));
        let recipients = new.recipients.into_iter().enumerate().map(|(at, r)| Recipient {
            id: (at + 1).to_string(),
            name: r.name,
            email: r.email,
            phone: r.phone,
            role: r.role,
            order: r.order,
            client_id: r.embedded.filter(|_| new.vendor.traits().knows_embedded),
            code: r.access_code.filter(|code| new.vendor.traits().knows_codes && !code.expose().is_empty()),
            identity: Identity::asked(r.identity_check && new.vendor.traits().checks_identity),
            ..Recipient::default()
        });
        Ok(Self {
            vendor: new.vendor,
            policy,
            subject: new.subject,
            message: new.message,
            documents: vec![Document::written("Agreement", document)],
            ordered: new.signing_order || policy.order_always_enforced,
            emails_disabled: new.emails_disabled,
            return_url: new.return_url.filter(|_| policy.one_link),
            extra: Map::new(),
            recipients: recipients.collect(),
            when,
        })
    }
}

/// The document if none was given.
fn sample_text(new: &NewEnvelope) -> String {
    let subject = if new.subject.is_empty() { "Agreement" } else { &new.subject };
    let mut text = format!("{subject}\n\nThis agreement is made between\n");
    for recipient in new.recipients.iter().filter(|recipient| recipient.role.signs()) {
        text.push_str(&format!("  {}\n", recipient.name));
    }
    text.push_str(
        "\n1. The parties try out how documents are signed.\n2. Nothing here is real, and no one is bound by it.\n\
         3. A signature given below ends as soon as the sandbox does.\n",
    );
    text
}

impl State {
    /// Creates the envelope and returns its id. Recipient ids must differ.
    pub(crate) fn create(&mut self, plan: Plan) -> Result<String, Refused> {
        let mut seen = HashSet::new();
        if !plan.recipients.iter().all(|r| seen.insert(r.id.as_str())) {
            return Err(Refused::new(Reason::Invalid, "two recipients have the same id"));
        }
        let now = self.now();
        let id = self.ids.envelope(plan.policy.ids);
        let ready_at = match plan.when {
            When::Draft | When::Now => Some(now),
            When::Later(seconds) | When::DraftLater(seconds) => Some(after(now, i64::from(seconds))),
            When::Never => None,
        };
        let ids = &mut self.ids;
        let recipients = plan.recipients.into_iter().map(|r| make_recipient(r, plan.policy, ids)).collect();
        let envelope = Envelope {
            id: id.clone(),
            vendor: plan.vendor,
            policy: plan.policy,
            subject: plan.subject,
            message: plan.message,
            documents: plan.documents,
            status: EnvelopeStatus::Draft,
            created_at: now,
            changed_at: now,
            sent_at: None,
            viewed_at: None,
            closed_at: None,
            close_reason: None,
            deleted: false,
            ready_at,
            stays_draft: matches!(plan.when, When::Draft | When::DraftLater(_)),
            expires_at: None,
            mail_subject: None,
            ordered: plan.ordered,
            emails_disabled: plan.emails_disabled,
            return_url: plan.return_url,
            recipients,
            history: Vec::new(),
            reminded_at: Vec::new(),
            edited_elsewhere: false,
            extra: plan.extra,
        };
        self.insert(envelope);
        self.on(&id, |env, context| {
            context.note(env, What::Created, None);
            if env.ready_at.is_none() {
                context.tell(env, News::CreationFailed, None);
            }
            Ok::<_, Refused>(())
        })?;
        match (plan.when, ready_at) {
            (When::Draft | When::Never, _) | (_, None) => {}
            (_, Some(at)) => self.wake_at(at, &id),
        }
        self.tick();
        Ok(id)
    }
}

impl Context<'_> {
    /// Adds a recipient to an envelope that has not been sent, and returns the index.
    pub(crate) fn add(&mut self, env: &mut Envelope, new: Recipient) -> usize {
        let recipient = make_recipient(new, env.policy, self.ids);
        env.recipients.push(recipient);
        env.changed_at = self.now;
        env.recipients.len() - 1
    }
}

/// What the envelope's vendor gives to a recipient that a route has read.
fn make_recipient(read: Recipient, policy: Policy, ids: &mut Ids) -> Recipient {
    Recipient {
        guid: ids.recipient(policy.ids),
        user_id: ids.user(policy.ids),
        own_link: policy.one_link.then(|| Secret::new(unguessable())),
        max_attempts: if read.max_attempts == 0 { policy.attempts } else { read.max_attempts },
        ..read
    }
}
