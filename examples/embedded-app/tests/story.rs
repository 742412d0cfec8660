//! The application's story over HTTP, at each vendor: what a browser would be shown, step by step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use common::browser::Browser;
use common::{ALL, STAYING, cases, cases_at, code, sign};
use countersign::provider::Feature;
use countersign_embedded_app::{Options, start};
use countersign_sandbox::{Act, ActOutcome, EnvelopeStatus, Secret};

#[tokio::test]
async fn signing_comes_back_to_a_page_that_the_vendor_confirms() {
    for case in cases("Anna Ek").await {
        assert_eq!(case.badge().await, "Ready to sign");
        let back = case.visit([sign()]).await.unwrap();
        assert!(back.starts_with(&format!("{}/back/", case.app.url())), "{back}");
        let page = case.come_back(&back).await;
        assert_eq!(page.heading(), "Signed, thank you", "{}", case.name());
        assert!(page.path.ends_with("/after/signed"), "{}", page.path);
        assert_eq!(page.proof(), "confirmed");
        assert!(page.text.contains(&format!("{} confirms this.", case.vendor())));
        assert_eq!(case.badge().await, "Signed");
        let again = case.browser.post(&format!("{}/sign", case.contract.path()), &[]).await;
        assert_eq!((again.status, again.heading()), (409, "You cannot sign now".to_owned()));
    }
}

#[tokio::test]
async fn a_locked_signer_is_found_and_unlocked_with_one_click() {
    for case in cases("Ben Ode").await {
        let back = case.visit([code("wrong-1"), code("wrong-2"), code("wrong-3")]).await;
        if case.is("docusign") {
            let page = case.come_back(&back.unwrap()).await;
            assert_eq!((page.heading().as_str(), page.proof().as_str()), ("You are locked out", "confirmed"));
        } else {
            assert_eq!(back, None, "BoldSign keeps the browser");
            let refused = case.browser.post(&format!("{}/sign", case.contract.path()), &[]).await;
            assert_eq!((refused.status, refused.heading()), (409, "Ben Ode is locked out".to_owned()));
        }
        assert_eq!(case.badge().await, "Locked out");

        let support = case.browser.get("/support").await;
        let unlock = format!("{}/unlock", case.contract.path().replace("/contracts/", "/support/"));
        assert!(support.text.contains(&format!("action=\"{unlock}\"")), "{}", support.text);
        let unlocked = case.browser.post(&unlock, &[("notify", "yes")]).await;
        assert_eq!(unlocked.heading(), "New access code for Ben Ode");
        assert!(unlocked.text.contains("Ben Ode has new attempts."), "{}", unlocked.text);
        let new_code = unlocked.between("class=\"code\">", "<").to_owned();
        assert_eq!(new_code.len(), 8);
        for path in ["/support", "/", &case.contract.path()] {
            let page = case.browser.get(path).await;
            assert!(!page.text.contains(&new_code), "{path} shows the code again");
            if path != "/" {
                assert!(!page.text.contains("K7MP4XQ2"), "{path} shows the old code");
            }
            assert!(!page.text.contains("Unlock with a new code"), "{path}");
        }

        let back = case.visit([code(&new_code), sign()]).await.unwrap();
        let page = case.come_back(&back).await;
        if case.is("docusign") {
            // Its one read per quarter of an hour went to the lock-out.
            assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Waiting for DocuSign", "not-yet"));
            assert_eq!(case.badge().await, "Signed, not confirmed yet");
            case.browser.post(&format!("{}/ask", case.contract.path()), &[]).await;
            assert_eq!(case.badge().await, "Signed, not confirmed yet", "it may not be asked yet");
            case.wait(15);
            case.browser.post(&format!("{}/ask", case.contract.path()), &[]).await;
        } else {
            assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Signed, thank you", "confirmed"));
        }
        assert_eq!(case.badge().await, "Signed", "{}", case.name());
        let envelope = case.app.sandbox().world().envelope(case.contract.envelope.as_str()).unwrap();
        assert_eq!(envelope.status, EnvelopeStatus::Completed);
    }
}

#[tokio::test]
async fn a_new_code_alone_is_not_called_an_unlocking_where_nobody_knows() {
    for case in cases("Ben Ode").await {
        case.visit([code("wrong-1"), code("wrong-2"), code("wrong-3")]).await;
        case.browser.post(&format!("{}/ask", case.contract.path()), &[]).await;
        let unlock = format!("{}/unlock", case.contract.path().replace("/contracts/", "/support/"));
        let unlocked = case.browser.post(&unlock, &[]).await;
        let said = match case.is("docusign") {
            true => "Whether Ben Ode is unlocked is not known",
            false => "Ben Ode has new attempts.",
        };
        assert!(unlocked.text.contains(said), "{}", unlocked.text);
        assert!(unlocked.text.contains("Ben Ode gets no mail."), "{}", unlocked.text);
        let still_locked = case.badge().await == "Locked out";
        assert_eq!(still_locked, case.is("docusign"), "{}", case.name());
    }
}

#[tokio::test]
async fn declining_comes_back_to_its_own_page() {
    for case in cases("Carla Ruiz").await {
        let back = case.visit([Act::Decline { reason: "too dear".to_owned() }]).await.unwrap();
        let page = case.come_back(&back).await;
        assert_eq!((page.heading().as_str(), page.proof().as_str()), ("You have declined", "confirmed"));
        assert_eq!(case.badge().await, "Declined");
    }
}

#[tokio::test]
async fn finishing_later_and_going_on() {
    for case in cases("Anna Ek").await {
        let back = case.visit([Act::FinishLater { new_name: None }]).await;
        if case.is("docusign") {
            let page = case.come_back(&back.unwrap()).await;
            assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Not finished yet", "confirmed"));
            assert!(page.text.contains(">Sign now</button>"), "{}", page.text);
        } else {
            assert_eq!(back, None, "BoldSign keeps the browser");
        }
        case.wait(15);
        let back = case.visit([sign()]).await.unwrap();
        assert_eq!(case.come_back(&back).await.heading(), "Signed, thank you");
    }
}

#[tokio::test]
async fn what_the_browser_says_is_not_believed() {
    for case in cases("Anna Ek").await {
        if case.is("docusign") {
            let back = case.visit([Act::FinishLater { new_name: None }]).await.unwrap();
            let lie = back.replace("event=cancel", "event=signing_complete");
            assert_ne!(lie, back);
            let page = case.come_back(&lie).await;
            assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Waiting for DocuSign", "not-yet"));
            assert_eq!(case.badge().await, "Signed, not confirmed yet");
            case.wait(15);
            case.browser.post(&format!("{}/ask", case.contract.path()), &[]).await;
            assert_ne!(case.badge().await, "Signed");
        } else {
            let back = case.visit([Act::Decline { reason: String::new() }]).await.unwrap();
            let page = case.come_back(&format!("{back}&event=signing_complete")).await;
            assert_eq!(page.heading(), "You have declined");
        }
        let typed = case.browser.get(&format!("{}/after/viewed", case.contract.path())).await;
        assert_eq!(typed.goes_to(), case.contract.path(), "nobody types themselves to another outcome");
        let fresh = case.app.contracts().into_iter().find(|one| one.signer_name == "Carla Ruiz").unwrap();
        let typed = case.browser.get(&format!("{}/after/signed", fresh.path())).await;
        assert_eq!(typed.goes_to(), fresh.path());
    }
}

#[tokio::test]
async fn a_return_contradicted_by_the_vendor_says_so() {
    for case in cases("Anna Ek").await.into_iter().filter(|case| case.is("docusign")) {
        let back = case.visit([sign()]).await.unwrap();
        let page = case.come_back(&back.replace("signing_complete", "decline")).await;
        assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Signed, thank you", "contradicted"));
        assert!(page.text.contains("DocuSign says otherwise"), "{}", page.text);
    }
}

#[tokio::test]
async fn forged_old_and_repeated_returns_are_refused() {
    for case in cases("Anna Ek").await {
        let back = case.visit([sign()]).await.unwrap();
        let (path, query) = back.split_once('?').unwrap();
        let end = path.len() - 10;
        let swapped = if path.as_bytes()[end] == b'A' { "B" } else { "A" };
        let forged = format!("{}{swapped}{}?{query}", &path[..end], &path[end + 1..]);
        let page = case.browser.get(&forged).await;
        assert_eq!((page.status, page.heading().as_str()), (403, "This return was not made by us"));
        let nothing = case.browser.get("/back/nothing?event=signing_complete").await;
        assert_eq!((nothing.status, nothing.heading().as_str()), (400, "This return was not made by us"));

        let ahead = case.browser.head(&back).await;
        assert_eq!(ahead, 405, "looking at it does not use it up");
        case.come_back(&format!("{back}&to=https://evil.example")).await;
        let replayed = case.browser.get(&back).await;
        assert_eq!((replayed.status, replayed.heading().as_str()), (409, "You have been here already"));
        assert!(replayed.text.contains(&format!("href=\"{}\"", case.contract.path())), "{}", replayed.text);
    }
    for case in cases("Anna Ek").await {
        let back = case.visit([sign()]).await.unwrap();
        case.wait(24 * 60);
        let old = case.browser.get(&back).await;
        assert_eq!((old.status, old.heading().as_str()), (410, "This return is too old"));
        assert!(old.text.contains(&format!("href=\"{}\"", case.contract.path())), "{}", old.text);
        assert_ne!(case.badge().await, "Signed", "{}: its outcome was not looked at", case.name());
    }
}

#[tokio::test]
async fn a_link_that_was_used_or_is_too_old_says_so() {
    for case in cases("Anna Ek").await.into_iter().filter(|case| case.is("docusign")) {
        let pressed = case.browser.post(&format!("{}/sign", case.contract.path()), &[]).await;
        case.wait(6);
        let (outcome, back) = case.act(Act::OpenLink { url: Secret::new(pressed.goes_to()) });
        assert_eq!(outcome, ActOutcome::LinkUsedUp);
        let page = case.come_back(&back.unwrap()).await;
        assert_eq!(
            (page.heading().as_str(), page.proof().as_str()),
            ("The link no longer works", "confirmed")
        );
        assert!(page.text.contains(">Sign now</button>"));
    }
}

#[tokio::test]
async fn a_frame_shows_the_vendors_page_and_passes_on_its_messages() {
    for case in cases("Anna Ek").await {
        let page = case.browser.post(&format!("{}/sign", case.contract.path()), &[("place", "frame")]).await;
        assert_eq!(page.heading(), "Sign: Lease, Elm Street 7");
        let origin = page.between("data-origin=\"", "\"").to_owned();
        assert_eq!(origin, case.app.sandbox().url());
        assert!(page.between("src=\"http", "\"").contains("/sign/"), "{}", page.text);
        let word = if case.is("docusign") { "signing_complete" } else { "onDocumentSigned" };
        let said = case.browser.post(&format!("{}/message", case.contract.path()), &[("action", word)]).await;
        assert!(said.text.contains("/after/signed"), "{}", said.text);
        let page = case.browser.get(&format!("{}/after/signed", case.contract.path())).await;
        let waiting = format!("Waiting for {}", case.vendor());
        assert_eq!((page.heading(), page.proof()), (waiting, "not-yet".to_owned()), "a message is a hint");
    }
}

/// The page says that the vendor keeps the browser; the result is known when the vendor is asked.
#[tokio::test]
async fn a_vendor_that_does_not_bring_the_browser_back() {
    for case in cases_at(STAYING, "Anna Ek").await {
        let page = case.browser.post(&format!("{}/sign", case.contract.path()), &[("place", "page")]).await;
        assert_eq!((page.status, page.heading()), (200, format!("Sign at {}", case.vendor())));
        assert!(page.text.contains("does not bring you back here"), "{}", page.text);
        let link = page.between("href=\"http", "\"");
        let (_, back) = case.act(Act::OpenLink { url: Secret::new(format!("http{link}")) });
        assert_eq!((back, case.act(sign()).1), (None, None), "{}", case.name());
        assert_eq!(case.badge().await, "Ready to sign");
        case.browser.post(&format!("{}/ask", case.contract.path()), &[]).await;
        assert_eq!(case.badge().await, "Signed", "{}", case.name());
    }
}

/// Also where the vendor's word for the end has no outcome of ours. Otherwise the signer stays before a dead frame.
#[tokio::test]
async fn a_framed_page_is_left_when_the_visit_ends_and_not_before() {
    for case in cases_at(ALL, "Anna Ek").await {
        let path = format!("{}/message", case.contract.path());
        let mut words: Vec<_> = case.returns_words().map(|(word, row)| (word, row.goes_on)).collect();
        words.push(("a-word-of-another-script", true));
        for (word, goes_on) in words {
            let said = case.browser.post(&path, &[("action", word)]).await;
            let stays = said.text.contains("null");
            assert_eq!(stays, goes_on, "{} {word}: {}", case.name(), said.text);
            assert!(stays || said.text.contains("/after/"), "{} {word}: {}", case.name(), said.text);
        }
    }
}

/// Where there are no access codes, no contract has one, and support has nothing to unlock.
#[tokio::test]
async fn access_codes_only_where_the_vendor_has_them() {
    for case in cases_at(ALL, "Ben Ode").await {
        let has_codes = case.descriptor().facts.offers(Feature::ChangeAccessCode).is_ok();
        assert_eq!(case.contract.access_code.is_some(), has_codes, "{}", case.name());
        let unlock = format!("{}/unlock", case.contract.path().replace("/contracts/", "/support/"));
        let page = case.browser.post(&unlock, &[]).await;
        let heading = if has_codes { "New access code for Ben Ode" } else { "The code was not changed" };
        assert_eq!(page.heading(), heading, "{}", case.name());
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere() {
    let app = start(Options::new()).await.unwrap();
    let browser = Browser::at(app.url());
    for path in ["/nothing", "/contracts/docusign/nothing", "/contracts/nobody/x/after/signed"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.heading().as_str()), (404, "There is no such page"), "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn pages_of_other_sites_press_no_button() {
    for case in cases("Anna Ek").await.into_iter().take(1) {
        let unlock = format!("/support/{}/{}/unlock", case.contract.account, case.contract.envelope);
        let url = |path: &str| format!("{}{path}", case.app.url());
        let http = reqwest::Client::new();
        for (name, value) in
            [("origin", "https://evil.example"), ("origin", "null"), ("host", "evil.example")]
        {
            let pressed = http.post(url(&unlock)).header(name, value).send().await.unwrap();
            assert_eq!(pressed.status().as_u16(), 403, "{name}: {value}");
        }
        let read = http.get(url("/support")).header("host", "evil.example:8480").send().await.unwrap();
        assert_eq!(read.status().as_u16(), 403, "a name that resolves to this machine");
        assert_eq!(case.browser.get("/support").await.status, 200);
    }
}
