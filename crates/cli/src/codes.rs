//! Where a new access code comes from.

use std::io::{BufRead, IsTerminal, Read};

use countersign::provider::{Facts, read_text_from};
use countersign::{AccessCode, Error, ErrorKind, Result};

use crate::args::CodeSource;
use crate::context::invalid;
use crate::report::note;

/// Letters and digits that are not confused when read aloud or copied by hand: no 0 and O, no 1, I and L. Upper
/// case only, because vendors differ in whether case matters.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// How many codes are tried to find one that meets the vendor's rules.
const TRIES: u32 = 1000;

/// Longer than any code; longer input is a wrong file.
const LONGEST: u64 = 4096;

/// The code, and whether it was generated.
pub(crate) fn take(source: &CodeSource, facts: &Facts) -> Result<(AccessCode, bool)> {
    if let Some(length) = source.generate {
        return Ok((make(length, facts)?, true));
    }
    let text = match &source.code_env {
        Some(name) => variable(name)?,
        None => standard_input()?,
    };
    Ok((AccessCode::new(text)?, false))
}

fn variable(name: &str) -> Result<String> {
    let problem = match std::env::var(name) {
        Ok(code) => return Ok(code),
        Err(std::env::VarError::NotPresent) => "is not set",
        Err(std::env::VarError::NotUnicode(_)) => "is not valid text",
    };
    let message = format!("the variable named with --code-env {problem}");
    Err(invalid(message, "export the variable, or use --code-stdin"))
}

/// A pipe or file is read to its end, so that a second line is noticed; input from a terminal ends with the line.
fn standard_input() -> Result<String> {
    let mut input = std::io::stdin().lock();
    if !input.is_terminal() {
        return read(input);
    }
    note("type the new access code and press Enter (it is visible as you type):\n");
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(_) => read(line.as_bytes()),
        Err(_) => read(std::io::empty()),
    }
}

/// Reads everything and removes one trailing line break, which editors and `echo` add.
fn read(from: impl Read) -> Result<String> {
    let bad = |problem: &str| {
        let hint = "pass the code and nothing else, such as `--code-stdin < code.txt`";
        invalid(format!("the access code on standard input {problem}"), hint)
    };
    let text = read_text_from(from, LONGEST).map_err(|problem| bad(&problem.to_string()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Generates a code that meets the vendor's rules. If no code of this length does, the request is rejected before
/// anything is sent.
pub(crate) fn make(length: u8, facts: &Facts) -> Result<AccessCode> {
    let mut code = AccessCode::new(random(length)?)?;
    for _ in 0..TRIES {
        if facts.check_code(&code).is_ok() {
            break;
        }
        code = AccessCode::new(random(length)?)?;
    }
    Ok(code)
}

/// A code from the operating system's random source. Each character is equally likely, with at least one letter and
/// one digit, because some accounts require both.
fn random(length: u8) -> Result<String> {
    loop {
        let mut code = String::with_capacity(usize::from(length));
        while code.len() < usize::from(length) {
            let mut bytes = [0u8; 64];
            getrandom::fill(&mut bytes).map_err(|_| {
                Error::new(ErrorKind::Unexpected, "the operating system provides no randomness")
                    .with_hint("provide your own code with --code-stdin")
            })?;
            // Of 256 values 248 are used: eight for each of the 31 characters.
            let fair = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte / 8)));
            code.extend(fair.map(|byte| char::from(*byte)).take(usize::from(length) - code.len()));
        }
        if code.contains(|c: char| c.is_ascii_digit()) && code.contains(|c: char| c.is_ascii_alphabetic()) {
            return Ok(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const RULES: &str = r#"
title = "Acme Sign"

[facts]
code_shortest = { value = 8, evidence = "documented", source = "docs.example" }
code_longest = { value = 10, evidence = "documented", source = "docs.example" }
code_forbidden = { value = "2AZ", evidence = "documented", source = "docs.example" }

[capabilities]
"#;

    #[test]
    fn made_codes_are_long_enough_clear_and_different() {
        let codes: BTreeSet<String> = (0..500).map(|_| random(8).expect("a code")).collect();
        assert_eq!(codes.len(), 500);
        let used: BTreeSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(used.iter().collect::<String>().as_bytes(), ALPHABET);
        assert!(codes.iter().all(|code| code.len() == 8));
        assert!(codes.iter().all(|code| code.contains(|c: char| c.is_ascii_digit())));
        assert_eq!(random(50).expect("a code").len(), 50);
    }

    #[test]
    fn a_made_code_keeps_the_vendors_rules_where_one_can() {
        let facts = Facts::load("acme", RULES);
        for _ in 0..50 {
            let code = make(9, &facts).expect("a code");
            assert!(
                !code.expose().contains(['2', 'A', 'Z']) && code.expose().len() == 9,
                "{}",
                code.expose()
            );
        }
        let short = make(6, &facts).expect("a code");
        assert_eq!(
            facts.check_code(&short).expect_err("too short").hint(),
            "choose a code of 8 to 10 characters"
        );
    }

    #[test]
    fn one_line_end_is_dropped_and_nothing_else() {
        assert_eq!(read("a b \n".as_bytes()).expect("text"), "a b ");
        assert!(AccessCode::new(read("a b \n".as_bytes()).expect("text")).is_err());
        assert_eq!(read("\u{feff}ab\r\n".as_bytes()).expect("text"), "ab");
        assert_eq!(read("ab\n\n".as_bytes()).expect("text"), "ab\n");
        assert!(AccessCode::new(read("ab\ncd".as_bytes()).expect("text")).is_err());
        assert!(read(&[0xff, 0xfe][..]).is_err());
    }
}
