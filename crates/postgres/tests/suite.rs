//! The suites of every store trait, on PostgreSQL itself, as a user who must name the tenant
//! whose rows it sees, and behind PgBouncer in transaction mode.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops where it fails; macros make the tests")]

mod support;

/// All suites, each test with a store in a database of its own.
macro_rules! suites {
    ($make:path) => {
        use std::sync::Arc;

        /// Where PostgreSQL is missing, the test is left out.
        macro_rules! made {
            () => {
                match $make().await {
                    Some((store, lives)) => (Arc::new(store), lives),
                    None => return,
                }
            };
        }

        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] ledger => made!() }
        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] seen => made!() }
        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] tokens => made!() }
        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] nonces => made!() }
        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] readings => made!() }
        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] sign_ins => made!() }
        countersign_testkit::store_suite! { #[tokio::test(flavor = "multi_thread")] ownership => made!() }
    };
}

mod direct {
    suites!(crate::support::direct);
}

mod as_a_user_who_must_name_tenants {
    suites!(crate::support::naming);
}

mod behind_pgbouncer {
    suites!(crate::support::pooled);
}
