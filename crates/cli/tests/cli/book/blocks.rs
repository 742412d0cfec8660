//! What stands between `<!-- name -->` and `<!-- /name -->` is what the command prints.
//!
//! `COUNTERSIGN_README=write cargo test -p countersign-cli --test cli book` brings every page up to date.

use countersign_sandbox::Vendor;

use super::pages::{Page, SUMMARY, book, page, root};
use super::sessions;
use crate::support::{Run, command, run};

/// The blocks by name, and what has to stand there.
fn blocks() -> [(&'static str, String); 7] {
    let demo = demo();
    let vendors = run(&["vendors", "--markdown"]).out;
    [
        ("demo-part", format!("\n```text\n{}```\n\n", some_steps(&demo))),
        ("demo", format!("\n```text\n{demo}```\n\n")),
        ("vendors-part", vendors_part(&vendors)),
        ("vendors", vendors),
        ("names", names()),
        ("exit", exit_codes()),
        ("kinds", kinds()),
    ]
}

/// The vendors' names, by which the sandbox calls them.
fn titles() -> Vec<(&'static str, &'static str)> {
    let titled = |name| (name, Vendor::named(name).map_or(name, Vendor::name));
    countersign::vendors().iter().map(|vendor| titled(vendor.name)).collect()
}

fn names() -> String {
    let names: Vec<&str> = titles().into_iter().map(|(_, title)| title).collect();
    let (last, others) = names.split_last().expect("a vendor");
    format!("{} and {last}", others.join(", "))
}

/// The table of contents with a line for each vendor, behind the one of their common page.
fn contents(old: &str) -> String {
    let start = "- [Vendors](vendors.md)\n";
    let (before, rest) = old.split_once(start).expect("the vendors' page");
    let after = rest.split_inclusive('\n').skip_while(|line| line.starts_with("  - ")).collect::<String>();
    let line = |(name, title)| format!("  - [{title}](vendors/{name}.md)\n");
    format!("{before}{start}{}{after}", titles().into_iter().map(line).collect::<String>())
}

fn demo() -> String {
    let demo = command(&["demo"]).env("COLUMNS", "100").ran("").out;
    demo.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Two steps that show what the program is for: a signer locks themselves out, and is asked again.
fn some_steps(demo: &str) -> String {
    let steps = demo.split("\n\n").filter(|step| step.starts_with(" 3 ") || step.starts_with(" 6 "));
    let steps: Vec<&str> = steps.collect();
    assert_eq!(steps.len(), 2, "{demo}");
    steps.join("\n\n") + "\n"
}

/// The head and five rows.
fn vendors_part(table: &str) -> String {
    const ROWS: [&str; 5] = [
        "| list recipients |",
        "| create a signing view |",
        "| resend to one recipient |",
        "| change an access code |",
        "| unlock after wrong access codes |",
    ];
    let rows = table.lines().enumerate();
    let rows = rows.filter(|(n, line)| *n < 2 || ROWS.iter().any(|row| line.starts_with(row)));
    let rows: Vec<String> = rows.map(|(_, line)| line.to_owned() + "\n").collect();
    assert_eq!(rows.len(), ROWS.len() + 2, "a row of the README's has another name now: {rows:?}");
    rows.concat()
}

/// The table of `--help`, as a table of Markdown.
fn exit_codes() -> String {
    let help = run(&["--help"]).out;
    let (_, codes) = help.split_once("Exit codes:\n").expect("exit codes in the help");
    let mut rows: Vec<String> = Vec::new();
    for line in codes.lines() {
        match line.trim_start().split_once("  ") {
            Some((code, meaning)) if code.parse::<u8>().is_ok() => rows.push(format!("| {code} | {meaning}")),
            _ => *rows.last_mut().expect("a row") += &format!(" {}", line.trim()),
        }
    }
    format!("| exit code | meaning |\n| --- | --- |\n{} |\n", rows.join(" |\n"))
}

fn kinds() -> String {
    let all = run(&["explain", "--json"]).json();
    let row = |kind: &serde_json::Value| {
        let text = |name: &str| kind[name].as_str().expect("text").replace('|', "\\|");
        format!("| `{}` | {} | {} | {} |\n", text("kind"), kind["exit_code"], text("meaning"), text("remedy"))
    };
    let rows: String = all["kinds"].as_array().expect("kinds").iter().map(row).collect();
    format!("| kind | exit code | meaning | what to do |\n| --- | --- | --- | --- |\n{rows}")
}

/// The page with another text between the marks of a block; `None` if it has none of this name. Lines stand between
/// lines, a few words within a line.
fn with_block(text: &str, name: &str, block: &str) -> Option<String> {
    let new_line = if block.ends_with('\n') { "\n" } else { "" };
    let (start, end) = (format!("<!-- {name} -->{new_line}"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&start)?;
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("there is no {end}"));
    Some(format!("{before}{start}{block}{end}{after}"))
}

#[test]
fn pages_show_what_the_command_prints() {
    let mut pages: Vec<Page> = book();
    pages.push(page("README.md"));
    let write = std::env::var_os("COUNTERSIGN_README").is_some_and(|word| word == "write");
    let mut stale = Vec::new();
    for (name, block) in blocks().into_iter().chain(sessions::blocks()) {
        let mut shown = false;
        for page in &mut pages {
            let Some(wanted) = with_block(&page.text, name, &block) else { continue };
            shown = true;
            if wanted != page.text && write {
                std::fs::write(root().join(&page.path), &wanted).expect("the page");
                page.text = wanted;
            } else if wanted != page.text {
                stale.push(format!("{}: {name}", page.path));
            }
        }
        assert!(shown, "no page shows `{name}`");
    }
    let summary = page(SUMMARY);
    let wanted = contents(&summary.text);
    if wanted != summary.text && write {
        std::fs::write(root().join(SUMMARY), wanted).expect("the table of contents");
    } else if wanted != summary.text {
        stale.push(SUMMARY.to_owned());
    }
    assert!(stale.is_empty(), "out of date; see the head of this file: {stale:#?}");
}

#[test]
fn only_the_block_is_replaced() {
    let page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n";
    let replaced = with_block(page, "x", "new\n").expect("the block");
    assert_eq!(replaced, page.replace("old", "new"));
    assert_eq!(with_block(&replaced, "x", "old\n").as_deref(), Some(page));
    assert_eq!(with_block(page, "y", "z\n"), Some(page.replace("<!-- /y -->", "z\n<!-- /y -->")));
    assert_eq!(with_block(page, "z", "z\n"), None);
}
