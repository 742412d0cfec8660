//! Whether what was said is true of what happened.

use countersign::{Error, MailExpectation, Outcome, RecipientRef, Retry};
use countersign_sandbox::{Act, ActOutcome, Secret, World};

use super::job::{ANNA, Done, Job, Prepared};
use super::seen::{Code, Seen};

/// The result of making the call once more, where the error had said that it may be made again.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// What the second call failed with.
    pub failure: Option<Error>,
    /// Mails of both calls together.
    pub mails: usize,
}

/// What is wrong; empty when all is well.
#[must_use]
pub fn judge(
    job: Job,
    prepared: &Prepared,
    world: &World,
    result: &Result<Done, Error>,
    seen: Seen,
    repeated: Option<&Repeated>,
) -> Vec<String> {
    let mut wrong = never(job, seen);
    match result {
        Ok(done) => wrong.extend(success(job, prepared, world, done, seen)),
        Err(error) => wrong.extend(failure(job, error, seen)),
    }
    if let Some(repeated) = repeated {
        if repeated.mails > 1 {
            wrong.push(format!("repeated as allowed, and {} mails went out", repeated.mails));
        }
        if let Some(failure) = &repeated.failure {
            wrong.push(format!("repeated as allowed, and it failed: {failure}"));
        }
    }
    wrong
}

/// What must not happen, whatever is said.
fn never(job: Job, seen: Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    if seen.mails > usize::from(job.mails()) {
        wrong.push(format!("{} mails went out", seen.mails));
    }
    if seen.links > 0 && !job.makes_link() {
        wrong.push("a link was made".to_owned());
    }
    if seen.code == Code::Neither || (seen.code == Code::New && !job.sets_code()) {
        wrong.push(format!("the access code: {:?}", seen.code));
    }
    wrong
}

fn failure(job: Job, error: &Error, seen: Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    if error.outcome() != Outcome::Unknown && !seen.nothing() {
        wrong.push(format!("{:?} was said, but: {seen}", error.outcome()));
    }
    if job.mails() && error.outcome() == Outcome::Unknown && error.retry() != Retry::Never && seen.mails > 0 {
        wrong.push("a mail that has gone out is offered for repetition".to_owned());
    }
    wrong
}

fn success(job: Job, prepared: &Prepared, world: &World, done: &Done, seen: Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, else_: &str| {
        if !holds {
            wrong.push(format!("success was said, but {else_} ({seen})"));
        }
    };
    match done {
        Done::Listed(list) => {
            let anna = format!("email:{ANNA}").parse::<RecipientRef>();
            let found = anna.is_ok_and(|anna| anna.find(list).is_ok());
            must(found && list.recipients.len() == 2, "the list is not the envelope's");
        }
        Done::Viewed(view) => {
            let url = Secret::new(view.link.expose());
            let opened = world.act(prepared.envelope.as_str(), ANNA, Act::OpenLink { url });
            must(opened.is_ok_and(|opened| opened.outcome == ActOutcome::Done), "the link does not open");
        }
        Done::Resent(resent) => {
            let told: Vec<&MailExpectation> = resent.to.iter().map(|one| &one.mail).collect();
            must(fits(&told, seen.mails), "not the mails that were promised");
        }
        Done::Changed(changed) => {
            must(seen.code == Code::New, "the code is not the new one");
            must(fits(&[&changed.mail], seen.mails), "not the mails that were promised");
            must(job.sets_code(), "it was not asked for");
        }
    }
    wrong
}

/// Whether so many mails are what was promised. Where it was said that this is not known, one may or may not go.
fn fits(told: &[&MailExpectation], mails: usize) -> bool {
    let promised = told.iter().filter(|mail| mail.is_expected()).count();
    let open = told.iter().filter(|mail| ***mail == MailExpectation::Unknown).count();
    (promised..=promised + open).contains(&mails)
}
