//! Links that are too old or were used, sessions that end, tabs that come too late.

use std::time::Duration;

use crate::browser::Screen;
use crate::scene::{At, LEASE, Scene, at_both};

at_both! { an_old_link a_used_link a_session_that_ran_out a_second_tab }

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn an_old_link(at: At) {
    let scene = Scene::open("old-link", at, Screen::Desk).await;
    let link = scene.link(LEASE).await;
    // One vendor's link lives for minutes, the other's for half a year.
    scene.world().advance(if at == At::Docusign { 6 * MINUTE } else { 181 * DAY });
    scene.browser.goto(&link).await;
    if at == At::Docusign {
        // The return is older than the link, but not than the application's patience.
        scene.browser.sees_heading("The link no longer works").await;
    } else {
        scene.browser.sees("expired").await;
    }
    scene.browser.inspect("expired").await;
    assert_ne!(scene.state(LEASE), "Completed");
}

async fn a_used_link(at: At) {
    let scene = Scene::open("used-link", at, Screen::Desk).await;
    let link = scene.link(LEASE).await;
    scene.browser.goto(&link).await;
    scene.browser.sees_heading("Your signature").await;
    scene.browser.goto(&link).await;
    if at == At::Docusign {
        // It opens once only.
        scene.browser.sees_heading("The link no longer works").await;
    } else {
        scene.browser.sees_heading("Your signature").await;
    }
    scene.browser.inspect("opened again").await;
}

async fn a_session_that_ran_out(at: At) {
    let scene = Scene::open("session", at, Screen::Desk).await;
    scene.open_documents(LEASE).await;
    scene.world().advance(40 * MINUTE);
    scene.browser.press("Sign").await;
    if at == At::Docusign {
        scene.browser.sees_heading("The session has ended").await;
        scene.browser.inspect("timed out").await;
        assert_ne!(scene.state(LEASE), "Completed");
    } else {
        // Nothing is known of a time-out at this vendor.
        scene.browser.sees_heading("Signed, thank you").await;
    }
}

async fn a_second_tab(at: At) {
    let scene = Scene::open("tabs", at, Screen::Desk).await;
    scene.open_documents(LEASE).await;
    let first = scene.browser.url().await;
    let second = scene.browser.open_tab().await;
    scene.browser.goto(&first).await;
    scene.browser.sees_heading("Your signature").await;
    scene.browser.press("Sign").await;
    scene.browser.sees_heading("Signed, thank you").await;
    scene.browser.leave_tab(second).await;
    // The first tab still shows the form.
    scene.browser.press("Finish later").await;
    scene.browser.sees_heading("This visit has ended").await;
    scene.browser.sees("You have signed").await;
    scene.browser.inspect("too late").await;
    scene.browser.press("Back to the application").await;
    scene.browser.sees_heading("You have been here already").await;
    assert_eq!(scene.state(LEASE), "Completed");
}
