//! A visit to the signing page, from opening the link to the way back.

use super::acts::Ending;
use super::clock::after;
use super::links::{Opening, Session};
use super::refused::{Reason, Refused};
use super::{Envelope, State};

/// Whose page it is.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) envelope: String,
    pub(crate) at: usize,
    pub(crate) return_url: Option<String>,
}

impl State {
    /// Opens a link; a session answers to its own id from then on, since the link may be used up.
    pub(crate) fn open_link(&mut self, token: &str) -> Opening {
        let now = self.now();
        let opening = self.links.open(now, token);
        if let Opening::Session(id) = &opening
            && let Some(session) = self.links.session(id).cloned()
            && let Some(env) = self.envelopes.get_mut(&session.envelope)
            && let Some(recipient) = env.recipients.iter_mut().find(|r| r.guid == session.recipient_guid)
        {
            recipient.came_embedded = !session.from_mail;
        }
        opening
    }

    /// The visit behind a session id. An idle one is ended, and says so.
    pub(crate) fn visit(&mut self, id: &str) -> Result<Result<Visit, (Visit, Ending)>, Refused> {
        let now = self.now();
        let gone = || Refused::new(Reason::NoSuchLink, "no such signing session");
        let session = self.links.session(id).ok_or_else(gone)?;
        let idle_since = session.last_seen;
        session.last_seen = now;
        let Session { envelope, recipient_guid, return_url, .. } = session.clone();
        let env = self.envelope(&envelope).ok_or_else(gone)?;
        let visit = Visit { at: env.position(&recipient_guid)?, envelope, return_url };
        if after(idle_since, env.policy.session_idle) <= now {
            self.links.end_session(id);
            return Ok(Err((visit, Ending::SessionTimeout)));
        }
        Ok(Ok(visit))
    }

    /// Where the browser goes when a visit ends, if the application has named a place.
    pub(crate) fn way_back(
        &self,
        envelope: &str,
        return_url: Option<&str>,
        ending: Ending,
    ) -> Option<String> {
        let env: &Envelope = self.envelope(envelope)?;
        env.vendor.return_url(return_url?, &env.id, ending)
    }
}
