//! Results and codes on a disk that is full, in a damaged file, and after a process that died between two records.

use crate::bulk::Batch;
use crate::support::typed;
use serde_json::Value;

/// Replaces lines of the results file, counted from 1.
fn damage(batch: &Batch, change: impl FnOnce(&mut Vec<String>)) {
    let path = batch.results_path();
    let text = std::fs::read_to_string(&path).expect("results");
    let mut lines = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(path, lines.join("\n") + "\n").expect("results");
}

#[test]
fn a_damaged_record_is_named_and_its_line_is_not_done_again() {
    for batch in Batch::all("damaged", 3) {
        assert_eq!(batch.run("resend", &["--concurrency", "1"]).code, 0);
        // The end of the second line of work, torn, with the next record behind it.
        damage(&batch, |lines| {
            let next = lines.remove(5);
            lines[4].truncate(150);
            lines[4].push_str(&next);
        });
        batch.run("resend", &[]).ends(9).prints(".resend.jsonl is damaged at line 5: ").hides("--results");
        batch.everybody_once();
        let found = batch.run("resend", &["--json"]).json();
        assert_eq!((&found["done"], &found["problems"][0]["lines"]), (&2.into(), &serde_json::json!([3])));
        assert!(found["warnings"][0].as_str().expect("a warning").contains("line 5"), "{found}");
        // Nothing is left of the intent either: any line of which nothing is known may be the one.
        damage(&batch, |lines| {
            lines[3] = "\0".repeat(40);
            lines.remove(4);
        });
        let ran = batch.run("resend", &["--json"]);
        assert_eq!((ran.code, &ran.json()["problems"][0]["lines"]), (9, &serde_json::json!([3])), "{ran:?}");
        batch.everybody_once();
        let ran = batch.run("resend", &["--retry-unknown", "--json"]);
        if batch.stage.name == "docusign" {
            assert_eq!((ran.code, batch.mailed()["anna1@example.com"]), (0, 2), "as was asked for: {ran:?}");
        } else {
            assert_eq!(ran.json()["problems"][0]["kind"], "quota_exceeded");
        }
    }
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_takes_records() {
    for batch in Batch::all("regular", 1) {
        for device in ["/dev/full", "/dev/null", "/dev"] {
            let runs = [
                batch.run("resend", &["--results", device]),
                batch.run("access-code", &["--generate", "8", "--codes-to", device]),
                batch.run(
                    "recipients",
                    &["--lists-to", device, "--results", &format!("{}.lists", batch.path())],
                ),
            ];
            for ran in runs {
                assert_eq!(ran.code, 3, "{ran:?}");
                assert!(ran.err.contains(&format!("{device} is not a regular file")), "{ran:?}");
            }
        }
        assert!(batch.mailed().is_empty() && batch.records().is_empty());
    }
}

/// The limits of a process's files, and file systems of a process's own.
#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::bulk_beside::codes;
    use countersign_sandbox::FaultKind;

    const SIGXFSZ: i32 = 25;

    /// The command inside another one.
    fn inside(outer: &[&str], inner: &Command) -> Command {
        let mut command = Command::new(outer[0]);
        command.args(&outer[1..]).arg(inner.get_program()).args(inner.get_args()).env_clear();
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs the command until it dies in writing a byte behind this place of any file.
    fn dies_behind(batch: &Batch, bytes: usize, arguments: &[&str]) {
        let limit = format!("--fsize={bytes}:");
        let command = batch.stage.command(&[&["access-code", "--from", batch.path()], arguments].concat());
        let ended = inside(&["prlimit", "--core=0", &limit], &command).status().expect("prlimit");
        assert_eq!(ended.signal(), Some(SIGXFSZ), "{ended:?}");
    }

    #[test]
    fn killed_between_the_record_of_the_end_and_the_one_of_the_code_the_next_run_settles_the_code() {
        for batch in Batch::all("kill-settle", 2) {
            let file = batch.file.with_extension("codes");
            let more = ["--generate", "9", "--codes-to", typed(&file)];
            let list = std::fs::read_to_string(&batch.file).expect("the list");
            let first = list.lines().take(2).collect::<Vec<_>>().join("\n");
            batch.write(&first);
            assert_eq!(batch.run("access-code", &more).code, 0);
            batch.write(&list);
            // Empty lines, so that the second line's first entry ends where the file may not grow any more.
            let mut text = std::fs::read(&file).expect("codes");
            let entry = text.len() / 2;
            text.resize(8192 - entry, b'\n');
            std::fs::write(&file, text).expect("codes");
            dies_behind(&batch, 8192, &more);
            let (code, set) = codes(&batch).remove(&batch.envelopes[1]).expect("a code");
            assert_eq!(
                (batch.records().last().expect("an end")["outcome"].as_str(), set),
                (Some("done"), Value::Null)
            );
            let ran = batch.run("access-code", &[&more[..], &["--json"]].concat());
            assert_eq!((ran.code, ran.json()["done_before"].as_u64()), (0, Some(2)), "{ran:?}");
            assert_eq!(codes(&batch)[&batch.envelopes[1]], (code.clone(), Value::Bool(true)));
            assert!(batch.stage.accepts(&batch.envelopes[1], &code));
        }
    }

    #[test]
    fn killed_between_the_first_code_and_the_first_intent_the_same_command_goes_on() {
        for batch in Batch::all("kill-first", 2) {
            let file = batch.file.with_extension("codes");
            let more = ["--concurrency", "1", "--generate", "9", "--codes-to", typed(&file)];
            // Room for the head and a part of the intent.
            std::fs::write(format!("{}.access-code.jsonl", batch.path()), "\n".repeat(400)).expect("a file");
            dies_behind(&batch, 512, &more);
            let (code, set) = codes(&batch).remove(&batch.envelopes[0]).expect("a code");
            assert!(set.is_null());
            batch.run("access-code", &more).ends(0);
            assert_eq!(codes(&batch)[&batch.envelopes[0]], (code.clone(), Value::Bool(true)));
            assert!(batch.stage.accepts(&batch.envelopes[0], &code));
        }
    }

    /// Three lines under way at once, of which one ends while there is no room for its record and two end later.
    /// `start` gets the command and makes room when a line comes on standard input.
    fn full_for_a_moment(batch: &Batch, start: impl FnOnce(&Command) -> Child, kept: &str) {
        batch.fault(FaultKind::Delay { delay_ms: 4_000 }, 2);
        let results = format!("{kept}/results");
        let command = batch.stage.command(&[
            "resend",
            "--from",
            batch.path(),
            "--concurrency",
            "3",
            "--results",
            &results,
        ]);
        let mut child = start(&command);
        let mut lines =
            BufReader::new(child.stderr.take().expect("stderr")).lines().map(|line| line.expect("a line"));
        let said = lines.find(|line| line.starts_with("stopping: ")).expect("it stops");
        assert!(["the disk is full", "its maximum size"].iter().any(|text| said.contains(text)), "{said}");
        child.stdin.take().expect("its input").write_all(b"room\n").expect("it waits");
        assert!(lines.any(|line| line.contains("free some space there")));
        assert_eq!(child.wait().expect("its end").code(), Some(3));
        let text = std::fs::read_to_string(&results).expect("results");
        let records: Vec<Value> = text
            .split_terminator('\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_str(line).expect(line))
            .collect();
        let count = |kind: &str| records.iter().filter(|record| record["record"] == kind).count();
        assert_eq!((count("intent"), count("done"), batch.mailed().len()), (3, 3, 3), "{text}");
        let ran = batch.run("resend", &["--results", &results, "--json"]);
        assert_eq!((ran.code, ran.json()["done_before"].as_u64()), (0, Some(3)), "{ran:?}");
        batch.everybody_once();
    }

    /// So many empty lines that the first end does not fit below 4096 bytes, and what is written before it does.
    fn nearly_full() -> String {
        "\n".repeat(4096 - 700)
    }

    #[test]
    fn a_file_that_may_not_grow_for_a_moment_keeps_its_records_whole() {
        const SCRIPT: &str = "trap '' XFSZ; exec 3<&0; \
            { read room <&3; prlimit --pid $$ --fsize=unlimited:; } & exec prlimit --fsize=4096: \"$@\" </dev/null";
        for batch in Batch::all("limit", 6) {
            let kept = batch.file.parent().expect("a folder").to_str().expect("a name");
            std::fs::write(format!("{kept}/results"), nearly_full()).expect("a file");
            let start = |command: &Command| inside(&["sh", "-c", SCRIPT, "sh"], command).spawn().expect("sh");
            full_for_a_moment(&batch, start, kept);
        }
    }

    #[test]
    fn a_disk_that_is_full_for_a_moment_keeps_its_records_whole() {
        const SCRIPT: &str = "mkdir \"$0/small\" && mount -t tmpfs -o size=64k none \"$0/small\" || exit 99; \
            cp \"$0/results\" \"$0/small/results\"; rm \"$0/results\"; ln -s small/results \"$0/results\"; \
            head -c 65536 /dev/zero >\"$0/small/filler\" 2>/dev/null; exec 3<&0; \
            { read room <&3; rm \"$0/small/filler\"; } & \"$@\" </dev/null; code=$?; \
            cp \"$0/small/results\" \"$0/copy\"; mv \"$0/copy\" \"$0/results\"; exit $code";
        let mount = ["unshare", "--user", "--map-root-user", "--mount"];
        let may =
            Command::new(mount[0]).args(&mount[1..]).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
        if !may.is_ok_and(|output| output.status.success()) {
            eprintln!(
                "skipped: this system lets no user mount a small disk; the limit on a file shows the same"
            );
            return;
        }
        for batch in Batch::all("disk", 6) {
            let kept = batch.file.parent().expect("a folder").to_str().expect("a name");
            std::fs::write(format!("{kept}/results"), nearly_full()).expect("a file");
            let start = |command: &Command| {
                inside(&[&mount[..], &["sh", "-c", SCRIPT, kept]].concat(), command).spawn().expect("unshare")
            };
            full_for_a_moment(&batch, start, kept);
        }
    }
}
