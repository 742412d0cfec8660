//! Generated parts of pages.

use std::path::Path;

/// The variable that makes tests write such parts instead of comparing them, if its value is `write`.
const WRITE: &str = "COUNTERSIGN_README";

/// Compares the text between `<!-- name -->` and `<!-- /name -->` with the generated text; with
/// `COUNTERSIGN_README=write`, writes it.
///
/// # Errors
/// Says that the file cannot be read or written, lacks the marks, or is out of date.
pub fn keep_block(file: &Path, name: &str, text: &str) -> Result<(), String> {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let place = file.display();
    let page = std::fs::read_to_string(file).map_err(|error| format!("{place}: {error}"))?;
    let parts = page.split_once(&start).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
    let (head, tail) = parts.ok_or_else(|| format!("{place} has no lines {start}{end}"))?;
    let wanted = format!("{head}{start}\n{}\n\n{end}{tail}", text.trim_end());
    if page == wanted {
        return Ok(());
    }
    if std::env::var_os(WRITE).is_some_and(|word| word == "write") {
        return std::fs::write(file, wanted).map_err(|error| format!("{place}: {error}"));
    }
    Err(format!("the part `{name}` of {place} is out of date; set {WRITE}=write to update it"))
}
