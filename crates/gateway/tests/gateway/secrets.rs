//! Secrets go in and never come out: not in the log, not in figures, not in the files, not in problems.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::figures::{figures, pages};
use crate::returns::{SIGN, path, visit};
use crate::support::{ANNA, Answer, code, resend, unlock, view};

/// All that the log says, of this test and of those that run beside it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_kept_or_logged_shows_a_secret() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO).with_writer(log.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();

    let stage = crate::returns::stage().await;
    let pages = pages(&stage);
    let directory = stage.dev.gateway.directory();
    let tenant = directory.tenants().await.unwrap()[0].id.clone();
    let mut secrets = vec![stage.dev.key.expose().to_owned()];
    for account in directory.accounts(&tenant).await.unwrap() {
        let settings = directory.settings(&tenant, &account.id).await.unwrap().unwrap();
        for (name, value) in settings
            .iter()
            .chain(settings.get("auth").and_then(|auth| auth.as_object()).into_iter().flatten())
        {
            if let Some(text) = value.as_str().filter(|_| {
                ["api_key", "token", "private_key", "client_secret", "webhook_secrets"]
                    .contains(&name.as_str())
            }) {
                // The lines of a key in PEM form, which is one value.
                secrets.extend(text.lines().filter(|line| !line.starts_with("--")).map(str::to_owned));
            }
        }
    }
    assert!(secrets.len() > 2, "the accounts have secrets");

    let mut problems = String::new();
    let mut note = |answer: Answer| {
        if answer.header("content-type") == Some("application/problem+json") {
            problems += &answer.text;
        }
    };
    for sample in stage.dev.samples.clone() {
        let at = |rest: &str| format!("/v1/envelopes/{}:{}/{rest}", sample.account, sample.envelope);
        let key = |what: &str| format!("{}-{what}", sample.account);
        let link = stage.ask("POST", at("views")).keyed(&key("view")).json(view()).send().await.good();
        secrets.push(link["link"].as_str().unwrap().to_owned());
        let target = format!("https://app.example.com/Planted11?state=Planted22-{}", sample.account);
        let body = json!({ "recipient": ANNA, "return_url": target, "return_through_gateway": true });
        let link = stage.ask("POST", at("views")).keyed(&key("through")).json(body).send().await.good();
        if link["returns_to"].is_null() {
            let back = path(&visit(&stage, &sample.envelope, &link, SIGN));
            assert_eq!(stage.bare("GET", &back).send().await.status, 303);
            note(stage.bare("PUT", &back).send().await);
            secrets.push(back.split(['/', '?']).nth(2).unwrap().to_owned());
        }
        let ask = stage.ask("PUT", at("access-code")).keyed(&key("code")).json(code("Planted77"));
        let answer = ask.send().await;
        if let Some(locked) = &sample.locked {
            answer.good();
            let path = format!("/v1/envelopes/{}:{locked}/unlocks", sample.account);
            stage.ask("POST", path).keyed(&key("unlock")).json(unlock()).send().await.good();
        } else {
            note(answer);
        }
        stage.ask("POST", at("resends")).keyed(&key("mail")).json(resend()).send().await.good();
        // Wrong in several ways, each with a secret in it.
        note(stage.ask("PUT", at("access-code")).keyed(&key("code")).json(code("Planted88")).send().await);
        note(
            stage
                .ask("PUT", at("access-code"))
                .keyed(&key("c2"))
                .json(json!({ "recipient": "id:9", "code": "Planted99" }))
                .send()
                .await,
        );
        note(
            stage
                .ask("PUT", at("access-code"))
                .keyed(&key("c3"))
                .json(json!({ "recipient": 7, "code": ["Planted66"] }))
                .send()
                .await,
        );
        let new = json!({ "name": "x", "vendor": sample.account, "settings": { "api_key": "Planted55", "nonsense": "Planted44" } });
        note(stage.ask("POST", "/v1/accounts").json(new).send().await);
    }
    note(stage.bare("GET", "/v1/accounts").header("authorization", "Bearer Planted33").send().await);
    secrets.extend([77, 88, 99, 66, 55, 44, 33, 22, 11].map(|number| format!("Planted{number}")));
    secrets.push("Anna3456".to_owned());
    assert!(problems.matches("request_id").count() >= 8, "{problems}");

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/v1/envelopes/{envelope}/access-code") && log.contains("\"status\":422"), "{log}");
    let files = stage.content();
    assert!(files.iter().map(Vec::len).sum::<usize>() > 50_000, "the database and its journal");
    let figures = figures(&pages).await;
    assert!(figures.contains("/v1/envelopes/{envelope}/access-code"), "{figures}");
    for secret in &secrets {
        for form in [secret.clone(), hex(secret)] {
            assert!(!figures.contains(&form), "a figure shows {form}");
            assert!(!log.contains(&form), "the log shows {form}");
            assert!(!problems.contains(&form), "a problem shows {form}");
            let is_in = |file: &Vec<u8>| file.windows(form.len()).any(|part| part == form.as_bytes());
            assert!(!files.iter().any(is_in), "a file shows {form}");
        }
    }
    // The log and the figures have no names, addresses and envelopes either, and no path.
    let private = [
        "anna",
        "ben@",
        "docusign-unlock",
        "Sample",
        "app.example.com",
        stage.sample().envelope.as_str(),
        "/v1/envelopes/docusign",
    ];
    for word in private {
        assert!(!log.contains(word), "the log shows {word}");
        assert!(!figures.contains(word), "a figure shows {word}");
    }
}
