//! The calls of each group of routes, counted here: such a vendor's answers do not report what is left.

use std::collections::VecDeque;
use std::time::Duration;

use countersign_core::Timestamp;
use countersign_core::vendor::RouteLimit;
use serde::Serialize;
use tokio::time::Instant;

/// One limit, as the vendor reported it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Window {
    /// How many calls the window allows.
    pub limit: Option<u64>,
    /// How many are left of them.
    pub remaining: Option<u64>,
    /// When the next window starts, if the vendor reports it.
    pub reset_at: Option<Timestamp>,
}

/// What is left of the limit of a group of routes, by the vendor's documentation and this process's own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RouteWindow {
    /// The group.
    pub name: &'static str,
    /// What is left of its limit. `reset_at` is when the next call is free again.
    #[serde(flatten)]
    pub window: Window,
}

/// A time by the vendor's clock, for display, and by the monotonic one.
type Moment = (Timestamp, Instant);

/// How much later than it leaves a call may arrive, where the vendor counts it: a first one also connects.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// How long a call counts here.
fn span(limit: &RouteLimit) -> Duration {
    limit.within + ON_THE_WAY
}

/// The groups that were called.
#[derive(Debug, Default)]
pub(super) struct Routes(Vec<Group>);

#[derive(Debug)]
struct Group {
    limit: &'static RouteLimit,
    /// How many calls the account has; `None` if they are not counted.
    calls: Option<u32>,
    /// The calls of the last span of the limit's length, the oldest first.
    made: VecDeque<Moment>,
    /// The end of the wait after a refusal.
    refused: Option<Moment>,
}

impl Routes {
    /// Until when no call is left, if that time is in the future.
    pub(super) fn held(&self, limit: &'static RouteLimit, at: Instant) -> Option<Instant> {
        self.0.iter().find(|group| group.limit.name == limit.name)?.held(at).map(|(_, until)| until)
    }

    /// A call is about to be sent.
    pub(super) fn count(&mut self, limit: &'static RouteLimit, calls: u32, (now, at): Moment) {
        let group = self.group(limit, Some(calls));
        while group.made.front().is_some_and(|(_, made)| *made + span(limit) <= at) {
            group.made.pop_front();
        }
        group.made.push_back((now, at));
    }

    /// The vendor refused a call: others may have called, or the account has a smaller limit.
    pub(super) fn refused(
        &mut self,
        limit: &'static RouteLimit,
        calls: Option<u32>,
        (now, at): Moment,
        wait: Duration,
    ) {
        let group = self.group(limit, calls);
        let until = (later(now, wait), at + wait);
        // An answer that arrives later may tell a shorter wait, or none.
        group.refused = group.refused.into_iter().chain([until]).max_by_key(|(_, until)| *until);
    }

    pub(super) fn report(&self, at: Instant) -> Vec<RouteWindow> {
        self.0.iter().map(|group| group.report(at)).collect()
    }

    fn group(&mut self, limit: &'static RouteLimit, calls: Option<u32>) -> &mut Group {
        let place = self.0.iter().position(|group| group.limit.name == limit.name);
        let place = place.unwrap_or_else(|| {
            self.0.push(Group { limit, calls, made: VecDeque::new(), refused: None });
            self.0.len() - 1
        });
        &mut self.0[place]
    }
}

impl Group {
    /// The calls that still count.
    fn counting(&self, at: Instant) -> impl Iterator<Item = &Moment> {
        self.made.iter().filter(move |(_, made)| *made + span(self.limit) > at)
    }

    fn left(&self, at: Instant) -> Option<u64> {
        let made = u64::try_from(self.counting(at).count()).unwrap_or(u64::MAX);
        self.calls.map(|calls| u64::from(calls).saturating_sub(made))
    }

    fn held(&self, at: Instant) -> Option<Moment> {
        let oldest = self.counting(at).next().filter(|_| self.left(at) == Some(0));
        let full = oldest.map(|(now, made)| (later(*now, span(self.limit)), *made + span(self.limit)));
        let refused = self.refused.filter(|(_, until)| *until > at);
        // The monotonic part decides.
        [full, refused].into_iter().flatten().max_by_key(|(_, until)| *until)
    }

    fn report(&self, at: Instant) -> RouteWindow {
        let held = self.held(at);
        let next = || self.counting(at).next().map(|(now, _)| later(*now, span(self.limit)));
        let window = Window {
            limit: self.calls.map(u64::from),
            remaining: if held.is_some() { Some(0) } else { self.left(at) },
            reset_at: held.map(|(until, _)| until).or_else(next),
        };
        RouteWindow { name: &self.limit.name, window }
    }
}

/// Limits last minutes, so that no sum is out of range.
fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use countersign_core::vendor::Facts;

    use super::*;

    const FACTS: &str = r#"
        title = "Acme"
        [[limit]]
        name = "lists"
        routes = ["GET /list"]
        calls = 3
        within = "1m"
        evidence = "documented"
        source = "docs.example"
    "#;

    /// Of two calls at once, the second answer may tell no wait, which stands for the limit's own length.
    #[test]
    fn of_two_refusals_the_later_end_counts() {
        let facts: &'static Facts = Box::leak(Box::new(Facts::load("acme", FACTS)));
        let (limit, now, at) = (&facts.limits[0], Timestamp::UNIX_EPOCH, Instant::now());
        let mut routes = Routes::default();
        let long = Duration::from_secs(600);
        routes.refused(limit, None, (now, at), long);
        routes.refused(limit, None, (now, at), limit.within);
        assert_eq!(routes.held(limit, at), Some(at + long));
        let later = at + Duration::from_secs(599);
        routes.refused(limit, None, (now, later), limit.within);
        assert_eq!(routes.held(limit, later), Some(later + limit.within));
    }
}
