//! Counts per minute: of wrong keys, so that guessing stays slow, and of each key's requests. In this process only, and
//! in bounded memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// How many wrong keys an address may send in a minute, and how many may name the same key.
pub(crate) const WRONG: u32 = 10;

/// The most names that are counted at once. When they are used up, counting starts again.
const MOST: usize = 10_000;

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    wrong: PerMinute,
    requests: PerMinute,
}

impl Throttle {
    /// How long this address has to wait, because it sent too many wrong keys.
    pub(crate) fn blocked(&self, client: Option<IpAddr>) -> Option<Duration> {
        self.wrong.over(&address(client?), WRONG)
    }

    /// A wrong key from this address, with the public part of a key if it is well formed; how long the next one has to
    /// wait. The right key is not affected, else others could lock it out.
    pub(crate) fn wrong(&self, client: Option<IpAddr>, key: Option<&str>) -> Option<Duration> {
        let names = client.map(address).into_iter().chain(key.map(|key| format!("key {key}")));
        names.filter_map(|name| self.wrong.count(&name, WRONG)).max()
    }

    /// A request with a key that may send so many in a minute; how long it has to wait.
    pub(crate) fn request(&self, key: &str, per_minute: u32) -> Option<Duration> {
        self.requests.count(key, per_minute)
    }
}

/// An IPv6 client has a whole network of addresses.
fn address(client: IpAddr) -> String {
    match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
    }
}

/// Counts by name, each over a minute that begins with its first.
#[derive(Debug, Default)]
struct PerMinute(Mutex<HashMap<String, (Instant, u32)>>);

impl PerMinute {
    /// Counts one; how long to wait if that is more than allowed.
    fn count(&self, name: &str, most: u32) -> Option<Duration> {
        let now = Instant::now();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST && !counts.contains_key(name) {
            counts.retain(|_, (began, _)| now.duration_since(*began) < MINUTE);
            if counts.len() >= MOST {
                counts.clear();
            }
        }
        let (began, count) = counts.entry(name.to_owned()).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        (*count > most).then(|| MINUTE.saturating_sub(now.duration_since(*began)))
    }

    /// How long to wait if more than allowed were counted.
    fn over(&self, name: &str, most: u32) -> Option<Duration> {
        let now = Instant::now();
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = counts.get(name)?;
        let left = MINUTE.checked_sub(now.duration_since(*began)).filter(|left| !left.is_zero())?;
        (*count >= most).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_minute_has_its_number_and_memory_is_bounded() {
        let counts = PerMinute::default();
        for _ in 0..3 {
            assert_eq!((counts.over("a", 3), counts.count("a", 3)), (None, None));
        }
        tokio::time::advance(Duration::from_secs(20)).await;
        let rest = Some(Duration::from_secs(40));
        assert_eq!((counts.over("a", 3), counts.count("a", 3), counts.count("b", 3)), (rest, rest, None));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!((counts.over("a", 3), counts.count("a", 3)), (None, None));
        for name in 0..3 * MOST {
            counts.count(&name.to_string(), 1);
        }
        assert!(counts.0.lock().unwrap().len() <= MOST);
    }
}
