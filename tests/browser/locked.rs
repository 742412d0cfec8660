//! The story that every user of e-signatures has lived: three wrong codes, locked, unlocked by support, signed.

use crate::browser::Screen;
use crate::scene::{At, EMPLOYMENT, LEASE, Scene, at_both};

at_both! { is_locked_unlocked_by_support_and_signs }

async fn is_locked_unlocked_by_support_and_signs(at: At) {
    let scene = Scene::open("locked", at, Screen::Desk).await;
    let browser = &scene.browser;

    // Another signer signs before, and must not be asked again.
    scene.open_documents(LEASE).await;
    browser.press("Sign").await;
    browser.sees_heading("Signed, thank you").await;

    scene.home().await;
    scene.press_on_card(EMPLOYMENT, "Sign now").await;
    for left in ["2 attempts left", "1 attempt left"] {
        browser.sees_heading("Enter your access code").await;
        browser.fill("Access code", "wrong").await;
        browser.press("Continue").await;
        browser.sees(left).await;
    }
    browser.inspect("one attempt left").await;
    browser.fill("Access code", "wrong again").await;
    browser.press("Continue").await;
    browser.sees_heading("You are locked out").await;
    browser.inspect("locked").await;

    // Trying again does not help, and the application says what does.
    scene.home().await;
    scene.press_on_card(EMPLOYMENT, "Sign now").await;
    browser.sees_heading("Ben Ode is locked out").await;
    browser.inspect("refused").await;
    browser.press("Go to support").await;
    browser.sees_heading("Locked out").await;
    browser.inspect("support").await;
    browser.press_in(&["Ben Ode"], "Unlock with a new code").await;
    browser.sees_heading("New access code for Ben Ode").await;
    browser.inspect("new code").await;
    let code = browser.text_of("#new-code").await;
    assert!(!code.is_empty() && code != crate::scene::CODE);

    scene.wait_for_the_next_question();
    scene.home().await;
    scene.press_on_card(EMPLOYMENT, "Sign now").await;
    browser.sees_heading("Enter your access code").await;
    browser.fill("Access code", &code).await;
    browser.press("Continue").await;
    browser.sees_heading("Your signature").await;
    browser.press("Sign").await;
    browser.sees_heading("Signed, thank you").await;
    assert_eq!(scene.state(EMPLOYMENT), "Completed");
    assert_eq!(scene.state(LEASE), "Completed");
}
