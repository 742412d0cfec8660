//! Repeats a call if its error allows it.

use std::future::Future;
use std::time::Duration;

use countersign_core::{Context, Result, Retry};
use tokio::time::Instant;

/// When and how often a call is repeated.
///
/// *Whether* it may be repeated is not part of the policy: only errors whose
/// [`Error::retry`](countersign_core::Error::retry) allows it are repeated, and nothing that may have sent a
/// message to a recipient ever is. The pause before the n-th repetition is random between zero and `base` × 2ⁿ⁻¹
/// ("full jitter"), at most `cap`; a longer wait that the vendor named is respected. If a wait exceeds `max_wait`
/// or the call's deadline, the error is returned instead, and reports the wait.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// How often a call is made, including the first time; at least once.
    pub rounds: u32,
    /// The maximum first pause.
    pub base: Duration,
    /// The maximum of all pauses.
    pub cap: Duration,
    /// The longest wait named by a vendor that is respected.
    pub max_wait: Duration,
    /// Repeats as often and for the same errors, but without any pause. For replays, where waiting has no purpose.
    pub at_once: bool,
    /// The source of randomness: returns numbers from 0 to 1.
    pub jitter: fn() -> f64,
}

impl Default for RetryPolicy {
    /// A call is made up to four times; pauses start at up to 250 ms and grow to up to 10 s; waits of up to 30 s,
    /// the length of a burst window, are respected.
    fn default() -> Self {
        Self {
            rounds: 4,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(10),
            max_wait: Duration::from_secs(30),
            at_once: false,
            jitter: fastrand::f64,
        }
    }
}

impl RetryPolicy {
    /// Makes every call once.
    #[must_use]
    pub fn never() -> Self {
        Self { rounds: 1, ..Self::default() }
    }

    /// The pause before another round after `rounds` rounds; `None` if there is none.
    fn pause(&self, rounds: u32, retry: Retry) -> Option<Duration> {
        let Retry::After(told) = retry else { return None };
        if rounds >= self.rounds || told.is_some_and(|told| told > self.max_wait) {
            return None;
        }
        if self.at_once {
            return Some(Duration::ZERO);
        }
        let doubled = 2_u32.saturating_pow(rounds.saturating_sub(1));
        let most = self.base.saturating_mul(doubled).min(self.cap);
        let pause = most.mul_f64((self.jitter)().clamp(0.0, 1.0));
        Some(pause.max(told.unwrap_or_default()))
    }
}

/// Makes the call until it succeeds or its error is to be returned.
pub(super) async fn repeat<T, R: Future<Output = Result<T>>>(
    policy: RetryPolicy,
    cx: &Context,
    deadline: Option<Instant>,
    round: impl Fn() -> R,
) -> Result<T> {
    let mut rounds = 1;
    loop {
        let error = match round().await {
            Ok(reply) => return Ok(reply),
            Err(error) => {
                let attempts =
                    if rounds > 1 { error.attempts().max(cx.attempts()) } else { error.attempts() };
                cx.failed(error).with_attempts(attempts)
            }
        };
        let Some(pause) = policy.pause(rounds, error.retry()) else { return Err(error) };
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| pause >= left) {
            return Err(error);
        }
        let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(round = rounds + 1, kind = error.kind().as_str(), pause_ms = millis, "repeating");
        tokio::time::sleep(pause).await;
        cx.restart();
        rounds += 1;
    }
}
