//! The tables of the adapters' READMEs are made from each `vendor.toml`, and the book's of what they speak of.
//!
//! `COUNTERSIGN_README=write cargo test -p countersign-tests --test pages` brings them up to date.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;

use countersign::provider::{Evidence, Facts};
use countersign_sandbox::{Options, Sandbox};
use countersign_testkit::keep_block;

/// From the repository's root, for one vendor.
const PAGE: &str = "adapters/{vendor}/README.md";

#[test]
fn the_tables_of_each_adapter_say_what_its_facts_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for vendor in countersign::vendors() {
        let (page, of) = (root.join(PAGE.replace("{vendor}", vendor.name)), &vendor.facts);
        let parts =
            [("hosts", hosts(of)), ("facts", facts(of)), ("returns", returns(of)), ("events", events(of))];
        for (name, text) in parts {
            keep_block(&page, name, &text).unwrap();
        }
    }
}

#[tokio::test]
async fn the_book_lists_the_routes_that_steer_the_sandbox() {
    let sandbox = Sandbox::start(Options::new()).await.unwrap();
    let answer = reqwest::get(format!("{}/_sandbox", sandbox.url())).await.unwrap().bytes().await.unwrap();
    let routes: Vec<serde_json::Value> = serde_json::from_slice(&answer).unwrap();
    let rows = routes.iter().map(|route| {
        let text = |name: &str| route[name].as_str().unwrap().to_owned();
        let body = route.get("body").map(|body| format!("`{body}`")).unwrap_or_default();
        vec![format!("`{} {}`", text("method"), text("path")), text("what"), body]
    });
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/src/sandbox.md");
    keep_block(&page, "control", &table(&["route", "what it does", "a body"], rows)).unwrap();
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = vec!["---".to_owned(); head.len()];
    let rows: String = rows
        .map(|cells| line(&cells.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>()))
        .collect();
    line(&head) + &line(&rule) + &rows
}

fn rests_on(evidence: Evidence, source: &str) -> String {
    format!("{}: {source}", serde_json::to_value(evidence).unwrap().as_str().unwrap())
}

fn hosts(facts: &Facts) -> String {
    let host = |host: &Option<String>| host.as_ref().map(|host| format!("`{host}`")).unwrap_or_default();
    let rows = facts.hosts.iter().map(|row| {
        let rests_on = rests_on(row.evidence, &row.source);
        vec![format!("`{}`", row.name), host(&row.api), host(&row.auth), rests_on, row.note.clone()]
    });
    table(&["name", "API", "sign-in", "rests on", "note"], rows)
}

fn facts(facts: &Facts) -> String {
    let rows = facts.behavior.rows().into_iter().map(|row| {
        let rests_on = rests_on(row.evidence, row.source);
        vec![format!("{} (`{}`)", row.title, row.name), row.value, rests_on, row.note.to_owned()]
    });
    let limits = facts.limits.iter().map(|limit| {
        let routes: Vec<String> =
            limit.routes.iter().map(|route| format!("`{} {}`", route.method, route.path)).collect();
        let rests_on = rests_on(limit.evidence, &limit.source);
        vec![format!("calls of `{}`", limit.name), limit.shown(), rests_on, routes.join(", ")]
    });
    table(&["fact", "value", "rests on", "note"], rows.chain(limits))
}

fn returns(facts: &Facts) -> String {
    let rows = facts.returns.words.iter().map(|(word, row)| {
        let outcome = row.outcome.as_ref().map_or_else(|| "kept as it is".to_owned(), |o| format!("`{o}`"));
        vec![format!("`{word}`"), outcome, row.meaning.clone(), row.source.clone()]
    });
    table(&["word", "outcome", "meaning", "source"], rows)
}

fn events(facts: &Facts) -> String {
    let rows = facts.words.event.iter().map(|(word, event)| vec![format!("`{word}`"), format!("`{event}`")]);
    table(&["event", "becomes"], rows)
}
