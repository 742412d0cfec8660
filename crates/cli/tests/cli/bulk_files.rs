//! Which files the work on a list reads and writes, and what is said of a wrong one.

use std::fs;
use std::path::Path;

use crate::bulk::Batch;
use crate::support::{Run, Stage, run};
#[cfg(target_os = "linux")]
use crate::support::{limited, typed};

#[test]
fn each_command_has_results_of_its_own_and_a_file_of_an_earlier_version_goes_on() {
    for batch in Batch::all("own", 2) {
        for command in ["resend", "recipients"] {
            batch.run(command, &[]).ends(0);
        }
        batch.everybody_once();
        let (own, earlier) =
            (format!("{}.resend.jsonl", batch.path()), format!("{}.results.jsonl", batch.path()));
        fs::rename(&own, &earlier).expect("another name");
        let again = batch.run("resend", &[]).ends(0);
        batch.everybody_once();
        assert!(!Path::new(&own).exists() && again.out.contains(".results.jsonl"), "{again:?}");
        // One of another command is left alone.
        fs::remove_file(format!("{}.recipients.jsonl", batch.path())).expect("removed");
        batch.run("recipients", &[]).ends(0).prints(".recipients.jsonl");
        fs::remove_file(earlier).expect("removed");
    }
}

#[test]
fn a_column_that_is_not_known_is_named_where_there_is_a_header() {
    for batch in Batch::all("column", 1) {
        batch.write("envelope,recipient,remark\ne,id:1,hunter2\n");
        batch.run("resend", &[]).ends(3).says("unknown name `remark` in column 3").hides("hunter2");
        batch.write("hunter2,id:1\n");
        let ran = batch.run("resend", &[]);
        assert!(ran.code == 3 && !ran.err.contains("hunter2"), "{ran:?}");
    }
}

#[test]
fn of_many_mistakes_the_first_hundred_are_told_and_the_rest_counted() {
    let batch = Batch::all("many", 1).next().expect("a vendor");
    batch.write(&format!("envelope,recipient\n{}", "x\n".repeat(5_000)));
    let ran = batch.run("resend", &["--json"]);
    let error = &ran.json()["error"];
    assert_eq!(error["details"].as_array().map(Vec::len), Some(101), "{error}");
    assert_eq!(error["details"][100]["present"], "4900 more");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("5000 errors")), "{error}");
}

/// The most memory that the work on any file may take, in KiB.
#[cfg(target_os = "linux")]
const MEMORY: usize = 640 * 1024;

#[cfg(target_os = "linux")]
#[test]
fn no_file_takes_more_memory_than_is_allowed() {
    let batch = Batch::all("memory", 1).next().expect("a vendor");
    let size = 31 << 20;
    let filled = |head: &str, with: &str| format!("{head}{}", with.repeat((size - head.len()) / with.len()));
    for (format, text, said) in [
        ("csv", filled("envelope,recipient\n", "x\n"), "errors in the file"),
        ("csv", filled("envelope,recipient\n", "x,id:1\n"), "has more than 250000 lines"),
        ("csv", filled("envelope,recipient\n", ","), "1 error in the file"),
        ("lines", filled("", "x\n"), "has more than 250000 lines"),
        ("lines", filled("", "x"), "errors in the file"),
        ("jsonl", filled("", "{}\n"), "has more than 250000 lines"),
        ("jsonl", filled("{\"envelope\":[", "0,"), "1 error in the file"),
        ("csv", "x".repeat(33 << 20), "is larger than 32 MiB"),
    ] {
        batch.write(&text);
        let command = batch.stage.command(&["resend", "--from", batch.path(), "--format", format]);
        let ran = limited(&command, &format!("-v {MEMORY}")).ran("");
        assert!(ran.code == 3 && ran.err.contains(said), "{format} {said}: {ran:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn neither_the_longest_list_nor_a_wrong_file_for_its_results_takes_more() {
    use std::io::{Seek, SeekFrom, Write};

    let batch = Batch::all("longest", 1).next().expect("a vendor");
    let run = |more: &[&str]| {
        let command = batch.stage.command(&[&["resend", "--from", batch.path()], more].concat());
        limited(&command, &format!("-v {MEMORY}")).ran("")
    };
    let other = batch.file.with_extension("log");
    let refused = || {
        run(&["--results", typed(&other)]).ends(3).says("list.log");
    };
    fs::write(&other, "x\n".repeat(32 << 20)).expect("a file");
    refused();
    // One line of a gibibyte, which takes no room on the disk.
    let file = fs::File::create(&other).expect("a file");
    file.set_len(1 << 30).expect("a length");
    (&file).seek(SeekFrom::End(0)).and_then(|_| (&file).write_all(b"\n")).expect("a line end");
    refused();
    let mut list = String::from("account,envelope,recipient\n");
    let mut results = String::from(
        "{\"record\":\"run\",\"format\":1,\"command\":\"resend\",\"at\":\"2026-01-01T00:00:00Z\"}\n",
    );
    let rest = "\"at\":\"2026-01-01T00:00:00Z\",\"outcome\":\"done\",\"retry\":false}\n";
    for line in 2..250_002 {
        let (envelope, email) =
            (format!("5e29dc8d-54bb-4a7a-9a1c-{line:012}"), format!("anna{line}@mail.example.com"));
        list += &format!("trial,{envelope},email:{email}\n");
        let key =
            format!("\"account\":\"trial\",\"envelope\":\"{envelope}\",\"recipient\":\"email:{email}\"");
        results += &format!("{{\"record\":\"done\",\"line\":{line},{key},{rest}");
    }
    batch.write(&list);
    fs::write(batch.results_path(), results).expect("a file");
    let ran = run(&[]);
    assert!(ran.code == 0 && ran.out.starts_with("250000 of 250000 lines done"), "{ran:?}");
    assert!(batch.mailed().is_empty());
}

#[test]
fn a_verbose_line_names_the_request_and_holds_no_id() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.run(&["-v", "resend", &envelope.id, "--everyone"]);
        let lines: Vec<&str> = ran.err.lines().filter(|line| line.contains("answered")).collect();
        assert!(ran.code == 0 && lines.len() == 2, "{ran:?}");
        for (line, method) in lines.iter().zip(["GET", if stage.name == "docusign" { "PUT" } else { "POST" }])
        {
            for part in [&format!("method={method}"), "route=\"/", "status=20", "took_ms="] {
                assert!(line.contains(part), "{part}: {line}");
            }
            assert!(!line.contains(&envelope.id) && !line.contains("@"), "{line}");
        }
        let route = if stage.name == "docusign" {
            "/accounts/{id}/envelopes/{id}/recipients\""
        } else {
            "/document/"
        };
        assert!(lines[0].contains(route), "{lines:?}");
    }
    assert_eq!(run(&["-v", "vendors"]).err, "");
}
