//! What one call may have changed so far, over all its steps and all its repetitions.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::http::RequestObserver;
use crate::model::Effect;

/// Shared by a call's context and by the answers it got.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    progress: Mutex<Progress>,
    pub(crate) observer: Option<Arc<dyn RequestObserver>>,
}

/// What a call may have changed, and how many requests it took.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The strongest effect of the steps before the present one, those of earlier rounds included.
    pub(crate) earlier: Option<Effect>,
    /// The effect of the last step, while its answer is being read, or when it may have happened all the same.
    pub(crate) last: Option<Effect>,
    /// The effect of the step that is with the transport now. Stays when the future is dropped there.
    in_flight: Option<Effect>,
    /// Requests sent so far, those for tokens included.
    pub(crate) requests: u32,
    /// Requests of the steps that failed in earlier rounds.
    pub(crate) spent: u32,
    /// Requests of the present step.
    pub(crate) attempts: u32,
}

impl Journal {
    pub(crate) fn new(observer: Arc<dyn RequestObserver>) -> Self {
        Self { progress: Mutex::default(), observer: Some(observer) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Another step begins: the one before has been read, and what it did stands.
    pub(crate) fn begin(&mut self) {
        let last = self.last.take();
        self.earlier = self.earlier.max(changing(last));
        self.attempts = 0;
    }

    /// A request goes to the transport. Noted before it does, so that whoever drops the future knows. Returns how
    /// many requests the step has taken by then, earlier rounds included.
    pub(crate) fn send(&mut self, effect: Effect) -> u32 {
        self.in_flight = Some(effect);
        self.requests = self.requests.saturating_add(1);
        self.attempts = self.attempts.saturating_add(1);
        self.spent.saturating_add(self.attempts)
    }

    /// The transport is done with it.
    pub(crate) fn landed(&mut self) {
        self.in_flight = None;
    }

    /// The strongest effect that may have happened, a request on its way included.
    pub(crate) fn possible_effect(&self) -> Option<Effect> {
        self.earlier.max(changing(self.last)).max(changing(self.in_flight))
    }
}

fn changing(effect: Option<Effect>) -> Option<Effect> {
    effect.filter(|effect| *effect != Effect::Read)
}
