//! A visit to the signing page, from opening the link to the return.

use super::envelope::Envelope;
use super::links::{Link, Opening, Session, Terms};
use super::refused::{Reason, Refused};
use super::sources::after;
use super::state::State;
use super::words::Ending;

/// The recipient of the page.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) envelope: String,
    pub(crate) at: usize,
    pub(crate) terms: Terms,
    /// Whether the last entered code was wrong.
    pub(crate) wrong_code: bool,
}

/// The state of a visit.
pub(crate) enum Found {
    Open(Visit),
    /// It has just timed out.
    TimedOut(Visit),
    /// It ended before: an old tab, or the back button.
    Over(Visit, Ending),
}

impl State {
    /// Opens a link; from then on a session id is used, because the link may be used up.
    pub(crate) fn open_link(&mut self, token: &str) -> Opening {
        let now = self.now();
        let opening = self.links.open(now, token);
        if let Opening::Session(id) = &opening
            && let Some(link) = self.links.session(id).map(|session| session.link.clone())
            && let Some(env) = self.envelope_mut(&link.envelope)
            && let Some(recipient) = env.recipients.iter_mut().find(|r| r.guid == link.recipient_guid)
        {
            recipient.came_embedded = !link.from_mail;
        }
        opening
    }

    /// The visit of a session id. An idle one is ended and reported as such.
    pub(crate) fn visit(&mut self, id: &str) -> Result<Found, Refused> {
        let now = self.now();
        let gone = || Refused::new(Reason::NoSuchLink, "no such signing session");
        let session = self.links.session(id).ok_or_else(gone)?;
        let idle_since = session.last_seen;
        session.last_seen = now;
        let Session { link: Link { envelope, recipient_guid, terms, .. }, wrong_code, ended, .. } =
            session.clone();
        let env = self.envelope(&envelope).ok_or_else(gone)?;
        let idle = env.policy.session_idle;
        let visit = Visit { at: env.position(&recipient_guid)?, envelope, terms, wrong_code };
        if let Some(ending) = ended {
            return Ok(Found::Over(visit, ending));
        }
        if after(idle_since, idle) <= now {
            self.links.end_session(id, Ending::SessionTimeout);
            return Ok(Found::TimedOut(visit));
        }
        Ok(Found::Open(visit))
    }

    /// Where the browser goes when a visit ends, if the application has set a return URL.
    pub(crate) fn way_back(
        &self,
        envelope: &str,
        return_url: Option<&str>,
        ending: Ending,
    ) -> Option<String> {
        let env: &Envelope = self.envelope(envelope)?;
        env.vendor.traits().return_url(return_url?, &env.id, ending)
    }
}
