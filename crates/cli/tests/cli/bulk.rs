//! `--from` at every vendor: what is sent is seen in the outbox, not believed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::{Ran, Run, Stage, folder, is_private, typed};
use countersign_sandbox::{DropWhen, Fault, FaultKind, NewRecipient};
use serde_json::Value;

/// Envelopes of one signer each, a file that lists them, and what is recorded about them.
pub(crate) struct Batch {
    pub(crate) stage: Stage,
    pub(crate) file: PathBuf,
    pub(crate) envelopes: Vec<String>,
}

impl Batch {
    /// At every vendor.
    pub(crate) fn all(name: &'static str, count: usize) -> impl Iterator<Item = Self> {
        Stage::all().map(move |stage| Self::of(stage, name, count))
    }

    fn of(stage: Stage, name: &str, count: usize) -> Self {
        let envelopes: Vec<String> = (0..count)
            .map(|n| {
                let signer = NewRecipient::new("Anna Zoë", format!("anna{n}@example.com"))
                    .with_access_code("Anna2345");
                stage.contract([signer]).id
            })
            .collect();
        let batch =
            Self { file: folder(&format!("{name}-{}", stage.name)).join("list.csv"), stage, envelopes };
        let lines = batch.envelopes.iter().enumerate();
        let lines = lines.map(|(n, envelope)| format!("trial,{envelope},email:anna{n}@example.com\n"));
        batch.write(&format!("account,envelope,recipient\n{}", lines.collect::<String>()));
        // The mails of the envelopes themselves are of no interest.
        batch.stage.world.clear_outbox();
        batch
    }

    pub(crate) fn write(&self, text: &str) {
        std::fs::write(&self.file, text).expect("a file");
    }

    pub(crate) fn path(&self) -> &str {
        typed(&self.file)
    }

    /// A command with `--from` this file.
    pub(crate) fn run(&self, command: &str, more: &[&str]) -> Ran {
        self.stage.run(&[&[command, "--from", self.path()], more].concat())
    }

    /// The results file of the command that was run.
    pub(crate) fn results_path(&self) -> String {
        let names =
            ["resend", "access-code", "recipients"].map(|name| format!("{}.{name}.jsonl", self.path()));
        let found = names.iter().find(|name| std::path::Path::new(name).exists());
        found.unwrap_or(&names[0]).clone()
    }

    /// The records of the results file.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.results_path()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// How often each address was mailed.
    pub(crate) fn mailed(&self) -> BTreeMap<String, usize> {
        let mut mailed = BTreeMap::new();
        for mail in self.stage.world.outbox() {
            *mailed.entry(mail.to).or_default() += 1;
        }
        mailed
    }

    /// Each recipient was mailed exactly once.
    pub(crate) fn everybody_once(&self) {
        let wanted = (0..self.envelopes.len()).map(|n| (format!("anna{n}@example.com"), 1)).collect();
        assert_eq!(self.mailed(), wanted);
    }

    /// A fault for the calls that mail.
    pub(crate) fn fault(&self, kind: FaultKind, times: u32) {
        let (method, path) = match self.stage.name {
            "docusign" => ("PUT", "/recipients"),
            _ => ("POST", "/remind"),
        };
        self.stage.world.inject(Fault::on(method, path, kind).times(times));
    }
}

fn refusal(status: u16, after: Option<&str>) -> FaultKind {
    FaultKind::Answer {
        status,
        body: r#"{"errorCode":"TOO_MANY","message":"Too many","error":"Too many"}"#.into(),
        content_type: "application/json".into(),
        headers: after.map(|after| ("retry-after".to_owned(), after.to_owned())).into_iter().collect(),
        after_work: false,
    }
}

#[test]
fn each_line_is_sent_once_and_a_second_run_sends_nothing() {
    for batch in Batch::all("bulk", 5) {
        batch.run("resend", &[]).ends(0).quiet().begins("5 of 5 lines done\n");
        batch.everybody_once();
        batch.stage.world.clear_calls();
        let ran = batch.run("resend", &["--json"]);
        assert_eq!((ran.code, ran.json()["done_before"].as_u64()), (0, Some(5)), "{ran:?}");
        assert!(batch.run("resend", &[]).out.contains("--results"));
        assert!(batch.stage.world.calls().is_empty());
        batch.everybody_once();
    }
}

#[test]
fn a_file_that_is_not_there_or_has_no_line_says_what_to_do() {
    for batch in Batch::all("bulk-nothing", 1) {
        batch.write("envelope,recipient\n");
        batch.run("resend", &[]).ends(3).says("expected at least one");
        batch
            .stage
            .run(&["resend", "--from", "nowhere.csv"])
            .ends(3)
            .says("nowhere.csv cannot be read (there is no such file)")
            .says("give a file that exists");
    }
}

#[test]
fn what_fails_is_grouped_and_the_rest_is_done() {
    for batch in Batch::all("bulk-fails", 3) {
        let [one, two, three] = batch.envelopes.as_slice() else { panic!("three envelopes") };
        batch.write(&format!(
            "Envelope;Recipient\n{one};email:anna0@example.com\n{one};email:nobody@example.com\n\
             {two};email:anna1@example.com\n{two};email:nobody@example.com\nno-such;email:a@example.com\n\
             {three};email:anna2@example.com\n"
        ));
        let ran = batch.run("resend", &["--concurrency", "1"]).ends(6);
        batch.everybody_once();
        let shown = ran.shown().replace(batch.path(), "[file]");
        batch.stage.snapshot("bulk_fails", &shown);
        // Told once more from what is recorded, without a call.
        batch.stage.world.clear_calls();
        let json = batch.run("resend", &["--json"]).ends(6);
        assert!(batch.stage.world.calls().is_empty());
        let groups = json.json()["problems"].as_array().expect("groups").clone();
        assert!(groups.iter().any(
            |group| group["kind"] == "recipient_not_found" && group["lines"] == serde_json::json!([3, 5])
        ));
        batch.run("resend", &["--retry-refused", "--json"]).ends(6);
        assert!(!batch.stage.world.calls().is_empty());
        batch.everybody_once();
    }
}

#[test]
fn the_results_file_tells_what_is_needed_and_no_more() {
    for batch in Batch::all("bulk-results", 1) {
        assert_eq!(batch.run("resend", &[]).code, 0);
        let lines: Vec<String> = batch
            .records()
            .iter()
            .map(|record| record.to_string().replace(&batch.envelopes[0], "[envelope]"))
            .collect();
        let text = lines.join("\n");
        assert!(!text.contains("Zoë"));
        batch.stage.snapshot("bulk_results", &(text + "\n"));
        is_private(batch.results_path());
    }
}

#[test]
fn an_answer_that_is_lost_is_not_repeated_unless_asked() {
    for batch in Batch::all("bulk-lost", 3) {
        batch.fault(FaultKind::Drop { drop: DropWhen::AfterWork }, 1);
        batch.run("resend", &["--concurrency", "1"]).ends(9).prints("--retry-unknown");
        batch.everybody_once();
        batch.run("resend", &[]).ends(9);
        batch.everybody_once();
        let ran = batch.run("resend", &["--retry-unknown", "--json"]);
        if batch.stage.name == "docusign" {
            assert_eq!(ran.code, 0, "{ran:?}");
            assert_eq!(batch.mailed()["anna0@example.com"], 2, "as was asked for");
        } else {
            // One reminder a day: the vendor knows that the first has gone out.
            assert_eq!(ran.json()["problems"][0]["kind"], "quota_exceeded");
            batch.everybody_once();
        }
    }
}

#[test]
fn a_short_wait_is_waited_and_a_long_one_stops_the_account() {
    for batch in Batch::all("bulk-limits", 3) {
        batch.fault(refusal(429, Some("1")), 1);
        batch.run("resend", &["--concurrency", "2"]).ends(0);
        batch.everybody_once();
    }
    for batch in Batch::all("bulk-limits-long", 4) {
        batch.fault(refusal(429, Some("7200")), 1);
        let ran = batch.run("resend", &["--concurrency", "1", "--json"]).ends(7);
        let found = ran.json();
        assert_eq!(
            (found["not_begun"].as_u64(), found["problems"][0]["retry"].as_bool()),
            (Some(3), Some(true))
        );
        assert_eq!(found["stopped"][0]["kind"], "rate_limited");
        assert!(found["stopped"][0]["resume_at"].is_string(), "{found}");
        assert!(batch.mailed().is_empty());
        batch.run("resend", &[]).ends(0);
        batch.everybody_once();
    }
}

#[test]
fn a_key_that_is_not_accepted_is_tried_once() {
    for batch in Batch::all("bulk-key", 6) {
        let arguments = ["resend", "--from", batch.path(), "--concurrency", "1"];
        let mut command = batch.stage.command_with_wrong_key(&arguments);
        batch.stage.world.clear_calls();
        command.ran("").ends(4).prints("5 not begun").prints("trial: stopped");
        assert!(batch.stage.world.calls().len() <= 2);
        batch.run("resend", &["--retry-refused"]).ends(0);
        batch.everybody_once();
    }
}

#[test]
fn nothing_is_sent_when_a_line_is_wrong_or_repeated() {
    for batch in Batch::all("bulk-wrong", 2) {
        let good = std::fs::read_to_string(&batch.file).expect("the file");
        batch.stage.world.clear_calls();
        batch.write(&format!("{good}trial,{},anna@example.com\n", batch.envelopes[0]));
        batch.run("resend", &[]).ends(3).says("line 4, recipient: has no kind");
        batch.write(&format!("{good}\n,{},email:anna0@example.com\n", batch.envelopes[0]));
        let ran = batch.run("resend", &["--json"]);
        assert_eq!(ran.json()["error"]["details"][0]["field"], "line 5", "{ran:?}");
        assert!(ran.out.contains("the same as line 2") && ran.out.contains("--allow-duplicates"));
        assert!(batch.stage.world.calls().is_empty() && batch.records().is_empty());
        let ran = batch.run("resend", &["--allow-duplicates", "--concurrency", "1", "--json"]);
        if batch.stage.name == "docusign" {
            assert_eq!((ran.code, batch.mailed()["anna0@example.com"]), (0, 2), "{ran:?}");
        } else {
            assert_eq!(ran.json()["problems"][0]["kind"], "quota_exceeded");
        }
        assert_eq!(ran.json()["done"].as_u64(), Some(if ran.code == 0 { 3 } else { 2 }));
    }
}

#[test]
fn json_lines_from_standard_input() {
    for batch in Batch::all("bulk-stdin", 2) {
        let results = batch.file.with_extension("done");
        let results = typed(&results);
        let lines: String = batch
            .envelopes
            .iter()
            .enumerate()
            .map(|(n, envelope)| {
                serde_json::json!({"envelope": envelope, "recipient": format!("email:anna{n}@example.com")})
                    .to_string()
                    + "\n"
            })
            .collect();
        let run =
            |more: &[&str]| batch.stage.command(&[&["resend", "--from", "-"], more].concat()).ran(&lines);
        assert!(run(&["--results", results]).err.contains("--format jsonl"));
        assert!(run(&["--format", "jsonl"]).err.contains("--results"));
        run(&["--format", "jsonl", "--results", results]).ends(0);
        batch.everybody_once();
        batch.run("recipients", &["--results", results]).ends(3).says("results of `resend`");
        assert_eq!(batch.run("resend", &["--results", batch.path()]).code, 3);
    }
}
