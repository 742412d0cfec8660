//! A run that is stopped or dies, and the one after it.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::bulk::Batch;
use crate::support::signal;
use countersign_sandbox::FaultKind;

/// A run with nothing but one line under way at a time.
fn start(batch: &Batch) -> Child {
    let mut command = batch.stage.command(&["resend", "--from", batch.path(), "--concurrency", "1"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the command")
}

/// Waits for something that another process is about to do.
fn until(what: &str, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::yield_now();
    }
}

/// A run that was asked to stop within the first line.
fn interrupted(batch: &Batch) -> Child {
    let child = start(batch);
    until("a line is begun", || count(batch, "intent") == 1);
    signal(&child, "-INT");
    child
}

/// How many records of a kind there are; a line that is being written is not there yet.
fn count(batch: &Batch, kind: &str) -> usize {
    let text = std::fs::read_to_string(batch.results_path()).unwrap_or_default();
    text.matches(&format!("{{\"record\":\"{kind}\"")).count()
}

/// Reads what the command says until it says this.
fn says(child: &mut Child, text: &str) {
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    assert!(lines.any(|line| line.expect("a line").contains(text)), "{text}");
}

#[test]
fn the_first_ctrl_c_lets_the_line_finish_and_the_next_run_does_the_rest() {
    for batch in Batch::all("stop", 5) {
        batch.fault(FaultKind::Delay { delay_ms: 700 }, 1);
        let mut child = interrupted(&batch);
        assert_eq!(child.wait().expect("its end").code(), Some(130));
        assert_eq!((count(&batch, "intent"), count(&batch, "done")), (1, 1), "nothing more was begun");
        assert_eq!(batch.records()[2]["outcome"], "done");
        assert_eq!(batch.mailed().len(), 1);
        let ran = batch.run("resend", &["--json"]);
        assert_eq!((ran.code, ran.json()["done_before"].as_u64()), (0, Some(1)), "{ran:?}");
        batch.everybody_once();
    }
}

#[test]
fn the_second_ctrl_c_lets_go_and_the_line_stays_unknown() {
    for batch in Batch::all("abort", 3) {
        batch.fault(FaultKind::Delay { delay_ms: 3_600_000 }, 1);
        let mut child = interrupted(&batch);
        says(&mut child, "stopping");
        signal(&child, "-TERM");
        assert_eq!(child.wait().expect("its end").code(), Some(130));
        assert_eq!((count(&batch, "intent"), count(&batch, "done")), (1, 0));
        batch.stage.world.clear_faults();
        let ran = batch.run("resend", &["--json"]);
        assert_eq!((ran.code, ran.json()["done"].as_u64()), (9, Some(2)), "{ran:?}");
        assert_eq!(ran.json()["problems"][0]["outcome"], "unknown");
        assert_eq!(ran.json()["problems"][0]["lines"], serde_json::json!([2]));
        assert!(batch.mailed().values().all(|times| *times == 1), "{:?}", batch.mailed());
        assert!(["anna1@example.com", "anna2@example.com"].iter().all(|to| batch.mailed().contains_key(*to)));
    }
}

#[test]
fn killed_at_any_point_nothing_is_sent_twice() {
    // Before anything was begun, in the middle of the first call, after it, in the middle of the second, and so on.
    for point in 0..=6 {
        for batch in Batch::all("kill", 3) {
            let _ = std::fs::remove_file(batch.results_path());
            let mut child = start(&batch);
            let reached = || count(&batch, "run") + count(&batch, "intent") + count(&batch, "done") > point;
            until("the point is reached", reached);
            signal(&child, "-KILL");
            let ended = child.wait().expect("its end");
            assert!(ended.signal() == Some(9) || ended.success());
            let (begun, done) = (count(&batch, "intent"), count(&batch, "done"));
            let sent = batch.mailed().len();
            assert!((done..=begun).contains(&sent), "{done} done, {sent} sent, {begun} begun");
            let ran = batch.run("resend", &["--json"]);
            let found = ran.json();
            assert_eq!(found["done"].as_u64(), Some(3 - (begun - done) as u64), "{ran:?}");
            assert_eq!(ran.code, if begun > done { 9 } else { 0 }, "{ran:?}");
            assert!(batch.mailed().values().all(|times| *times == 1), "{:?}", batch.mailed());
        }
    }
}
