//! What the vendors tell by themselves: before the browser and after it, twice, out of order, and not from them at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use common::{Case, STAYING, cases, cases_at, code, sign};
use countersign::provider::SignatureReach;
use countersign_sandbox::{Act, Secret, WebhookFault, WebhookFaultKind, Webhooks};

fn webhooks(case: &Case) -> Webhooks {
    case.app.sandbox().world().webhooks()
}

/// Delivers what waits, and tells what the application answered.
async fn deliver(case: &Case) -> Vec<Option<u16>> {
    webhooks(case).deliver_all().await.into_iter().map(|attempt| attempt.status).collect()
}

#[tokio::test]
async fn a_webhook_that_is_faster_than_the_browser_is_enough() {
    for case in cases("Anna Ek").await {
        let back = case.visit([sign()]).await.unwrap();
        let answers = deliver(&case).await;
        assert!(!answers.is_empty() && answers.iter().all(|status| *status == Some(200)), "{answers:?}");
        assert_eq!(case.badge().await, "Signed", "{}", case.name());
        let page = case.browser.get(&case.contract.path()).await;
        assert!(page.text.contains(&format!("{} told us at", case.vendor())), "{}", page.text);
        case.app.sandbox().world().clear_calls();
        let page = case.come_back(&back).await;
        assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Signed, thank you", "confirmed"));
        assert!(case.app.sandbox().world().calls().is_empty(), "nobody was asked");
    }
}

/// Where the browser does not come back, they are how the end becomes known. Those whose signature covers no body say no
/// status.
#[tokio::test]
async fn a_webhook_tells_the_end_where_the_browser_does_not_come_back() {
    for case in cases_at(STAYING, "Anna Ek").await {
        let page = case.browser.post(&format!("{}/sign", case.contract.path()), &[("place", "page")]).await;
        let link = format!("http{}", page.between("href=\"http", "\""));
        case.act(Act::OpenLink { url: Secret::new(link) });
        case.act(sign());
        let answers = deliver(&case).await;
        assert!(!answers.is_empty() && answers.iter().all(|status| *status == Some(200)), "{answers:?}");
        let page = case.browser.get(&case.contract.path()).await;
        assert!(page.text.contains(&format!("{} told us", case.vendor())), "{}", page.text);
        let covers = case.descriptor().facts.webhook.as_ref().unwrap().covers;
        let is_believed = covers == SignatureReach::Body;
        assert_eq!(case.badge().await == "Signed", is_believed, "{}", case.name());
    }
}

#[tokio::test]
async fn a_webhook_after_the_browser_ends_the_waiting() {
    for case in cases("Anna Ek").await {
        // The vendor was asked a moment ago, so that it may not be asked when the browser comes back.
        case.browser.post(&format!("{}/ask", case.contract.path()), &[]).await;
        let back = case.visit([sign()]).await.unwrap();
        let page = case.come_back(&back).await;
        let expected = if case.is("docusign") { "Waiting for DocuSign" } else { "Welcome back" };
        assert_eq!(
            (page.heading().as_str(), page.proof().as_str()),
            (expected, "not-yet"),
            "{}",
            case.name()
        );
        deliver(&case).await;
        assert_eq!(case.badge().await, "Signed", "{}", case.name());
        let mut page = case.browser.get(&page.path).await;
        if page.status == 303 {
            page = case.browser.get(&page.goes_to()).await;
        }
        assert_eq!((page.heading().as_str(), page.proof().as_str()), ("Signed, thank you", "confirmed"));
    }
}

#[tokio::test]
async fn support_learns_of_a_lock_out_without_asking() {
    for case in cases("Ben Ode").await {
        case.visit([code("wrong-1"), code("wrong-2"), code("wrong-3")]).await;
        assert_ne!(case.badge().await, "Locked out");
        deliver(&case).await;
        assert_eq!(case.badge().await, "Locked out", "{}", case.name());
        assert!(case.browser.get("/support").await.text.contains("Unlock with a new code"));
    }
}

#[tokio::test]
async fn twice_and_out_of_order_changes_nothing() {
    for case in cases("Carla Ruiz").await {
        webhooks(&case).inject(WebhookFault::next(WebhookFaultKind::Duplicate(1)).times(50));
        case.visit([Act::Decline { reason: "no".to_owned() }]).await;
        let mut waiting: Vec<u64> = webhooks(&case).pending().into_iter().map(|one| one.id).collect();
        assert!(waiting.len() > 1, "{waiting:?}");
        waiting.reverse();
        for id in waiting {
            assert_eq!(webhooks(&case).deliver(id).await.unwrap().status, Some(200));
        }
        let once = case.browser.get(&case.contract.path()).await.text;
        deliver(&case).await;
        assert_eq!(case.badge().await, "Declined", "{}", case.name());
        let twice = case.browser.get(&case.contract.path()).await.text;
        let told = |text: &str| text.matches("told us: ").count();
        assert_eq!(told(&once), told(&twice), "a copy is not a second happening");
    }
}

#[tokio::test]
async fn a_webhook_with_a_wrong_signature_changes_nothing() {
    for case in cases("Anna Ek").await {
        webhooks(&case).inject(WebhookFault::next(WebhookFaultKind::WrongSignature).times(50));
        case.visit([sign()]).await;
        let answers = deliver(&case).await;
        assert!(!answers.is_empty() && answers.iter().all(|status| *status == Some(401)), "{answers:?}");
        assert_ne!(case.badge().await, "Signed", "{}", case.name());
        let path = format!("/webhooks/{}", case.contract.account);
        assert_eq!(case.browser.post(&path, &[("event", "signed")]).await.status, 401);
        assert_eq!(case.browser.post("/webhooks/nobody", &[]).await.status, 404);
        // The vendor tries again, rightly signed this time.
        deliver(&case).await;
        assert_eq!(case.badge().await, "Signed", "{}", case.name());
    }
}
