//! The commands that call no vendor: `countersign vendors`, `explain`, `completions`, `man` and `cassette scan`.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::env::Shells;
use clap_mangen::Man;
use countersign::cassette::{Finding, Scanner};
use countersign::{Config, Result};
use serde::Serialize;
use serde_json::json;

use crate::args::{Cli, CompletionsArgs, Global, ScanArgs};
use crate::context::{invalid, unexpected};
use crate::exit;
use crate::explain::{self, Code, Kind};
use crate::render::matrix::{self, Matrix};
use crate::render::table::{BAD, GOOD, counted, paint, safe, safe_or_dash};
use crate::render::{explained, table};
use crate::report::Report;

#[derive(Serialize)]
struct Everything {
    kinds: Vec<Kind>,
    codes: Vec<Code>,
}

#[derive(Serialize)]
struct Searched {
    files: usize,
    found: Vec<Finding>,
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

/// Searches files for data that must not be in them.
pub(super) fn scan(args: &ScanArgs) -> Result<Report> {
    let mut scanner = Scanner::new();
    for name in &args.marker_env {
        let marker = std::env::var(name).ok().filter(|text| text.chars().count() >= 3).ok_or_else(|| {
            let message = format!("the variable {name} is shorter than three characters or not set");
            invalid(message, "set it to the text that must not be in the files")
        })?;
        scanner = scanner.with_marker(marker);
    }
    let mut all = Searched { files: 0, found: Vec::new() };
    for path in &args.paths {
        let searched = scanner.scan_folder(path)?;
        all.files += searched.files;
        all.found.extend(searched.found);
    }
    let report = Report::new(searched(&all), &all);
    if all.found.is_empty() {
        return Ok(report);
    }
    let next = "next: record again what was recorded; in files written by hand use placeholders, such as {secret:1}\n";
    Ok(report.with_notes(next).with_code(exit::YOURS))
}

fn searched(all: &Searched) -> String {
    let files = counted(all.files, "file");
    if all.found.is_empty() {
        return format!("{}\n", paint(GOOD, &format!("{files} searched, nothing found")));
    }
    let row = |one: &Finding| {
        let file = safe(&one.file.display().to_string()).into_owned();
        [file, one.line.to_string(), one.what.to_owned(), safe_or_dash(one.member.as_deref())]
    };
    let rows = table::text(table::width(), ["file", "line", "what", "under"], all.found.iter().map(row));
    let places = all.found.len();
    let told = format!("{files} searched, data that must not be there found in {places} place(s)");
    format!("{}\n{}\n", rows, paint(BAD, &told))
}
