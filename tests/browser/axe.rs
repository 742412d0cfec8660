//! The accessibility check of a page, by axe-core.

use serde::Deserialize;
use thirtyfour::WebDriver;

/// What is wrong with a page, in the words of the checker.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    html: String,
    #[serde(rename = "failureSummary", default)]
    summary: String,
}

const RUN: &str = r#"
const done = arguments[arguments.length - 1];
axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
   .then((found) => done(found.violations), (error) => done([{ id: "axe", help: String(error), nodes: [] }]));
"#;

/// Fails with everything that axe finds against the page that is open, frames included.
pub(crate) async fn check(driver: &WebDriver, page: &str) {
    let file = std::env::var_os("COUNTERSIGN_AXE").expect("COUNTERSIGN_AXE; tests/browser/run sets it");
    let script = std::fs::read_to_string(file).expect("axe-core");
    driver.execute(script, Vec::new()).await.expect("axe-core runs in the page");
    let found = driver.execute_async(RUN, Vec::new()).await.expect("an answer of axe-core");
    let violations: Vec<Violation> = found.convert().expect("violations");
    let told: Vec<String> = violations.iter().map(tell).collect();
    assert!(told.is_empty(), "accessibility of {page}:\n{}", told.join("\n"));
}

fn tell(violation: &Violation) -> String {
    let nodes = violation.nodes.iter().map(|node| format!("    {}\n    {}", node.html, node.summary));
    format!("  {}: {}\n{}", violation.id, violation.help, nodes.collect::<Vec<_>>().join("\n"))
}
