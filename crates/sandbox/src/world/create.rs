//! How envelopes come into the world.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::document::Document;
use super::envelope::{
    CodeResult, Envelope, EnvelopeStatus, Identity, Phone, Recipient, RecipientState, Role, What,
};
use super::events::News;
use super::new::{Making, NewEnvelope};
use super::refused::{Reason, Refused};
use super::sources::{Ids, after};
use super::state::State;
use super::vendor::{Policy, Vendor};
use crate::secret::Secret;

/// An envelope as a vendor's route understood it.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) vendor: Vendor,
    pub(crate) policy: Policy,
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) documents: Vec<Document>,
    pub(crate) ordered: bool,
    pub(crate) emails_disabled: bool,
    pub(crate) extra: Map<String, Value>,
    pub(crate) recipients: Vec<PlannedRecipient>,
    pub(crate) when: When,
}

/// When a planned envelope becomes real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Draft,
    Now,
    /// Made in the background, after that many seconds.
    Later(u32),
    /// Making it fails in the background, silently.
    Never,
}

#[derive(Debug, Default)]
pub(crate) struct PlannedRecipient {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: Option<Phone>,
    pub(crate) role: Role,
    pub(crate) order: u32,
    pub(crate) client_id: Option<String>,
    pub(crate) mailed_though_embedded: bool,
    pub(crate) code: Option<Secret>,
    pub(crate) identity_check: bool,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) extra: Map<String, Value>,
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
                return invalid("this vendor makes envelopes at once");
            }
            Making::Background { seconds } => When::Later(seconds),
        };
        let policy = new.vendor.traits().policy;
        let document = new.document.clone().unwrap_or_else(|| sample_text(&new));
        let recipients = new.recipients.into_iter().enumerate().map(|(at, r)| PlannedRecipient {
            id: (at + 1).to_string(),
            name: r.name,
            email: r.email,
            phone: r.phone,
            role: r.role,
            order: r.order,
            client_id: r.embedded.filter(|_| new.vendor.traits().knows_embedded),
            code: r.access_code.filter(|code| !code.expose().is_empty()),
            identity_check: r.identity_check && new.vendor.traits().checks_identity,
            ..PlannedRecipient::default()
        });
        Ok(Self {
            vendor: new.vendor,
            policy,
            subject: new.subject,
            message: new.message,
            documents: vec![Document::written("Agreement", document)],
            ordered: new.signing_order || policy.order_always_enforced,
            emails_disabled: new.emails_disabled,
            extra: Map::new(),
            recipients: recipients.collect(),
            when,
        })
    }
}

/// What is signed where nobody has written anything.
fn sample_text(new: &NewEnvelope) -> String {
    let subject = if new.subject.is_empty() { "Agreement" } else { &new.subject };
    let mut text = format!("{subject}\n\nThis agreement is made between\n");
    for recipient in new.recipients.iter().filter(|recipient| recipient.role.signs()) {
        text.push_str(&format!("  {}\n", recipient.name));
    }
    text.push_str(
        "\n1. The parties try out how documents are signed.\n2. Nothing here is real, and nobody is bound by it.\n\
         3. A signature given below ends as soon as the sandbox does.\n",
    );
    text
}

impl State {
    /// Makes the envelope and returns its id. Recipient ids must differ.
    pub(crate) fn create(&mut self, plan: Plan) -> Result<String, Refused> {
        let mut seen = HashSet::new();
        if !plan.recipients.iter().all(|r| seen.insert(r.id.as_str())) {
            return Err(Refused::new(Reason::Invalid, "two recipients have the same id"));
        }
        let now = self.now();
        let id = self.ids.guid();
        let ready_at = match plan.when {
            When::Draft | When::Now => Some(now),
            When::Later(seconds) => Some(after(now, i64::from(seconds))),
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
            ready_at,
            expires_at: None,
            ordered: plan.ordered,
            emails_disabled: plan.emails_disabled,
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

fn make_recipient(planned: PlannedRecipient, policy: Policy, ids: &mut Ids) -> Recipient {
    Recipient {
        id: planned.id,
        guid: ids.guid(),
        user_id: ids.guid(),
        name: planned.name,
        email: planned.email,
        phone: planned.phone,
        role: planned.role,
        order: planned.order,
        client_id: planned.client_id,
        mailed_though_embedded: planned.mailed_though_embedded,
        code: planned.code,
        wrong_codes: 0,
        max_attempts: planned.max_attempts.unwrap_or(policy.attempts),
        locked: false,
        bounced: false,
        code_result: CodeResult::None,
        identity: if planned.identity_check { Identity::Pending } else { Identity::NotAsked },
        state: RecipientState::Waiting,
        told_at: None,
        viewed_at: None,
        done_at: None,
        declined_at: None,
        decline_reason: None,
        visiting_from: None,
        came_embedded: false,
        extra: planned.extra,
    }
}
