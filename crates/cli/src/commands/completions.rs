//! `countersign completions`.

use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

use crate::args::Cli;
use crate::report::Report;

#[derive(Serialize)]
struct Script<'s> {
    shell: String,
    script: &'s str,
}

pub(super) fn run(shell: Shell) -> Report {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "countersign", &mut script);
    let script = String::from_utf8_lossy(&script);
    let document = Script { shell: shell.to_string(), script: &script };
    Report::new(script.as_ref(), &document)
}
