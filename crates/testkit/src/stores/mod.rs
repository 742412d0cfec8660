//! What every store has to do: one suite of cases for each trait of `countersign_core::store`, and for
//! `SeenStore` and `TokenStore`.
//!
//! [`store_suite!`](crate::store_suite) makes a test of each case. A store with a database gives each test an empty
//! one; what it returns beside the store lives as long as the test:
//!
//! ```
//! countersign_testkit::store_suite! {
//!     #[tokio::test]
//!     tokens => (std::sync::Arc::new(countersign_core::MemoryTokenStore::new()), ())
//! }
//! ```
//!
//! The suites are `ledger`, `seen`, `tokens`, `nonces`, `readings`, `sign_ins` and `ownership`. Where a case waits
//! for the end of a lease, it waits by tokio's clock, for up to two seconds.
//!
//! [`race`](race::race) is a model of many processes that pause and die while they make calls under the same keys.

pub mod ledger;
pub mod nonces;
pub mod ownership;
pub mod planted;
pub mod race;
pub mod readings;
pub mod seen;
pub mod sign_ins;
pub mod tokens;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::store::Scope;

/// A lease that does not end during a test.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// A lease that a case waits for. Nothing is asserted that is true only before it ends.
pub(crate) const SHORT: Duration = Duration::from_millis(40);

/// The tenant of most cases.
pub(crate) fn scope() -> Scope {
    Scope::new("tenant").expect("a scope")
}

/// Waits until a short lease has ended, by any clock.
pub(crate) async fn lapse() {
    tokio::time::sleep(SHORT * 3).await;
}

/// Repeats a question until its answer is `Some`.
pub(crate) async fn eventually<T>(question: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(answer) = question().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not happen within five seconds");
}

/// Asks a store the same question many times at once, in tasks of their own.
pub(crate) async fn at_once<S: ?Sized, T, F>(store: &Arc<S>, question: impl Fn(Arc<S>, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..20).map(|number| tokio::spawn(question(Arc::clone(store), number))).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("a task that ends"));
    }
    answers
}

/// Makes a test of each case of a suite, in a module with the suite's name. After the attributes of each test and
/// the name of the suite, an expression gives a store in an `Arc` and anything that has to live as long.
#[macro_export]
macro_rules! store_suite {
    ($(#[$attribute:meta])* ledger => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] ledger ($make)
            a_free_key_is_acquired_and_then_running
            of_many_simultaneous_callers_one_acquires_a_key
            scopes_separate_equal_keys
            a_reply_is_returned_to_the_same_request
            every_kind_of_reply_comes_back_whole
            a_reply_is_kept_no_longer_than_asked
            a_released_key_is_free_for_any_request
            a_lapsed_claim_is_taken_over_by_any_request
            a_lapsed_call_that_notifies_is_never_taken_over
            a_lapsed_change_of_state_is_taken_over_by_the_same_request_only
            the_strongest_effect_is_kept
            a_mark_is_accepted_after_the_lease_and_renews_it
            a_lease_is_renewed
            an_unknown_ending_keeps_the_key_and_its_error
            an_unknown_ending_without_a_mark_frees_the_key
            an_abandoned_call_is_unknown_only_if_it_may_have_had_an_effect
            a_late_reply_makes_an_unknown_outcome_known
            a_running_call_is_not_resolved
            an_unknown_outcome_is_resolved_once
            only_unknown_outcomes_are_resolved
            unknown_calls_are_listed_in_pages
            a_record_shows_the_state_of_its_key
            any_text_is_kept_as_it_is
            of_many_processes_that_pause_and_die_none_sends_twice
        }
    };
    ($(#[$attribute:meta])* seen => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] seen ($make)
            a_delivery_is_first_then_in_progress_then_a_duplicate
            of_many_simultaneous_deliveries_one_is_first
            a_released_delivery_is_first_again
            a_worker_whose_lease_has_ended_cannot_end_the_next_ones_work
            accounts_separate_equal_events
        }
    };
    ($(#[$attribute:meta])* tokens => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] tokens ($make)
            tokens_are_read_back_with_their_version
            tokens_are_replaced_only_by_those_who_have_seen_them
            of_many_simultaneous_saves_of_one_version_one_is_kept
            no_version_is_used_twice
            one_at_a_time_renews
            a_lease_ends_when_it_is_dropped_or_over
        }
    };
    ($(#[$attribute:meta])* nonces => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] nonces ($make)
            a_nonce_is_taken_once
            of_many_simultaneous_returns_one_takes_the_nonce
        }
    };
    ($(#[$attribute:meta])* readings => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] readings ($make)
            an_envelope_is_read_once_in_an_interval
            of_many_simultaneous_callers_one_may_read
            an_answer_is_returned_until_the_next_reading
            a_failed_reading_may_be_repeated_at_once
            a_late_answer_does_not_replace_a_later_reading
            scopes_separate_equal_envelopes
        }
    };
    ($(#[$attribute:meta])* sign_ins => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] sign_ins ($make)
            a_sign_in_is_taken_once_and_comes_back_whole
            of_many_simultaneous_returns_one_gets_the_sign_in
            a_sign_in_is_not_kept_too_long
            scopes_separate_sign_ins
        }
    };
    ($(#[$attribute:meta])* ownership => $make:expr) => {
        $crate::store_cases! { [$(#[$attribute])*] ownership ($make)
            the_first_account_found_owns_the_envelope
            scopes_separate_owners
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! store_cases {
    ($attributes:tt $suite:ident $make:tt $($case:ident)*) => {
        mod $suite {
            #[allow(unused_imports, reason = "an expression may need nothing")]
            use super::*;

            $($crate::store_case! { $attributes $suite $make $case })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! store_case {
    ([$(#[$attribute:meta])*] $suite:ident ($make:expr) $case:ident) => {
        $(#[$attribute])*
        async fn $case() {
            let (store, _lives) = $make;
            $crate::stores::$suite::$case(store).await;
        }
    };
}

#[cfg(test)]
mod tests {
    /// A case that is in no list would be run for no store.
    #[test]
    fn every_case_is_in_its_suite() {
        let lists = include_str!("mod.rs");
        let files = [
            include_str!("ledger.rs"),
            include_str!("ledger/leases.rs"),
            include_str!("ledger/people.rs"),
            include_str!("nonces.rs"),
            include_str!("ownership.rs"),
            include_str!("readings.rs"),
            include_str!("seen.rs"),
            include_str!("sign_ins.rs"),
            include_str!("tokens.rs"),
        ];
        let cases = files.into_iter().flat_map(|file| file.split("\npub async fn ").skip(1));
        let names: Vec<_> = cases.filter_map(|case| case.split('(').next()).collect();
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            assert!(lists.contains(&format!("            {name}\n")), "{name}");
        }
    }
}
