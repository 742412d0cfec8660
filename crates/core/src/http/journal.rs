//! Records what one call may have changed so far, over all its steps and repetitions.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::http::RequestObserver;
use crate::locked;
use crate::model::Effect;

/// Shared by a call's context and its answers.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    progress: Mutex<Progress>,
    pub(crate) observer: Option<Arc<dyn RequestObserver>>,
}

/// What a call may have changed, and how many requests it took.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The strongest effect of the earlier steps, including those of earlier rounds.
    pub(crate) earlier: Option<Effect>,
    /// The effect of the last step while its answer is being read, or if it may have taken effect after a failure.
    pub(crate) last: Option<Effect>,
    /// The effect of the step that was passed to the transport, until its result is known. Stays if the future is
    /// dropped, or panics.
    in_flight: Option<Effect>,
    /// The number of requests sent so far, including token requests.
    pub(crate) requests: u32,
    /// The number of requests of steps that failed in earlier rounds.
    pub(crate) spent: u32,
    /// The number of requests of the current step.
    pub(crate) attempts: u32,
}

impl Journal {
    pub(crate) fn new(observer: Arc<dyn RequestObserver>) -> Self {
        Self { progress: Mutex::default(), observer: Some(observer) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Progress> {
        locked(&self.progress)
    }
}

impl Progress {
    /// Starts another step: the previous answer has been read, and its effect is final.
    pub(crate) fn begin(&mut self) {
        let last = self.last.take();
        self.earlier = self.earlier.max(changing(last));
        self.attempts = 0;
    }

    /// Records that a request is about to be passed to the transport, so that a dropped future is noticed. Returns
    /// how many requests the step has taken so far, including earlier rounds.
    pub(crate) fn send(&mut self, effect: Effect) -> u32 {
        self.in_flight = Some(effect);
        self.requests = self.requests.saturating_add(1);
        self.attempts = self.attempts.saturating_add(1);
        self.spent.saturating_add(self.attempts)
    }

    /// The result of the step is known: the effect that it may have had, if any.
    pub(crate) fn landed(&mut self, effect: Option<Effect>) {
        (self.last, self.in_flight) = (effect.or(self.last), None);
    }

    /// The strongest possible effect, including a request that is being sent.
    pub(crate) fn possible_effect(&self) -> Option<Effect> {
        self.earlier.max(changing(self.last)).max(changing(self.in_flight))
    }
}

fn changing(effect: Option<Effect>) -> Option<Effect> {
    effect.filter(|effect| *effect != Effect::Read)
}
