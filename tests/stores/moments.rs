//! A process dies at each moment of each operation, at each vendor; then another one makes the same call under the same
//! key. The table in the book is the result.

use std::path::Path;
use std::time::Duration;

use countersign_testkit::keep_block;
use countersign_tests::effects::{Prepared, Step, look};
use countersign_tests::{Stage, stages};
use countersign_vault::KeyEncryptionKey;

use crate::said::{Asked, End, Kind, Moment, Setup};
use crate::workers::Workers;

const KINDS: [(Kind, &str); 5] = [
    (Kind::List, "list"),
    (Kind::View, "make a link"),
    (Kind::Code, "set a code"),
    (Kind::Resend, "send a message"),
    (Kind::CodeAndResend, "set a code and send it"),
];

const MOMENTS: [(Moment, &str); 8] = [
    (Moment::BeforeClaim, "before it claims its key"),
    (Moment::Claimed, "after its claim"),
    (Moment::BeforeMark, "after it has read the recipients"),
    (Moment::Marked, "after its mark, before its request"),
    (Moment::BetweenSteps, "between the code and the message"),
    (Moment::Sent, "after its request, before the answer"),
    (Moment::Answered, "after the answer, before it is recorded"),
    (Moment::Completed, "after it is recorded, before the caller has it"),
];

/// No call waits for longer than a lease; a machine that is busy gets more.
const TRIES: usize = 20;

/// The results of a vendor's cells, in the order of the moments and the operations.
async fn cells(stage: Stage) -> Vec<Option<String>> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("moments-{}-{}", stage.name, std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (store, key) = (folder.join("state.db").to_str().unwrap().to_owned(), folder.join("key"));
    KeyEncryptionKey::read_or_create(&key).unwrap();
    let variables = stage.sandbox.settings();
    let lease = Duration::from_millis(300);
    let setup = Setup { variables, lease, ..Setup::new(store, key) };
    let next = Workers::start(1, setup.clone());
    let mut cells = Vec::new();
    for (moment, _) in MOMENTS {
        for (kind, _) in KINDS {
            let Some(last) = kind.last_step(stage.name) else {
                cells.push(None);
                continue;
            };
            let dying = Workers::start(1, Setup { dies: Some((moment, kind)), ..setup.clone() });
            cells.push(Some(cell(&stage, (moment, kind), last, [&dying, &next]).await));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    cells
}

/// What the next call gets, and what happened at the vendor in all; `-` if the call has no such moment.
async fn cell(
    stage: &Stage,
    (moment, kind): (Moment, Kind),
    last: Step,
    [dying, next]: [&Workers; 2],
) -> String {
    let prepared = Prepared::new(kind.job(), stage).await.unwrap();
    let (envelope, vendor) = (prepared.envelope.as_str().to_owned(), stage.name.to_owned());
    let asked = Asked { call: 0, vendor, envelope, key: format!("{moment:?}-{kind:?}"), kind };
    stage.world.clear_calls();
    let sent = || {
        let calls = stage.world.calls();
        calls.iter().filter(|call| call.method == last.method && call.path.contains(last.path)).count()
    };
    if dying.ask(0, asked.clone()).await.is_some() {
        return "-".to_owned();
    }
    let before = sent();
    let mut end = None;
    for _ in 0..TRIES {
        end = next.ask(0, asked.clone()).await;
        if !matches!(end, Some(End::Again(_))) {
            break;
        }
    }
    let seen = look(&stage.world, &prepared);
    let what = match (end.expect("an answer"), before, sent() - before) {
        (End::Unknown(_), _, 0) => "unknown",
        (End::Reply(_), 0, 1) => "made",
        (End::Reply(_), 1, 1) => "made again",
        (End::Reply(_), 1, 0) => "recorded",
        other => panic!("{asked:?}: {other:?}"),
    };
    match (kind, seen.nothing()) {
        (Kind::List, _) => what.to_owned(),
        (_, true) => format!("{what} (nothing)"),
        _ => format!("{what} ({seen})"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_shows_what_follows_a_death_at_each_moment() {
    let vendors: Vec<_> = stages()
        .await
        .unwrap()
        .into_iter()
        .map(|stage| (stage.vendor.name(), tokio::spawn(cells(stage))))
        .collect();
    let mut columns = Vec::new();
    for (vendor, cells) in vendors {
        columns.push((vendor, cells.await.unwrap()));
    }
    let heads: Vec<&str> = KINDS.iter().map(|(_, head)| *head).collect();
    let mut table =
        format!("| a process dies | {} |\n|{}\n", heads.join(" | "), " --- |".repeat(KINDS.len() + 1));
    for (row, (_, moment)) in MOMENTS.iter().enumerate() {
        let cells: Vec<String> =
            (0..KINDS.len()).map(|column| joined(&columns, row * KINDS.len() + column)).collect();
        table += &format!("| {moment} | {} |\n", cells.join(" | "));
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/src/guarantees.md");
    keep_block(&page, "deaths", &table).unwrap();
}

/// One text for all vendors that offer the call, or one for each.
fn joined(columns: &[(&str, Vec<Option<String>>)], cell: usize) -> String {
    let offering = || columns.iter().filter_map(|(vendor, cells)| Some((vendor, cells[cell].as_ref()?)));
    let (_, first) = offering().next().unwrap();
    if offering().all(|(_, text)| text == first) {
        return first.clone();
    }
    let each: Vec<String> = offering().map(|(vendor, text)| format!("{vendor}: {text}")).collect();
    each.join("; ")
}
