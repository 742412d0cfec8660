//! The example application with its sandbox, and a browser before it.

use std::time::Duration;

use countersign_embedded_app::{Contract, Options, Running, start};
use countersign_sandbox::World;

use crate::browser::{Browser, Screen};

pub(crate) const LEASE: &str = "Lease, Elm Street 7";
pub(crate) const EMPLOYMENT: &str = "Employment contract";
pub(crate) const AGREEMENT: &str = "Non-disclosure agreement";
/// Ben's, for the employment contract.
pub(crate) const CODE: &str = "K7MP4XQ2";

/// One vendor's half of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Docusign,
    Boldsign,
}

impl At {
    pub(crate) fn account(self) -> &'static str {
        match self {
            Self::Docusign => "docusign",
            Self::Boldsign => "boldsign",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Docusign => "DocuSign",
            Self::Boldsign => "BoldSign",
        }
    }
}

pub(crate) struct Scene {
    pub(crate) at: At,
    pub(crate) app: Running,
    pub(crate) browser: Browser,
}

impl Scene {
    pub(crate) async fn open(story: &str, at: At, screen: Screen) -> Self {
        let app = start(Options::new()).await.expect("the application starts");
        let browser = Browser::open(format!("{story}-{}", at.account()), screen).await;
        let scene = Self { at, app, browser };
        scene.home().await;
        scene
    }

    pub(crate) fn world(&self) -> World {
        self.app.sandbox().world()
    }

    pub(crate) fn contract(&self, title: &str) -> Contract {
        let mut contracts = self.app.contracts().into_iter();
        contracts.find(|it| it.account == self.at.account() && it.title == title).expect("a contract")
    }

    /// The application's list of contracts.
    pub(crate) async fn home(&self) {
        self.browser.goto(&format!("{}/", self.app.url())).await;
        self.browser.sees_heading("Contracts to sign").await;
    }

    /// The application's page of one contract.
    pub(crate) async fn contract_page(&self, title: &str) {
        self.browser.goto(&format!("{}{}", self.app.url(), self.contract(title).path())).await;
        self.browser.sees_heading(title).await;
    }

    /// Presses a button on the card of a contract.
    pub(crate) async fn press_on_card(&self, title: &str, button: &str) {
        self.browser.press_in(&[self.at.title(), title], button).await;
    }

    /// Waits until the card of a contract shows this state.
    pub(crate) async fn card_says(&self, title: &str, words: &str) {
        self.browser.sees_in(&[self.at.title(), title], words).await;
    }

    /// From the vendor's first page to the documents, past the access code if it is asked for.
    pub(crate) async fn past_the_code(&self, title: &str) {
        const CODE: &str = "Enter your access code";
        if self.browser.sees_either_heading(CODE, "Your signature").await == CODE {
            let contract = self.contract(title);
            let code = contract.access_code.expect("a contract with a code");
            self.browser.fill("Access code", &code).await;
            self.browser.press("Continue").await;
            self.browser.sees_heading("Your signature").await;
        }
    }

    /// A link to the vendor's page, as the application's button would follow it.
    pub(crate) async fn link(&self, title: &str) -> String {
        let answer = self.ask_for_link(title, "page").await;
        let location =
            answer.headers().get("location").unwrap_or_else(|| panic!("no link: {}", answer.status()));
        location.to_str().expect("a URL").to_owned()
    }

    /// A link that is made to be shown in a frame of the application.
    pub(crate) async fn framed_link(&self, title: &str) -> String {
        let page = self.ask_for_link(title, "frame").await.text().await.expect("a page");
        let (_, frame) = page.split_once("<iframe").expect("a frame");
        let (_, link) = frame.split_once("src=\"").expect("its address");
        link.split('"').next().expect("its end").replace("&amp;", "&").replace("&#38;", "&")
    }

    async fn ask_for_link(&self, title: &str, place: &str) -> reqwest::Response {
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let form = client
            .post(format!("{}{}/sign", self.app.url(), self.contract(title).path()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("place={place}"));
        form.send().await.expect("an answer")
    }

    /// From the list of contracts to the vendor's page for signing, past the access code if there is one.
    pub(crate) async fn open_documents(&self, title: &str) {
        self.home().await;
        self.press_on_card(title, "Sign now").await;
        self.past_the_code(title).await;
    }

    /// Lets so much time pass that the application may ask any vendor again.
    pub(crate) fn wait_for_the_next_question(&self) {
        self.world().advance(Duration::from_secs(16 * 60));
    }

    /// What the vendor would answer if asked now.
    pub(crate) fn state(&self, title: &str) -> String {
        let contract = self.contract(title);
        let envelope = self.world().envelope(contract.envelope.as_str()).expect("the envelope");
        format!("{:?}", envelope.recipients[0].state)
    }
}

/// The same test at each vendor, under its name.
macro_rules! at_both {
    ($($(#[$note:meta])* $test:ident)+) => {$(
        mod $test {
            $(#[$note])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn docusign() {
                super::$test($crate::scene::At::Docusign).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn boldsign() {
                super::$test($crate::scene::At::Boldsign).await;
            }
        }
    )+};
}
pub(crate) use at_both;
