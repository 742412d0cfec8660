//! A worker whose clock is wrong: leases are compared on the store's clock alone.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use countersign_sandbox::Vendor;
use countersign_testkit::servers::PgServer;
use tokio::process::Command;

use crate::figures::Figures;
use crate::processes::{KEYS, rounds, setup};
use crate::round::Round;
use crate::said::Setup;
use crate::trouble::Trouble;
use crate::workers::ahead;

/// Debian's package `faketime`; `None` after a loud message.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let found =
        folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var("COUNTERSIGN_TEST_POSTGRES").as_deref() == Ok("require");
        assert!(!required, "faketime is missing, and COUNTERSIGN_TEST_POSTGRES=require");
        // Not by the macro, whose output a test that passes does not show.
        let _ = writeln!(std::io::stderr(), "!! faketime is missing; the test of a wrong clock is left out");
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_whose_clock_is_an_hour_ahead_doubles_no_mail() {
    let (Some(server), Some(library)) = (PgServer::start().map(Arc::new), library()) else { return };
    let told = ahead(Command::new("date").arg("+%s"), &library).output().await.unwrap();
    let told: u64 = String::from_utf8(told.stdout).unwrap().trim().parse().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!(told > now + 3500, "the clock is not ahead");

    // DocuSign rejects tokens from the future, so nothing would be sent there.
    let vendors: Vec<Vendor> =
        Vendor::all().iter().copied().filter(|vendor| vendor.id() == "boldsign").collect();
    let trouble = Trouble::Crashes(Arc::clone(&server));
    let mut all = Figures::default();
    for seed in 0..rounds(1) {
        let setup = Setup { faketime: Some(library.clone()), ..setup(server.database(), true).await };
        let result = Round::prepare(setup, KEYS, &vendors).await.play(&trouble, seed).await;
        all.add(&result.figures);
        assert!(result.wrong.is_empty(), "round {seed}: {:#?}", result.wrong);
    }
    println!("one clock an hour ahead: {all}");
}
