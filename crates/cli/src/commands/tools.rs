//! The commands about the program itself: `countersign vendors`, `explain`, `completions` and `man`.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::env::Shells;
use clap_mangen::Man;
use countersign::{Config, Error, ErrorKind, Result};
use serde::Serialize;

use crate::args::{Cli, CompletionsArgs, Global, VendorsArgs};
use crate::context::unexpected;
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

#[derive(Serialize)]
struct Pages {
    pages: Vec<String>,
}

#[derive(Serialize)]
struct Page<'p> {
    page: &'p str,
}

pub(super) fn vendors(args: &VendorsArgs) -> Report {
    let vendors = countersign::vendors();
    let text = if args.markdown { matrix::markdown(vendors) } else { matrix::text(vendors, table::width()) };
    let report = Report::new(text, &Matrix::of(vendors));
    if args.markdown { report.verbatim() } else { report }
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
            Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(hint))
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
        return Ok(Report::new(page.as_ref(), &Page { page: &page }).verbatim());
    };
    let cannot = |error| {
        Error::new(ErrorKind::InvalidRequest, format!("{} cannot be written ({error})", folder.display()))
            .with_hint("give a folder that you can write to")
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    let mut written = Vec::new();
    let mut commands = Vec::new();
    collect(&whole, whole.get_name().to_owned(), &mut commands);
    for (name, command) in commands {
        let path = folder.join(format!("{name}.1"));
        // The page's title; clap needs a name that lives as long as the program.
        let command = command.display_name(name);
        std::fs::write(&path, page(command)?).map_err(cannot)?;
        written.push(path.display().to_string());
    }
    let text = format!("{} pages in {}\n", written.len(), folder.display());
    Ok(Report::new(text, &Pages { pages: written }))
}

/// A command and its subcommands, each with the full name for its page.
fn collect(command: &clap::Command, name: String, found: &mut Vec<(String, clap::Command)>) {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    let below: Vec<_> = below.map(|below| (format!("{name}-{}", below.get_name()), below)).collect();
    found.push((name, command.clone()));
    for (name, command) in below {
        collect(command, name, found);
    }
}

fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|error| unexpected("the page cannot be written", error))?;
    Ok(page)
}
