//! The sandbox's own pages, used by hand: the console, an inbox, and every way in which a visit can end.

use std::time::Duration;

use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Sandbox, Vendor};

use crate::browser::{Browser, Screen};

async fn open(story: &str, screen: Screen) -> (Sandbox, Browser) {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    (sandbox, Browser::open(story, screen).await)
}

/// Everything by hand: an envelope is made, its mail is read, and the person in it signs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_console_to_a_signature() {
    for vendor in ["DocuSign", "BoldSign"] {
        let (sandbox, browser) = open(&format!("console-{vendor}"), Screen::Desk).await;
        browser.goto(&sandbox.url()).await;
        browser.sees_heading("Console").await;
        browser.inspect("empty").await;
        browser.press("New envelope").await;
        browser.sees_heading("New envelope").await;
        browser.choose(vendor).await;
        browser.fill("Subject", "Lease").await;
        browser.fill("Full name", "Dana Fox").await;
        browser.fill("E-mail address", "dana@example.com").await;
        browser.inspect("new envelope").await;
        browser.press("Create and send").await;
        browser.sees_heading("Lease").await;
        browser.inspect("envelope").await;
        browser.goto(&format!("{}/inbox", sandbox.url())).await;
        browser.sees_heading("Inbox").await;
        browser.inspect("inboxes").await;
        browser.press_link_to("dana@example.com").await;
        browser.sees_heading("Inbox of dana@example.com").await;
        browser.inspect("inbox").await;
        browser.press("Review and sign").await;
        browser.sees_heading("Your signature").await;
        browser.press("Sign").await;
        browser.sees("You have signed").await;
        browser.inspect("signed").await;
        let envelopes = sandbox.world().envelopes();
        assert_eq!(format!("{:?}", envelopes[0].recipients[0].state), "Completed");
    }
}

/// The console's other pages, on both screens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_moves_the_clock_and_switches_faults() {
    for (name, screen) in [("console-desk", Screen::Desk), ("console-phone", Screen::Phone)] {
        let (sandbox, browser) = open(name, screen).await;
        let anna = NewRecipient::new("Anna", "anna@example.com");
        sandbox
            .world()
            .make_envelope(NewEnvelope::new(Vendor::DOCUSIGN, "Lease").with_recipient(anna))
            .expect("made");
        browser.goto(&format!("{}/console", sandbox.url())).await;
        let before = sandbox.world().now();
        browser.press("+1 day").await;
        browser.sees_heading("Console").await;
        assert!(sandbox.world().now().duration_since(before).as_hours() >= 24);
        browser.inspect("console").await;
        // A call for the list of calls.
        browser.goto(&format!("{}/v1/document/list", sandbox.url())).await;
        for (path, heading) in [
            ("/console/calls", "API calls"),
            ("/console/faults", "Faults"),
            ("/console/rules", "Rules"),
            ("/console/webhooks", "Webhooks"),
            ("/console/envelopes/new", "New envelope"),
            ("/inbox", "Inbox"),
        ] {
            browser.goto(&format!("{}{path}", sandbox.url())).await;
            browser.sees_heading(heading).await;
            browser.inspect(heading).await;
            if ["API calls", "Rules"].contains(&heading) {
                browser.sees_whole_tables().await;
            }
        }
    }
}

/// Pages without a way back: signers who came from a mail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_and_waiting_pages_are_readable() {
    let (sandbox, browser) = open("dead-ends", Screen::Phone).await;
    let world = sandbox.world();
    for vendor in [Vendor::DOCUSIGN, Vendor::BOLDSIGN] {
        let new = NewEnvelope::new(vendor, "Lease")
            .with_recipient(NewRecipient::new("Anna", "anna@example.com").with_order(1))
            .with_recipient(NewRecipient::new("Ben", "ben@example.com").with_order(2));
        world.make_envelope(new).expect("an envelope");
        browser.goto(&format!("{}/inbox/anna@example.com", sandbox.url())).await;
        browser.press("Review and sign").await;
        browser.sees_heading("Your signature").await;
        browser.press("Decline to sign").await;
        browser.fill("Reason for declining", "No").await;
        browser.press("Decline").await;
        browser.sees("You have declined").await;
        browser.inspect("declined").await;
        world.advance(Duration::from_secs(60));
        browser.goto(&format!("{}/inbox/anna@example.com", sandbox.url())).await;
        browser.press("Review and sign").await;
        browser.sees("already finished").await;
        browser.inspect("already finished").await;
        browser.goto(&format!("{}/sign/nothing", sandbox.url())).await;
        browser.sees_heading("This link does not exist").await;
        browser.inspect("no such link").await;
    }
}
