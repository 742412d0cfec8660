//! Signing links and the sessions that opening one starts.

use std::collections::HashMap;

use jiff::Timestamp;

use super::clock::after;
use super::envelope::{Envelope, Recipient};
use super::ids::unguessable;
use super::policy::LinkLife;

#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) envelope: String,
    pub(crate) recipient_guid: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) openings_left: Option<u32>,
    pub(crate) return_url: Option<String>,
    pub(crate) from_mail: bool,
}

/// A browser that has opened a link and not left yet.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) envelope: String,
    pub(crate) recipient_guid: String,
    pub(crate) return_url: Option<String>,
    pub(crate) from_mail: bool,
    pub(crate) last_seen: Timestamp,
}

/// What opening a link led to.
pub(crate) enum Opening {
    Session(String),
    /// Too old or opened too often; the link says where the browser goes then.
    UsedUp(Link),
    Unknown,
}

#[derive(Default)]
pub(crate) struct Links {
    by_token: HashMap<String, Link>,
    sessions: HashMap<String, Session>,
}

impl Links {
    pub(crate) fn make_view_link(
        &mut self,
        env: &Envelope,
        to: &Recipient,
        return_url: Option<String>,
        expires_at: Timestamp,
    ) -> String {
        let openings_left = env.policy.view_link.openings;
        self.insert(Link {
            envelope: env.id.clone(),
            recipient_guid: to.guid.clone(),
            expires_at,
            openings_left,
            return_url,
            from_mail: false,
        })
    }

    pub(crate) fn make_mail_link(&mut self, now: Timestamp, env: &Envelope, to: &Recipient) -> String {
        let LinkLife { seconds, openings } = env.policy.mail_link;
        self.insert(Link {
            envelope: env.id.clone(),
            recipient_guid: to.guid.clone(),
            expires_at: after(now, seconds),
            openings_left: openings,
            return_url: None,
            from_mail: true,
        })
    }

    fn insert(&mut self, link: Link) -> String {
        let token = unguessable();
        self.by_token.insert(token.clone(), link);
        token
    }

    /// Makes the links of earlier mails to this recipient useless.
    pub(crate) fn kill_mail_links(&mut self, envelope: &str, recipient_guid: &str) {
        for link in self.by_token.values_mut() {
            if link.from_mail && link.envelope == envelope && link.recipient_guid == recipient_guid {
                link.openings_left = Some(0);
            }
        }
    }

    pub(crate) fn made_for(&self, envelope: &str) -> usize {
        let for_it = |link: &&Link| !link.from_mail && link.envelope.eq_ignore_ascii_case(envelope);
        self.by_token.values().filter(for_it).count()
    }

    pub(crate) fn open(&mut self, now: Timestamp, token: &str) -> Opening {
        let Some(link) = self.by_token.get_mut(token) else { return Opening::Unknown };
        if now >= link.expires_at || link.openings_left == Some(0) {
            return Opening::UsedUp(link.clone());
        }
        link.openings_left = link.openings_left.map(|left| left - 1);
        let session = Session {
            envelope: link.envelope.clone(),
            recipient_guid: link.recipient_guid.clone(),
            return_url: link.return_url.clone(),
            from_mail: link.from_mail,
            last_seen: now,
        };
        let id = unguessable();
        self.sessions.insert(id.clone(), session);
        Opening::Session(id)
    }

    pub(crate) fn session(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.get_mut(id)
    }

    pub(crate) fn end_session(&mut self, id: &str) {
        self.sessions.remove(id);
    }
}
