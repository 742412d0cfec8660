//! What pages show of answers: each is what the command answers when the sandbox plays the vendors.

use std::path::PathBuf;

use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Secret, Vendor};
use serde_json::Value;

use super::pages::{Part, page, parts};
use crate::support::{Ran, Run, Stage, command, folder};

const ANNA: &str = "email:anna@example.com";

/// As wide as the book's pages.
const COLUMNS: &str = "110";

/// The blocks by name, and what has to stand there.
pub(super) fn blocks() -> Vec<(&'static str, String)> {
    let text = |shown: String| fenced("text", &shown);
    vec![
        ("list", text(list())),
        ("resend", text(resend())),
        ("plan", text(plan())),
        ("plan-curl", text(curl())),
        ("unlock-json", fenced("json", &unlock())),
        ("error", text(locked())),
        ("error-json", fenced("json", &misspelt())),
        ("explain", text(explained())),
        ("config-mistake", text(mistake())),
        ("bulk", fenced("console", &bulk())),
        ("drain", text(drain())),
        ("migrate-check", text(migrate_check())),
        ("schema", schema()),
    ]
}

fn fenced(language: &str, shown: &str) -> String {
    format!("\n```{language}\n{}\n```\n\n", shown.trim_end())
}

/// The accounts `acme` at DocuSign and `beta` at BoldSign, in one sandbox.
struct Play {
    stage: Stage,
    folder: PathBuf,
}

impl Play {
    fn new(name: &str) -> Self {
        let folder = folder(&format!("book-{name}"));
        // Left over from a process of the same number.
        std::fs::remove_dir_all(&folder).expect("an old folder");
        std::fs::create_dir(&folder).expect("a folder");
        Self { stage: Stage::at("docusign", Vendor::DOCUSIGN), folder }
    }

    fn envelope(&self, vendor: Vendor) -> String {
        let anna = NewRecipient::new("Anna Sample", "anna@example.com");
        let ben = NewRecipient::new("Ben Sample", "ben@example.com").with_order(2);
        let anna = anna.with_embedded("sample-1").with_access_code("Anna2345");
        let ben = ben.with_embedded("sample-2").with_access_code("Ben23456");
        self.stage.make(NewEnvelope::new(vendor, "Contract").with_recipient(anna).with_recipient(ben)).id
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let named = [("docusign", "ACME"), ("boldsign", "BETA")];
        let variables = self.stage.sandbox().settings().into_iter().map(|(key, value)| {
            let key = named.iter().fold(key, |key, (vendor, name)| key.replace(vendor, name));
            (key, value)
        });
        command(arguments)
            .envs(variables)
            .env("COUNTERSIGN_ACCOUNT", "")
            .env("COLUMNS", COLUMNS)
            .current_dir(&self.folder)
            .ran("")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).expect("a file");
    }

    /// With the vendor's host in place of the sandbox's, and always the same time.
    fn shown(&self, text: &str, host: &str) -> String {
        steady(&text.replace(&self.stage.sandbox().url(), host))
    }
}

/// Every date with its time becomes the same one.
fn steady(text: &str) -> String {
    const FORM: &str = "0000-00-00 00:00";
    let fits = |part: &str| {
        part.chars()
            .zip(FORM.chars())
            .all(|(c, form)| if form == '0' { c.is_ascii_digit() } else { c == form })
    };
    let mut shown = text.to_owned();
    for (at, _) in text.char_indices() {
        if text.get(at..at + FORM.len()).is_some_and(fits) {
            shown.replace_range(at..at + FORM.len(), "2026-11-29 08:08");
        }
    }
    shown
}

fn list() -> String {
    let play = Play::new("list");
    let id = play.envelope(Vendor::DOCUSIGN);
    play.stage.lock(&id, "1");
    play.shown(&play.run(&["--account", "acme", "recipients", &id]).out, "")
}

fn resend() -> String {
    let play = Play::new("resend");
    let id = play.envelope(Vendor::DOCUSIGN);
    play.run(&["--account", "acme", "resend", &id, "--recipient", ANNA]).out
}

fn plan() -> String {
    let play = Play::new("plan");
    let id = play.envelope(Vendor::BOLDSIGN);
    let words =
        ["--account", "beta", "plan", "access-code", &id, "--recipient", ANNA, "--generate", "8", "--notify"];
    play.shown(&play.run(&words).out, "https://api.boldsign.com")
}

fn curl() -> String {
    let play = Play::new("curl");
    let id = play.envelope(Vendor::DOCUSIGN);
    let back = "https://app.example.com/signed";
    let view = ["--account", "acme", "plan", "view", &id, "--recipient", "id:1", "--return-url", back];
    play.shown(&play.run(&[view.as_slice(), &["--as", "curl"]].concat()).out, "https://demo.docusign.net")
}

fn unlock() -> String {
    let play = Play::new("unlock");
    let id = play.envelope(Vendor::BOLDSIGN);
    play.stage.lock(&id, "1");
    let words = ["--account", "beta", "--json", "unlock", &id, "--recipient", ANNA, "--generate", "8"];
    let ran = play.run(&words);
    let code = ran.json()["code"].as_str().expect("a code").to_owned();
    ran.out.replace(&code, "ESU26DXN")
}

fn locked() -> String {
    let play = Play::new("locked");
    let id = play.envelope(Vendor::DOCUSIGN);
    play.stage.lock(&id, "1");
    let view = ["view", &id, "--recipient", ANNA, "--return-url", "https://app.example.com/signed"];
    play.run(&[["--account", "acme"].as_slice(), &view].concat()).err
}

fn misspelt() -> String {
    let play = Play::new("misspelt");
    let id = play.envelope(Vendor::DOCUSIGN);
    play.run(&["--account", "acme", "--json", "resend", &id, "--recipient", "email:anne@example.com"]).out
}

fn explained() -> String {
    Play::new("explain").run(&["explain", "RECIPIENT_NOT_IN_SEQUENCE"]).out
}

fn mistake() -> String {
    let play = Play::new("mistake");
    play.write("countersign.toml", "[accounts.acme]\nvendor = \"docusign\"\nacount_id = \"0f1e2d3c\"\n");
    command(&["recipients", "ENVELOPE"]).current_dir(&play.folder).env("COLUMNS", COLUMNS).ran("").err
}

fn bulk() -> String {
    let play = Play::new("bulk");
    let (first, second) = (play.envelope(Vendor::DOCUSIGN), play.envelope(Vendor::BOLDSIGN));
    let file = format!("account,envelope,recipient\nacme,{first},{ANNA}\nbeta,{second},{ANNA}\n");
    play.write("late.csv", &file);
    let resend = || {
        let ran = play.run(&["resend", "--from", "late.csv"]).ends(0);
        format!("$ countersign resend --from late.csv\n{}{}", ran.out, ran.err)
    };
    format!("$ cat late.csv\n{file}\n{}\n{}", resend(), resend())
}

fn drain() -> String {
    let play = Play::new("drain");
    let (open, done, declined) =
        (play.envelope(Vendor::DOCUSIGN), play.envelope(Vendor::DOCUSIGN), play.envelope(Vendor::DOCUSIGN));
    play.stage.sign(&done, "1", "Anna2345");
    play.stage.sign(&done, "2", "Ben23456");
    let code = Act::EnterCode { code: Secret::new("Anna2345") };
    for act in [code, Act::Decline { reason: "too late".into() }] {
        play.stage.world.act(&declined, "1", act).expect("an answer");
    }
    play.write("in-flight.txt", &format!("{open}\n{done}\n{declined}\n"));
    let ran = play.run(&["--account", "acme", "drain", "--from", "in-flight.txt"]).ends(5);
    format!("{}{}", ran.out, ran.err)
}

/// For the calls that the page itself states.
fn migrate_check() -> String {
    let page = page("docs/src/moving.md");
    let calls = parts(&page.text).into_iter().find_map(|part| match part {
        Part::Block { language: "toml", text } if text.contains("[[call]]") => Some(text),
        _ => None,
    });
    let play = Play::new("migrate");
    play.write("calls.toml", &calls.expect("calls"));
    let ran = play
        .run(&["migrate", "check", "--from", "docusign", "--to", "boldsign", "--calls", "calls.toml"])
        .ends(11);
    ran.out
}

/// A row per command: what it prints, and the members that are always there.
fn schema() -> String {
    let schema = Play::new("schema").run(&["schema"]).json();
    let definitions = schema["$defs"].as_object().expect("definitions");
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    let mut rows = String::new();
    for (name, command) in definitions.iter().filter(|(_, command)| command.get("title").is_some()) {
        let own = command.get("anyOf").and_then(Value::as_array).cloned();
        let referred = |one: &Value| {
            let name = text(&one["$ref"]);
            definitions.get(name.trim_start_matches("#/$defs/")).unwrap_or(one).clone()
        };
        let forms: Vec<Value> = match own {
            Some(forms) => forms.iter().map(referred).collect(),
            None => vec![command.clone()],
        };
        let forms = forms.iter().map(|form| {
            let members = form["required"].as_array().into_iter().flatten();
            let members: Vec<String> = members.map(|member| format!("`{}`", text(member))).collect();
            format!("{} {}", text(&form["description"]), members.join(", ")).trim().to_owned()
        });
        let forms: Vec<String> = forms.collect();
        rows += &format!("| `{}` | {} |\n", text(&definitions[name]["title"]), forms.join("<br>"));
    }
    format!("| command | document, and the members that it always has |\n| --- | --- |\n{rows}")
}

#[test]
fn only_dates_with_times_become_the_same() {
    let text = "ä 2027-01-02 10:11 UTC, 2027-01-02, 12345-01-02 10:11";
    assert_eq!(steady(text), "ä 2026-11-29 08:08 UTC, 2027-01-02, 12026-11-29 08:08");
}
