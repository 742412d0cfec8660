//! Signing links and the sessions that opening one starts.

use std::collections::HashMap;

use jiff::Timestamp;

use super::envelope::{Envelope, Recipient};
use super::sources::after;
use super::vendor::{Ending, LinkLife};
use crate::secret::unguessable;

/// Who may show the signing page in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Framing {
    /// Origins; anybody if absent.
    pub(crate) ancestors: Option<Vec<String>>,
    /// The older header's value, if asked for.
    pub(crate) x_frame_options: Option<String>,
}

/// What an application says when it asks for a link.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) return_url: Option<String>,
    pub(crate) framing: Framing,
}

#[derive(Clone)]
pub(crate) struct Link {
    /// Counts the links of this sandbox.
    pub(crate) number: u64,
    pub(crate) envelope: String,
    pub(crate) recipient_guid: String,
    pub(crate) made_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) openings_left: Option<u32>,
    pub(crate) opened: u32,
    pub(crate) terms: Terms,
    pub(crate) from_mail: bool,
}

/// A browser that has opened a link.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) envelope: String,
    pub(crate) recipient_guid: String,
    pub(crate) terms: Terms,
    pub(crate) from_mail: bool,
    pub(crate) last_seen: Timestamp,
    /// Whether the last thing that they typed was a wrong code.
    pub(crate) wrong_code: bool,
    /// How it ended, if it has.
    pub(crate) ended: Option<Ending>,
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
    made: u64,
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
        let openings_left = env.policy.view_link.openings;
        self.insert(Link {
            number: 0,
            envelope: env.id.clone(),
            recipient_guid: to.guid.clone(),
            made_at: now,
            expires_at,
            openings_left,
            opened: 0,
            terms,
            from_mail: false,
        })
    }

    pub(crate) fn make_mail_link(&mut self, now: Timestamp, env: &Envelope, to: &Recipient) -> String {
        let LinkLife { seconds, openings } = env.policy.mail_link;
        self.insert(Link {
            number: 0,
            envelope: env.id.clone(),
            recipient_guid: to.guid.clone(),
            made_at: now,
            expires_at: after(now, seconds),
            openings_left: openings,
            opened: 0,
            terms: Terms::default(),
            from_mail: true,
        })
    }

    fn insert(&mut self, mut link: Link) -> String {
        self.made += 1;
        link.number = self.made;
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

    /// The links of an envelope with their tokens, oldest first.
    pub(crate) fn of(&self, envelope: &str) -> Vec<(&str, &Link)> {
        let mut found: Vec<_> = self
            .by_token
            .iter()
            .filter(|(_, link)| link.envelope.eq_ignore_ascii_case(envelope))
            .map(|(token, link)| (token.as_str(), link))
            .collect();
        found.sort_by_key(|(_, link)| link.number);
        found
    }

    pub(crate) fn open(&mut self, now: Timestamp, token: &str) -> Opening {
        let Some(link) = self.by_token.get_mut(token) else { return Opening::Unknown };
        if now >= link.expires_at || link.openings_left == Some(0) {
            return Opening::UsedUp(link.clone());
        }
        link.openings_left = link.openings_left.map(|left| left - 1);
        link.opened += 1;
        let session = Session {
            envelope: link.envelope.clone(),
            recipient_guid: link.recipient_guid.clone(),
            terms: link.terms.clone(),
            from_mail: link.from_mail,
            last_seen: now,
            wrong_code: false,
            ended: None,
        };
        let id = unguessable();
        self.sessions.insert(id.clone(), session);
        Opening::Session(id)
    }

    pub(crate) fn session(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.get_mut(id)
    }

    /// A session that has ended is remembered, so that an old tab or the back button meets an explanation.
    pub(crate) fn end_session(&mut self, id: &str, ending: Ending) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.ended = Some(ending);
        }
    }
}
