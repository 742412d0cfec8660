//! What `--help` says beyond the options: examples, which a test parses, and what vendors do differently, which is
//! taken from their capabilities.

use countersign::{Feature, Support, vendors};

use crate::exit;

pub(super) const ABOUT: &str = "\
One interface over e-signature vendors. Four operations work at every vendor: list the recipients of an envelope, make \
a signing link, resend the request to sign, change an access code.

`countersign demo` shows all of them in a few seconds and needs no account. `countersign sandbox` plays the vendors on \
this machine for trying things out. For real accounts write a countersign.toml; `countersign accounts --check` tells \
whether it works.";

pub(super) const START: &str = "\
Examples:
  countersign demo
  countersign recipients 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign view 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001 --recipient email:anna@example.com \\
      --return-url https://app.example.com/signed
  countersign explain recipient-locked";

pub(super) const RECIPIENTS: &str = "\
Examples:
  countersign recipients 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign --account acme --json recipients 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign recipients acme:5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign recipients --from envelopes.csv --lists-to lists.jsonl";

const MANY: &str = "

With --from FILE it is done for each line of a file. Its columns, or the members of its JSON objects, are account \
(where it is empty: --account, or the default), envelope, recipient and, for codes, code. All lines are checked before \
anything is sent. What becomes of each is recorded in the results file, with envelope, recipient as given, outcome, \
kind of error and request id, but no names. Ctrl-C lets what is under way finish and begins nothing more. The same \
command then goes on: what is done is not done again; what may have happened (an answer that was lost, a crash in the \
middle of a call) is left alone unless --retry-unknown is given; what failed without effect is tried again if the \
error said that it may be. So a new round of reminders needs another results file. The exit code is the highest of \
those that the lines came to: 0 only if every line is done.";

pub(super) fn recipients_about() -> String {
    format!(
        "Who is on an envelope, and how far they are.{MANY}\n\nFor lists the results file has the counts of each \
         status, and the status of the recipient that the line names; the lists themselves go to the file of --lists-to."
    )
}

pub(super) const VIEW_ABOUT: &str = "\
Make a link under which one recipient signs.

The link alone goes to stdout, what is known of its life to stderr. It is a secret: whoever has it can open the \
documents. Vendors differ in how long it lives, whether it works once only, and whether any recipient can have one or \
only those who sign within your application (see below).";

pub(super) const VIEW: &str = "\
Examples:
  countersign view 5e29dc8d --recipient id:2 --return-url https://app.example.com/signed
  countersign view 5e29dc8d --recipient id:2 --return-url https://app.example.com/ | xargs open
  countersign view 5e29dc8d --recipient 'email:anna@example.com#2' --expires-in 2d \\
      --return-url https://app.example.com/signed
  countersign view 5e29dc8d --recipient client:77 --authentication-method sso \\
      --return-url https://app.example.com/signed";

const RESEND_ABOUT: &str = "\
Send the request to sign once more, to one recipient or to everybody who is due.

The answer says for each recipient whether a mail is to be expected, and if not, why: a vendor that knows embedded \
recipients mails none of them, and still takes the call, since it gives a locked signer new attempts. Others mail \
even when the envelope's mails are switched off, so that needs --allow-muted. After a timeout the mail may have gone \
out: nothing is repeated, and the exit code is 9.";

pub(super) fn resend_about() -> String {
    format!("{RESEND_ABOUT}{MANY}")
}

pub(super) const RESEND: &str = "\
Examples:
  countersign resend 5e29dc8d --recipient id:2
  countersign resend 5e29dc8d --recipient email:anna@example.com --message 'Please sign by Friday'
  countersign resend 5e29dc8d --everyone
  countersign resend 5e29dc8d --recipient id:2 --allow-muted
  countersign resend --from envelopes.csv
  countersign resend --from late.jsonl --results tuesday.jsonl --concurrency 2 --max-wait 10m
  countersign resend --from - --format csv --results tuesday.jsonl < envelopes.csv";

const CODE_ABOUT: &str = "\
Give a recipient another access code.

The code is read from standard input or from a variable, or made here; never from an argument, since every process on \
the machine can read those. No vendor tells the new code to the signer: you have to. At some vendors a new code \
unlocks a signer who typed wrong ones, at others only a resend does (--notify does both).";

pub(super) fn code_about() -> String {
    format!(
        "{CODE_ABOUT}{MANY}\n\nWith --from the codes are read from the file's column code, or made with --generate and \
         written to the file of --codes-to, before each is set and again when it is known whether it was (\"set\": true)."
    )
}

pub(super) const CODE: &str = "\
Examples:
  countersign access-code 5e29dc8d --recipient id:2 --generate 8
  countersign access-code 5e29dc8d --recipient id:2 --generate 8 --notify
  countersign access-code 5e29dc8d --recipient email:anna@example.com --code-stdin < code.txt
  countersign access-code 5e29dc8d --recipient client:77 --code-env NEW_CODE
  countersign access-code --from locked.csv --generate 8 --codes-to codes.jsonl --notify
  countersign access-code --from envelopes-with-codes.csv";

pub(super) const VENDORS: &str = "\
Examples:
  countersign vendors
  countersign vendors --json
  countersign vendors --markdown";

pub(super) const EXPLAIN: &str = "\
Examples:
  countersign explain
  countersign explain recipient_locked
  countersign explain UNKNOWN_ENVELOPE_RECIPIENT
  countersign explain 'invalid document id'
  countersign explain 429";

pub(super) const ACCOUNTS: &str = "\
Examples:
  countersign accounts
  countersign accounts --check
  countersign --config ./sandbox.toml accounts --check
  countersign -v --trace-http ticket.jsonl accounts --check

A configuration looks like this; every key can also be a variable, such as COUNTERSIGN_ACCOUNTS__ACME__AUTH__TOKEN,
and every secret can stand in a file of its own (`..._file`):

  default_account = \"acme\"
  [accounts.acme]
  vendor = \"...\"           # see `countersign vendors`
  auth = { kind = \"...\" }   # the error for a missing key says what the vendor needs";

pub(super) const SANDBOX_ABOUT: &str = "\
Play the vendors on this machine, to try everything without an account.

It runs until Ctrl-C. One envelope is waiting at each vendor; ids, recipients and commands that work as they stand are \
printed, and so are the addresses of a console, which shows and moves everything, and of everybody's inbox. Keys are \
made anew at every start, so the configuration has to be written anew as well (--write-config FILE --force).";

pub(super) const SANDBOX: &str = "\
Examples:
  countersign sandbox
  countersign sandbox --port 8700 --write-config sandbox.toml
  countersign sandbox --port 8700 --write-config sandbox.toml --force
  countersign sandbox --webhook http://127.0.0.1:8800/ --webhook-secret-file hook.secret";

pub(super) const DEMO_ABOUT: &str = "\
Play the main job at the sandbox's vendors and check every step.

Two people have to sign, in order, each with an access code. The first signs. The second types three wrong codes and \
is locked; a signing link is refused, with the way out; a new code and a resend unlock; the second signs; the first \
was never asked again. The same code plays it at every vendor; only the configuration differs. Each check is computed \
from the replies, the envelope and the outbox. The exit code is 1 if a step differs from what it must be.";

pub(super) const DEMO: &str = "\
Examples:
  countersign demo
  countersign demo --json";

pub(super) const COMPLETIONS: &str = "\
Examples:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign
  countersign completions zsh > ~/.zfunc/_countersign
  countersign completions fish > ~/.config/fish/completions/countersign.fish";

pub(super) const MAN: &str = "\
Examples:
  countersign man | man -l -
  countersign man --out ~/.local/share/man/man1";

pub(super) fn start_long() -> String {
    format!("{START}\n\n{}", exit::documentation())
}

pub(super) fn recipients() -> String {
    with_vendors(RECIPIENTS, &[Feature::ListRecipients])
}

pub(super) fn view() -> String {
    use Feature::{CreateView, ViewExpiry, ViewReturnOutcome};
    with_vendors(VIEW, &[CreateView, ViewExpiry, ViewReturnOutcome])
}

pub(super) fn resend() -> String {
    use Feature::{ResendEveryone, ResendMessage, ResendOne, Unlock};
    with_vendors(RESEND, &[ResendOne, ResendEveryone, ResendMessage, Unlock])
}

pub(super) fn access_code() -> String {
    use Feature::{AccessCodeNotify, ChangeAccessCode, Unlock};
    with_vendors(CODE, &[ChangeAccessCode, AccessCodeNotify, Unlock])
}

/// The examples, then what each vendor does differently.
fn with_vendors(examples: &str, features: &[Feature]) -> String {
    let mut text = format!("{examples}\n\nWhat vendors do differently:");
    for vendor in vendors() {
        for row in vendor.capabilities.iter().filter(|row| features.contains(&row.feature)) {
            let support = match row.support {
                Support::Native => "",
                Support::Emulated => "in several calls; ",
                Support::Impossible => "impossible; ",
            };
            let sentence = format!("{support}{}", row.conditions);
            if !sentence.is_empty() {
                let sentence = sentence.trim_end_matches("; ");
                text.push_str(&format!("\n  {}, {}: {sentence}", vendor.name, row.feature.title()));
            }
        }
    }
    text
}
