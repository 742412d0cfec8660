//! `countersign migrate`.

use std::io::Read;
use std::path::Path;

use countersign::migrate::{self, CallUse, Calls, EnvelopeUse, TEMPLATE, Verdict};
use countersign::{
    Config, Descriptor, EnvelopePart, EnvelopeStage, Error, ErrorKind, Operation, Result, Said, vendors,
};
use serde::Serialize;

use crate::args::{CheckArgs, Global, MigrateCommand};
use crate::exit;
use crate::render::{migration, table};
use crate::report::Report;

/// More than any list of calls; what is longer is a wrong file.
const LARGEST: u64 = 1 << 20;

#[derive(Serialize)]
struct Template {
    template: &'static str,
}

pub(super) fn run(global: &Global, command: &MigrateCommand) -> Result<Report> {
    match command {
        MigrateCommand::Check(args) => check(global, args),
        MigrateCommand::Template => Ok(Report::new(TEMPLATE, &Template { template: TEMPLATE })),
    }
}

fn check(global: &Global, args: &CheckArgs) -> Result<Report> {
    let from = vendor(global, args.from.as_deref(), args.account_from.as_deref())?;
    let to = vendor(global, args.to.as_deref(), args.account_to.as_deref())?;
    let calls = match (&args.calls, &args.cassettes) {
        (Some(file), _) => Calls::read(&read(file)?, &name(file))?,
        (None, Some(folder)) => Calls::recorded(folder, from)?,
        (None, None) => everything(from),
    };
    let report = migrate::check(from, to, &calls)?;
    let text =
        if args.markdown { migration::markdown(&report) } else { migration::text(&report, table::width()) };
    let code = match report.verdict {
        Verdict::Same => exit::OK,
        Verdict::Differs => exit::DIFFERS,
        Verdict::Impossible => exit::IMPOSSIBLE,
    };
    Ok(Report::new(text, &report).with_code(code))
}

/// The vendor that is named, or the one of an account. The account's credentials are not looked at.
fn vendor(global: &Global, name: Option<&str>, account: Option<&str>) -> Result<&'static Descriptor> {
    if account.is_some() {
        return Ok(Config::load(global.config())?.account(account)?.vendor());
    }
    let found =
        vendors().iter().find(|vendor| name.is_some_and(|name| vendor.name.eq_ignore_ascii_case(name)));
    found.copied().ok_or_else(|| Error::new(ErrorKind::InvalidRequest, "no vendor is named"))
}

/// What errors call the file.
fn name(file: &Path) -> String {
    if is_standard_input(file) { "standard input".to_owned() } else { file.display().to_string() }
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn read(file: &Path) -> Result<String> {
    let cannot = |error: std::io::Error| {
        Error::new(ErrorKind::InvalidRequest, format!("{} cannot be read ({error})", name(file)))
            .with_hint("give a file of calls; `countersign migrate template` prints one")
    };
    let mut bytes = Vec::new();
    let length = if is_standard_input(file) {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?
    } else {
        let open = std::fs::File::open(file).map_err(cannot)?;
        open.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?
    };
    if length as u64 > LARGEST {
        let message = format!("{} is larger than 1 MiB, so it is no file of calls", name(file));
        return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("give a file of calls"));
    }
    // Spreadsheets and some editors put a mark of the encoding in front.
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::new(ErrorKind::InvalidRequest, format!("{} is not UTF-8 text", name(file)))
            .with_hint("save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Each operation with nothing relied on, and all that an envelope can be made of at the vendor that the application
/// uses: nobody loses what they cannot have now.
fn everything(from: &Descriptor) -> Calls {
    let operations = Operation::ALL.into_iter().filter(|operation| *operation != Operation::SignIn);
    let calls = operations.fold(Calls::new(), |calls, operation| calls.with_call(CallUse::new(operation)));
    let rows = from.conduct.map(|conduct| conduct.envelope).unwrap_or_default();
    let lacking =
        |part: &EnvelopePart| rows.iter().any(|row| row.what == *part && matches!(row.said, Said::No(_)));
    let parts = EnvelopePart::ALL.iter().copied().filter(|part| !lacking(part)).collect();
    let envelope = EnvelopeUse::new(parts).with_stages(EnvelopeStage::ALL.to_vec());
    calls.with_envelope(envelope)
}
