//! Servers that misbehave, on real sockets: every call ends within its limit, says what is true, and mails are asked
//! for once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::provider::{Descriptor, Effect};
use countersign::transport::{HttpTransport, Limits};
use countersign::{Client, Error, ErrorKind, Outcome, Retry, RetryPolicy};
use countersign_testkit::{BadServer, Habit};
use countersign_tests::effects::{Done, Job, Prepared};
use countersign_tests::{Stage, Stub, stages};

/// The jobs whose first request is the one that counts.
const JOBS: [Job; 4] = [Job::List, Job::ViewKnown, Job::ResendKnown, Job::CodeKnown];
/// What the body of an answer may have at most.
const MOST: usize = 256 * 1024;
/// The limit of calls that only a limit ends, on the first try.
const SHORT: Duration = Duration::from_millis(100);
/// The limit of the others: enough for a busy machine.
const LONG: Duration = Duration::from_secs(10);

/// What the first request of a job does that is not for signing in: the one that the bad server meets.
fn first(stage: &Stage, job: Job) -> Effect {
    let steps = job.steps(stage.name);
    steps.iter().find(|step| step.name != "sign in").expect("a step").effect
}

/// A client of this vendor whose API is the bad server.
fn client(vendor: &Descriptor, server: &BadServer, limit: Duration) -> Client {
    let provider = Stub::of(vendor).unwrap().provider(vendor, server.url()).unwrap();
    let limits = Limits::default().with_timeout(limit).with_max_body(MOST);
    // Calls are repeated as usual; pauses in real time show nothing.
    let retry = RetryPolicy { base: Duration::ZERO, ..RetryPolicy::default() };
    Client::builder(provider)
        .transport(Arc::new(HttpTransport::default()))
        .limits(limits)
        .retry(retry)
        .build()
}

/// What becomes of a job at a server with this habit; every call ends in time.
async fn at(
    vendor: &Descriptor,
    job: Job,
    prepared: &Prepared,
    habit: Habit,
) -> (Result<Done, Error>, usize) {
    let slow = matches!(habit, Habit::NeverAnswers | Habit::Drips(..));
    let mut limit = if slow { SHORT } else { LONG };
    loop {
        let server = BadServer::start([habit.clone()]).await.unwrap();
        let client = client(vendor, &server, limit);
        let start = Instant::now();
        let result = prepared.call(job, &client).await;
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{} {job:?}: {took:?}", vendor.name);
        // On a busy machine a short limit may end before the server has the request.
        if server.requests() > 0 || limit >= LONG {
            return (result, server.requests());
        }
        limit *= 2;
    }
}

fn habits() -> Vec<(Habit, ErrorKind)> {
    use ErrorKind::{InvalidResponse, Timeout, Unavailable};
    let json = bytes::Bytes::from_static(b"{\"signers\": [], \"carbonCopies\": [], \"agents\": []}");
    vec![
        (Habit::NeverAnswers, Timeout),
        (Habit::Drips(json.clone(), Duration::from_secs(1)), Timeout),
        (Habit::CutsBody(json.clone()), Unavailable),
        (Habit::CutsJson(json), InvalidResponse),
        (Habit::ClosesMidHeader, Unavailable),
        (Habit::Closes, Unavailable),
        (Habit::BadGateway, Unavailable),
        (Habit::Html, InvalidResponse),
        (Habit::Utf16("{\"signers\": []}".to_owned()), InvalidResponse),
        (Habit::Large(100 * 1024 * 1024), InvalidResponse),
        (Habit::GzipBomb(4 * 1024 * 1024), InvalidResponse),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_call_ends_in_time_and_tells_the_truth() {
    for stage in stages().await.unwrap() {
        for job in JOBS.into_iter().filter(|job| !job.steps(stage.name).is_empty()) {
            let prepared = Prepared::new(job, &stage).await.unwrap();
            let effect = first(&stage, job);
            for (habit, kind) in habits() {
                let (result, requests) = at(stage.account.vendor(), job, &prepared, habit.clone()).await;
                let name = format!("{} {job:?} {}", stage.name, short(&habit));
                let error = result.expect_err(&name);
                assert_eq!(error.kind(), kind, "{name}: {error}");
                let outcome = if effect == Effect::Read { Outcome::NoEffect } else { Outcome::Unknown };
                assert_eq!(error.outcome(), outcome, "{name}: {error}");
                if effect == Effect::Notifies {
                    assert_eq!((error.retry(), requests), (Retry::Never, 1), "{name}: {error}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_was_refused_for_a_while_is_told_how_long_and_then_served() {
    for stage in stages().await.unwrap() {
        for job in JOBS.into_iter().filter(|job| !job.steps(stage.name).is_empty()) {
            let prepared = Prepared::new(job, &stage).await.unwrap();
            let (result, _) = at(stage.account.vendor(), job, &prepared, Habit::TooMany(Some(3_600))).await;
            let error = result.expect_err("a refusal");
            let reads = first(&stage, job) == Effect::Read;
            let outcome = if reads { Outcome::NoEffect } else { Outcome::Refused };
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, outcome), "{error}");
            assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(3_600))), "{error}");
        }
        let vendor = stage.account.vendor();
        let list = Habit::Answers(200, "application/json", Stub::of(vendor).unwrap().list.into());
        let server = BadServer::start([Habit::TooMany(Some(0)), list]).await.unwrap();
        let client = client(vendor, &server, LONG);
        let prepared = Prepared::new(Job::List, &stage).await.unwrap();
        // A client that repeats by itself is served at once, one that does not when it is called again.
        let first = prepared.call(Job::List, &client).await;
        assert!(first.as_ref().map_or_else(|error| error.kind() == ErrorKind::RateLimited, |_| true));
        prepared.call(Job::List, &client).await.unwrap();
    }
}

/// The habit without its body.
fn short(habit: &Habit) -> String {
    format!("{habit:?}").chars().take(24).collect()
}
