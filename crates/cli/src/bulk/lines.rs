//! Turns rows into work: every value is checked before anything is sent.

use std::collections::HashMap;
use std::sync::Arc;

use countersign::secrecy::ExposeSecret;
use countersign::{AccessCode, Account, Config, EnvelopeId, ErrorKind, InvalidValue, RecipientRef, Result};

use super::job::Job;
use super::rows::{Complaints, Key, Line, Row, Rows};
use crate::context::owner;

/// Checks all lines, also against the facts of their vendors.
///
/// # Errors
/// Fails with one error that lists all problems.
pub(super) fn check(
    rows: Rows,
    config: &Config,
    account: Option<&str>,
    (job, allow_duplicates): (&Job, bool),
) -> Result<Vec<Line>> {
    let Rows { rows, mut complaints } = rows;
    let mut lines: Vec<Line> = Vec::new();
    let mut seen: HashMap<Key, (u64, u32)> = HashMap::new();
    for row in rows {
        let number = row.number;
        let Some((account, mut line)) = line(row, config, account, job, &mut complaints) else { continue };
        if let Err(error) = job.allowed(account.vendor(), &line) {
            let of_code = line.code.is_some() && error.kind() == ErrorKind::AccessCodeRefused;
            let column = of_code.then_some("code");
            let problem = format!("{}; {}", error.message(), error.hint());
            complaints.push(number, column, problem);
        }
        let (first, times) = seen.entry(Key::clone(&line.key)).or_insert((number, 0));
        *times += 1;
        Arc::make_mut(&mut line.key).nth = *times;
        if job.changes() && !allow_duplicates && *times > 1 {
            let problem = format!(
                "is the same as line {first} and would be done twice; remove one, or give --allow-duplicates"
            );
            complaints.push(number, None, problem);
        }
        lines.push(line);
    }
    if lines.is_empty() && complaints.is_empty() {
        complaints.push(1, None, "the file has no line with an envelope; expected at least one");
    }
    if complaints.is_empty() { Ok(lines) } else { Err(complaints.error()) }
}

fn line<'c>(
    mut row: Row,
    config: &'c Config,
    account: Option<&str>,
    job: &Job,
    complaints: &mut Complaints,
) -> Option<(&'c Account, Line)> {
    let before = complaints.count;
    let mut wrong = |column: &'static str, problem: String| complaints.push(row.number, column, problem);
    let envelope = match row.envelope.as_deref().map(|text| (text, owner(config, text))) {
        None => Err("is empty; expected the vendor's id of an envelope".to_owned()),
        Some((text, None)) => EnvelopeId::new(text).map_err(|invalid| said(&invalid)),
        Some((_, Some((owner, id)))) => {
            if row.account.as_deref().is_some_and(|named| named != owner.name()) {
                let problem = "differs from the account in front of the envelope; remove one of them";
                wrong("account", problem.to_owned());
            }
            row.account = Some(owner.name().to_owned());
            id.map_err(|invalid| said(&invalid))
        }
    };
    let found = config.account(row.account.as_deref().or(account));
    let found =
        found.map_err(|error| wrong("account", format!("{}; {}", error.message(), error.hint()))).ok();
    let envelope = envelope.map_err(|problem| wrong("envelope", problem)).ok();
    let recipient = match row.recipient.map(|text| text.parse::<RecipientRef>()) {
        None if job.changes() => {
            Err("is empty; expected a recipient such as `id:2` or `email:a@b.c`".to_owned())
        }
        recipient => recipient.transpose().map_err(|invalid| said(&invalid)),
    };
    let recipient = recipient.map_err(|problem| wrong("recipient", problem)).ok().flatten();
    let code = match (job, row.code) {
        (Job::AccessCode { generate: Some(_), .. }, Some(_)) => {
            Err("is given, but --generate creates one; remove one of them".to_owned())
        }
        (Job::AccessCode { generate: None, .. }, None) => {
            Err("is empty; expected the new code, or --generate to create one".to_owned())
        }
        (Job::AccessCode { .. }, Some(code)) => {
            AccessCode::new(code.expose_secret()).map(Some).map_err(|invalid| said(&invalid))
        }
        _ => Ok(None),
    };
    let code = code.map_err(|problem| wrong("code", problem)).ok().flatten();
    if complaints.count > before {
        return None;
    }
    let (account, envelope) = (found?, envelope?);
    let key = Key {
        account: account.name().to_owned(),
        envelope,
        recipient: recipient.as_ref().map(ToString::to_string),
        nth: 1,
    };
    Some((account, Line { number: row.number, key: Arc::new(key), recipient, code }))
}

/// The error already names the column.
fn said(invalid: &InvalidValue) -> String {
    format!("{}; expected {}", invalid.problem(), invalid.expected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Format;
    use crate::bulk::input;

    const RESEND: Job = Job::Resend { message: None, allow_muted: false, on_behalf_of: None };
    const CODE: Job = Job::AccessCode { notify: false, on_behalf_of: None, generate: None };

    fn config() -> Config {
        let vendor = countersign::vendors()[0].name;
        let variables =
            ["ACME", "BETA"].map(|name| (format!("COUNTERSIGN_ACCOUNTS__{name}__VENDOR"), vendor.to_owned()));
        Config::read(None, variables).expect("two accounts")
    }

    fn checked(text: &str, account: Option<&str>, job: &Job) -> Result<Vec<Line>> {
        check(input::parse(text.as_bytes(), Format::Csv), &config(), account, (job, false))
    }

    fn complaints(text: &str, job: &Job) -> String {
        let error = checked(text, None, job).expect_err("complaints");
        anstream::adapter::strip_str(&crate::render::error::text(&error)).to_string()
    }

    #[test]
    fn the_account_of_the_line_wins_over_the_one_of_the_command() {
        let lines = checked("account,envelope,recipient\n,e,id:1\nbeta,e,id:1\n", Some("acme"), &RESEND)
            .expect("lines");
        let accounts: Vec<&str> = lines.iter().map(|line| line.key.account.as_str()).collect();
        assert_eq!(accounts, ["acme", "beta"]);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_without_codes() {
        let (long, huge) = ("x".repeat(51), "x".repeat(256));
        let text = format!(
            "account,envelope,recipient,code\nacme,,id:1,1234\nnobody,e,anna@example.com,{huge}\n,..,id:2,\nacme,e,,1\nacme,e,id:1,{long}\n"
        );
        let said = complaints(&text, &CODE);
        assert!(!said.contains(&long));
        insta::assert_snapshot!(said);
        let made = Job::AccessCode { notify: false, on_behalf_of: None, generate: Some(8) };
        assert!(
            complaints("account,envelope,recipient,code\nacme,e,id:1,hunter2\n", &made)
                .contains("line 2, code: is given")
        );
        assert!(complaints("envelope\n", &RESEND).contains("at least one"));
    }

    #[test]
    fn a_repeated_line_is_found_in_any_spelling_that_means_the_same() {
        let text = "account,envelope,recipient\nacme,e,phone:+49 301234567\nbeta,e,phone:+49301234567\nacme,e,phone:+49301234567\n";
        let said = complaints(text, &RESEND);
        assert!(said.contains("line 4: is the same as line 2") && !said.contains("line 3"), "{said}");
        let rows = input::parse(text.as_bytes(), Format::Csv);
        let lines = check(rows, &config(), None, (&RESEND, true)).expect("lines");
        assert_eq!(lines.iter().map(|line| line.key.nth).collect::<Vec<_>>(), [1, 1, 2]);
    }

    #[test]
    fn a_list_is_not_capped_and_its_complaints_are() {
        let many: String = (0..70).map(|_| "acme,,\n").collect();
        assert!(
            complaints(&format!("account,envelope,recipient\n{many}"), &RESEND)
                .contains("and so on: 40 more")
        );
    }
}
