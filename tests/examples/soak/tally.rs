//! What was told, against what is in the outbox.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use countersign::ErrorKind;

use super::control::MailSeen;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Success,
    NoEffect,
    Refused,
    Unknown,
    /// The caller left before it was over.
    Left,
    /// It did not end.
    Hung,
}

const ENDINGS: [Ending; 6] =
    [Ending::Success, Ending::NoEffect, Ending::Refused, Ending::Unknown, Ending::Left, Ending::Hung];

/// What one call told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) vendor: &'static str,
    pub(crate) name: &'static str,
    pub(crate) envelope: String,
    pub(crate) ending: Ending,
    /// The kind of its error.
    pub(crate) kind: Option<ErrorKind>,
    /// Mails that were promised.
    pub(crate) sure: usize,
    /// Mails that may have gone out besides.
    pub(crate) perhaps: usize,
}

/// All calls of the run, and the mails of the present epoch.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    endings: BTreeMap<(&'static str, &'static str, Ending), usize>,
    kinds: BTreeMap<(&'static str, &'static str), usize>,
    /// Promised and possible mails by envelope, in this epoch.
    open: HashMap<String, (usize, usize)>,
    promised: usize,
    possible: usize,
    seen: usize,
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, told: Vec<Told>) {
        for one in told {
            if one.ending == Ending::Hung {
                self.wrong.push(format!("{} {} hung", one.vendor, one.name));
            }
            *self.endings.entry((one.vendor, one.name, one.ending)).or_default() += 1;
            if let Some(kind) = one.kind {
                *self.kinds.entry((one.vendor, kind.as_str())).or_default() += 1;
            }
            let open = self.open.entry(one.envelope).or_default();
            open.0 += one.sure;
            open.1 += one.perhaps;
        }
    }

    /// Compares what was told in this epoch with its mails. The first mail of an envelope is no resend.
    pub(crate) fn settle(&mut self, outbox: &[MailSeen]) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for mail in outbox.iter().filter(|mail| mail.kind != "request") {
            *seen.entry(&mail.envelope).or_default() += 1;
            self.seen += 1;
        }
        for (envelope, (sure, perhaps)) in self.open.drain() {
            self.promised += sure;
            self.possible += perhaps;
            let mails = seen.remove(envelope.as_str()).unwrap_or(0);
            if mails < sure {
                self.wrong.push(format!("{envelope}: {sure} mails promised, {mails} sent: lost"));
            }
            if mails > sure + perhaps {
                self.wrong.push(format!(
                    "{envelope}: {sure} to {} mails told, {mails} sent: doubled",
                    sure + perhaps
                ));
            }
        }
        for envelope in seen.into_keys() {
            self.wrong.push(format!("{envelope}: a mail of an envelope of which nothing was told"));
        }
    }

    /// Prints the summary; whether all is right.
    pub(crate) fn report(&self, took: Duration) -> bool {
        let calls: usize = self.endings.values().sum();
        println!(
            "\n{calls} calls, {:.0} per second",
            f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) / took.as_secs_f64()
        );
        println!("vendor    operation       success  no effect    refused    unknown       left       hung");
        let mut rows: Vec<(&str, &str)> =
            self.endings.keys().map(|(vendor, name, _)| (*vendor, *name)).collect();
        rows.dedup();
        for (vendor, name) in rows {
            let counts = ENDINGS.map(|ending| {
                format!("{:10}", self.endings.get(&(vendor, name, ending)).copied().unwrap_or(0))
            });
            println!("{vendor:9} {name:13} {}", counts.join(" "));
        }
        let kinds: Vec<String> =
            self.kinds.iter().map(|((vendor, kind), count)| format!("{vendor} {kind} {count}")).collect();
        println!("\nerrors: {}", kinds.join(", "));
        println!(
            "mails: {} promised, {} more possible after unknown outcomes and calls left; {} sent",
            self.promised, self.possible, self.seen
        );
        for wrong in self.wrong.iter().take(20) {
            println!("WRONG: {wrong}");
        }
        println!("{} wrong", self.wrong.len());
        self.wrong.is_empty()
    }
}
