//! Signing within the application's own page.

use crate::browser::Screen;
use crate::scene::{At, LEASE, Scene, at_both};

at_both! { signs_in_a_frame }

async fn signs_in_a_frame(at: At) {
    let scene = Scene::open("frame", at, Screen::Desk).await;
    let browser = &scene.browser;
    scene.press_on_card(LEASE, "Sign on this page").await;
    browser.sees_heading(&format!("Sign: {LEASE}")).await;
    let frame = format!("Signing page of {}", at.title());
    browser.enter_frame(&frame).await;
    browser.sees_heading("Your signature").await;
    browser.leave_frame().await;
    browser.inspect("framed").await;
    browser.enter_frame(&frame).await;
    browser.press("Sign").await;
    browser.leave_frame().await;
    browser.sees_heading("Signed, thank you").await;
    browser.sees(&format!("{} confirms", at.title())).await;
    assert_eq!(scene.state(LEASE), "Completed");
}

/// A link for one application is shown in no frame of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_cannot_frame_it() {
    let scene = Scene::open("foreign-frame", At::Docusign, Screen::Desk).await;
    let link = scene.framed_link(LEASE).await;
    let page = format!("data:text/html,<title>Other</title><iframe title=Stolen src=\"{link}\"></iframe>");
    scene.browser.goto(&page).await;
    scene.browser.enter_frame("Stolen").await;
    let text = scene.browser.text().await;
    assert!(!text.contains("Sign"), "{text}");
    assert_ne!(scene.state(LEASE), "Completed");
}
