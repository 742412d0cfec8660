//! Every operation with every fault at every step, at every vendor: what an error says about its effect is compared
//! with what the sandbox's world shows.
//!
//! The table: `cargo run -p countersign-tests --example effects`.

use countersign_tests::effects::{run_all, table};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_error_says_about_its_effect_is_true() {
    let rows = run_all().await.unwrap();
    let wrong: Vec<_> = rows.iter().filter(|row| !row.wrong.is_empty()).cloned().collect();
    assert!(wrong.is_empty(), "\n{}", table(&wrong, true));
    for vendor in countersign::vendors().iter().map(|vendor| vendor.name) {
        // The suite proves nothing if it does not get as far as both ends of the scale.
        let (not, worked): (Vec<_>, Vec<_>) =
            rows.iter().filter(|row| row.vendor == vendor).partition(|row| row.seen == "-");
        assert!(worked.len() > 100 && not.len() > 100, "{vendor}: {} and {}", worked.len(), not.len());
    }
}
