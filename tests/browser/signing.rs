//! Signing, declining, and coming back later.

use crate::browser::Screen;
use crate::scene::{AGREEMENT, At, EMPLOYMENT, LEASE, Scene, at_both};

at_both! { signs declines finishes_later_and_resumes signs_on_a_phone adopts_another_name }

async fn signs(at: At) {
    let scene = Scene::open("sign", at, Screen::Desk).await;
    scene.browser.inspect("contracts").await;
    scene.press_on_card(LEASE, "Sign now").await;
    scene.browser.sees_heading("Your signature").await;
    scene.browser.inspect("documents").await;
    scene.browser.press("Sign").await;
    scene.browser.sees_heading("Signed, thank you").await;
    scene.browser.sees(&format!("{} confirms", at.title())).await;
    scene.browser.inspect("signed").await;
    scene.browser.press("Back to all contracts").await;
    scene.card_says(LEASE, "Signed").await;
    assert_eq!(scene.state(LEASE), "Completed");
}

async fn declines(at: At) {
    let scene = Scene::open("decline", at, Screen::Desk).await;
    scene.open_documents(AGREEMENT).await;
    scene.browser.press("Decline to sign").await;
    scene.browser.fill("Reason for declining", "The term is too long").await;
    scene.browser.inspect("reason").await;
    scene.browser.press("Decline").await;
    scene.browser.sees_heading("You have declined").await;
    scene.browser.sees(&format!("{} confirms", at.title())).await;
    scene.browser.inspect("declined").await;
    scene.browser.press("Back to all contracts").await;
    scene.card_says(AGREEMENT, "Declined").await;
    assert_eq!(scene.state(AGREEMENT), "Declined");
}

async fn finishes_later_and_resumes(at: At) {
    let scene = Scene::open("later", at, Screen::Desk).await;
    scene.open_documents(EMPLOYMENT).await;
    scene.browser.press("Finish later").await;
    if at == At::Docusign {
        scene.browser.sees_heading("Not finished yet").await;
        scene.browser.inspect("not finished").await;
        scene.wait_for_the_next_question();
        scene.browser.press("Sign now").await;
    } else {
        // This vendor keeps the browser of a person who leaves unfinished.
        scene.browser.sees_heading("Nothing is signed yet").await;
        scene.browser.inspect("not finished").await;
        scene.home().await;
        scene.press_on_card(EMPLOYMENT, "Sign now").await;
    }
    scene.past_the_code(EMPLOYMENT).await;
    scene.browser.press("Sign").await;
    scene.browser.sees_heading("Signed, thank you").await;
    assert_eq!(scene.state(EMPLOYMENT), "Completed");
}

async fn signs_on_a_phone(at: At) {
    let scene = Scene::open("phone", at, Screen::Phone).await;
    scene.browser.inspect("contracts").await;
    scene.press_on_card(EMPLOYMENT, "Sign now").await;
    scene.browser.sees_heading("Enter your access code").await;
    scene.browser.inspect("access code").await;
    scene.past_the_code(EMPLOYMENT).await;
    scene.browser.inspect("documents").await;
    scene.browser.press("Sign").await;
    scene.browser.sees_heading("Signed, thank you").await;
    scene.browser.inspect("signed").await;
    scene.browser.press("Support").await;
    scene.browser.sees_heading("Support").await;
    scene.browser.inspect("support").await;
}

/// The name on the envelope changes with the signature, as vendors do it; the application still finds the signer.
async fn adopts_another_name(at: At) {
    let scene = Scene::open("adopt", at, Screen::Desk).await;
    scene.open_documents(LEASE).await;
    scene.browser.fill("Full name", "Anna Ek-Lund").await;
    scene.browser.press("Sign").await;
    scene.browser.sees_heading("Signed, thank you").await;
    scene.browser.sees(&format!("{} confirms", at.title())).await;
    let envelope = scene.world().envelope(scene.contract(LEASE).envelope.as_str()).expect("the envelope");
    assert_eq!(envelope.recipients[0].name, "Anna Ek-Lund");
}
