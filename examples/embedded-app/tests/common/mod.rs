//! The application before a test: one contract at a vendor, and a browser without a screen.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod browser;

use std::time::Duration;

use browser::{Browser, Page};
use countersign::provider::{Descriptor, Feature, ReturnWord};
use countersign_embedded_app::{Contract, Options, Running, start};
use countersign_sandbox::{Act, ActOutcome, Secret, Vendor};

/// One contract at one vendor, in an application of its own.
pub(crate) struct Case {
    pub(crate) app: Running,
    pub(crate) contract: Contract,
    pub(crate) browser: Browser,
}

impl Case {
    pub(crate) fn name(&self) -> &str {
        &self.contract.account
    }

    /// Presses "Sign now" and takes the link; the person does these things at the vendor; where the browser goes then.
    pub(crate) async fn visit(&self, acts: impl IntoIterator<Item = Act>) -> Option<String> {
        let pressed =
            self.browser.post(&format!("{}/sign", self.contract.path()), &[("place", "page")]).await;
        let link = pressed.goes_to();
        let mut back = self.act(Act::OpenLink { url: Secret::new(link) }).1;
        for act in acts {
            back = self.act(act).1;
        }
        back
    }

    pub(crate) fn act(&self, act: Act) -> (ActOutcome, Option<String>) {
        let world = self.app.sandbox().world();
        let result = world.act(self.contract.envelope.as_str(), &self.contract.signer_email, act).unwrap();
        (result.outcome, result.redirect)
    }

    /// Follows a return to the page that the browser ends at.
    pub(crate) async fn come_back(&self, url: &str) -> Page {
        let sent_on = self.browser.get(url).await;
        assert_eq!(sent_on.status, 303, "{}: {}", self.name(), sent_on.text);
        self.browser.get(&sent_on.goes_to()).await
    }

    pub(crate) async fn badge(&self) -> String {
        let page = self.browser.get(&self.contract.path()).await;
        page.between("class=\"status", "</span>").split_once('>').unwrap().1.to_owned()
    }

    pub(crate) fn is(&self, vendor: &str) -> bool {
        self.contract.account == vendor
    }

    /// What people call the vendor.
    pub(crate) fn vendor(&self) -> &'static str {
        Vendor::named(self.name()).unwrap().name()
    }

    pub(crate) fn descriptor(&self) -> &'static Descriptor {
        countersign::vendors().iter().find(|vendor| vendor.name == self.name()).unwrap()
    }

    /// The words of the framed page's messages, and what each stands for.
    pub(crate) fn returns_words(&self) -> impl Iterator<Item = (&'static str, &'static ReturnWord)> {
        self.descriptor().facts.returns.words.iter()
    }

    pub(crate) fn wait(&self, minutes: u64) {
        self.app.sandbox().world().advance(Duration::from_secs(minutes * 60));
    }
}

/// The contract of this person, at each vendor that brings the browser back.
pub(crate) async fn cases(signer: &str) -> Vec<Case> {
    cases_at(|vendor| vendor.facts.offers(Feature::ViewReturnUrl).is_ok(), signer).await
}

/// Vendors that keep the browser.
pub(crate) const STAYING: fn(&Descriptor) -> bool =
    |vendor| vendor.facts.offers(Feature::ViewReturnUrl).is_err();

pub(crate) const ALL: fn(&Descriptor) -> bool = |_| true;

/// The contract of this person, at each of these vendors.
pub(crate) async fn cases_at(which: fn(&Descriptor) -> bool, signer: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for vendor in countersign::vendors().iter().filter(|vendor| which(vendor)) {
        let account = vendor.name;
        let app = start(Options::new()).await.unwrap();
        let contracts = app.contracts();
        let contract =
            contracts.into_iter().find(|one| one.account == account && one.signer_name == signer).unwrap();
        let browser = Browser::at(app.url());
        // They come when a test says so.
        app.sandbox().world().webhooks().hold();
        cases.push(Case { app, contract, browser });
    }
    cases
}

pub(crate) const fn sign() -> Act {
    Act::Sign { new_name: None }
}

pub(crate) fn code(text: &str) -> Act {
    Act::EnterCode { code: Secret::new(text) }
}
