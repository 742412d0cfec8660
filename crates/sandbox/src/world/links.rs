//! Signing links, and the sessions that start when they are opened.

use std::collections::HashMap;

use jiff::Timestamp;

use super::envelope::{Envelope, Recipient};
use super::sources::after;
use super::vendor::LinkLife;
use super::words::Ending;
use crate::secret::unguessable;

/// Characters that make a token unguessable.
const ENOUGH: usize = 64;

/// Who may show the signing page in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Framing {
    /// Origins; any if absent.
    pub(crate) ancestors: Option<Vec<String>>,
    /// The older header's value, if asked for.
    pub(crate) x_frame_options: Option<String>,
}

/// The application's values for a link.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) return_url: Option<String>,
    pub(crate) framing: Framing,
    pub(crate) ping: Option<Ping>,
}

/// A URL that the pages of a visit request repeatedly, so that the application knows that the signer is active.
#[derive(Clone, Debug)]
pub(crate) struct Ping {
    pub(crate) url: String,
    pub(crate) seconds: u32,
}

#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) envelope: String,
    pub(crate) recipient_guid: String,
    pub(crate) made_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) openings_left: Option<u32>,
    pub(crate) opened: u32,
    pub(crate) terms: Terms,
    pub(crate) from_mail: bool,
}

impl Link {
    fn new(now: Timestamp, env: &Envelope, to: &Recipient, life: LinkLife, terms: Terms) -> Self {
        Self {
            envelope: env.id.clone(),
            recipient_guid: to.guid.clone(),
            made_at: now,
            expires_at: after(now, life.seconds),
            openings_left: life.openings,
            opened: 0,
            terms,
            from_mail: false,
        }
    }

    pub(crate) fn has_expired(&self, now: &Timestamp) -> bool {
        self.expires_at <= *now
    }
}

/// A browser that has opened a link.
#[derive(Clone)]
pub(crate) struct Session {
    /// The link as it was when it was opened.
    pub(crate) link: Link,
    pub(crate) last_seen: Timestamp,
    /// Whether the last entered code was wrong.
    pub(crate) wrong_code: bool,
    /// Its outcome, if it has ended.
    pub(crate) ended: Option<Ending>,
}

/// The result of opening a link.
pub(crate) enum Opening {
    Session(String),
    /// Expired or used up; the link contains the return URL.
    UsedUp(Link),
    Unknown,
}

#[derive(Default)]
pub(crate) struct Links {
    by_token: HashMap<String, Link>,
    /// Tokens by envelope, in order of creation.
    by_envelope: HashMap<String, Vec<String>>,
    sessions: HashMap<String, Session>,
}

impl Links {
    pub(crate) fn make_view_link(
        &mut self,
        now: Timestamp,
        env: &Envelope,
        to: &Recipient,
        terms: Terms,
        expires_at: Timestamp,
    ) -> String {
        let link = Link { expires_at, ..Link::new(now, env, to, env.policy.view_link, terms) };
        self.insert(link, env.policy.view_token_length, None)
    }

    /// A mail renews the life of a link that its recipient has for good.
    pub(crate) fn make_mail_link(&mut self, now: Timestamp, env: &Envelope, to: &Recipient) -> String {
        let token = self.own(now, env, to);
        if let Some(link) = self.by_token.get_mut(&token) {
            link.expires_at = after(now, env.policy.mail_link.seconds);
        }
        token
    }

    /// The link of a recipient who has one for good, made when it is first needed; for others, another one each time.
    pub(crate) fn own(&mut self, now: Timestamp, env: &Envelope, to: &Recipient) -> String {
        let own = to.own_link.as_ref().map(|token| token.expose().to_owned());
        match own {
            Some(token) if self.by_token.contains_key(&token) => token,
            own => {
                let terms = Terms { return_url: env.return_url.clone(), ..Terms::default() };
                let link = Link::new(now, env, to, env.policy.mail_link, terms);
                self.insert(Link { from_mail: true, ..link }, 0, own)
            }
        }
    }

    fn insert(&mut self, link: Link, length: usize, token: Option<String>) -> String {
        let mut token = token.unwrap_or_else(unguessable);
        while token.len() < length {
            token.push_str(&unguessable());
        }
        token.truncate(length.max(ENOUGH));
        self.by_envelope.entry(link.envelope.to_ascii_lowercase()).or_default().push(token.clone());
        self.by_token.insert(token.clone(), link);
        token
    }

    /// Invalidates the links of earlier mails to this recipient.
    pub(crate) fn kill_mail_links(&mut self, envelope: &str, recipient_guid: &str) {
        for token in self.by_envelope.get(&envelope.to_ascii_lowercase()).into_iter().flatten() {
            let of_them = |link: &&mut Link| link.from_mail && link.recipient_guid == recipient_guid;
            if let Some(link) = self.by_token.get_mut(token).filter(of_them) {
                link.openings_left = Some(0);
            }
        }
    }

    pub(crate) fn made_for(&self, envelope: &str) -> usize {
        self.of(envelope).iter().filter(|(_, link)| !link.from_mail).count()
    }

    /// The links of an envelope with their tokens, oldest first.
    pub(crate) fn of(&self, envelope: &str) -> Vec<(&str, &Link)> {
        let tokens = self.by_envelope.get(&envelope.to_ascii_lowercase()).into_iter().flatten();
        tokens.filter_map(|token| Some((token.as_str(), self.by_token.get(token)?))).collect()
    }

    pub(crate) fn open(&mut self, now: Timestamp, token: &str) -> Opening {
        let Some(link) = self.by_token.get_mut(token) else { return Opening::Unknown };
        if link.has_expired(&now) || link.openings_left == Some(0) {
            return Opening::UsedUp(link.clone());
        }
        link.openings_left = link.openings_left.map(|left| left - 1);
        link.opened += 1;
        let session = Session { link: link.clone(), last_seen: now, wrong_code: false, ended: None };
        let id = unguessable();
        self.sessions.insert(id.clone(), session);
        Opening::Session(id)
    }

    pub(crate) fn session(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.get_mut(id)
    }

    /// A session that has ended is remembered, so that an old tab or the back button shows an explanation.
    pub(crate) fn end_session(&mut self, id: &str, ending: Ending) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.ended = Some(ending);
        }
    }
}
