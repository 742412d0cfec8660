//! Several processes that act for the same person: one folder of tokens, refresh tokens that work once.
#![cfg(unix)]

use std::process::Stdio;

use crate::login::Desk;

/// The access token runs out by this machine's clock.
fn run_out(desk: &Desk) {
    let mut stored = desk.stored();
    stored["obtained_at"] = "2020-01-01T00:00:00Z".into();
    stored["expires_at"] = "2020-01-01T08:00:00Z".into();
    std::fs::write(desk.file(), stored.to_string()).expect("the file");
}

#[test]
fn ten_processes_with_one_token_that_has_run_out_all_get_their_answer() {
    for desk in Desk::all("many", false) {
        let envelope = desk.stage.envelope();
        desk.signed_in();
        for round in 0..10 {
            run_out(&desk);
            let before = desk.stored();
            let children: Vec<_> = (0..10)
                .map(|_| {
                    let mut command = desk.command(&["recipients", &envelope.id]);
                    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
                    command.spawn().expect("the command")
                })
                .collect();
            for child in children {
                let output = child.wait_with_output().expect("its end");
                let told = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{}, round {round}: {told}", desk.stage.name);
            }
            assert_ne!(before["refresh_token"], desk.stored()["refresh_token"]);
        }
    }
}
