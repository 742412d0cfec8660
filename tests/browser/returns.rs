//! Returns that the application must not believe: forged, lying, too old, used before.

use std::time::Duration;

use countersign_sandbox::{Act, Secret};

use crate::browser::Screen;
use crate::scene::{At, LEASE, Scene, at_both};

at_both! { a_forged_return an_old_return a_return_used_before }

/// Where the vendor sends the browser after this, beginning with a link of the application's.
async fn return_after(scene: &Scene, act: Act) -> String {
    let contract = scene.contract(LEASE);
    let url = Secret::new(scene.link(LEASE).await);
    let (envelope, signer) = (contract.envelope.as_str(), contract.signer_email.as_str());
    scene.world().act(envelope, signer, Act::OpenLink { url }).expect("a link that opens");
    let ended = scene.world().act(envelope, signer, act).expect("an end of the visit");
    ended.redirect.expect("a way back")
}

async fn a_forged_return(at: At) {
    let scene = Scene::open("forged", at, Screen::Desk).await;
    let url = return_after(&scene, Act::Sign { new_name: None }).await;
    let (start, rest) = url.split_once("/back/").expect("the application's route");
    let turned = if rest.starts_with('A') { "B" } else { "A" };
    scene.browser.goto(&format!("{start}/back/{turned}{}", &rest[1..])).await;
    scene.browser.sees_heading("This return was not made by us").await;
    scene.browser.inspect("forged").await;
    // The true one still works.
    scene.browser.goto(&url).await;
    scene.browser.sees_heading("Signed, thank you").await;
}

/// The token is true, but the word behind it was typed by hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lying_return() {
    let scene = Scene::open("lying", At::Docusign, Screen::Desk).await;
    let url = return_after(&scene, Act::FinishLater { new_name: None }).await;
    assert!(url.contains("event=cancel"), "{url}");
    scene.browser.goto(&url.replace("event=cancel", "event=signing_complete")).await;
    scene.browser.sees("DocuSign has not confirmed").await;
    scene.browser.inspect("lying").await;
    scene.home().await;
    assert!(!scene.browser.text().await.contains("Signed\n"));
}

async fn an_old_return(at: At) {
    let scene = Scene::open("old-return", at, Screen::Desk).await;
    let url = return_after(&scene, Act::Sign { new_name: None }).await;
    scene.world().advance(Duration::from_secs(400 * 24 * 60 * 60));
    scene.browser.goto(&url).await;
    scene.browser.sees_heading("This return is too old").await;
    scene.browser.inspect("too old").await;
}

async fn a_return_used_before(at: At) {
    let scene = Scene::open("replayed", at, Screen::Desk).await;
    let url = return_after(&scene, Act::Sign { new_name: None }).await;
    scene.browser.goto(&url).await;
    scene.browser.sees_heading("Signed, thank you").await;
    scene.browser.goto(&url).await;
    scene.browser.sees_heading("You have been here already").await;
    scene.browser.inspect("used before").await;
}
