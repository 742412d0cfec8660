//! The gateway's page of the book: its routes are those of the document, and its commands run in the order of the page.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use countersign_testkit::keep_block;
use serde_json::Value;

use crate::program::{Running, folder, program, ran, shell, until};

/// Where the page's gateway listens.
const SHOWN: &str = "127.0.0.1:8790";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/gateway.md")
}

/// `COUNTERSIGN_README=write` brings it up to date.
#[test]
fn the_page_lists_the_routes() {
    let document: Value = serde_json::to_value(countersign_gateway::document()).unwrap();
    let mut table = "| route | what it does |\n| --- | --- |\n".to_owned();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(_, value)| value["operationId"].is_string())
        {
            let what = operation["summary"].as_str().unwrap().trim_end_matches('.');
            table += &format!("| `{} {path}` | {what} |\n", method.to_uppercase());
        }
    }
    keep_block(&page(), "routes", &table).unwrap();
}

#[test]
fn the_commands_of_the_page_run_one_after_the_other() {
    let text = std::fs::read_to_string(page()).unwrap().replace("\\\n", " ");
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines: Vec<&str> = blocks.flat_map(str::lines).filter(|line| !line.starts_with("cargo ")).collect();
    assert!(lines.len() >= 8, "{lines:?}");

    let folder = folder("book");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = format!("127.0.0.1:{port}");
    let (mut key, mut gateway, mut answers) = (String::new(), None, Vec::new());
    for line in lines {
        let line = line.replace(SHOWN, &at);
        let words = line.split('#').next().unwrap().split_whitespace();
        match line.split_whitespace().next().unwrap() {
            "countersign-gateway" => {
                let mut command = program();
                command.current_dir(&folder).env("COUNTERSIGN_GATEWAY_LISTEN", &at).args(words.skip(1));
                if line.contains(" serve") {
                    let (mut running, _) = Running::start(command);
                    let mut log = BufReader::new(running.0.stderr.take().unwrap());
                    until(&mut log, "serving");
                    gateway = Some((running, log));
                    continue;
                }
                let printed = ran(&command.output().unwrap());
                if line.contains("key add acme ") && key.is_empty() {
                    key = printed;
                }
            }
            "curl" => answers.push(ran(&shell(&format!("KEY={key}; {line}")))),
            first => assert!(first.starts_with("KEY="), "{line}"),
        }
    }
    assert_eq!(answers.len(), 2);
    for answer in answers {
        assert!(answer.contains("\"name\":\"sales\"") && !answer.contains("YOUR-KEY"), "{answer}");
    }
    assert!(gateway.unwrap().0.stop());
    std::fs::remove_dir_all(&folder).unwrap();
}
