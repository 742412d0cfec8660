//! Adding lines to files without touching the rest of them.

/// Puts lines behind the last line that fits; `None` where none does.
pub(crate) fn behind_last(text: &str, fits: impl Fn(&str) -> bool, new: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| fits(line))?;
    let mut out = String::with_capacity(text.len() + new.len() + 1);
    for (nth, line) in lines.into_iter().enumerate() {
        out.push_str(line);
        out.push('\n');
        if nth == last {
            out.push_str(new);
            out.push('\n');
        }
    }
    Some(out)
}

/// Puts an entry behind the last one of an array in one line that begins so; `None` where there is none.
pub(crate) fn into_array(text: &str, key: &str, entry: &str, new: &str) -> Option<String> {
    let begin = text.find(&format!("\n{key} = ["))? + 1;
    let end = begin + text.get(begin..)?.find(']')?;
    let at = begin + text.get(begin..end)?.rfind(entry)?;
    let close = at + 1 + text.get(at + 1..end)?.find('"')? + 1;
    Some(format!("{}, \"{new}\"{}", text.get(..close)?, text.get(close..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_differs() {
        let text = "a\nb = 1\nb = 2\nc\n";
        assert_eq!(
            behind_last(text, |line| line.starts_with("b"), "b = 3").unwrap(),
            "a\nb = 1\nb = 2\nb = 3\nc\n"
        );
        assert_eq!(behind_last(text, |line| line.starts_with("x"), "y"), None);
        let text = "[w]\nmembers = [\"crates/*\", \"adapters/x\", \"tests\"]\n";
        let wanted = "[w]\nmembers = [\"crates/*\", \"adapters/x\", \"adapters/y\", \"tests\"]\n";
        assert_eq!(into_array(text, "members", "\"adapters/", "adapters/y").unwrap(), wanted);
        assert_eq!(into_array(text, "default-members", "\"adapters/", "adapters/y"), None);
    }
}
