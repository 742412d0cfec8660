//! What the README shows of the command is what the command prints.
//!
//! `COUNTERSIGN_README=write cargo test -p countersign-cli --test cli readme` brings the README up to date.

use std::path::PathBuf;

use crate::support::{command, run, run_with};

/// The blocks between `<!-- name -->` and `<!-- /name -->`, and what has to stand there.
fn blocks() -> [(&'static str, String); 3] {
    let mut wide = command(&["demo"]);
    wide.env("COLUMNS", "100");
    let demo = run_with(wide, "").out;
    let lines = demo.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>();
    [
        ("demo", format!("\n```text\n{lines}```\n\n")),
        ("vendors", run(&["vendors", "--markdown"]).out),
        ("exit", exit_codes()),
    ]
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

/// The page with another text between the marks of a block.
fn with_block(page: &str, name: &str, text: &str) -> String {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page.split_once(&start).unwrap_or_else(|| panic!("there is no {start}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("there is no {end}"));
    format!("{before}{start}{text}{end}{after}")
}

#[test]
fn the_readme_shows_what_the_command_prints() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(&path).expect("the README");
    for (name, text) in blocks() {
        let wanted = with_block(&readme, name, &text);
        if std::env::var_os("COUNTERSIGN_README").is_some_and(|word| word == "write") {
            let readme = std::fs::read_to_string(&path).expect("the README");
            std::fs::write(&path, with_block(&readme, name, &text)).expect("the README");
        } else {
            assert!(wanted == readme, "the README's part `{name}` is out of date; see the head of this file");
        }
    }
}

#[test]
fn only_the_block_is_replaced() {
    let page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n";
    let replaced = with_block(page, "x", "new\n");
    assert_eq!(replaced, page.replace("old", "new"));
    assert_eq!(with_block(&replaced, "x", "old\n"), page);
    assert_eq!(with_block(page, "y", "z\n"), page.replace("<!-- /y -->", "z\n<!-- /y -->"));
}
