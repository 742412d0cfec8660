//! A browser's tab, as far as pages without scripts need one.

use countersign_sandbox::{EnvelopeView, NewEnvelope, NewRecipient, Vendor, WebhookTarget};
use serde_json::json;

use super::{Answer, Client};

/// Where applications want their signers back.
pub(crate) const BACK: &str = "https://app.example/back?x=1";

/// A tab. It follows redirects within the sandbox and stops where one leads to an application.
pub(crate) struct Tab<'a> {
    client: &'a Client,
    /// What the browser says about where the page is shown.
    destination: &'static str,
    /// The page's own address.
    pub(crate) at: String,
    pub(crate) shown: Answer,
}

impl<'a> Tab<'a> {
    pub(crate) async fn open(client: &'a Client, url: &str) -> Self {
        Self::of(client, url, "document").await
    }

    /// The same within a page of an application.
    pub(crate) async fn framed(client: &'a Client, url: &str) -> Self {
        Self::of(client, url, "iframe").await
    }

    async fn of(client: &'a Client, url: &str, destination: &'static str) -> Self {
        let shown = client.raw("GET", url, &[("sec-fetch-dest", destination)], Vec::new()).await;
        let mut tab = Self { client, destination, at: url.to_owned(), shown };
        tab.follow().await;
        tab
    }

    async fn follow(&mut self) {
        while (300..400).contains(&self.shown.status) {
            let to = self.shown.header("location").to_owned();
            let own = to.starts_with('/') || to.starts_with(&self.client.sandbox.url());
            if !own {
                return;
            }
            self.shown =
                self.client.raw("GET", &to, &[("sec-fetch-dest", self.destination)], Vec::new()).await;
            self.at = to;
        }
    }

    /// Loads the page's address again.
    pub(crate) async fn reload(&mut self) {
        let at = self.at.clone();
        *self = Self::of(self.client, &at, self.destination).await;
    }

    /// Presses one of the page's own buttons.
    pub(crate) async fn press(&mut self, action: &str, fields: &[(&str, &str)]) -> &mut Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("action", action)
            .extend_pairs(fields)
            .finish();
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-dest", self.destination)];
        self.shown = self.client.raw("POST", &self.at, &headers, body.into_bytes()).await;
        self.follow().await;
        self
    }

    /// The name of the page's state.
    pub(crate) fn page(&self) -> &str {
        self.between("data-page=\"", "\"")
    }

    pub(crate) fn heading(&self) -> &str {
        self.between("<h1>", "</h1>")
    }

    /// The message that a framing page receives.
    pub(crate) fn posts(&self) -> &str {
        self.between("data-action=\"", "\"")
    }

    /// Where the vendor sends the browser; nothing while it keeps it.
    pub(crate) fn away(&self) -> &str {
        self.shown.header("location")
    }

    /// DocuSign's word on the return URL, which must be otherwise untouched.
    pub(crate) fn event(&self) -> &str {
        self.away().strip_prefix(BACK).and_then(|rest| rest.strip_prefix("&event=")).unwrap_or(self.heading())
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.shown.text.contains(text)
    }

    fn between(&self, start: &str, end: &str) -> &str {
        let rest = self.shown.text.split_once(start).map_or("", |(_, rest)| rest);
        rest.split_once(end).map_or("", |(found, _)| found)
    }
}

/// Ann (code 1234, embedded as `c-1`), then Bob.
pub(crate) fn ann_and_bob(client: &Client, vendor: Vendor) -> EnvelopeView {
    let ann = NewRecipient::new("Ann Lee", "ann@example.com").with_embedded("c-1").with_access_code("1234");
    let bob = NewRecipient::new("Bob <b>Ray", "bob@example.com").with_order(2);
    make(client, NewEnvelope::new(vendor, "Contract").with_recipient(ann).with_recipient(bob))
}

/// Has webhooks written down, without sending any.
pub(crate) fn listen(client: &Client, vendor: Vendor) {
    let webhooks = client.sandbox.world().webhooks();
    webhooks.hold();
    webhooks.set_target(vendor, WebhookTarget::new("http://127.0.0.1:9/", "k")).unwrap();
}

/// The events of an envelope, in the vendor's words.
pub(crate) fn told(client: &Client, envelope: &str) -> Vec<String> {
    let log = client.sandbox.world().webhooks().log();
    log.into_iter().filter(|one| one.envelope == envelope).map(|one| one.event).collect()
}

pub(crate) fn make(client: &Client, new: NewEnvelope) -> EnvelopeView {
    client.sandbox.world().make_envelope(new).unwrap()
}

/// What DocuSign answers to a view request for Ann, with whatever else is to be in it.
pub(crate) async fn ask_for_view(client: &Client, envelope: &str, more: serde_json::Value) -> Answer {
    let mut view = json!({"userName": "Ann Lee", "email": "ann@example.com", "clientUserId": "c-1",
                          "authenticationMethod": "None", "returnUrl": BACK});
    view.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.call("POST", &client.envelope(&format!("/{envelope}/views/recipient")), Some(view)).await
}

/// A DocuSign link for Ann.
pub(crate) async fn docusign_link(client: &Client, envelope: &str) -> String {
    let answer = ask_for_view(client, envelope, json!({})).await;
    answer.json()["url"].as_str().unwrap_or_else(|| panic!("no link: {}", answer.text)).to_owned()
}

/// A BoldSign link, with more of the query after it.
pub(crate) async fn boldsign_link(client: &Client, document: &str, email: &str, more: &str) -> String {
    let path = format!("/v1/document/getEmbeddedSignLink?DocumentId={document}&SignerEmail={email}{more}");
    let answer = client.get(&path).await;
    answer.json()["signLink"].as_str().unwrap_or_else(|| panic!("no link: {}", answer.text)).to_owned()
}
