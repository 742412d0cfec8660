//! `countersign schema`: the JSON Schema of the `--json` output.

use countersign::Result;
use serde_json::{Map, Value, json};

use crate::context::{invalid, unexpected};
use crate::report::Report;

/// One definition per command, named by the command's words with `-` between them and with the command line as its
/// title, and the shared definitions.
const SCHEMA: &str = include_str!("../schema.json");

/// The schema of a command's documents, results and errors; without a command, of all documents.
pub(super) fn run(command: &[String]) -> Result<Report> {
    let mut schema = read()?;
    let (names, lines): (Vec<_>, Vec<_>) = commands(&schema).unzip();
    let wanted: Vec<String> = match command.join("-").to_ascii_lowercase() {
        all if all.is_empty() => names,
        one if names.contains(&one) => vec![one],
        _ => {
            return Err(invalid("there is no such command", format!("use one of {}", lines.join(", "))));
        }
    };
    let wanted = wanted.iter().map(String::as_str).chain(["failure"]);
    let any: Vec<Value> = wanted.map(|name| json!({"$ref": format!("#/$defs/{name}")})).collect();
    schema.insert("anyOf".to_owned(), any.into());
    let report = Report::new(String::new(), &schema);
    Ok(Report { text: report.document.clone(), ..report }.verbatim())
}

fn read() -> Result<Map<String, Value>> {
    serde_json::from_str(SCHEMA).map_err(|error| unexpected("the schema cannot be read", error))
}

/// The name of each command's definition, and what follows `countersign` on its command line.
fn commands(schema: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    let definitions = schema.get("$defs").and_then(Value::as_object).into_iter().flatten();
    definitions.filter_map(|(name, one)| {
        let line = one.get("title")?.as_str()?.trim_start_matches("countersign ");
        Some((name.clone(), line.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    fn leaves(command: &clap::Command, name: &str, found: &mut Vec<String>) {
        let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
        if below.is_empty() || !command.is_subcommand_required_set() {
            found.push(name.trim_start_matches("countersign-").to_owned());
        }
        for one in below {
            leaves(one, &format!("{name}-{}", one.get_name()), found);
        }
    }

    #[test]
    fn every_command_has_a_schema() {
        let mut found = Vec::new();
        leaves(&Cli::command(), "countersign", &mut found);
        // These do one of the commands of the same name without doing it.
        found.retain(|name| !name.starts_with("plan-"));
        found.push("plan".to_owned());
        found.sort();
        let schema = read().expect("a schema");
        assert_eq!(commands(&schema).map(|(name, _)| name).collect::<Vec<_>>(), found);
    }
}
