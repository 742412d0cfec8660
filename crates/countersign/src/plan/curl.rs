//! A plan as shell commands.

use countersign_core::{PlannedStep, RedactedText, Segment, escape_control, is_harmful};

use super::Plan;

impl Plan {
    /// The steps as commands for a POSIX shell with curl (7.76 or later). Secrets are variables: `$ACCESS_TOKEN` or
    /// `$API_KEY`, `$ACCESS_CODE`, and `$BASE_URL` if the API's host is known only after sign-in. A plan without
    /// steps consists of comments only.
    pub fn curl(&self) -> String {
        commands(self)
    }
}

fn commands(plan: &Plan) -> String {
    let mut text = String::new();
    if let Some(refusal) = &plan.refusal {
        text.push_str(&format!("# nothing would be sent: {}\n", escape_control(&refusal.to_string())));
    } else if plan.steps.is_empty() {
        text.push_str("# nothing would be changed: the call only reads\n");
    }
    let in_body = plan.steps.iter().filter_map(|step| step.body.as_ref()).any(RedactedText::has_blanks);
    if in_body {
        text.push_str("# a variable in the body is inside JSON: write \\\" for \" and \\\\ for \\ in it\n");
    }
    for (nth, step) in plan.steps.iter().enumerate() {
        if nth > 0 {
            // A line with this ending continues after the comment.
            text.push_str(
                " &&\n# only if the previous answer reports success; a 200 may contain a refusal:\n",
            );
        }
        text.push_str(&command(step));
    }
    if !plan.steps.is_empty() {
        text.push('\n');
    }
    if !plan.complete {
        text.push_str("# the following requests are not known\n");
    }
    text
}

/// One command. `--globoff` keeps curl from reading brackets in the URL as patterns; `--data-raw` sends the body
/// unchanged, even with a leading `@`.
fn command(step: &PlannedStep) -> String {
    let mut text = format!(
        "curl --globoff --fail-with-body --request {} \\\n  --url {}",
        quoted(&RedactedText::text(step.method.as_str())),
        quoted(&step.url)
    );
    for (name, value) in &step.headers {
        let header = RedactedText::text(format!("{name}: ")).then(value.clone());
        text.push_str(&format!(" \\\n  --header {}", quoted(&header)));
    }
    if let Some(body) = &step.body {
        text.push_str(&format!(" \\\n  --data-raw {}", quoted(body)));
    }
    text
}

/// One word of a POSIX shell: texts in single quotes, where nothing is interpreted; blanks as variables in double
/// quotes, where nothing is split. Terminal control characters are escaped as in JSON: they can only come from
/// texts in a JSON body, where the escaped form means the same.
fn quoted(masked: &RedactedText) -> String {
    let piece = |piece: &Segment| match piece {
        Segment::Text(text) => format!("'{}'", harmless(text).replace('\'', r"'\''")),
        Segment::Blank(name) => format!("\"${}\"", variable(name)),
    };
    let word: String = masked.pieces().iter().map(piece).collect();
    if word.is_empty() { "''".to_owned() } else { word }
}

/// `access code` as `ACCESS_CODE`.
fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// How a shell parses words.
    fn shell(script: &str, variable: &str) -> Vec<String> {
        let output = Command::new("sh").args(["-euc", script]).env("ACCESS_CODE", variable).output().unwrap();
        assert!(output.status.success(), "{script:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn names_of_variables() {
        assert_eq!(
            ["access code", "API key", "base URL"].map(variable),
            ["ACCESS_CODE", "API_KEY", "BASE_URL"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_takes_a_word_as_it_was_meant(
            parts in proptest::collection::vec("[^\\x00]{0,12}", 1..8),
            secret in "[^\\x00]{0,12}",
        ) {
            let words: Vec<RedactedText> = parts
                .iter()
                .map(|part| RedactedText::text(format!("a{part}")).then(RedactedText::blank("access code")).then(RedactedText::text(part.as_str())))
                .collect();
            let script: String = words.iter().map(|word| format!(" {}", quoted(word))).collect();
            prop_assert!(!script.contains(is_harmful));
            let meant: Vec<String> =
                words.iter().map(|word| {
                    let pieces = word.pieces().iter().map(|piece| match piece {
                        Segment::Text(text) => harmless(text),
                        Segment::Blank(_) => secret.clone(),
                    });
                    pieces.collect()
                }).collect();
            prop_assert_eq!(shell(&format!("printf '%s\\0'{script}"), &secret), meant);
        }

        #[test]
        fn what_is_escaped_means_the_same_in_json(text in any::<String>()) {
            let body = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&harmless(&body)).unwrap(), text);
        }
    }
}
