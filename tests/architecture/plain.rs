//! Finds the phrases of `phrases.txt` in texts that users and contributors read: comments and string literals of Rust
//! sources, and whole files of other kinds.

use std::sync::LazyLock;

use regex::Regex;

/// Comments, strings and characters of Rust; everything else is code.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let raw = r##"r"[^"]*"|r#"(?s:.*?)"#"##;
    let pattern = format!(r#"//[^\n]*|{raw}|"(?s:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\[^\n])'"#);
    Regex::new(&pattern).expect("a pattern")
});

/// The start of a comment, a line break within a string, and an escaped line feed: white space between two words.
static BREAK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^//[/!]?|\\\n|\\n").expect("a pattern"));

static PHRASES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("phrases.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" => ").expect("a phrase and its replacement")).collect()
});

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let words = |phrase: &str| phrase.split(' ').map(regex::escape).collect::<Vec<_>>().join(r"\s+");
    let any: Vec<String> = PHRASES.iter().map(|(phrase, _)| words(phrase)).collect();
    Regex::new(&format!(r"(?i)\b(?:{})\b", any.join("|"))).expect("a pattern")
});

/// The same text with its code blanked out, so that places stay the same: NUL never matches white space or a word.
fn prose(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let blank =
        |code: &str| code.chars().map(|c| if c == '\n' || c == ' ' { c } else { '\0' }).collect::<String>();
    let mut text = String::with_capacity(source.len());
    let mut end = 0;
    for token in TOKEN.find_iter(source) {
        text += &blank(&source[end..token.start()]);
        let words = token.as_str().replace('"', "\0");
        text += &BREAK.replace_all(&words, |found: &regex::Captures<'_>| {
            found[0].chars().map(|c| if c == '\n' { c } else { ' ' }).collect::<String>()
        });
        end = token.end();
    }
    text + &blank(&source[end..])
}

/// The phrases in a file of this name, each with its line and what to write in its place.
pub(crate) fn found_in(name: &str, text: &str) -> Vec<String> {
    let text = if name.ends_with(".rs") { prose(text) } else { text.to_owned() };
    let places = PATTERN.find_iter(&text).map(|found| {
        let phrase = found.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
        let instead = PHRASES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&phrase));
        let line = text[..found.start()].matches('\n').count() + 1;
        format!("{name}:{line}: “{phrase}”, better: {}", instead.map_or("", |(_, instead)| instead))
    });
    places.collect()
}

#[test]
fn phrases_are_found_in_prose_only() {
    let source = "/// Is told, since some\n/// body is\nfn somebody() { say(\"to every\\\n    body, or who\\never\", '\"') } // nobody\n\
                  let x = \"what\", y = \"becomes of\"; // what\n// becomes of it\n#[cfg(test)]\nmod tests { /* nobody */ }";
    let lines: Vec<String> = found_in("a.rs", source);
    let places: Vec<&str> = lines.iter().filter_map(|line| line.split(", ").next()).collect();
    assert_eq!(places, ["a.rs:1: “Is told”", "a.rs:4: “nobody”", "a.rs:5: “what becomes of”"]);
    assert_eq!(found_in("a.md", "Whoever\nis\ntold").len(), 2);
    assert!(found_in("a.md", "untold somebodyness is not told").is_empty());
}
