//! The database of a gateway goes away at a moment of a call, comes back, and the call is repeated under its key: nothing
//! is mailed twice, and the caller learns what happened.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign::secrecy::SecretString;
use countersign_gateway::{Gateway, serve};
use countersign_postgres::PostgresOptions;
use countersign_sandbox::{NewEnvelope, NewRecipient, Sandbox, Vendor};
use countersign_testkit::servers::{Network, PgServer, Proxy};
use countersign_vault::KeyEncryptionKey;
use tokio::net::TcpListener;

use crate::gateway;
use crate::processes::setup;
use crate::said::{Asked, Caller, End, Kind, Moment, Setup};
use crate::workers::Workers;

/// How long an access to the store may take.
const LIMIT: Duration = Duration::from_millis(500);

/// How often a call is repeated. No key is taken for longer than a lease; a machine that is busy gets more.
const TRIES: usize = 2_000;

/// What happens to the network to the database, and when.
static STRIKE: Mutex<Option<(Moment, Network, Arc<Proxy>)>> = Mutex::new(None);

/// A call has reached this moment.
pub(crate) fn strike(moment: Moment) {
    let mut strike = STRIKE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, network, proxy)) = strike.take_if(|(at, ..)| *at == moment) {
        proxy.set(network);
    }
}

/// How many sizes of a disk are tried, and how many calls with each.
const SIZES: u32 = 6;
const CALLS: usize = 40;

/// A call that mails a signer of a new envelope.
fn mail(sandbox: &Sandbox, key: &str) -> Asked {
    let (vendor, anna) =
        (Vendor::named("docusign").unwrap(), NewRecipient::new("Anna Ek", "anna@example.com"));
    let made = sandbox.world().make_envelope(NewEnvelope::new(vendor, "Lease").with_recipient(anna)).unwrap();
    Asked {
        call: 0,
        vendor: vendor.id().to_owned(),
        envelope: made.id,
        key: key.to_owned(),
        kind: Kind::Resend,
    }
}

/// How a call ended, and how many mails there are.
fn told(end: &End, sandbox: &Sandbox) -> String {
    let end = match end {
        End::Reply(_) => "reply",
        End::Unknown(_) => "unknown",
        End::Again(_) => "again",
        End::Failed(text) => panic!("{text}"),
    };
    format!("{end}, {} mails", sandbox.world().outbox().len())
}

/// Repeats a call until its reply is there. The leases of tests are so short that its outcome counts as unknown until the
/// first process could record it.
async fn repeated(port: u16, caller: &Caller, asked: &Asked) -> End {
    let mut end = None;
    for _ in 0..TRIES {
        end = gateway::ask(port, caller, asked).await;
        match end {
            Some(End::Again(_) | End::Unknown(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            _ => break,
        }
    }
    end.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_at_any_moment_of_a_call_doubles_no_mail() {
    let Some(server) = PgServer::shared() else { return };
    let sandbox = Sandbox::start(countersign_sandbox::Options::new()).await.unwrap();
    let setup = setup(server.database(), true).await;
    let caller = gateway::prepare(&setup, &sandbox).await;
    let proxy = Arc::new(Proxy::start(server.port()));
    let state = PostgresOptions {
        timeout: LIMIT,
        ..PostgresOptions::new(SecretString::from(proxy.url(&setup.store)))
    };
    let gateway = Gateway::open(&gateway::options(state.into(), setup.key, &caller.host)).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, gateway, std::future::pending(), Duration::ZERO, Duration::ZERO));

    let moments = [Moment::BeforeClaim, Moment::Claimed, Moment::Marked, Moment::Answered];
    let mut seen = Vec::new();
    for moment in moments {
        let mut ends = HashSet::new();
        for network in [Network::Cut, Network::LosesRequests, Network::LosesAnswers] {
            let asked = mail(&sandbox, &format!("{moment:?}-{network:?}"));
            sandbox.world().clear_outbox();
            *STRIKE.lock().unwrap() = Some((moment, network, Arc::clone(&proxy)));
            let first = gateway::ask(port, &caller, &asked).await.unwrap();
            let first = told(&first, &sandbox);
            assert!(STRIKE.lock().unwrap().is_none(), "{moment:?} came");
            proxy.set(Network::Works);
            let last = repeated(port, &caller, &asked).await;
            ends.insert(format!("{first}; then {}", told(&last, &sandbox)));
        }
        let mut ends: Vec<String> = ends.into_iter().collect();
        ends.sort();
        seen.push(ends.join(" or "));
    }
    let nothing_sent = "again, 0 mails; then reply, 1 mails";
    let sent = "reply, 1 mails; then reply, 1 mails";
    assert_eq!(seen, [nothing_sent, nothing_sent, sent, sent], "{moments:?}");
}

/// As if SQLite's disk were full: each size of it ends another write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_at_any_moment_of_a_call_doubles_no_mail() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let key = folder.join("key");
    KeyEncryptionKey::read_or_create(&key).unwrap();
    for step in 0..SIZES {
        let sandbox = Sandbox::start(countersign_sandbox::Options::new()).await.unwrap();
        let store = folder.join(format!("{step}.db")).to_str().unwrap().to_owned();
        let setup = Setup::new(store, key.clone());
        let setup = Setup { gateway: Some(gateway::prepare(&setup, &sandbox).await), ..setup };
        let asked: Vec<Asked> = (0..CALLS).map(|number| mail(&sandbox, &format!("k-{number}"))).collect();
        sandbox.world().clear_outbox();
        let full = Workers::start(1, Setup { disk: Some(600 + step * 9), ..setup.clone() });
        let mut ends = Vec::new();
        for one in &asked {
            ends.push(full.ask(0, one.clone()).await.unwrap());
        }
        let refused = ends.iter().filter(|end| matches!(end, End::Again(_))).count();
        assert!((1..CALLS).contains(&refused), "{refused} of {CALLS} calls met a full disk");
        drop(full);

        let repaired = Workers::start(1, setup);
        let outbox = || sandbox.world().outbox();
        for (one, earlier) in asked.iter().zip(&ends) {
            let mut last = End::Again(String::new());
            while matches!(last, End::Again(_)) {
                last = repaired.ask(0, one.clone()).await.unwrap();
            }
            let mails = outbox().iter().filter(|mail| mail.envelope == one.envelope).count();
            match (earlier, &last, mails) {
                (End::Reply(earlier), End::Reply(later), 1) => assert_eq!(earlier, later),
                // The reply could not be recorded.
                (End::Reply(_), End::Unknown(_), 1) | (End::Again(_), End::Reply(_), 1) => {}
                other => panic!("{one:?}: {other:?}"),
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
