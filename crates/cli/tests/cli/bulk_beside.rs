//! What `--from` writes beside the results: codes that were made, and lists.

use std::collections::BTreeMap;

use crate::bulk::Batch;
use crate::support::{is_private, typed};
use serde_json::Value;

/// The last that the file of codes says of each envelope.
pub(crate) fn codes(batch: &Batch) -> BTreeMap<String, (String, Value)> {
    let text = std::fs::read_to_string(batch.file.with_extension("codes")).expect("codes");
    let entries = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str::<Value>(line).expect(line));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    entries.map(|entry| (text(&entry["envelope"]), (text(&entry["code"]), entry["set"].clone()))).collect()
}

#[test]
fn codes_that_are_made_go_to_their_file_and_nowhere_else() {
    for batch in Batch::all("bulk-codes", 3) {
        let file = batch.file.with_extension("codes");
        let more = ["--generate", "9", "--codes-to", typed(&file)];
        assert_eq!(batch.run("access-code", &["--generate", "9"]).code, 3);
        // As often as the client may repeat a change that does no harm when it is made twice.
        batch.stage.cut_code_changes(10);
        let ran = batch.run("access-code", &[&more[..], &["--concurrency", "1"]].concat());
        batch.stage.world.clear_faults();
        assert_eq!(ran.code, 9, "{ran:?}");
        assert!(codes(&batch).values().any(|(_, set)| set.is_null()));
        let before = codes(&batch);
        let ran = batch.run("access-code", &[&more[..], &["--retry-unknown", "--json"]].concat());
        assert_eq!((ran.code, ran.json()["done"].as_u64()), (0, Some(3)), "{ran:?}");
        let records = batch.records().iter().map(Value::to_string).collect::<String>();
        for (envelope, (code, set)) in codes(&batch) {
            assert_eq!((code.len(), set), (9, Value::Bool(true)));
            assert!(before.get(&envelope).is_none_or(|(first, _)| *first == code), "a line keeps its code");
            assert!(batch.stage.accepts(&envelope, &code));
            assert!(!ran.out.contains(&code) && !ran.err.contains(&code) && !records.contains(&code));
        }
        is_private(&file);
        let other = batch.file.with_extension("other");
        let ran = batch.run("access-code", &[&more[..], &["--results", typed(&other)]].concat());
        assert_eq!(ran.code, 3, "another batch does not go into the same file of codes: {ran:?}");
    }
}

#[test]
fn codes_of_the_file_are_set_and_shown_nowhere() {
    for batch in Batch::all("bulk-given", 2) {
        let good: String = batch
            .envelopes
            .iter()
            .enumerate()
            .map(|(n, envelope)| format!("{envelope},email:anna{n}@example.com,\"Fresh,{n}234\"\n"))
            .collect();
        batch.write(&format!(
            "envelope,recipient,code\n{good}{},email:anna1@example.com,Twice12345\n",
            batch.envelopes[1]
        ));
        batch.run("access-code", &[]).ends(3).hides("Twice12345").hides("Fresh");
        batch.write(&format!("envelope,recipient,code\n{good}"));
        let ran = batch.run("access-code", &["--json"]).ends(0);
        let records = batch.records().iter().map(Value::to_string).collect::<String>();
        assert!(!ran.out.contains("Fresh") && !records.contains("Fresh"));
        for (n, envelope) in batch.envelopes.iter().enumerate() {
            assert!(batch.stage.accepts(envelope, &format!("Fresh,{n}234")));
        }
    }
}

#[test]
fn a_line_that_its_vendor_does_not_take_stops_the_file_before_the_first_is_sent() {
    for batch in Batch::all("bulk-rules", 2) {
        let long = "a1".repeat(26);
        let lines = |code: &str, second: &str| {
            let [first, other] = [&batch.envelopes[0], &batch.envelopes[1]];
            batch.write(&format!(
                "envelope,recipient,code\n{first},email:anna0@example.com,Fresh1234\n{other},{second},{code}\n"
            ));
            batch.stage.world.clear_calls();
            batch.run("access-code", &[])
        };
        let ran = lines(&long, "email:anna1@example.com");
        assert_eq!((ran.code, batch.stage.world.calls().len()), (3, 0), "{ran:?}");
        assert!(ran.err.contains("line 3, code: the access code is 52 characters long"), "{ran:?}");
        assert!(!ran.err.contains(&long) && batch.records().is_empty(), "{ran:?}");
        if batch.stage.name == "boldsign" {
            let ran = lines("Fresh1234", "client:77");
            assert_eq!((ran.code, batch.stage.world.calls().len()), (3, 0), "{ran:?}");
            assert!(ran.err.contains("line 3: this vendor does not offer this"), "{ran:?}");
        }
        let file = batch.file.with_extension("codes");
        batch.write(&format!("envelope,recipient\n{},email:anna0@example.com\n", batch.envelopes[0]));
        let more = ["--generate", "51", "--codes-to", typed(&file)];
        let ran = batch.run("access-code", &more);
        assert_eq!((ran.code, batch.stage.world.calls().len()), (3, 0), "{ran:?}");
        assert!(ran.err.contains("choose a code of 1 to 50 characters") && !file.exists(), "{ran:?}");
    }
}

#[test]
fn lists_go_to_their_file_and_their_counts_to_the_results() {
    for batch in Batch::all("bulk-lists", 2) {
        let file = batch.file.with_extension("lists");
        batch.run("recipients", &["--lists-to", typed(&file)]).ends(0);
        let lists = std::fs::read_to_string(&file).expect("lists");
        assert_eq!(lists.lines().count(), 2);
        assert!(lists.contains("Zoë"));
        let records = batch.records();
        let done: Vec<&Value> = records.iter().filter(|record| record["record"] == "done").collect();
        assert_eq!((done.len(), records.len()), (2, 3), "reading needs no intent");
        assert_eq!(done[0]["told"]["recipients"], 1);
        assert_eq!(done[0]["told"]["status"], "notified");
    }
}
