//! Every refusal of which a fixture is kept, played through the operation in which it comes.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::sync::Arc;

use common::{
    answer, change, code, document, error_forms, folder, known, list, resend, return_url, script, view,
};
use countersign_boldsign::DESCRIPTOR;
use countersign_core::{ChangeAccessCode, CreateView, Error, Operation, Provider, ResendRecipient};
use countersign_testkit::{Fixture, Script};

/// Plays a refusal to a call on a known recipient. A 403 makes the adapter read the document, which is shown to it,
/// except where the refusal itself says that it is not.
async fn play(fixture: &Fixture) -> Error {
    let operation = operation(fixture);
    let played: Arc<Script> = script(std::slice::from_ref(fixture));
    if fixture.status == 403 && operation != Operation::ListRecipients {
        let not_shown = operation == Operation::CreateView;
        played.fixture(&if not_shown { fixture.clone() } else { answer("properties_in_order") });
    }
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let error = match operation {
        Operation::SignIn => {
            let cx = played.context(operation, &common::clock());
            common::application().check_access(&cx).await.expect_err("a refusal")
        }
        Operation::ListRecipients => list(&played).await.expect_err("a refusal"),
        Operation::CreateView => {
            let request = CreateView::new(document(), ben, return_url());
            view(&played, &request).await.expect_err("a refusal")
        }
        Operation::ResendRecipient => {
            let request = ResendRecipient::new(document(), ben).allow_muted(true);
            resend(&played, &request).await.expect_err("a refusal")
        }
        _ => {
            let request = ChangeAccessCode::new(document(), ben, code());
            change(&played, &request).await.expect_err("a refusal")
        }
    };
    played.finish();
    error
}

fn operation(fixture: &Fixture) -> Operation {
    let word = fixture.operation.as_deref().expect("a refusal names its operation");
    *Operation::ALL.iter().find(|operation| operation.as_str() == word).expect("a known operation")
}

#[tokio::test]
async fn every_refusal_becomes_its_kind() {
    for (name, fixture) in Fixture::load_all(&folder("refusals")) {
        let error = play(&fixture).await;
        assert_eq!(Some(error.kind().as_str()), fixture.kind.as_deref(), "{name}");
        assert_eq!(error.status(), Some(fixture.status), "{name}");
        insta::assert_snapshot!(format!("refusal_{name}"), error_forms(&error));
    }
}

#[test]
fn every_row_is_hit_by_a_fixture_and_names_its_source() {
    let problems: Vec<_> = Fixture::load_all(&folder("refusals"))
        .into_iter()
        .map(|(_, fixture)| {
            let body = fixture.bytes().into();
            let headers = http::HeaderMap::new();
            (operation(&fixture), (DESCRIPTOR.read_problem)(fixture.status, &headers, &body))
        })
        .collect();
    let mut hit = vec![false; DESCRIPTOR.rules.len()];
    for (operation, problem) in &problems {
        if let Some(row) = DESCRIPTOR.rules.iter().position(|row| row.applies(*operation, problem)) {
            hit[row] = true;
        }
    }
    for (row, hit) in DESCRIPTOR.rules.iter().zip(hit) {
        assert!(hit, "no fixture hits {row:?}");
        assert!(!row.source.is_empty(), "no source in {row:?}");
    }
}

#[tokio::test]
async fn the_time_to_wait_comes_from_the_headers() {
    let told = play(&common::refusal("any_429_retry_after")).await;
    assert_eq!(told.retry(), countersign_core::Retry::After(Some(std::time::Duration::from_secs(90))));
}
