//! What happened in rounds, in numbers.

use std::fmt;

/// What happened in one round, or in all together.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) keys: usize,
    pub(crate) calls: u64,
    /// Calls whose worker died before it answered.
    pub(crate) lost: usize,
    /// Calls that ended without effect and were repeated.
    pub(crate) again: usize,
    pub(crate) kills: usize,
    pub(crate) stops: usize,
    pub(crate) restarts: usize,
    pub(crate) failovers: usize,
    pub(crate) mails: usize,
    /// Keys with a reply, and with an unknown outcome, at the end.
    pub(crate) replies: usize,
    pub(crate) unknown: usize,
    /// Unknown ones for which a mail went out.
    pub(crate) unknown_sent: usize,
    /// Keys under which more than one mail went out.
    pub(crate) doubled: usize,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.keys += other.keys;
        self.calls += other.calls;
        self.lost += other.lost;
        self.again += other.again;
        self.kills += other.kills;
        self.stops += other.stops;
        self.restarts += other.restarts;
        self.failovers += other.failovers;
        self.mails += other.mails;
        self.replies += other.replies;
        self.unknown += other.unknown;
        self.unknown_sent += other.unknown_sent;
        self.doubled += other.doubled;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} keys, {} calls ({} lost with their worker, {} repeated); {} kills, {} stops, {} crashes of the \
             database, {} failovers; {} mails, {} replies, {} unknown ({} of them sent), {} doubled",
            self.keys,
            self.calls,
            self.lost,
            self.again,
            self.kills,
            self.stops,
            self.restarts,
            self.failovers,
            self.mails,
            self.replies,
            self.unknown,
            self.unknown_sent,
            self.doubled
        )
    }
}
