//! Where a new access code comes from.

use std::io::{BufRead, IsTerminal, Read};

use countersign::{AccessCode, Error, ErrorKind, Result};

use crate::args::CodeSource;
use crate::report::note;

/// Letters and digits that nobody mixes up when they are read out or copied by hand: no 0 and O, no 1, I and L.
/// Upper case only, since vendors differ in whether case counts.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// More than any code; what is longer is no code but a wrong file.
const LONGEST: u64 = 4096;

/// The code, and whether it was made here.
pub(crate) fn take(source: &CodeSource) -> Result<(AccessCode, bool)> {
    if let Some(length) = source.generate {
        return Ok((AccessCode::new(make(length)?)?, true));
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
        Err(std::env::VarError::NotUnicode(_)) => "is not readable text",
    };
    let message = format!("the variable named with --code-env {problem}");
    Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("export the variable, or use --code-stdin"))
}

/// A pipe or file is read to its end, so that a second line is noticed; a person ends with the line.
fn standard_input() -> Result<String> {
    let mut input = std::io::stdin().lock();
    if !input.is_terminal() {
        return read(input);
    }
    note("type the new access code and end with Enter (it is shown as you type):\n");
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(_) => read(line.as_bytes()),
        Err(_) => read(std::io::empty()),
    }
}

/// Reads all, and drops one line end, which editors and `echo` put there.
fn read(from: impl Read) -> Result<String> {
    let bad = |problem: &str| {
        Error::new(ErrorKind::InvalidRequest, format!("the access code on standard input {problem}"))
            .with_hint("give the code and nothing else, such as `--code-stdin < code.txt`")
    };
    let mut bytes = Vec::new();
    from.take(LONGEST).read_to_end(&mut bytes).map_err(|_| bad("cannot be read"))?;
    let text = String::from_utf8(bytes).map_err(|_| bad("is not readable text"))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// A code of the operating system's randomness, each character equally likely, with a letter and a digit at least,
/// since accounts may ask for both.
pub(crate) fn make(length: u8) -> Result<String> {
    loop {
        let mut code = String::with_capacity(usize::from(length));
        while code.len() < usize::from(length) {
            let mut bytes = [0u8; 64];
            getrandom::fill(&mut bytes).map_err(|_| {
                Error::new(ErrorKind::Unexpected, "the operating system gives no randomness")
                    .with_hint("give a code of your own with --code-stdin")
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

    #[test]
    fn made_codes_are_long_enough_clear_and_different() {
        let codes: BTreeSet<String> = (0..500).map(|_| make(8).expect("a code")).collect();
        assert_eq!(codes.len(), 500);
        let used: BTreeSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(used.iter().collect::<String>().as_bytes(), ALPHABET);
        assert!(codes.iter().all(|code| code.len() == 8));
        assert!(codes.iter().all(|code| code.contains(|c: char| c.is_ascii_digit())));
        assert_eq!(make(50).expect("a code").len(), 50);
    }

    #[test]
    fn one_line_end_is_dropped_and_nothing_else() {
        assert_eq!(read("a b \n".as_bytes()).expect("text"), "a b ");
        assert_eq!(read("ab\r\n".as_bytes()).expect("text"), "ab");
        assert_eq!(read("ab\n\n".as_bytes()).expect("text"), "ab\n");
        assert!(AccessCode::new(read("ab\ncd".as_bytes()).expect("text")).is_err());
        assert!(read(&[0xff, 0xfe][..]).is_err());
    }
}
