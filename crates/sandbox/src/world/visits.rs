//! A visit to the signing page, from opening the link to the return.

use super::envelope::Envelope;
use super::links::{Link, Opening, Session, Terms};
use super::sources::after;
use super::state::State;
use super::words::Ending;

/// The recipient of the page.
#[derive(Clone, Default)]
pub(crate) struct Visit {
    pub(crate) envelope: String,
    pub(crate) at: usize,
    pub(crate) terms: Terms,
    /// Whether the last entered code was wrong.
    pub(crate) wrong_code: bool,
    /// How it ended, if this is an old tab, or the back button.
    pub(crate) ended: Option<Ending>,
    /// It has ended just now, because it was idle.
    pub(crate) times_out: bool,
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
    pub(crate) fn visit(&mut self, id: &str) -> Option<Visit> {
        let now = self.now();
        let session = self.links.session(id)?;
        let idle_since = std::mem::replace(&mut session.last_seen, now);
        let Session { link: Link { envelope, recipient_guid, terms, .. }, wrong_code, mut ended, .. } =
            session.clone();
        let env = self.envelope(&envelope)?;
        let at = env.position(&recipient_guid).ok()?;
        let times_out = ended.is_none() && after(idle_since, env.policy.session_idle) <= now;
        if times_out {
            ended = Some(Ending::SessionTimeout);
            self.links.end_session(id, Ending::SessionTimeout);
        }
        Some(Visit { envelope, at, terms, wrong_code, ended, times_out })
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
