//! The vendor's own word, arriving before and after the browser.

use countersign_sandbox::Act;

use crate::browser::Screen;
use crate::scene::{At, LEASE, Scene, at_both};

at_both! { before_the_browser after_the_browser twice_and_out_of_order }

/// The person signed, and the vendor told it, while their browser still shows the documents.
async fn before_the_browser(at: At) {
    let scene = Scene::open("webhook-before", at, Screen::Desk).await;
    scene.open_documents(LEASE).await;
    let contract = scene.contract(LEASE);
    let signed =
        scene.world().act(contract.envelope.as_str(), &contract.signer_email, Act::Sign { new_name: None });
    signed.expect("a signature");
    scene.world().webhooks().settle().await;
    let late = scene.browser.open_tab().await;
    scene.home().await;
    scene.card_says(LEASE, "Signed").await;
    scene.browser.leave_tab(late).await;
    scene.browser.press("Sign").await;
    scene.browser.sees_heading("You have already finished").await;
    scene.browser.inspect("already finished").await;
    scene.browser.press("Back to the application").await;
    scene.browser.sees_heading("Signed, thank you").await;
    scene.home().await;
    scene.card_says(LEASE, "Signed").await;
}

/// The browser says "signed", which anyone could type; the application does not believe it until the vendor says so.
async fn after_the_browser(at: At) {
    let scene = Scene::open("webhook-after", at, Screen::Desk).await;
    // The vendor was asked a moment ago, so it is not asked again when the browser comes back.
    scene.contract_page(LEASE).await;
    scene.browser.press(&format!("Ask {}", at.title())).await;
    scene.browser.sees_heading(LEASE).await;
    scene.world().webhooks().hold();
    scene.open_documents(LEASE).await;
    scene.browser.press("Sign").await;
    scene.browser.sees(&format!("{} has not confirmed", at.title())).await;
    scene.browser.inspect("not confirmed").await;
    assert!(!scene.world().webhooks().deliver_all().await.is_empty());
    scene.home().await;
    scene.card_says(LEASE, "Signed").await;
    assert!(!scene.browser.text().await.contains("not confirmed yet"));
}

async fn twice_and_out_of_order(at: At) {
    let scene = Scene::open("webhook-order", at, Screen::Desk).await;
    let webhooks = scene.world().webhooks();
    webhooks.hold();
    scene.open_documents(LEASE).await;
    scene.browser.press("Sign").await;
    scene.browser.press("Back to all contracts").await;
    let mut waiting: Vec<u64> = webhooks.pending().into_iter().map(|delivery| delivery.id).collect();
    assert!(waiting.len() >= 2, "{waiting:?}");
    waiting.reverse();
    for id in waiting {
        assert!(webhooks.deliver(id).await.expect("delivered").status == Some(200));
    }
    scene.home().await;
    scene.card_says(LEASE, "Signed").await;
    assert!(!scene.browser.text().await.contains("Opened"));
}
