//! Every operation with every fault at every step, at every vendor: what an error says about its effect is compared
//! with what the sandbox's world shows.
//!
//! The table: `cargo run -p countersign-tests --example effects`.

use countersign_tests::effects::{Job, run_all, table};
use countersign_tests::stages;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_error_says_about_its_effect_is_true() {
    let rows = run_all().await.unwrap();
    let wrong: Vec<_> = rows.iter().filter(|row| !row.wrong.is_empty()).cloned().collect();
    assert!(wrong.is_empty(), "\n{}", table(&wrong, true));
    for vendor in countersign::vendors().iter().map(|vendor| vendor.name) {
        // The suite proves nothing if it does not get as far as both ends of the scale.
        let (not, worked): (Vec<_>, Vec<_>) =
            rows.iter().filter(|row| row.cell.vendor == vendor).partition(|row| row.seen == "-");
        assert!(worked.len() > 100 && not.len() > 100, "{vendor}: {} and {}", worked.len(), not.len());
    }
}

#[tokio::test]
async fn each_job_that_a_vendor_offers_has_steps_and_no_other() {
    for stage in stages().await.unwrap() {
        let offered: Vec<_> = Job::at(&stage).collect();
        let has_steps: Vec<_> =
            Job::ALL.into_iter().filter(|job| !job.steps(stage.name).is_empty()).collect();
        assert_eq!(has_steps, offered, "{}", stage.name);
    }
}
