//! Help texts in addition to the options: examples, which a test parses, and the differences between vendors, which
//! come from their capabilities.

use countersign::provider::{Feature, Support};
use countersign::vendors;

use crate::exit;

pub(super) const ABOUT: &str = "\
One interface over e-signature vendors. Four operations work at every vendor: list an envelope's recipients, create \
a signing link, resend the signing request, and change an access code.

`countersign demo` shows all four in a few seconds and needs no account. `countersign sandbox` simulates the vendors \
on this machine. To use real accounts, write a countersign.toml; `countersign accounts --check` tests it.";

pub(super) const START: &str = "\
Examples:
  countersign demo
  countersign recipients 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign view 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001 --recipient email:anna@example.com \\
      --return-url https://app.example.com/signed
  countersign unlock 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001 --recipient id:2 --generate 8
  countersign explain recipient-locked";

pub(super) const RECIPIENTS: &str = "\
Examples:
  countersign recipients 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign --account acme --json recipients 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign recipients acme:5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001
  countersign recipients --from envelopes.csv --lists-to lists.jsonl";

const MANY: &str = "

With --from FILE, the command runs once for each line of a file. Its columns, or the members of its JSON objects, \
are account (if empty: --account, or the default account), envelope, recipient and, for codes, code. All lines are \
checked before anything is sent. The results file records the outcome of each line: the envelope, the recipient as \
given, the outcome, the kind of error and the request id, but no names. Ctrl-C finishes the calls in progress and \
starts no more. Running the same command again continues: completed lines are not repeated; lines whose outcome is \
unknown (a lost answer, a crash during a call) are skipped unless --retry-unknown is given; lines that failed \
without effect are retried if the error allows it. A new round of reminders therefore needs a new results file. The \
exit code is the highest one of all lines: 0 only if every line is done.";

pub(super) fn recipients_about() -> String {
    format!(
        "List an envelope's recipients and their status.{MANY}\n\nFor lists, the results file holds the count of \
         each status and the status of the recipient that the line names; --lists-to saves the lists themselves."
    )
}

pub(super) const VIEW_ABOUT: &str = "\
Create a signing link for one recipient.

Only the link is printed to stdout; its lifetime, if known, is printed to stderr. The link is a secret: anyone who \
has it can open the documents. Vendors differ in how long a link lives, whether it works only once, and whether \
every recipient can have one or only those who sign within your application (see below).";

pub(super) const VIEW: &str = "\
Examples:
  countersign view 5e29dc8d --recipient id:2 --return-url https://app.example.com/signed
  countersign view 5e29dc8d --recipient id:2 --return-url https://app.example.com/ | xargs open
  countersign view 5e29dc8d --recipient 'email:anna@example.com#2' --expires-in 2d \\
      --return-url https://app.example.com/signed
  countersign view 5e29dc8d --recipient client:77 --authentication-method sso \\
      --return-url https://app.example.com/signed";

const RESEND_ABOUT: &str = "\
Resend the signing request to one recipient, or to every recipient whose turn it is.

For each recipient, the reply states whether to expect a mail and, if not, why. Vendors that support embedded \
signing send no mail to embedded recipients, but still accept the call because it gives a locked signer new \
attempts. Other vendors send mail even if the envelope's mails are switched off; this requires --allow-muted. After \
a timeout the mail may have been sent: nothing is retried, and the exit code is 9.";

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
Change a recipient's access code.

The code is read from standard input or an environment variable, or generated. It is never an argument, because \
every process on the machine can read arguments. The vendor does not send the new code to the signer unless the \
envelope was created that way; the reply says which. At some vendors a new code unlocks a signer who entered wrong \
codes; at others only a resend does (--notify does both).";

pub(super) fn code_about() -> String {
    format!(
        "{CODE_ABOUT}{MANY}\n\nWith --from, codes are read from the file's column code, or generated with \
         --generate and written to the file of --codes-to: before each code is set, and again when the outcome \
         is known (\"set\": true)."
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

pub(super) const UNLOCK_ABOUT: &str = "\
Give new attempts to a signer who entered wrong access codes, in the fewest steps that the vendor allows.

If the vendor unlocks with a resend, the signing request is resent; with a code option the signer also gets a new \
code. If the vendor unlocks only with a new access code, a code option is required. The recipients are read first; \
if the signer is not locked, nothing is sent. If the signer failed another check than the access code, the command \
fails and names the vendor's remedy.";

pub(super) const UNLOCK: &str = "\
Examples:
  countersign unlock 5e29dc8d --recipient id:2
  countersign unlock 5e29dc8d --recipient email:anna@example.com --generate 8
  countersign unlock acme:5e29dc8d --recipient id:2 --code-stdin < code.txt
  countersign unlock 5e29dc8d --recipient id:2 --key ticket-4711";

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
  countersign explain 429
  countersign --account acme explain recipient_locked";

pub(super) const ACCOUNTS: &str = "\
Examples:
countersign accounts
countersign accounts --check
countersign --config ./sandbox.toml accounts --check
countersign -v --trace-http ticket.jsonl accounts --check

This is an example configuration. Every key can also be a variable, such as COUNTERSIGN_ACCOUNTS__ACME__AUTH__TOKEN,
and every secret can be in its own file (`..._file`):

default_account = \"acme\"
[accounts.acme]
vendor = \"...\"           # see `countersign vendors`
auth = { kind = \"...\" }   # the error for a missing key says what the vendor needs";

pub(super) const SANDBOX_ABOUT: &str = "\
Simulate the vendors on this machine, to try everything without an account.

The sandbox runs until Ctrl-C. It creates one envelope at each vendor and prints the ids, the recipients and \
ready-to-run commands, the address of a console that shows and controls everything, and the address of an inbox with \
all mails. Every start creates new keys, so write the configuration again as well (--write-config FILE --force).";

pub(super) const SANDBOX: &str = "\
Examples:
  countersign sandbox
  countersign sandbox --port 8700 --write-config sandbox.toml
  countersign sandbox --port 8700 --write-config sandbox.toml --force
  countersign sandbox --webhook http://127.0.0.1:8800/ --webhook-secret-file hook.secret";

pub(super) const SANDBOX_ENVELOPE: &str = "\
Examples:
  countersign sandbox envelope --url http://127.0.0.1:8700 --vendor docusign
  countersign sandbox envelope --url http://127.0.0.1:8700 --vendor boldsign --lock --json";

pub(super) const DEMO_ABOUT: &str = "\
Run a complete signing scenario at the sandbox's vendors and check every step.

Two recipients sign in order, each with an access code. The first signs. The second enters three wrong codes and is \
locked; a signing link is refused, with a hint; a new code and a resend unlock the signer; the second signs; the \
first was never asked again. The same code runs at every vendor; only the configuration differs. Each check uses the \
replies, the envelope and the outbox. The exit code is 1 if a step fails.";

pub(super) const DEMO: &str = "\
Examples:
  countersign demo
  countersign demo --json";

pub(super) const COMPLETIONS: &str = "\
Examples:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign
  countersign completions bash --dynamic > ~/.local/share/bash-completion/completions/countersign
  countersign completions zsh > ~/.zfunc/_countersign
  countersign completions fish > ~/.config/fish/completions/countersign.fish";

pub(super) const MAN: &str = "\
Examples:
  countersign man | man -l -
  countersign man --out ~/.local/share/man/man1";

pub(super) const SCHEMA: &str = "\
Examples:
  countersign schema recipients
  countersign schema migrate check
  countersign schema > countersign.schema.json";

pub(super) fn start_long() -> String {
    format!("{START}\n\n{}", exit::documentation())
}

/// The examples, followed by the differences between vendors.
pub(super) fn with_vendors(examples: &str, features: &[Feature]) -> String {
    let mut text = format!("{examples}\n\nDifferences between vendors:");
    for vendor in vendors() {
        for row in vendor.facts.capabilities.iter().filter(|row| features.contains(&row.feature)) {
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
