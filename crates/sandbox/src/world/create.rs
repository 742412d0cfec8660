//! Creates envelopes.

use std::collections::HashSet;

use super::context::Context;
use super::document::Document;
use super::envelope::{Envelope, Identity, Recipient, Role};
use super::new::{Making, NewEnvelope};
use super::refused::{Reason, Refused};
use super::sources::{Ids, after};
use super::state::State;
use super::vendor::Policy;
use super::words::{News, What};
use crate::secret::{Secret, unguessable};

/// When an envelope that a route has read is created.
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

impl NewEnvelope {
    /// As a vendor's route would have read it.
    pub(crate) fn read(self) -> Result<(Envelope, When), Refused> {
        let new = self;
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
        let traits = new.vendor.traits();
        let document = new.document.clone().unwrap_or_else(|| sample_text(&new));
        let recipients = new.recipients.into_iter().enumerate().map(|(at, r)| Recipient {
            id: (at + 1).to_string(),
            name: r.name,
            email: r.email,
            phone: r.phone,
            role: r.role,
            order: r.order,
            client_id: r.embedded.filter(|_| traits.knows_embedded),
            code: r.access_code.filter(|code| traits.knows_codes && !code.expose().is_empty()),
            identity: Identity::asked(r.identity_check && traits.checks_identity),
            ..Recipient::default()
        });
        let envelope = Envelope {
            message: new.message,
            documents: vec![Document::written("Agreement", document)],
            ordered: new.signing_order || traits.policy.order_always_enforced,
            emails_disabled: new.emails_disabled,
            return_url: new.return_url.filter(|_| traits.policy.one_link),
            recipients: recipients.collect(),
            ..Envelope::new(new.vendor, new.subject)
        };
        Ok((envelope, when))
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
    /// Creates an envelope that a route has read, and returns its id. Recipient ids must differ.
    pub(crate) fn create(&mut self, mut envelope: Envelope, when: When) -> Result<String, Refused> {
        let mut seen = HashSet::new();
        if !envelope.recipients.iter().all(|r| seen.insert(r.id.as_str())) {
            return Err(Refused::new(Reason::Invalid, "two recipients have the same id"));
        }
        let now = self.now();
        let id = self.ids.envelope(&envelope.policy.ids);
        let ready_at = match when {
            When::Draft | When::Now => Some(now),
            When::Later(seconds) | When::DraftLater(seconds) => Some(after(now, i64::from(seconds))),
            When::Never => None,
        };
        (envelope.id, envelope.ready_at) = (id.clone(), ready_at);
        (envelope.created_at, envelope.changed_at) = (now, now);
        envelope.stays_draft = matches!(when, When::Draft | When::DraftLater(_));
        for r in &mut envelope.recipients {
            complete(r, &envelope.policy, &mut self.ids);
        }
        self.insert(envelope);
        self.on(&id, |env, context| {
            context.note(env, What::Created, None);
            if env.ready_at.is_none() {
                context.tell(env, News::CreationFailed, None);
            }
            Ok::<_, Refused>(())
        })?;
        match (when, ready_at) {
            (When::Draft | When::Never, _) | (_, None) => {}
            (_, Some(at)) => self.wake_at(at, &id),
        }
        self.tick();
        Ok(id)
    }
}

impl Context<'_> {
    /// Adds a recipient to an envelope that has not been sent, and returns the index.
    pub(crate) fn add(&mut self, env: &mut Envelope, mut new: Recipient) -> usize {
        complete(&mut new, &env.policy, self.ids);
        env.recipients.push(new);
        env.changed_at = self.now;
        env.recipients.len() - 1
    }
}

/// What the envelope's vendor gives to a recipient that a route has read.
fn complete(r: &mut Recipient, policy: &Policy, ids: &mut Ids) {
    (r.guid, r.user_id) = (ids.recipient(&policy.ids), ids.user(&policy.ids));
    r.own_link = policy.one_link.then(|| Secret::new(unguessable()));
    if r.max_attempts == 0 {
        r.max_attempts = policy.attempts;
    }
}
