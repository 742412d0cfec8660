//! The commands about the program itself: `countersign vendors`, `explain`, `completions` and `man`.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::env::Shells;
use clap_mangen::Man;
use countersign::{Config, Result};
use serde::Serialize;
use serde_json::json;

use crate::args::{Cli, CompletionsArgs, Global};
use crate::context::{invalid, unexpected};
use crate::explain::{self, Code, Kind};
use crate::render::matrix::{self, Matrix};
use crate::render::{explained, table};
use crate::report::Report;

#[derive(Serialize)]
struct Everything {
    kinds: Vec<Kind>,
    codes: Vec<Code>,
}

#[derive(Serialize)]
struct Script<'s> {
    shell: String,
    script: &'s str,
}

pub(super) fn vendors(markdown: bool) -> Report {
    let vendors = countersign::vendors();
    let text = if markdown { matrix::markdown(vendors) } else { matrix::text(vendors, table::width()) };
    let report = Report::new(text, &Matrix::of(vendors));
    if markdown { report.verbatim() } else { report }
}

/// For the vendor of the given account, or for all vendors.
pub(super) fn explain(global: &Global, word: Option<&str>) -> Result<Report> {
    let only = match global.account() {
        Some(name) => vec![Config::load(global.config())?.account(Some(name))?.vendor()],
        None => countersign::vendors().to_vec(),
    };
    let vendors = only.as_slice();
    let Some(word) = word else {
        let everything = Everything { kinds: explain::kinds(vendors), codes: explain::codes(vendors) };
        let text = explained::all(&everything.kinds, &everything.codes, table::width());
        return Ok(Report::new(text, &everything));
    };
    match explain::look_up(vendors, word) {
        Ok(explanation) => Ok(Report::new(explained::found(&explanation), &explanation)),
        Err(near) => {
            let hint = if near.is_empty() {
                "`countersign explain` lists all kinds and codes".to_owned()
            } else {
                format!("similar: {}; `countersign explain` lists all", near.join(", "))
            };
            let message = format!("`{word}` is neither an error kind nor a code of any vendor");
            Err(invalid(message, hint))
        }
    }
}

/// The variable with which a dynamic completion script calls this command.
pub(crate) const COMPLETE: &str = "COMPLETE";

pub(super) fn completions(args: &CompletionsArgs) -> Report {
    const NAME: &str = "countersign";
    let (shell, mut script) = (args.shell, Vec::new());
    let shells = Shells::builtins();
    match shells.completer(&shell.to_string()).filter(|_| args.dynamic) {
        // Writing to memory cannot fail.
        Some(dynamic) => drop(dynamic.write_registration(COMPLETE, NAME, NAME, NAME, &mut script)),
        None => clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script),
    }
    let script = String::from_utf8_lossy(&script);
    let document = Script { shell: shell.to_string(), script: &script };
    Report::new(script.as_ref(), &document).verbatim()
}

pub(super) fn man(out: Option<&Path>) -> Result<Report> {
    let Some(folder) = out else {
        let page = page(Cli::command())?;
        let page = String::from_utf8_lossy(&page);
        return Ok(Report::new(page.as_ref(), &json!({ "page": page })).verbatim());
    };
    let cannot = |error| {
        let message = format!("{} cannot be written ({error})", folder.display());
        invalid(message, "give a folder that you can write to")
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    write(whole, folder, &mut pages).map_err(cannot)?;
    let text = format!("{} pages in {}\n", pages.len(), folder.display());
    Ok(Report::new(text, &json!({ "pages": pages })))
}

/// The page of a command, then those of its subcommands.
fn write(command: clap::Command, folder: &Path, pages: &mut Vec<String>) -> std::io::Result<()> {
    let below: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    pages.push(Man::new(command).generate_to(folder)?.display().to_string());
    below.into_iter().try_for_each(|command| write(command, folder, pages))
}

fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|error| unexpected("the page cannot be written", error))?;
    Ok(page)
}
