//! Commands that pages show can be typed: each is given to the command together with `--help`, so that names and values
//! are read and nothing is done.

use std::collections::BTreeSet;

use super::pages::{Part, all, parts, root};
use crate::support::unchecked;

/// What else may begin a line. Scripts of this repository are looked for.
const PROGRAMS: [&str; 13] = [
    "apt-get",
    "cat",
    "cd",
    "countersign-gateway",
    "cp",
    "curl",
    "echo",
    "export",
    "git",
    "mdbook",
    "mkdir",
    "openssl",
    "python3",
];

#[test]
fn every_command_can_be_typed() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for page in all() {
        for part in parts(&page.text) {
            let Part::Block { language, text } = part else { continue };
            for line in lines(language, &text) {
                let words = words(&line);
                let done = match words.first().map(String::as_str) {
                    None => Ok(()),
                    Some("countersign") => countersign(&words[1..], &mut seen),
                    Some("cargo") => cargo(&words[1..], &mut seen),
                    Some(program) if PROGRAMS.contains(&program) => Ok(()),
                    Some(script) if root().join(script).is_file() => Ok(()),
                    Some(other) => Err(format!("`{other}` is not known here")),
                };
                if let Err(why) = done {
                    wrong.push(format!("{}: {line}: {why}", page.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() > 10, "hardly a command was found: {seen:?}");
}

fn countersign(words: &[String], seen: &mut BTreeSet<String>) -> Result<(), String> {
    if !seen.insert(words.join(" ")) {
        return Ok(());
    }
    let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    arguments.push("--help");
    let ran = unchecked(&arguments);
    if ran.code == 0 { Ok(()) } else { Err(ran.err) }
}

/// Packages, tests, examples and benchmarks that are named have to be there. `cargo run` without a package is the
/// command itself.
fn cargo(words: &[String], seen: &mut BTreeSet<String>) -> Result<(), String> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (own, given) = (&words[..end], words.get(end + 1..).unwrap_or_default());
    let mut package = None;
    for pair in own.windows(2) {
        let (option, value) = (pair[0].as_str(), pair[1].as_str());
        match option {
            "-p" => package = Some(value),
            // Part of a path is enough to find the one file or folder.
            "--test" | "--example" | "--bench" if !is_there(package, value) => {
                return Err(format!("there is no {option} {value}"));
            }
            "--path" if !root().join(value).is_dir() => return Err(format!("there is no {value}")),
            _ => {}
        }
    }
    if let Some(package) = package {
        folder(package).ok_or(format!("there is no package {package}"))?;
    }
    match own.first().map(String::as_str) {
        Some("run") if package.is_none() => countersign(given, seen),
        _ => Ok(()),
    }
}

/// The folder of a package.
fn folder(package: &str) -> Option<std::path::PathBuf> {
    let short = package.strip_prefix("countersign-").unwrap_or(package);
    let places = [
        format!("crates/{short}"),
        format!("adapters/{short}"),
        format!("examples/{short}"),
        if short == "tests" { "tests".to_owned() } else { String::new() },
    ];
    // A page may show the vendor that a reader is about to add.
    let fresh = package == "countersign-signwell" || package == "signwell";
    let found =
        places.iter().filter(|place| !place.is_empty()).map(|place| root().join(place)).find(|p| p.is_dir());
    found.or_else(|| fresh.then(root))
}

fn is_there(package: Option<&str>, name: &str) -> bool {
    let Some(folder) = package.and_then(folder) else { return false };
    let places = ["", "tests", "examples", "benches"];
    places.iter().any(|place| {
        let at = folder.join(place).join(name);
        at.join("main.rs").is_file() || at.with_extension("rs").is_file()
    })
}

/// The lines of a block that are commands: all of a shell's, and of a session those behind a `$`.
fn lines(language: &str, text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    match language {
        "sh" => lines.filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        "console" => lines.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The words of the first command of a line, without the variables in front of it and without comments.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '|' | '>' | '<' | ';' | '&') => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let variable = |word: &String| {
        word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    };
    words.into_iter().skip_while(variable).collect()
}

#[test]
fn a_line_is_read_as_a_shell_reads_it() {
    let read = |line: &str| words(line).join("|");
    assert_eq!(read("A_B=1 countersign -v resend 'a b' \"\" > file # why"), "countersign|-v|resend|a b|");
    assert_eq!(read("# only a comment"), "");
    assert_eq!(read("countersign recipients x#2 | jq ."), "countersign|recipients|x#2");
    assert_eq!(lines("console", "$ a \\\n  b\nout\n"), ["a    b"]);
}

#[test]
fn a_wrong_command_is_noticed() {
    let mut seen = BTreeSet::new();
    for wrong in ["resend x --recipients-of y", "reseend x", "demo --vendor acme"] {
        assert!(countersign(&words(wrong), &mut seen).is_err(), "{wrong}");
    }
    for wrong in ["test -p countersign-tests --test absent", "test -p absent", "run -- dem"] {
        assert!(cargo(&words(wrong), &mut seen).is_err(), "{wrong}");
    }
}
